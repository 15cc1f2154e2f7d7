//! Events of the queues of the Distributed Message Service, which brokers have replaced.
//!
//! The documentation has no event of them any more. The fields are those of the event class in a published runtime;
//! what a message consists of is a guess:
//!
//! ```json
#![doc = include_str!("samples/dms.json")]
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Messages arrived in a queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DmsEvent {
    /// What happened, such as `MessageCreated`.
    #[serde(default)]
    pub event_type: String,
    /// The region of the queue.
    #[serde(default)]
    pub region: String,
    /// The id of the queue.
    #[serde(default)]
    pub queue_id: String,
    /// The consumer group for which the messages were read.
    #[serde(default)]
    pub consumer_group_id: String,
    /// The messages.
    pub messages: Vec<Message>,
}

/// One message of a queue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    /// The content: mostly text, but a producer may send any JSON.
    pub body: Value,
    /// What the producer attached to the message.
    pub attributes: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: DmsEvent = read(include_str!("samples/dms.json"));
        assert_eq!(event.queue_id, "3b7c1d0e-queue");
        assert_eq!(event.messages[0].body, "order 7");
        assert_eq!(event.messages[0].attributes["priority"], "high");
    }
}
