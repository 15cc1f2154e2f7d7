//! The shape that the events of all message brokers share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Messages arrived at a broker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BrokerEvent {
    /// The version of this shape: `v1.0`.
    #[serde(default)]
    pub event_version: String,
    /// When the event was made.
    #[serde(default)]
    pub event_time: EventTime,
    /// `KAFKA` (also for Kafka of other origin than the cloud's), `ROCKETMQ` or `RABBITMQ`.
    #[serde(default)]
    pub trigger_type: String,
    /// The region of the broker.
    #[serde(default)]
    pub region: String,
    /// The id of the broker. Older events have it in every record: [`BrokerEvent::instance_id`] looks at both.
    #[serde(rename = "instance_id", default, skip_serializing_if = "Option::is_none")]
    pub raw_instance_id: Option<String>,
    /// The messages, by where they were read from.
    pub records: Vec<Record>,
}

impl BrokerEvent {
    /// The id of the broker.
    pub fn instance_id(&self) -> Option<&str> {
        let of_records = || self.records.iter().find_map(|record| record.instance_id.as_deref());
        self.raw_instance_id.as_deref().or_else(of_records)
    }

    /// The text of every message, in the order of the records.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.records.iter().flat_map(Record::messages)
    }
}

/// When an event was made. Samples and tables of the documentation disagree on its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventTime {
    /// Seconds since 1970.
    Seconds(i64),
    /// Text: RFC 3339, or a number of seconds.
    Text(String),
}

impl Default for EventTime {
    fn default() -> Self {
        Self::Seconds(0)
    }
}

impl EventTime {
    /// The seconds since 1970, unless the time is text that is no number.
    pub fn seconds(&self) -> Option<i64> {
        match self {
            Self::Seconds(seconds) => Some(*seconds),
            Self::Text(text) => text.parse().ok(),
        }
    }
}

/// Messages that were read from one place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The messages as they were sent. Mostly [`Record::messages`] is what you want.
    #[serde(rename = "messages")]
    pub raw_messages: Vec<Message>,
    /// The topic, which `RabbitMQ` does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// The id of the broker, in older events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Whatever else the broker says about where the messages are from.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Record {
    /// The text of every message.
    pub fn messages(&self) -> impl Iterator<Item = &str> {
        self.raw_messages.iter().map(Message::text)
    }
}

/// One message. Its text is bare, but for some of `RocketMQ` that are wrapped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// The bare text.
    Text(String),
    /// An object around the text.
    Wrapped {
        /// The text.
        message: String,
    },
}

impl Message {
    /// The text of the message.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Wrapped { message: text } => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_a_number_or_text() {
        let seconds = |time: &str| serde_json::from_str::<EventTime>(time).expect("a time").seconds();
        assert_eq!(seconds("1576737962"), Some(1_576_737_962));
        assert_eq!(seconds("\"1576737962\""), Some(1_576_737_962));
        assert_eq!(seconds("\"2026-01-01T00:00:00Z\""), None);
    }

    #[test]
    fn instance_id_inside_of_the_records_is_found() {
        let old = r#"{"records": [{"messages": ["a"], "instance_id": "i", "topic_id": "t"}]}"#;
        let event: BrokerEvent = serde_json::from_str(old).expect("the old shape is an event");
        assert_eq!(event.instance_id(), Some("i"));
    }
}
