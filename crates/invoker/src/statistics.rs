//! What happened: minute by minute for the store, in sum for whoever looks now.

use crate::{executor::Executor, host::Host};
use fngraph_store::{MinuteRecord, Store, StoreError};
use fngraph_types::{FunctionId, Timestamp, VersionName};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, hash_map::Entry},
    time::Duration,
};

/// What an invoker did since it was opened, and what it holds right now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vitals {
    /// Invocations of functions, whatever came of them; rejected ones too.
    pub invocations: u64,
    /// Invocations that the function failed.
    pub function_errors: u64,
    /// Invocations that the platform failed.
    pub system_errors: u64,
    /// Invocations that were rejected for want of room.
    pub rejects: u64,
    /// Invocations that waited for a new instance.
    pub cold_starts: u64,
    /// Invocations that run.
    pub in_flight: u64,
    /// Callers that wait for an instance.
    pub waiting: u64,
    /// Live instances that are not reserved.
    pub elastic_instances: u64,
    /// Live reserved instances.
    pub reserved_instances: u64,
    /// What memories and tables of all instances hold, in bytes.
    pub memory_bytes: u64,
    /// Asynchronous requests that have not ended.
    pub async_requests: u64,
    /// How long ago the oldest asynchronous request that waits was accepted.
    pub oldest_event_age: Option<Duration>,
}

/// Minutes that are not stored yet, and sums since the beginning.
#[derive(Debug, Default)]
pub(crate) struct Statistics(Mutex<Sums>);

#[derive(Debug, Default)]
struct Sums {
    pending: HashMap<(FunctionId, VersionName, i64), MinuteRecord>,
    total: Vitals,
}

impl Statistics {
    /// Takes over what the pools counted, as part of the minute of `at`.
    pub(crate) fn collect<E: Executor>(&self, host: &Host<E>, at: Timestamp) {
        // Of those that take no more calls, who is idle before its counts are taken has nothing to count after them.
        let ended: Vec<_> =
            host.routes.retired().into_iter().filter(|pool| pool.census() == Default::default()).collect();
        for pool in host.routes.pools() {
            if let Some(record) = pool.take_minute(at) {
                self.add(record);
            }
        }
        host.routes.forget(&ended);
    }

    pub(crate) fn add(&self, record: MinuteRecord) {
        let mut sums = self.0.lock();
        let total = &mut sums.total;
        total.invocations += record.count;
        total.function_errors += record.function_errors;
        total.system_errors += record.system_errors;
        total.rejects += record.rejects;
        total.cold_starts += record.cold_starts;
        sums.keep(record);
    }

    /// Stores the minutes that are over, or all of them. What cannot be stored now is kept for the next time.
    pub(crate) async fn store(&self, store: &dyn Store, over: impl Fn(i64) -> bool) -> Result<(), StoreError> {
        let records: Vec<MinuteRecord> = {
            let mut sums = self.0.lock();
            sums.pending.extract_if(|(_, _, minute), _| over(*minute)).map(|(_, record)| record).collect()
        };
        if records.is_empty() {
            return Ok(());
        }
        let stored = store.add_minutes(records.clone()).await;
        if stored.is_err() {
            let mut sums = self.0.lock();
            records.into_iter().for_each(|record| sums.keep(record));
        }
        stored
    }

    /// The sums since the beginning.
    pub(crate) fn total(&self) -> Vitals {
        self.0.lock().total
    }
}

impl Sums {
    /// Keeps a minute until it is stored.
    fn keep(&mut self, record: MinuteRecord) {
        match self.pending.entry((record.function.clone(), record.version.clone(), record.minute)) {
            Entry::Occupied(mut pending) => pending.get_mut().merge(&record),
            Entry::Vacant(place) => drop(place.insert(record)),
        }
    }
}
