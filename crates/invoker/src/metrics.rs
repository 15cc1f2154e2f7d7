//! What is counted for whoever watches: names, descriptions, handles. Labels are words from here, never from callers.

use fngraph_engine::{Receipt, Start};
use fngraph_types::{ErrorCode, Fault};
use metrics::{Counter, Gauge, Histogram, Unit};

/// Invocations that ended, by `outcome`: `success`, `function_error`, `system_error`, `rejected`, `caller_error`.
pub const INVOCATIONS: &str = "fngraph_invocations_total";
/// Invocations by `start`: `cold`, `warm`, `reserved`.
pub const STARTS: &str = "fngraph_starts_total";
/// How long handlers ran, in seconds.
pub const DURATION: &str = "fngraph_handler_duration_seconds";
/// How long invocations waited for an instance, in seconds; only of those that did.
pub const QUEUE_TIME: &str = "fngraph_queue_duration_seconds";
/// Live instances by `kind`: `elastic`, `reserved`.
pub const INSTANCES: &str = "fngraph_instances";
/// Invocations that run.
pub const IN_FLIGHT: &str = "fngraph_invocations_in_flight";
/// What memories and tables of all instances hold, in bytes.
pub const MEMORY: &str = "fngraph_instance_memory_bytes";
/// Asynchronous requests that have not ended.
pub const QUEUE_DEPTH: &str = "fngraph_async_requests";
/// How long ago the oldest asynchronous request that waits was accepted, in seconds.
pub const QUEUE_AGE: &str = "fngraph_async_oldest_age_seconds";
/// Asynchronous requests that ended, by `status`: `success`, `fail`, `discard`.
pub const ASYNC_ENDED: &str = "fngraph_async_requests_ended_total";
/// Logs that were not stored, since they came faster than they could be.
pub const LOGS_DROPPED: &str = "fngraph_logs_dropped_total";

/// Handles to all metrics, got once: looking one up for each call would cost more than counting.
pub(crate) struct Metrics {
    success: Counter,
    function_error: Counter,
    system_error: Counter,
    rejected: Counter,
    caller_error: Counter,
    cold: Counter,
    warm: Counter,
    reserved: Counter,
    duration: Histogram,
    pub(crate) queue_time: Histogram,
    pub(crate) elastic_instances: Gauge,
    pub(crate) reserved_instances: Gauge,
    pub(crate) in_flight: Gauge,
    pub(crate) memory: Gauge,
    pub(crate) queue_depth: Gauge,
    pub(crate) queue_age: Gauge,
    pub(crate) async_success: Counter,
    pub(crate) async_fail: Counter,
    pub(crate) async_discard: Counter,
    pub(crate) logs_dropped: Counter,
}

impl Metrics {
    /// Describes the metrics and gets their handles. Install a recorder before, or they count for nobody.
    pub(crate) fn register() -> Self {
        metrics::describe_counter!(INVOCATIONS, "invocations that ended");
        metrics::describe_counter!(STARTS, "invocations by how they got their instance");
        metrics::describe_histogram!(DURATION, Unit::Seconds, "how long handlers ran");
        metrics::describe_histogram!(QUEUE_TIME, Unit::Seconds, "how long invocations waited for an instance");
        metrics::describe_gauge!(INSTANCES, "live instances");
        metrics::describe_gauge!(IN_FLIGHT, "invocations that run");
        metrics::describe_gauge!(MEMORY, Unit::Bytes, "what instances hold");
        metrics::describe_gauge!(QUEUE_DEPTH, "asynchronous requests that have not ended");
        metrics::describe_gauge!(QUEUE_AGE, Unit::Seconds, "age of the oldest asynchronous request that waits");
        metrics::describe_counter!(ASYNC_ENDED, "asynchronous requests that ended");
        metrics::describe_counter!(LOGS_DROPPED, "logs that were not stored");
        Self {
            success: metrics::counter!(INVOCATIONS, "outcome" => "success"),
            function_error: metrics::counter!(INVOCATIONS, "outcome" => "function_error"),
            system_error: metrics::counter!(INVOCATIONS, "outcome" => "system_error"),
            rejected: metrics::counter!(INVOCATIONS, "outcome" => "rejected"),
            caller_error: metrics::counter!(INVOCATIONS, "outcome" => "caller_error"),
            cold: metrics::counter!(STARTS, "start" => Start::Cold.as_str()),
            warm: metrics::counter!(STARTS, "start" => Start::Warm.as_str()),
            reserved: metrics::counter!(STARTS, "start" => Start::Reserved.as_str()),
            duration: metrics::histogram!(DURATION),
            queue_time: metrics::histogram!(QUEUE_TIME),
            elastic_instances: metrics::gauge!(INSTANCES, "kind" => "elastic"),
            reserved_instances: metrics::gauge!(INSTANCES, "kind" => "reserved"),
            in_flight: metrics::gauge!(IN_FLIGHT),
            memory: metrics::gauge!(MEMORY),
            queue_depth: metrics::gauge!(QUEUE_DEPTH),
            queue_age: metrics::gauge!(QUEUE_AGE),
            async_success: metrics::counter!(ASYNC_ENDED, "status" => "success"),
            async_fail: metrics::counter!(ASYNC_ENDED, "status" => "fail"),
            async_discard: metrics::counter!(ASYNC_ENDED, "status" => "discard"),
            logs_dropped: metrics::counter!(LOGS_DROPPED),
        }
    }

    /// Counts an invocation that reached an instance.
    pub(crate) fn ended(&self, receipt: &Receipt) {
        self.outcome(receipt.error).increment(1);
        match receipt.start {
            Start::Cold => self.cold.increment(1),
            Start::Warm => self.warm.increment(1),
            Start::Reserved => self.reserved.increment(1),
        }
        self.duration.record(receipt.handle);
    }

    /// Counts an invocation that did not.
    pub(crate) fn rejected(&self, code: ErrorCode) {
        self.outcome(Some(code)).increment(1);
    }

    fn outcome(&self, error: Option<ErrorCode>) -> &Counter {
        match error.map(ErrorCode::fault) {
            None => &self.success,
            Some(Fault::Function) => &self.function_error,
            Some(Fault::Platform) => &self.system_error,
            Some(Fault::Capacity) => &self.rejected,
            Some(Fault::Caller) => &self.caller_error,
        }
    }
}
