//! Events of the Simple Message Notification service.
//!
//! ```json
#![doc = include_str!("samples/smn.json")]
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;

/// Messages arrived at a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SmnEvent {
    /// The messages. The array's key is the singular `record`, but for an old example that has `records`.
    #[serde(rename = "record", alias = "records")]
    pub records: Vec<Record>,
    /// The name of the function.
    #[serde(rename = "functionname", default)]
    pub function_name: String,
    /// The id of the delivery.
    #[serde(rename = "requestId", default)]
    pub request_id: String,
    /// When the messages were delivered, as JavaScript writes a date.
    #[serde(default)]
    pub timestamp: String,
}

/// One message and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The version of this shape: `1.0`.
    pub event_version: String,
    /// The message.
    pub smn: Message,
    /// The URN of the subscription: the function's.
    pub event_subscription_urn: String,
    /// `smn`, in capitals in old examples.
    pub event_source: String,
}

/// One message of a topic.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The URN of the topic.
    pub topic_urn: String,
    /// When the message was published: RFC 3339.
    pub timestamp: String,
    /// What the publisher attached to the message.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub message_attributes: BTreeMap<String, Value>,
    /// The text of the message.
    pub message: String,
    /// `notification`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the message.
    pub message_id: String,
    /// The subject of the message.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub subject: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: SmnEvent = read(include_str!("samples/smn.json"));
        assert_eq!(event.function_name, "on-alarm");
        let message = &event.records[0].smn;
        assert_eq!(message.message, "disk is full");
        assert_eq!(message.kind, "notification");
        assert!(message.message_attributes.is_empty());
    }

    #[test]
    fn plural_key_of_the_old_example_is_read() {
        let old = r#"{"records": [{"event_source": "SMN", "smn": {"message": "hi"}}]}"#;
        let event: SmnEvent = serde_json::from_str(old).expect("the old shape is an event");
        assert_eq!(event.records[0].smn.message, "hi");
    }
}
