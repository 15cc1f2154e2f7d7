//! What happened in a pool, summed up.

use fngraph_engine::{Receipt, Start};
use fngraph_store::MinuteRecord;
use fngraph_types::{ErrorCode, Fault, FunctionId, Timestamp, VersionName};
use std::time::Duration;

/// What one invocation adds to the sums.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Timestamp,
    cold: bool,
    handle: Duration,
    billed: Duration,
    memory: u32,
    memory_used: u64,
    error: Option<ErrorCode>,
}

impl Sample {
    pub(crate) fn of(receipt: &Receipt) -> Self {
        Self {
            at: Timestamp::from(receipt.at),
            cold: receipt.start == Start::Cold,
            handle: receipt.handle,
            billed: receipt.billed(),
            memory: receipt.memory.as_mib(),
            memory_used: receipt.memory_used,
            error: receipt.error,
        }
    }

    /// An invocation that reached no instance.
    pub(crate) fn rejected(at: Timestamp, code: ErrorCode) -> Self {
        Self {
            at,
            cold: false,
            handle: Duration::ZERO,
            billed: Duration::ZERO,
            memory: 0,
            memory_used: 0,
            error: Some(code),
        }
    }
}

/// Sums over the invocations of a version.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    count: u64,
    function_errors: u64,
    system_errors: u64,
    rejects: u64,
    cold_starts: u64,
    handled: u64,
    duration_sum: Duration,
    duration_min: Option<Duration>,
    duration_max: Duration,
    billed_sum: Duration,
    memory_time: u64,
    memory_max: u64,
    concurrency_max: u32,
    elastic_max: u32,
    reserved_max: u32,
}

/// Calls in flight, elastic instances, reserved instances.
type Counts = (u32, u32, u32);

impl Tally {
    pub(crate) fn add(&mut self, sample: &Sample, counts: Counts) {
        self.count += 1;
        self.see(counts);
        match sample.error.map(ErrorCode::fault) {
            None | Some(Fault::Caller) => {}
            Some(Fault::Function) => self.function_errors += 1,
            Some(Fault::Platform) => self.system_errors += 1,
            Some(Fault::Capacity) => self.rejects += 1,
        }
        if sample.handle.is_zero() {
            return;
        }
        self.cold_starts += u64::from(sample.cold);
        self.handled += 1;
        self.duration_sum += sample.handle;
        self.duration_min = Some(self.duration_min.map_or(sample.handle, |min| min.min(sample.handle)));
        self.duration_max = self.duration_max.max(sample.handle);
        self.billed_sum += sample.billed;
        self.memory_time += millis(sample.billed) * u64::from(sample.memory);
        self.memory_max = self.memory_max.max(sample.memory_used);
    }

    fn see(&mut self, (in_flight, elastic, reserved): Counts) {
        self.concurrency_max = self.concurrency_max.max(in_flight);
        self.elastic_max = self.elastic_max.max(elastic);
        self.reserved_max = self.reserved_max.max(reserved);
    }

    /// Hands over the sums and begins anew; nothing when nothing happened and nothing lives.
    pub(crate) fn take(&mut self, counts: Counts) -> Option<Self> {
        self.see(counts);
        let tally = std::mem::take(self);
        let idle = tally.count == 0 && (tally.concurrency_max, tally.elastic_max, tally.reserved_max) == (0, 0, 0);
        (!idle).then_some(tally)
    }

    pub(crate) fn into_record(self, function: &FunctionId, version: &VersionName, minute: i64) -> MinuteRecord {
        let mut record = MinuteRecord::new(function.clone(), version.clone(), minute);
        record.count = self.count;
        record.function_errors = self.function_errors;
        record.system_errors = self.system_errors;
        record.rejects = self.rejects;
        record.cold_starts = self.cold_starts;
        record.duration_sum = micros(self.duration_sum);
        record.duration_min = self.duration_min.map_or(u64::MAX, micros);
        record.duration_max = micros(self.duration_max);
        record.billed_sum = millis(self.billed_sum);
        record.memory_time = self.memory_time;
        record.memory_max = self.memory_max;
        record.concurrency_max = u64::from(self.concurrency_max);
        record.elastic_max = u64::from(self.elastic_max);
        record.reserved_max = u64::from(self.reserved_max);
        record
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
