//! What is counted of extensions: names, descriptions, handles.

use metrics::{Counter, Gauge};

/// Extensions whose processes run.
const PROCESSES: &str = "fngraph_extension_processes";
/// Posts to extensions that were not taken, by `what`: `invoke`, `telemetry`. They failed, or came faster than taken.
const LOST: &str = "fngraph_extension_posts_lost_total";
/// Events of telemetry that nobody gets, since they came faster than they were taken.
const DROPPED: &str = "fngraph_telemetry_events_dropped_total";

/// Handles to the metrics of extensions.
#[derive(Debug, Clone)]
pub(super) struct Metrics {
    pub(super) processes: Gauge,
    pub(super) lost_invokes: Counter,
    pub(super) lost_batches: Counter,
    pub(super) dropped_events: Counter,
}

impl Metrics {
    pub(super) fn register() -> Self {
        metrics::describe_gauge!(PROCESSES, "extensions whose processes run");
        metrics::describe_counter!(LOST, "posts to extensions that were not taken");
        metrics::describe_counter!(DROPPED, "events of telemetry that nobody gets");
        Self {
            processes: metrics::gauge!(PROCESSES),
            lost_invokes: metrics::counter!(LOST, "what" => "invoke"),
            lost_batches: metrics::counter!(LOST, "what" => "telemetry"),
            dropped_events: metrics::counter!(DROPPED),
        }
    }
}
