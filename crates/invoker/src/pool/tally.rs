//! What happened in a pool, summed up.

use fngraph_engine::{Receipt, Start};
use fngraph_store::MinuteRecord;
use fngraph_types::{ErrorCode, Fault, FunctionId, VersionName};
use std::time::Duration;

/// Sums over the invocations of a version.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    count: u64,
    handled: u64,
    function_errors: u64,
    system_errors: u64,
    rejects: u64,
    cold_starts: u64,
    /// Nanoseconds, as all durations here: adding and comparing them is part of each call.
    duration_sum: u64,
    duration_min: u64,
    duration_max: u64,
    /// Milliseconds.
    billed_sum: u64,
    memory_time: u64,
    memory_max: u64,
    concurrency_max: u32,
    elastic_max: u32,
    reserved_max: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            count: 0,
            handled: 0,
            function_errors: 0,
            system_errors: 0,
            rejects: 0,
            cold_starts: 0,
            duration_sum: 0,
            duration_min: u64::MAX,
            duration_max: 0,
            billed_sum: 0,
            memory_time: 0,
            memory_max: 0,
            concurrency_max: 0,
            elastic_max: 0,
            reserved_max: 0,
        }
    }
}

/// Calls in flight, elastic instances, reserved instances.
type Counts = (u32, u32, u32);

impl Tally {
    /// Adds an invocation that reached an instance, or tried to.
    pub(crate) fn add(&mut self, receipt: &Receipt, counts: Counts) {
        self.see(counts);
        self.count(receipt.error);
        if receipt.handle.is_zero() {
            return;
        }
        let handle = nanos(receipt.handle);
        let billed = millis(receipt.billed());
        self.handled += 1;
        self.cold_starts += u64::from(receipt.start == Start::Cold);
        self.duration_sum = self.duration_sum.saturating_add(handle);
        self.duration_min = self.duration_min.min(handle);
        self.duration_max = self.duration_max.max(handle);
        self.billed_sum += billed;
        self.memory_time += billed * u64::from(receipt.memory.as_mib());
        self.memory_max = self.memory_max.max(receipt.memory_used);
    }

    /// Adds an invocation that did not.
    pub(crate) fn reject(&mut self, code: ErrorCode) {
        self.count(Some(code));
    }

    fn count(&mut self, error: Option<ErrorCode>) {
        self.count += 1;
        match error.map(ErrorCode::fault) {
            None | Some(Fault::Caller) => {}
            Some(Fault::Function) => self.function_errors += 1,
            Some(Fault::Platform) => self.system_errors += 1,
            Some(Fault::Capacity) => self.rejects += 1,
        }
    }

    fn see(&mut self, (in_flight, elastic, reserved): Counts) {
        self.concurrency_max = self.concurrency_max.max(in_flight);
        self.elastic_max = self.elastic_max.max(elastic);
        self.reserved_max = self.reserved_max.max(reserved);
    }

    /// Whether something happened since the sums were last handed over.
    pub(crate) fn is_used(&self) -> bool {
        self.count > 0
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
        record.handled = self.handled;
        record.function_errors = self.function_errors;
        record.system_errors = self.system_errors;
        record.rejects = self.rejects;
        record.cold_starts = self.cold_starts;
        record.duration_sum = self.duration_sum / 1000;
        record.duration_min = if self.duration_min == u64::MAX { u64::MAX } else { self.duration_min / 1000 };
        record.duration_max = self.duration_max / 1000;
        record.billed_sum = self.billed_sum;
        record.memory_time = self.memory_time;
        record.memory_max = self.memory_max;
        record.concurrency_max = u64::from(self.concurrency_max);
        record.elastic_max = u64::from(self.elastic_max);
        record.reserved_max = u64::from(self.reserved_max);
        record
    }
}

fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(u64::from(duration.subsec_nanos()))
}

fn millis(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1000).saturating_add(u64::from(duration.subsec_millis()))
}
