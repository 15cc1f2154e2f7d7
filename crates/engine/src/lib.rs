//! The engine of fngraph: runs functions that are compiled to WebAssembly.
//!
//! It knows code, instances and calls: four types, four verbs. An [`Engine`] **compiles** a [`Package`] into an
//! [`Artifact`]; an artifact is **prepared** with a [`FunctionConfig`] into a [`PreparedFunction`]; a prepared function
//! is **instantiated** into an [`Instance`]; an instance is **called** with an [`Invocation`]. What comes back is an
//! [`Outcome`]: the result or a typed error, a [`Receipt`] of what it cost, and the [`Log`].
//!
//! It is not for many callers at once: queues, pools, retries, versions and names are the invoker's business.
//!
//! ```
//! use fngraph_engine::{Engine, FunctionConfig, Invocation, Package};
//! use fngraph_types::Handler;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = fngraph_test_support::guests::hello();
//! let engine = Engine::builder().build()?;
//! let handler: Handler = "hello.handler".parse()?;
//! let package = Package::read(path)?; // hello.wasm
//! let artifact = engine.compile(&package, &handler).await?;
//! let function = artifact.prepare(FunctionConfig::new(handler))?;
//! let mut instance = function.instantiate().await?;
//!
//! let outcome = instance.call(Invocation::new(r#"{"name": "Ada"}"#)).await;
//! assert_eq!(outcome.result?, r#"{"message":"Hello, Ada!"}"#);
//! println!("{}", outcome.receipt); // Finish invoke request '…', duration: 0.021ms, …
//! # Ok(())
//! # }
//! ```
//!
//! A whole program around it is `examples/embed`.
//!
//! # What holds for every guest
//! - It reaches nothing that it was not given: the clock, randomness, its log, `/opt/function/code` to read, `/tmp` to
//!   write within a quota; the network only when its settings say so.
//! - It ends: timeouts hold for busy loops, sleeps and blocked host calls alike.
//! - It stays within its memory, and what it makes the host keep (log, result, open files) is bounded.
//! - After a trap or a timeout its instance is gone; nothing of it is seen by the next.
//! - No wasmtime type is part of this API.

mod artifact;
mod cancel;
mod clock;
mod compile;
mod compose;
mod config;
mod engine;
mod error;
mod function;
mod host;
mod instance;
mod invocation;
mod log;
mod memory;
mod package;
mod snapshot;
mod store;
mod ticker;

pub use artifact::{Artifact, Entry, Kind, Origin, Role};
pub use cancel::Canceller;
pub use config::{Agency, FunctionConfig, Network};
pub use engine::{Allocation, Builder, CompileProgress, Engine};
pub use error::{BuildError, CompileError, FunctionError, InvokeError, PrepareError};
pub use function::{PreparedFunction, StartError, Startup};
pub use instance::{Exchange, HttpBody, Instance, PendingResponse};
pub use invocation::{Invocation, Outcome, Receipt, Start, Workflow};
pub use log::{Level, Log, LogLine, Source};
pub use package::{Package, PackageError, unzip};
pub use snapshot::SnapshotError;
