//! What is counted for whoever watches: names, descriptions, handles. Labels are words from here, never from callers.

use fngraph::TriggerKind;
use metrics::Counter;

/// Firings of triggers by `type` (`TIMER`, `OBS`, …) and `outcome`: `called`, `refused` by the function's queue,
/// `missed` while nobody looked.
pub const FIRINGS: &str = "fngraph_trigger_firings_total";

/// The kinds whose firings are counted here; those of the gateway are requests.
const KINDS: [TriggerKind; 4] = [TriggerKind::Timer, TriggerKind::Obs, TriggerKind::EventGrid, TriggerKind::Smn];

/// What came of a firing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Called,
    Refused,
    Missed,
}

/// Handles to all counters, got once.
pub(crate) struct Metrics(Vec<(TriggerKind, [Counter; 3])>);

impl Metrics {
    /// Describes the metrics and gets their handles. Install a recorder before, or they count for nobody.
    pub(crate) fn register() -> Self {
        metrics::describe_counter!(FIRINGS, "firings of triggers");
        let counters = |kind: TriggerKind| {
            let counter = |outcome| metrics::counter!(FIRINGS, "type" => kind.as_str(), "outcome" => outcome);
            (kind, ["called", "refused", "missed"].map(counter))
        };
        Self(KINDS.into_iter().map(counters).collect())
    }

    pub(crate) fn count(&self, kind: TriggerKind, outcome: Outcome) {
        let Some((_, [called, refused, missed])) = self.0.iter().find(|(counted, _)| *counted == kind) else { return };
        match outcome {
            Outcome::Called => called.increment(1),
            Outcome::Refused => refused.increment(1),
            Outcome::Missed => missed.increment(1),
        }
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
