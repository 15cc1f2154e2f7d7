//! Asynchronous requests: the queue, the history, and the deliveries that follow.

use crate::StoreFuture;
use bytes::Bytes;
use fngraph_types::{FunctionId, Qualifier, RequestId, Timestamp};
use std::{fmt, str::FromStr};

/// Where an asynchronous request stands (manual, 7.15.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestStatus {
    /// Accepted, or waiting for its next attempt.
    Wait,
    /// An attempt is running.
    Running,
    /// An attempt succeeded.
    Success,
    /// The last attempt failed, or the request was cancelled.
    Fail,
    /// It was too old before an attempt could be made.
    Discard,
}

/// A text that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no status of a request; it is WAIT, RUNNING, SUCCESS, FAIL or DISCARD")]
pub struct ParseStatusError(String);

/// A request that is to be accepted.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Its id. Ids that ascend with time are cheapest to store.
    pub id: RequestId,
    /// The function.
    pub function: FunctionId,
    /// What of the function was asked for; which version that is, is decided at each attempt.
    pub qualifier: Qualifier,
    /// The event.
    pub event: Bytes,
    /// When it was accepted; its first attempt is due at once.
    pub accepted_at: Timestamp,
    /// When it is discarded if no attempt has begun.
    pub expires_at: Timestamp,
    /// Requests of the same function with the same key that were accepted at `duplicates_since` or later are the same
    /// request.
    pub idempotency_key: Option<String>,
    /// See `idempotency_key`.
    pub duplicates_since: Timestamp,
}

/// What came of accepting a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is stored.
    New,
    /// It was accepted before, under this id.
    Duplicate(RequestId),
}

/// A request that has not ended, as a queue needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its id.
    pub id: RequestId,
    /// The function.
    pub function: FunctionId,
    /// What of it was asked for.
    pub qualifier: Qualifier,
    /// Attempts that have begun.
    pub attempts: u32,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When it is discarded if no attempt has begun.
    pub expires_at: Timestamp,
    /// When its next attempt is due.
    pub due_at: Timestamp,
}

/// An attempt that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Attempts that had begun before this one.
    pub earlier: u32,
    /// The event.
    pub event: Bytes,
}

/// What becomes of a request after an attempt, or without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It waits for another attempt.
    Retry {
        /// When that is due.
        due_at: Timestamp,
        /// Whether the attempt that just ended counts. A throttled one does not.
        counts: bool,
        /// The code of what went wrong, 0 for nothing.
        error_code: u16,
        /// What went wrong.
        error_message: String,
    },
    /// It has ended.
    Final {
        /// [`RequestStatus::Success`], [`RequestStatus::Fail`] or [`RequestStatus::Discard`].
        status: RequestStatus,
        /// When.
        at: Timestamp,
        /// The code of what went wrong, 0 for nothing.
        error_code: u16,
        /// What went wrong.
        error_message: String,
        /// What is to be delivered because of it.
        delivery: Option<NewDelivery>,
    },
}

/// Something to be delivered to a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Where to, as a document whose meaning is the invoker's business.
    pub destination: String,
    /// What.
    pub payload: Bytes,
    /// When it is given up.
    pub expires_at: Timestamp,
}

/// A delivery that has not succeeded yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub number: i64,
    /// The request that it follows.
    pub request: RequestId,
    /// The function of that request.
    pub function: FunctionId,
    /// Where to.
    pub destination: String,
    /// What.
    pub payload: Bytes,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next attempt is due.
    pub due_at: Timestamp,
    /// When it is given up.
    pub expires_at: Timestamp,
}

/// A request as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// Its id.
    pub id: RequestId,
    /// The function.
    pub function: FunctionId,
    /// What of it was asked for.
    pub qualifier: Qualifier,
    /// Where it stands.
    pub status: RequestStatus,
    /// Attempts that have begun and count.
    pub attempts: u32,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When its latest attempt began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The code of what went wrong last, 0 for nothing.
    pub error_code: u16,
    /// What went wrong last.
    pub error_message: String,
}

