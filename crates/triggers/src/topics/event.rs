//! The event for a message to a topic.

use super::Message;
use crate::moment;
use bytes::Bytes;
use fngraph::{RequestId, Timestamp, Urn};
use serde_json::json;

/// The event as the cloud sends it: one record, and the moment again as JavaScript prints it.
pub(super) fn event(topic_urn: &str, message: &Message, message_id: &str, urn: &Urn, at: Timestamp) -> Bytes {
    let event = json!({
        "record": [{
            "event_version": "1.0",
            "smn": {
                "topic_urn": topic_urn,
                "timestamp": moment::seconds(at),
                "message_attributes": message.attributes,
                "message": message.text,
                "type": "notification",
                "message_id": message_id,
                "subject": message.subject,
            },
            "event_subscription_urn": urn.to_string(),
            "event_source": "smn",
        }],
        "functionname": &*urn.function.name,
        "requestId": RequestId::random().to_string(),
        "timestamp": moment::javascript(at),
    });
    event.to_string().into()
}
