//! Where a program's log and metrics go: the subscriber and the recorder behind the facades that libraries use.
//!
//! It is for programs, which call it once when they start; it names no metric and no target of its own. What guests
//! write is part of what they answer and never comes here.
//!
//! ```
//! use fngraph_telemetry::{Format, Log, Metrics};
//!
//! Log::new("info,fngraph_engine=debug")?.format(Format::Json).install()?;
//! let metrics = Metrics::install()?;
//! assert_eq!(metrics.render(), "");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod log;
mod metrics;

pub use log::{FilterError, Format, Log};
pub use metrics::Metrics;

use thiserror::Error;

/// The process has its subscriber or recorder already: each is set up once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the {0} of this process are set up already")]
pub struct InstallError(&'static str);
