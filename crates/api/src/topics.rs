//! Topics: publishing messages as the cloud's SMN does. Functions subscribe to topics by their triggers.

use crate::{Empty, Json, operation::operations};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Publishes a message to a topic: the functions that are subscribed are called asynchronously.
    PublishMessage = Post "/v2/{project_id}/notifications/topics/{topic_urn}/publish" => 200, "SMN" {
        path: TopicPath, query: Empty, body: Json<PublishMessageBody>, answer: Json<PublishedMessage>
    }
}

/// The parameters of paths that name a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TopicPath {
    /// The project.
    pub project_id: String,
    /// The topic, which belongs to the project: `urn:smn:<region>:<project>:<topic>`.
    pub topic_urn: String,
}

/// A message. It has a text, or one for each way of delivery.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct PublishMessageBody {
    /// What it is about, up to 512 bytes. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it says, up to 256 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it says, by way of delivery, as an object in JSON text. Functions take `functionstage`, else `default`. It
    /// counts more than `message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_structure: Option<String>,
    /// The template that makes the text. There are none here, so that a message that needs one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_template_name: Option<String>,
    /// What else is said about it. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_attributes: Option<Vec<MessageAttribute>>,
}

/// Something said about a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageAttribute {
    /// Its name.
    pub name: String,
    /// `STRING`, `STRING_ARRAY` or `PROTOCOL`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A text, or, of the other types, a list of texts.
    pub value: Value,
}

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedMessage {
    /// The id of the request.
    pub request_id: String,
    /// The id of the message: 32 hexadecimal digits.
    pub message_id: String,
}
