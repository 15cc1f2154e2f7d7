//! The whole function model in one process: deploy functions that are compiled to WebAssembly, and invoke them.
//!
//! [`Runtime`] is the invocation backend of an emulator, of a test, of any program that runs other people's functions:
//! versions and aliases, synchronous and durable asynchronous invocation, reserved instances, limits, logs, statistics.
//! It is not for serving the cloud's API over HTTP; `fngraph serve` is.
//!
//! ```
//! use fngraph::{Runtime, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = fngraph_test_support::guests::hello();
//! let runtime = Runtime::builder().build().await?; // in memory; `.data_dir(…)` keeps everything
//! let code = std::fs::read(path)?; // hello.wasm
//! runtime.deploy("hello", code, Settings::new("hello.handler".parse()?)).await?;
//!
//! let outcome = runtime.invoke("hello", r#"{"name": "Ada"}"#).await?;
//! assert_eq!(outcome.result?, r#"{"message":"Hello, Ada!"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! # As the backend of an emulator
//! What such a program needs of a call is in a [`Reply`]: status, body, the facts that the cloud puts into headers,
//! the end of the log, the error code.
//!
//! ```
//! # use fngraph::{Reply, Runtime, Settings};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = Runtime::builder().build().await?;
//! # let code = std::fs::read(fngraph_test_support::guests::hello())?;
//! # runtime.deploy("hello", code, Settings::new("hello.handler".parse()?)).await?;
//! let reply = Reply::from(runtime.invoke("hello", r#"{"name": "Ada"}"#).await);
//! assert_eq!((reply.status, reply.error_code), (200, None));
//!
//! let reply = Reply::from(runtime.invoke("nobody", "{}").await);
//! assert_eq!((reply.status, reply.error_code.as_deref()), (404, Some("FSS.1051")));
//! # Ok(())
//! # }
//! ```
//!
//! # As a test harness
//! [`Blocking`] brings its own threads, so a plain `#[test]` does. A clock that stands still until it is moved makes
//! retries of an hour happen at once.
//!
//! ```
//! use fngraph::{Blocking, Clock, Runtime, Settings, Timestamp};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = fngraph_test_support::guests::hello();
//! let runtime = Blocking::open(Runtime::builder().clock(Clock::manual(Timestamp::EPOCH)))?;
//! let code = std::fs::read(path)?;
//! runtime.run(runtime.deploy("hello", code, Settings::new("hello.handler".parse()?)))?;
//!
//! let id = runtime.run(runtime.invoke_async("hello", r#"{"name": "Ada"}"#))?;
//! runtime.run(runtime.advance(std::time::Duration::from_secs(1)));
//! let request = runtime.run(runtime.status(id))?.expect("it was accepted");
//! assert_eq!(request.status.as_str(), "SUCCESS");
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//! - Everything is `Send + Sync`; futures run on any tokio runtime with a timer, and background work on the one that
//!   `build` was called on.
//! - No type of the engine's or the database's makers is part of this API.
//! - Metrics go to the `metrics` facade and spans to `tracing`; install a recorder before [`Builder::build`].

mod archive;
mod blocking;
mod builder;
mod error;
mod project;
mod reply;
mod runtime;

pub use archive::{Archive, ArchiveError, Export, Import, Imported, ReadyImport};
pub use blocking::Blocking;
pub use builder::Builder;
pub use error::{BuildError, Error};
pub use project::ProjectSettings;
pub use reply::Reply;
pub use runtime::Runtime;

pub use fngraph_engine::{
    Exchange, FunctionError, HttpBody, Invocation, InvokeError, Level, Log, LogLine, Outcome, PendingResponse, Receipt,
    Start,
};
pub use fngraph_invoker::{
    Alarm, AsyncRequest, Cancellation, Clock, DeliveryError, Destinations, Headers, LoadError, LocalDestinations,
    MemoryDestinations, Options, Rejection, Request, VersionCensus, Vitals, Watch, Watched, Watcher, Watchers,
};
pub use fngraph_registry::{
    Additional, Alias, AsyncConfig, Bucket, BucketFeed, CodeType, Combine, Creation, CronTactic, Delivery, Dependency,
    DependencyVersion, Destination, Elsewhere, Function, FunctionQuery, Gateway, GatewayAuth, GatewayMethod,
    GatewayProtocol, HeaderRule, Invalid, Isolation, Limits, Matches, MaxInstances, MetricTactic, Network,
    NewDependency, NewFunction, ObjectEvent, Observer, Package, PathMatch, Publish, Registry, RegistryError, Removal,
    Reservation, Routing, Runtime as FunctionRuntime, Scaling, Settings, SnapshotState, SnapshotSwitch, Source,
    TestEvent, Timer, Timing, Tracing, Trigger, TriggerKind, Usage, Version,
};
pub use fngraph_store::{
    Digest, DocumentRecord, DocumentStore, LogPage, LogPageQuery, LogQuery, LogRecord, LogStream, MinuteRecord, Period,
    PeriodQuery, RequestQuery, RequestRecord, RequestStatus, StatisticsQuery, StoreError,
};
pub use fngraph_types::{
    AliasName, ErrorCode, Fault, FunctionId, Handler, Memory, Qualifier, RequestId, Scope, Secrets, Timestamp,
    TraceContext, Urn, VersionName,
};
