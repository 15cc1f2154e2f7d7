//! Events of the Log Tank Service.
//!
//! ```json
#![doc = include_str!("samples/lts.json")]
//! ```

use serde::{Deserialize, Serialize};

use super::{encoding, lenient};
use crate::Error;

/// Lines arrived in a log stream. They are packed: see [`LtsEvent::batch`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LtsEvent {
    /// The packed lines.
    pub lts: Packed,
}

/// The lines as they are sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    /// The Base64 of the JSON of a [`Batch`].
    pub data: String,
}

impl LtsEvent {
    /// The lines, unpacked.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when the data is not the Base64 of the JSON of a [`Batch`].
    pub fn batch(&self) -> Result<Batch, Error> {
        encoding::from_json("lts.data", encoding::from_base64("lts.data", &self.lts.data)?)
    }
}

/// Lines of one log stream. An event carries at most 75 KB of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The lines, which are sent as an array or as the text of one.
    #[serde(deserialize_with = "lenient::value_or_text")]
    pub logs: Vec<Line>,
    /// The account that owns the log.
    #[serde(default)]
    pub owner: String,
    /// The id of the log group.
    #[serde(default)]
    pub log_group_id: String,
    /// The id of the log stream, which was called topic once.
    #[serde(default)]
    pub log_topic_id: String,
}

/// One line of a log.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Line {
    /// The text of the line.
    pub message: String,
    /// When the line was written: milliseconds since 1970.
    #[serde(deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub time: Option<u64>,
    /// The host that wrote it.
    pub host_name: String,
    /// The address of the host.
    pub ip: String,
    /// The file that it was read from.
    pub path: String,
    /// The id of the line.
    pub log_uid: String,
    /// The number of the line in its file.
    #[serde(deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub line_no: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: LtsEvent = read(include_str!("samples/lts.json"));
        let batch = event.batch().expect("the sample is packed well");
        assert_eq!(batch.log_group_id, "group-1");
        assert_eq!(batch.logs[0].message, "GET /orders 500");
        assert_eq!(batch.logs[0].time, Some(1_772_000_000_123));
        assert_eq!(batch.logs[0].line_no, Some(17));
    }

    #[test]
    fn lines_come_as_text_and_as_an_array() {
        for logs in [r#"[{"message": "hi"}]"#, r#""[{\"message\": \"hi\"}]""#] {
            let batch: Batch = serde_json::from_str(&format!("{{\"logs\": {logs}}}")).expect("both shapes are read");
            assert_eq!(batch.logs[0].message, "hi");
        }
    }

    #[test]
    fn badly_packed_lines_are_an_error() {
        let event = |data: &str| LtsEvent { lts: Packed { data: data.to_owned() } };
        for data in ["?", "AAAA", ""] {
            assert_eq!(event(data).batch().expect_err("not packed").kind(), "InvalidEvent");
        }
    }
}
