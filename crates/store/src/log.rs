//! What invocations wrote.

use crate::StoreFuture;
use fngraph_types::{FunctionId, RequestId, Timestamp, VersionName};

/// What logs tell of. Each function has one stream of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogStream {
    /// What attempts of invocations wrote.
    #[default]
    Function,
    /// How the status of asynchronous requests changed.
    AsyncStatus,
}

/// The log of one attempt of an invocation, or of one change of its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRecord {
    /// What it tells of.
    pub stream: LogStream,
    /// The invocation.
    pub request: RequestId,
    /// The function.
    pub function: FunctionId,
    /// The version that ran.
    pub version: VersionName,
    /// When the handler was called, or the status changed.
    pub at: Timestamp,
    /// The code of the failure, 0 for none.
    pub error_code: u16,
    /// The text: the platform's lines and the function's.
    pub text: String,
}

/// Which logs of [`LogStream::Function`] to read, oldest first.
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

/// Which logs to read, in the order in which they were stored: for who follows them.
#[derive(Debug, Clone)]
pub struct LogPageQuery {
    /// Of this function.
    pub function: FunctionId,
    /// Of this stream.
    pub stream: LogStream,
    /// Of these versions only; all when empty.
    pub versions: Vec<VersionName>,
    /// Of this invocation only.
    pub request: Option<RequestId>,
    /// Of this moment or later.
    pub from: Timestamp,
    /// Those behind this marker, the first ones. None: the latest ones.
    pub after: Option<i64>,
    /// How many at most.
    pub limit: u64,
}

/// Logs in the order in which they were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// The logs.
    pub records: Vec<LogRecord>,
    /// The marker behind which everything follows that is not here.
    pub marker: i64,
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

    /// Logs as they were stored, and where to go on.
    fn log_page(&self, query: LogPageQuery) -> StoreFuture<'_, LogPage>;

    /// Removes what need not be kept, and tells how many records those were.
    fn forget_logs(&self, retention: LogRetention) -> StoreFuture<'_, u64>;
}
