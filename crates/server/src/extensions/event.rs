//! The events of telemetry, with the fields that the manual gives them (6.2.1.3). Where it writes both `traceId` and
//! `tracelId`, and both `metrics` and `reportMetrics`, an event has both.

use super::subscription::Type;
use fngraph::{Outcome, Receipt, Start, Timestamp};
use fngraph_api::time;
use serde_json::{Value, json};
use std::time::Duration;

/// The most bytes of a line in an event. A thousand events that wait for their subscriber take 8 MB at most.
pub(super) const LINE_BYTES: usize = 8 * 1024;

/// What lines begin with that a function wants its telemetry to have.
const FUNCTION_MARK: &str = "[Function]";

/// The same for extensions.
const EXTENSION_MARK: &str = "[Extension]";

/// Something that happened, for whoever subscribed to its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) kind: Type,
    pub(super) body: Value,
}

/// What events say about where they come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    /// The name of the environment.
    pub(super) pod: &'a str,
    /// Whether the version's instances have something to initialize, and so something to restore from a snapshot.
    pub(super) has_initializer: bool,
}

/// A phase of an invocation: how long it took, what of it is billed, in milliseconds, and how it ended.
struct Phase {
    names: [&'static str; 3],
    start: Timestamp,
    duration: Duration,
    billed: u128,
    is_success: bool,
}

/// What an invocation tells: its cold start, if it had one, the call itself, and marked lines of its log.
///
/// What is billed of both phases together is what the receipt says.
pub(super) fn of_outcome(outcome: &Outcome, origin: Origin<'_>) -> Vec<Event> {
    let receipt = &outcome.receipt;
    let at = Timestamp::from(receipt.at);
    let is_success = receipt.error.is_none();
    let mut events = Vec::new();
    let mut billed = receipt.billed().as_millis();
    if receipt.start == Start::Cold {
        let duration = receipt.load + receipt.instantiate + receipt.initialize;
        let of_start = receipt.initialize.as_nanos().div_ceil(1_000_000);
        billed = billed.saturating_sub(of_start);
        // An initializer that ran took time; one that had run before the snapshot was taken took none.
        let is_restored = origin.has_initializer && receipt.initialize.is_zero() && is_success;
        let names = if is_restored {
            ["platform.restoreStart", "platform.restoreRuntimeDone", "platform.restoreReport"]
        } else {
            ["platform.initStart", "platform.initRuntimeDone", "platform.initReport"]
        };
        // A handler that was never called did not come to it, because the start failed.
        let is_started = is_success || !receipt.handle.is_zero();
        let start = at - duration;
        let phase = Phase { names, start, duration, billed: of_start, is_success: is_started };
        events.extend(phase.events(receipt, origin.pod));
    }
    let lines = outcome.log.lines().filter(|line| line.text.starts_with(FUNCTION_MARK));
    events.extend(lines.map(|line| of_line(Type::Function, line.at.into(), &line.text)));
    let names = ["platform.start", "platform.RuntimeDone", "platform.report"];
    events.extend(Phase { names, start: at, duration: receipt.handle, billed, is_success }.events(receipt, origin.pod));
    events
}

/// What a line of an extension's output tells, if it is marked.
pub(super) fn of_extension(now: Timestamp, line: &str) -> Option<Event> {
    line.starts_with(EXTENSION_MARK).then(|| of_line(Type::Extension, now, line))
}

impl Phase {
    fn events(self, receipt: &Receipt, pod: &str) -> [Event; 3] {
        let id = receipt.request_id.to_string();
        let start = format(self.start);
        let status = if self.is_success { "success" } else { "error" };
        let metrics = json!({
            "durationMs": thousandths(self.duration.as_nanos(), 1_000_000),
            "billingDurationMS": self.billed,
            "memoryUsed": thousandths(u128::from(receipt.memory_used), 1 << 20),
            "memorySize": receipt.memory.as_mib(),
            "podName": pod,
        });
        let bodies = [
            json!({"name": self.names[0], "startTime": start, "traceId": id, "tracelId": id}),
            json!({"name": self.names[1], "startTime": start, "traceId": id, "tracelId": id, "status": status}),
            json!({
                "name": self.names[2], "startTime": start, "traceId": id, "tracelId": id,
                "endTime": format(self.start + self.duration), "status": status,
                "metrics": metrics, "reportMetrics": metrics,
            }),
        ];
        bodies.map(|body| Event { kind: Type::Platform, body })
    }
}

fn of_line(kind: Type, at: Timestamp, text: &str) -> Event {
    let name = match kind {
        Type::Function => "function",
        Type::Extension => "extension",
        Type::Platform => "platform",
    };
    let logs = &text[..text.floor_char_boundary(LINE_BYTES)];
    Event { kind, body: json!({"name": name, "startTime": format(at), "logs": logs}) }
}

/// A moment with milliseconds: `2023-02-01T00:03:50.000Z`.
fn format(at: Timestamp) -> String {
    let seconds = time::format(at);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), at.as_millis().rem_euclid(1000))
}

