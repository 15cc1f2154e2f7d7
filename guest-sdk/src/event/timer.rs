//! Events of a timer.
//!
//! ```json
#![doc = include_str!("samples/timer.json")]
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::encoding;
use crate::Error;

/// A timer fired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TimerEvent {
    /// The version of this shape: `v1.0`.
    #[serde(default)]
    pub version: String,
    /// When the timer fired: RFC 3339, to the second, with the offset of the region.
    #[serde(default)]
    pub time: String,
    /// `TIMER`.
    #[serde(default)]
    pub trigger_type: String,
    /// The name of the timer.
    pub trigger_name: String,
    /// What the trigger was configured to say. It is text, even where that text is JSON: see [`TimerEvent::json`].
    #[serde(default)]
    pub user_event: String,
}

impl TimerEvent {
    /// What the trigger was configured to say, read as JSON.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when [`TimerEvent::user_event`] is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        encoding::from_json("user_event", &self.user_event)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: TimerEvent = read(include_str!("samples/timer.json"));
        assert_eq!(event.trigger_name, "nightly-report");
        assert_eq!(event.time, "2026-03-01T08:30:00+08:00");
        assert_eq!(event.json::<Value>().expect("the sample's user event is JSON"), json!({ "report": "sales" }));
    }

    #[test]
    fn plain_text_stays_text() {
        let event = TimerEvent { user_event: "Hello world".to_owned(), ..TimerEvent::default() };
        assert_eq!(event.json::<Value>().expect_err("text is no JSON").kind(), "InvalidEvent");
    }
}
