//! A store that fails where the test says.

use bytes::Bytes;
use fngraph_store::{
    Acceptance, Attempt, CodeStore, Delivery, Digest, DocumentRecord, DocumentStore, Ending, FunctionRecord,
    FunctionStore, LogPage, LogPageQuery, LogQuery, LogRecord, LogRetention, LogStore, MinuteRecord, NewRequest,
    Pending, Period, PeriodQuery, RequestQuery, RequestRecord, RequestStore, Secret, Sqlite, StatisticsQuery,
    StatisticsStore, StoreError, StoreFuture,
};
use fngraph_types::{FunctionId, RequestId, Timestamp};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// A store whose operations fail as long as the test says so.
#[derive(Clone)]
pub(crate) struct Faulty {
    store: Sqlite,
    faults: Arc<Mutex<HashMap<&'static str, StoreError>>>,
}

impl Faulty {
    pub(crate) fn new(store: Sqlite) -> Self {
        Self { store, faults: Arc::default() }
    }

    /// Has an operation fail until it is mended.
    pub(crate) fn break_down(&self, operation: &'static str, error: StoreError) {
        self.faults.lock().insert(operation, error);
    }

    pub(crate) fn mend(&self) {
        self.faults.lock().clear();
    }

    fn check(&self, operation: &'static str) -> Result<(), StoreError> {
        self.faults.lock().get(operation).map_or(Ok(()), |error| Err(error.clone()))
    }
}

/// Implements a trait by asking the store, unless the operation is broken.
macro_rules! operations {
    ($trait:ident { $($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)* } $($others:tt)*) => {
        impl $trait for Faulty {
            $(fn $name(&self, $($argument: $type),*) -> StoreFuture<'_, $result> {
                match self.check(stringify!($name)) {
                    Ok(()) => self.store.$name($($argument),*),
                    Err(error) => Box::pin(std::future::ready(Err(error))),
                }
            })*
            $($others)*
        }
    };
}

operations!(FunctionStore {
    functions() -> Vec<FunctionRecord>;
    put_function(record: FunctionRecord) -> ();
    delete_function(id: FunctionId, revision: u64) -> ();
}
fn secret(&self) -> &Secret {
    self.store.secret()
});

operations!(DocumentStore {
    documents(collection: &str, prefix: &str) -> Vec<DocumentRecord>;
    document(collection: &str, key: &str) -> Option<DocumentRecord>;
    put_document(record: DocumentRecord) -> ();
    delete_document(collection: &str, key: &str, revision: u64) -> ();
});

operations!(CodeStore {
    put_code(package: Bytes) -> Digest;
    code(digest: Digest) -> Option<Bytes>;
    sweep_code(keep: Vec<Digest>) -> u64;
});

operations!(RequestStore {
    accept(request: NewRequest) -> Acceptance;
    recover(now: Timestamp) -> Vec<Pending>;
    begin(id: RequestId, now: Timestamp) -> Option<Attempt>;
    finish(id: RequestId, ending: Ending) -> bool;
    request(id: RequestId) -> Option<RequestRecord>;
    requests(query: RequestQuery) -> (Vec<RequestRecord>, u64);
    deliveries(after: i64, limit: u64) -> Vec<Delivery>;
    postpone(number: i64, due_at: Timestamp) -> ();
    settle(number: i64, request: Option<NewRequest>) -> ();
    forget_requests(before: Timestamp, limit: u64) -> u64;
});

operations!(StatisticsStore {
    add_minutes(records: Vec<MinuteRecord>) -> ();
    minutes(query: StatisticsQuery) -> Vec<MinuteRecord>;
    periods(query: PeriodQuery, width: u32) -> Vec<Period>;
    totals(query: PeriodQuery) -> Vec<(FunctionId, Period)>;
    failures(functions: Vec<FunctionId>, from: i64) -> Vec<(FunctionId, u64)>;
    forget_minutes(before: i64) -> u64;
});

operations!(LogStore {
    add_logs(records: Vec<LogRecord>) -> ();
    log(request: RequestId) -> Vec<LogRecord>;
    logs(query: LogQuery) -> Vec<LogRecord>;
    log_page(query: LogPageQuery) -> LogPage;
    forget_logs(retention: LogRetention) -> u64;
});
