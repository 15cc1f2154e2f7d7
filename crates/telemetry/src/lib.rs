//! Where a program's log, metrics and spans go: the subscriber and the recorder behind the facades that libraries use,
//! and the way to a collector.
//!
//! It is for programs, which call it once when they start; it names no target of its own, and no metric but those
//! about spans that it sends or drops. What guests
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
mod traces;

pub use log::{FilterError, Format, Log};
pub use metrics::Metrics;
pub use traces::{Attribute, Keys, Span, Traces, TracesError, TracesOptions};

use thiserror::Error;

/// The process has its subscriber or recorder already: each is set up once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the {0} of this process are set up already")]
pub struct InstallError(&'static str);
