//! Asynchronous requests: which part of their life is served where.

use super::{Sqlite, deliveries, history, queue};
use crate::{
    Acceptance, Attempt, Delivery, Ending, NewRequest, Pending, RequestQuery, RequestRecord, RequestStore, StoreFuture,
};
use fngraph_types::{RequestId, Timestamp};

impl RequestStore for Sqlite {
    fn accept(&self, request: NewRequest) -> StoreFuture<'_, Acceptance> {
        self.write(move |connection| queue::accept(connection, &request))
    }

    fn recover(&self, now: Timestamp) -> StoreFuture<'_, Vec<Pending>> {
        self.write(move |connection| queue::recover(connection, now))
    }

    fn begin(&self, id: RequestId, now: Timestamp) -> StoreFuture<'_, Option<Attempt>> {
        self.write(move |connection| queue::begin(connection, id, now))
    }

    fn finish(&self, id: RequestId, ending: Ending) -> StoreFuture<'_, bool> {
        self.write(move |connection| queue::finish(connection, id, &ending))
    }

    fn request(&self, id: RequestId) -> StoreFuture<'_, Option<RequestRecord>> {
        self.read(move |connection| history::request(connection, id))
    }

    fn requests(&self, query: RequestQuery) -> StoreFuture<'_, (Vec<RequestRecord>, u64)> {
        self.read(move |connection| history::requests(connection, &query))
    }

    fn deliveries(&self, after: i64, limit: u64) -> StoreFuture<'_, Vec<Delivery>> {
        self.read(move |connection| deliveries::list(connection, after, limit))
    }

    fn postpone(&self, number: i64, due_at: Timestamp) -> StoreFuture<'_, ()> {
        self.write(move |connection| deliveries::postpone(connection, number, due_at))
    }

    fn settle(&self, number: i64, request: Option<NewRequest>) -> StoreFuture<'_, ()> {
        self.write(move |connection| deliveries::settle(connection, number, request.as_ref()))
    }

    fn forget_requests(&self, before: Timestamp, limit: u64) -> StoreFuture<'_, u64> {
        self.write(move |connection| history::forget(connection, before, limit))
    }
}
