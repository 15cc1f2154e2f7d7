//! Fixtures, and the macro that runs a promise against both stores.

use bytes::Bytes;
use fngraph_store::{Ending, NewDelivery, NewRequest, RequestQuery, RequestStatus, Sqlite};
use fngraph_types::{FunctionId, Qualifier, RequestId, Timestamp};
use std::time::Duration;
use tempfile::TempDir;

/// Runs each function, which takes a store, against an empty one in a directory and an empty one in memory.
macro_rules! promises {
    ($($name:ident),* $(,)?) => {
        mod in_a_directory {
            $(#[tokio::test]
            async fn $name() {
                let (_directory, store) = crate::support::directory();
                super::$name(store).await;
            })*
        }

        mod in_memory {
            $(#[tokio::test]
            async fn $name() {
                super::$name(fngraph_store::Sqlite::in_memory().unwrap()).await;
            })*
        }
    };
}

pub(crate) use promises;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(crate) fn directory() -> (TempDir, Sqlite) {
    let directory = tempfile::tempdir().unwrap();
    let store = Sqlite::open(directory.path()).unwrap();
    (directory, store)
}

pub(crate) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub(crate) fn id(bits: u128) -> RequestId {
    RequestId::from_u128(bits)
}

pub(crate) fn function(name: &str) -> FunctionId {
    FunctionId::local(name)
}

/// A request of the function `f`, accepted now.
pub(crate) fn request(bits: u128) -> NewRequest {
    NewRequest {
        id: id(bits),
        function: function("f"),
        qualifier: Qualifier::latest(),
        event: Bytes::from(format!("event {bits}")),
        accepted_at: NOW,
        expires_at: NOW + seconds(3600),
        idempotency_key: None,
        duplicates_since: NOW,
    }
}

pub(crate) fn retry(due_at: Timestamp, counts: bool) -> Ending {
    Ending::Retry { due_at, counts, error_code: 4002, error_message: "it failed".to_owned() }
}

pub(crate) fn success(at: Timestamp) -> Ending {
    Ending::Final { status: RequestStatus::Success, at, error_code: 0, error_message: String::new(), delivery: None }
}

pub(crate) fn failure(at: Timestamp, delivery: Option<NewDelivery>) -> Ending {
    let error_message = "it failed".to_owned();
    Ending::Final { status: RequestStatus::Fail, at, error_code: 4002, error_message, delivery }
}

pub(crate) fn delivery(payload: &str) -> NewDelivery {
    let payload = Bytes::from(payload.to_owned());
    NewDelivery { destination: "{}".to_owned(), payload, expires_at: NOW + seconds(60) }
}

/// All requests of the function `f`.
pub(crate) fn all() -> RequestQuery {
    RequestQuery {
        function: function("f"),
        qualifier: None,
        ids: Vec::new(),
        status: None,
        active: false,
        from: Timestamp::EPOCH,
        until: Timestamp::from_millis(i64::MAX),
        offset: 0,
        limit: u64::MAX,
    }
}