/// Which requests to list, oldest first.
#[derive(Debug, Clone)]
pub struct RequestQuery {
    /// Of this function.
    pub function: FunctionId,
    /// Of this version or alias only.
    pub qualifier: Option<Qualifier>,
    /// These ids only; all when empty.
    pub ids: Vec<RequestId>,
    /// In this status only.
    pub status: Option<RequestStatus>,
    /// Only those that have not ended.
    pub active: bool,
    /// Accepted at this moment or later.
    pub from: Timestamp,
    /// Accepted at this moment or earlier.
    pub until: Timestamp,
    /// How many matching requests to leave out.
    pub offset: u64,
    /// How many to list at most.
    pub limit: u64,
}

/// Keeps asynchronous requests. What is accepted is never lost: it stays until it has ended, whatever happens to the
/// process.
pub trait RequestStore: Send + Sync + 'static {
    /// Stores a request, so that its first attempt is due.
    fn accept(&self, request: NewRequest) -> StoreFuture<'_, Acceptance>;

    /// All requests that have not ended, oldest first. Those whose attempt was running when an earlier process ended
    /// wait again, due at once; the attempt counts.
    fn recover(&self, now: Timestamp) -> StoreFuture<'_, Vec<Pending>>;

    /// Begins an attempt: the request is running from now on and the attempt counts. None when the request is not
    /// waiting any more.
    fn begin(&self, id: RequestId, now: Timestamp) -> StoreFuture<'_, Option<Attempt>>;

    /// Writes what becomes of a request, in one transaction with the delivery that follows. A request that has ended
    /// before stays as it was; then this tells `false`.
    fn finish(&self, id: RequestId, ending: Ending) -> StoreFuture<'_, bool>;

    /// One request.
    fn request(&self, id: RequestId) -> StoreFuture<'_, Option<RequestRecord>>;

    /// Requests, and how many match in all.
    fn requests(&self, query: RequestQuery) -> StoreFuture<'_, (Vec<RequestRecord>, u64)>;

    /// All deliveries that have not succeeded, in the order of their numbers, beginning after `after`, at most
    /// `limit`.
    fn deliveries(&self, after: i64, limit: u64) -> StoreFuture<'_, Vec<Delivery>>;

    /// Postpones a delivery that failed.
    fn postpone(&self, number: i64, due_at: Timestamp) -> StoreFuture<'_, ()>;

    /// Removes a delivery that succeeded or is given up. `request` is accepted in the same transaction: that is how
    /// a function is a destination.
    fn settle(&self, number: i64, request: Option<NewRequest>) -> StoreFuture<'_, ()>;

    /// Removes requests that ended before `before`, at most `limit` of them, and tells how many those were.
    fn forget_requests(&self, before: Timestamp, limit: u64) -> StoreFuture<'_, u64>;
}

impl RequestStatus {
    /// Every status, in the order of a request's life.
    pub const ALL: [Self; 5] = [Self::Wait, Self::Running, Self::Success, Self::Fail, Self::Discard];

    /// The status as the manual writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "WAIT",
            Self::Running => "RUNNING",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
            Self::Discard => "DISCARD",
        }
    }

    /// Whether a request with this status has ended.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Wait | Self::Running => false,
            Self::Success | Self::Fail | Self::Discard => true,
        }
    }
}

impl fmt::Display for RequestStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for RequestStatus {
    type Err = ParseStatusError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        // What a client sent may be long; its beginning tells enough.
        found.ok_or_else(|| ParseStatusError(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_parses_from_what_it_prints() {
        for status in RequestStatus::ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        assert!("wait".parse::<RequestStatus>().unwrap_err().to_string().contains("WAIT"));
    }

    #[test]
    fn a_request_ends_once() {
        let ends = RequestStatus::ALL.map(RequestStatus::is_final);
        assert_eq!(ends, [false, false, true, true, true]);
    }
}
