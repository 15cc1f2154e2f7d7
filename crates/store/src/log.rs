//! What invocations wrote.

use crate::StoreFuture;
use fngraph_types::{FunctionId, RequestId, Timestamp, VersionName};

/// The log of one attempt of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// The invocation.
    pub request: RequestId,
    /// The function.
    pub function: FunctionId,
    /// The version that ran.
    pub version: VersionName,
    /// When the handler was called.
    pub at: Timestamp,
    /// The code of the failure, 0 for none.
    pub error_code: u16,
    /// The text: the platform's lines and the function's.
    pub text: String,
}

/// Which logs to read, oldest first.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// Of this function.
    pub function: FunctionId,
    /// Of this version only.
    pub version: Option<VersionName>,
    /// From this moment on.
    pub from: Timestamp,
    /// Up to this moment.
    pub until: Timestamp,
    /// How many at most: the latest ones.
    pub limit: u64,
}

/// How long logs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRetention {
    /// Logs older than this moment go.
    pub before: Timestamp,
    /// The texts together have at most this many bytes; the oldest go first.
    pub bytes: u64,
}

/// Keeps logs.
pub trait LogStore: Send + Sync + 'static {
    /// Adds logs.
    fn add_logs(&self, records: Vec<LogRecord>) -> StoreFuture<'_, ()>;

    /// The logs of one invocation, one for each attempt that wrote one, oldest first.
    fn log(&self, request: RequestId) -> StoreFuture<'_, Vec<LogRecord>>;

    /// The logs of a function.
    fn logs(&self, query: LogQuery) -> StoreFuture<'_, Vec<LogRecord>>;

    /// Removes what need not be kept, and tells how many records those were.
    fn forget_logs(&self, retention: LogRetention) -> StoreFuture<'_, u64>;
}
