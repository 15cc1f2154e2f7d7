//! What outlives the process: functions, their code, documents, asynchronous requests, statistics and logs.
//!
//! Everything is behind [`Store`], a trait of small traits, so that something bigger than one machine's disk can stand
//! in. [`Sqlite`] is the one that comes along: a data directory, or memory for tests and embedders. Nothing here
//! knows what a function's document says, what time it is, or who asks.
//!
//! ```
//! use fngraph_store::{Acceptance, NewRequest, RequestStore, Sqlite};
//! use fngraph_types::{FunctionId, Qualifier, RequestId, Timestamp};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Sqlite::in_memory()?;
//! let (id, now) = (RequestId::random(), Timestamp::from_millis(1_700_000_000_000));
//! let request = NewRequest {
//!     id,
//!     function: FunctionId::local("orders"),
//!     qualifier: Qualifier::latest(),
//!     event: "{}".into(),
//!     accepted_at: now,
//!     expires_at: now,
//!     idempotency_key: None,
//!     duplicates_since: now,
//! };
//! assert_eq!(store.accept(request).await?, Acceptance::New);
//! let attempt = store.begin(id, now).await?.expect("it waits");
//! assert_eq!((attempt.earlier, &attempt.event[..]), (0, &b"{}"[..]));
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//! - A future that resolves to `Ok` has committed; one that resolves to an error has changed nothing.
//! - Concurrent writes share a commit.
//! - One directory belongs to one process at a time.

mod code;
mod document;
mod error;
mod function;
mod log;
mod request;
mod secret;
mod sqlite;
mod statistics;

pub use code::{CodeStore, Digest, ParseDigestError};
pub use document::{DocumentRecord, DocumentStore};
pub use error::{OpenError, StoreError};
pub use function::{FunctionRecord, FunctionStore};
pub use log::{LogPage, LogPageQuery, LogQuery, LogRecord, LogRetention, LogStore, LogStream};
pub use request::{
    Acceptance, Attempt, Delivery, Ending, NewDelivery, NewRequest, ParseStatusError, Pending, RequestQuery,
    RequestRecord, RequestStatus, RequestStore,
};
pub use secret::Secret;
pub use sqlite::Sqlite;
pub use statistics::{MinuteRecord, Period, PeriodQuery, StatisticsQuery, StatisticsStore};

use futures::future::BoxFuture;

/// What a store answers.
pub type StoreFuture<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Everything that outlives the process.
pub trait Store: FunctionStore + CodeStore + DocumentStore + RequestStore + StatisticsStore + LogStore {}

impl<T: FunctionStore + CodeStore + DocumentStore + RequestStore + StatisticsStore + LogStore> Store for T {}
