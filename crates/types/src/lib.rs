//! The vocabulary of the function model: pure data that every other crate may name.
//!
//! Nothing here does I/O, reads a clock or knows a wire format. Facts with a number behind them (limits, codes)
//! stand here once.
//!
//! ```
//! use fngraph_types::{Handler, Memory};
//!
//! let handler: Handler = "orders.handle_order".parse()?;
//! assert_eq!((handler.file(), handler.entry()), (Some("orders"), "handle_order"));
//! assert_eq!(Memory::mib(256)?.millicores(), 400);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod code;
mod function_id;
mod handler;
mod identity;
pub mod limits;
mod memory;
mod qualifier;
mod request_id;
mod secrets;
mod timestamp;
mod trace_context;
mod urn;

pub use code::{ErrorCode, Fault};
pub use function_id::FunctionId;
pub use handler::{Handler, ParseHandlerError};
pub use identity::Identity;
pub use memory::{Memory, MemoryError};
pub use qualifier::{AliasName, NameError, Qualifier, VersionName};
pub use request_id::{ParseRequestIdError, RequestId};
pub use secrets::Secrets;
pub use timestamp::Timestamp;
pub use trace_context::TraceContext;
pub use urn::{Scope, Urn, UrnError, UrnRef};
