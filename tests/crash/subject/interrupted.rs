//! A store that dies at a point, and its process with it.

use crate::journal::Journal;
use bytes::Bytes;
use crash_plan::{Call, Note, Place, Point};
use fngraph_store::{
    Acceptance, Attempt, CodeStore, Delivery, Digest, DocumentRecord, DocumentStore, Ending, FunctionRecord,
    FunctionStore, LogPage, LogPageQuery, LogQuery, LogRecord, LogRetention, LogStore, MinuteRecord, NewRequest,
    Pending, Period, PeriodQuery, RequestQuery, RequestRecord, RequestStore, Secret, Sqlite, StatisticsQuery,
    StatisticsStore, StoreFuture,
};
use fngraph_types::{FunctionId, RequestId, Timestamp};
use futures::FutureExt as _;
use rustix::process::{Signal, getpid, kill_process};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// The real store, up to the point.
pub(crate) struct Interrupted {
    store: Sqlite,
    point: Option<Point>,
    /// How many calls of the point's kind there were.
    calls: AtomicU32,
    journal: Arc<Journal>,
}

impl Interrupted {
    pub(crate) fn new(store: Sqlite, point: Option<Point>, journal: Arc<Journal>) -> Self {
        Self { store, point, calls: AtomicU32::new(0), journal }
    }

    /// Does the work of a call, or dies of it.
    fn risk<'a, T: Send + 'a>(&'a self, call: Call, mut work: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let Some(place) = self.reached(call) else { return work };
        Box::pin(async move {
            match place {
                Place::Before => die(),
                Place::Amid(pause) => {
                    // The first poll hands the work to the store's own thread.
                    let _ = (&mut work).now_or_never();
                    (0..pause).for_each(|_| thread::yield_now());
                    die()
                }
                Place::After => {
                    let _ = work.await;
                    die()
                }
            }
        })
    }

    /// Where in this call it ends, if it does.
    fn reached(&self, call: Call) -> Option<Place> {
        let point = self.point.filter(|point| point.call == call)?;
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        (number == point.number).then_some(point.place)
    }
}

/// Ends the process as if somebody else had killed it: nothing is flushed, nobody is told.
fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    loop {
        thread::park();
    }
}

impl RequestStore for Interrupted {
    fn accept(&self, request: NewRequest) -> StoreFuture<'_, Acceptance> {
        self.risk(Call::Accept, self.store.accept(request))
    }

    fn recover(&self, now: Timestamp) -> StoreFuture<'_, Vec<Pending>> {
        self.risk(Call::Recover, self.store.recover(now))
    }

    fn begin(&self, id: RequestId, now: Timestamp) -> StoreFuture<'_, Option<Attempt>> {
        self.risk(Call::Begin, self.store.begin(id, now))
    }

    fn finish(&self, id: RequestId, ending: Ending) -> StoreFuture<'_, bool> {
        let is_end = matches!(ending, Ending::Final { .. });
        let finished = self.risk(Call::Finish, self.store.finish(id, ending));
        Box::pin(async move {
            let written = finished.await?;
            if is_end && written {
                self.journal.write(Note::Ended { id });
            }
            Ok(written)
        })
    }

    fn request(&self, id: RequestId) -> StoreFuture<'_, Option<RequestRecord>> {
        self.store.request(id)
    }

    fn requests(&self, query: RequestQuery) -> StoreFuture<'_, (Vec<RequestRecord>, u64)> {
        self.store.requests(query)
    }

    fn deliveries(&self, after: i64, limit: u64) -> StoreFuture<'_, Vec<Delivery>> {
        self.store.deliveries(after, limit)
    }

    fn postpone(&self, number: i64, due_at: Timestamp) -> StoreFuture<'_, ()> {
        self.risk(Call::Postpone, self.store.postpone(number, due_at))
    }

    fn settle(&self, number: i64, request: Option<NewRequest>) -> StoreFuture<'_, ()> {
        self.risk(Call::Settle, self.store.settle(number, request))
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> StoreFuture<'_, u64> {
        self.store.forget_requests(before, limit)
    }
}

impl FunctionStore for Interrupted {
    fn secret(&self) -> &Secret {
        self.store.secret()
    }

    fn functions(&self) -> StoreFuture<'_, Vec<FunctionRecord>> {
        self.store.functions()
    }

    fn put_function(&self, record: FunctionRecord) -> StoreFuture<'_, ()> {
        self.risk(Call::PutFunction, self.store.put_function(record))
    }

    fn delete_function(&self, id: FunctionId, revision: u64) -> StoreFuture<'_, ()> {
        self.store.delete_function(id, revision)
    }
}

impl CodeStore for Interrupted {
    fn put_code(&self, package: Bytes) -> StoreFuture<'_, Digest> {
        self.risk(Call::PutCode, self.store.put_code(package))
    }

    fn code(&self, digest: Digest) -> StoreFuture<'_, Option<Bytes>> {
        self.store.code(digest)
    }

    fn sweep_code(&self, keep: Vec<Digest>) -> StoreFuture<'_, u64> {
        self.store.sweep_code(keep)
    }
}

impl DocumentStore for Interrupted {
    fn documents(&self, collection: &str, prefix: &str) -> StoreFuture<'_, Vec<DocumentRecord>> {
        self.store.documents(collection, prefix)
    }

    fn document(&self, collection: &str, key: &str) -> StoreFuture<'_, Option<DocumentRecord>> {
        self.store.document(collection, key)
    }

    fn put_document(&self, record: DocumentRecord) -> StoreFuture<'_, ()> {
        self.store.put_document(record)
    }

    fn delete_document(&self, collection: &str, key: &str, revision: u64) -> StoreFuture<'_, ()> {
        self.store.delete_document(collection, key, revision)
    }
}

impl StatisticsStore for Interrupted {
    fn add_minutes(&self, records: Vec<MinuteRecord>) -> StoreFuture<'_, ()> {
        self.store.add_minutes(records)
    }

    fn minutes(&self, query: StatisticsQuery) -> StoreFuture<'_, Vec<MinuteRecord>> {
        self.store.minutes(query)
    }

    fn periods(&self, query: PeriodQuery, width: u32) -> StoreFuture<'_, Vec<Period>> {
        self.store.periods(query, width)
    }

    fn totals(&self, query: PeriodQuery) -> StoreFuture<'_, Vec<(FunctionId, Period)>> {
        self.store.totals(query)
    }

    fn failures(&self, functions: Vec<FunctionId>, from: i64) -> StoreFuture<'_, Vec<(FunctionId, u64)>> {
        self.store.failures(functions, from)
    }

    fn forget_minutes(&self, before: i64) -> StoreFuture<'_, u64> {
        self.store.forget_minutes(before)
    }
}

impl LogStore for Interrupted {
    fn add_logs(&self, records: Vec<LogRecord>) -> StoreFuture<'_, ()> {
        self.store.add_logs(records)
    }

    fn log(&self, request: RequestId) -> StoreFuture<'_, Vec<LogRecord>> {
        self.store.log(request)
    }

    fn logs(&self, query: LogQuery) -> StoreFuture<'_, Vec<LogRecord>> {
        self.store.logs(query)
    }

    fn log_page(&self, query: LogPageQuery) -> StoreFuture<'_, LogPage> {
        self.store.log_page(query)
    }

    fn forget_logs(&self, retention: LogRetention) -> StoreFuture<'_, u64> {
        self.store.forget_logs(retention)
    }
}
