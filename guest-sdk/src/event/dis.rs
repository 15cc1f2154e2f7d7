//! Events of the Data Ingestion Service.
//!
//! ```json
#![doc = include_str!("samples/dis.json")]
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::encoding;
use crate::Error;

/// Records arrived in a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DisEvent {
    /// The partition that the records are from.
    #[serde(rename = "ShardID", default)]
    pub shard_id: String,
    /// The records.
    #[serde(rename = "Message")]
    pub message: Batch,
    /// `latest`. The documentation calls it the function's version in one place and the stream's tag in another.
    #[serde(rename = "Tag", default)]
    pub tag: String,
    /// The name of the stream.
    #[serde(rename = "StreamName", default)]
    pub stream_name: String,
}

/// What was read from a partition at once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    /// Where the next batch starts.
    pub next_partition_cursor: String,
    /// The records, oldest first.
    pub records: Vec<Record>,
    /// How far the batch is behind the stream, in milliseconds; seen as an empty text only.
    pub millis_behind_latest: Value,
}

/// One record of a stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The key by which the record was given to its partition.
    pub partition_key: String,
    /// The content as it was sent: Base64. Mostly [`Record::data`] is what you want.
    #[serde(rename = "data")]
    pub raw_data: String,
    /// The place of the record in its partition.
    pub sequence_number: String,
}

impl Record {
    /// The content of the record.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when the content is not Base64.
    pub fn data(&self) -> Result<Vec<u8>, Error> {
        encoding::from_base64("data", &self.raw_data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: DisEvent = read(include_str!("samples/dis.json"));
        assert_eq!(event.stream_name, "measurements");
        let record = &event.message.records[0];
        assert_eq!(record.sequence_number, "0");
        assert_eq!(record.data().expect("the sample's data is Base64"), b"temperature=21");
    }
}
