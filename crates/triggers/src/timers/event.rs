//! The event of a timer.

use crate::moment;
use bytes::Bytes;
use chrono_tz::Tz;
use fngraph::Timestamp;
use serde::Serialize;

/// In the cloud's order.
#[derive(Serialize)]
struct Event<'a> {
    version: &'static str,
    time: String,
    trigger_type: &'static str,
    trigger_name: &'a str,
    user_event: &'a str,
}

/// The event for a firing at `moment`, shown with the offset of `zone`.
pub(super) fn event(name: &str, user_event: &str, moment: Timestamp, zone: Tz) -> Bytes {
    let time = moment::in_zone(moment, zone);
    let event = Event { version: "v1.0", time, trigger_type: "TIMER", trigger_name: name, user_event };
    serde_json::to_vec(&event).expect("texts are always JSON").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_is_the_documented_one() {
        let at = Timestamp::from_millis(1_685_579_400_000);
        let event = event("Timer_001", "{\"a\":1}", at, chrono_tz::Asia::Shanghai);
        let documented = r#"{"version":"v1.0","time":"2023-06-01T08:30:00+08:00","trigger_type":"TIMER","trigger_name":"Timer_001","user_event":"{\"a\":1}"}"#;
        assert_eq!(event, documented);
    }
}