/// A number of units with three decimals.
fn thousandths(amount: u128, unit: u128) -> f64 {
    let thousandths = (amount * 1000 + unit / 2) / unit;
    u32::try_from(thousandths).map_or(f64::MAX, f64::from) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph::{ErrorCode, Log, Memory, RequestId};
    use fngraph_types::Identity;
    use std::{sync::Arc, time::SystemTime};

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    fn outcome(cost: impl FnOnce(&mut Receipt)) -> Outcome {
        let identity = Arc::new(Identity::local("f"));
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_675_209_830_500);
        let mut receipt = Receipt::new(RequestId::from_u128(1), identity, Memory::DEFAULT, at);
        receipt.handle = Duration::from_micros(10_600);
        receipt.memory_used = 3 << 19;
        cost(&mut receipt);
        Outcome { result: Ok("".into()), receipt, log: Log::default() }
    }

    fn names(outcome: &Outcome, has_initializer: bool) -> Vec<(String, String)> {
        let events = of_outcome(outcome, Origin { pod: "f-latest-1", has_initializer });
        let text = |event: &Event, field: &str| event.body[field].as_str().unwrap_or_default().to_owned();
        events.iter().map(|event| (text(event, "name"), text(event, "status"))).collect()
    }

    fn check(outcome: &Outcome, has_initializer: bool, expected: &[(&str, &str)]) {
        let names = names(outcome, has_initializer);
        let names: Vec<_> = names.iter().map(|(name, status)| (name.as_str(), status.as_str())).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_warm_call_has_the_documented_fields() {
        let events = of_outcome(&outcome(|_| ()), Origin { pod: "f-latest-1", has_initializer: true });
        let metrics = json!({
            "durationMs": 10.6, "billingDurationMS": 11, "memoryUsed": 1.5, "memorySize": 128, "podName": "f-latest-1",
        });
        let start = "2023-02-01T00:03:50.500Z";
        let expected = [
            json!({"name": "platform.start", "startTime": start, "traceId": ID, "tracelId": ID}),
            json!({
                "name": "platform.RuntimeDone", "startTime": start, "traceId": ID, "tracelId": ID, "status": "success",
            }),
            json!({
                "name": "platform.report", "startTime": start, "traceId": ID, "tracelId": ID, "status": "success",
                "endTime": "2023-02-01T00:03:50.510Z", "metrics": metrics, "reportMetrics": metrics,
            }),
        ];
        assert_eq!(events.into_iter().map(|event| event.body).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_cold_start_comes_before_its_call_and_shares_the_bill() {
        let outcome = outcome(|receipt| {
            receipt.start = Start::Cold;
            receipt.load = Duration::from_millis(400);
            receipt.initialize = Duration::from_micros(100_500);
        });
        let done = ("platform.initRuntimeDone", "success");
        let called = [("platform.start", ""), ("platform.RuntimeDone", "success"), ("platform.report", "success")];
        let started = [("platform.initStart", ""), done, ("platform.initReport", "success")];
        check(&outcome, true, &[started, called].concat());
        let events = of_outcome(&outcome, Origin { pod: "f", has_initializer: true });
        assert_eq!(events[0].body["startTime"], "2023-02-01T00:03:50.000Z");
        let billed = [&events[2], &events[5]].map(|event| event.body["metrics"]["billingDurationMS"].as_u64().unwrap());
        assert_eq!(u128::from(billed.iter().sum::<u64>()), outcome.receipt.billed().as_millis());
    }

    #[test]
    fn a_start_from_a_snapshot_is_a_restore() {
        let outcome = outcome(|receipt| receipt.start = Start::Cold);
        assert_eq!(names(&outcome, true)[0].0, "platform.restoreStart");
        assert_eq!(names(&outcome, false)[0].0, "platform.initStart");
    }

    #[test]
    fn failures_are_those_of_the_phase_that_failed() {
        let failed = |handle| {
            outcome(|receipt| {
                receipt.start = Start::Cold;
                receipt.handle = handle;
                receipt.initialize = Duration::from_millis(1);
                receipt.error = Some(ErrorCode::Internal);
            })
        };
        let status = |outcome: &Outcome| names(outcome, true).into_iter().map(|(_, status)| status).collect::<Vec<_>>();
        let (none, success, error) = ("", "success", "error");
        assert_eq!(status(&failed(Duration::ZERO)), [none, error, error, none, error, error]);
        assert_eq!(status(&failed(Duration::from_millis(1))), [none, success, success, none, error, error]);
    }

    #[test]
    fn only_marked_lines_of_extensions_are_events_and_long_ones_are_cut() {
        let now = Timestamp::from_millis(1_675_209_830_007);
        assert_eq!(of_extension(now, "hello"), None);
        assert_eq!(of_extension(now, " [Extension]hello"), None);
        let body = json!({"name": "extension", "startTime": "2023-02-01T00:03:50.007Z", "logs": "[Extension]hello"});
        assert_eq!(of_extension(now, "[Extension]hello"), Some(Event { kind: Type::Extension, body }));
        let long = format!("[Extension]{}", "é".repeat(LINE_BYTES));
        let event = of_extension(now, &long).unwrap();
        assert_eq!(event.body["logs"].as_str().unwrap().len(), LINE_BYTES - 1);
    }
}
