//! Topics: publishing messages.

use crate::{call::Call, failure::Failure};
use fngraph::{ErrorCode, RequestId};
use fngraph_api::{
    Json,
    topics::{MessageAttribute, PublishMessage, PublishMessageBody, PublishedMessage},
};
use fngraph_triggers::Message;
use serde_json::{Map, Value};

/// Publishes a message to a topic of the caller's project.
pub(crate) async fn publish(call: Call<PublishMessage>) -> Result<Json<PublishedMessage>, Failure> {
    let Call { app, project, path, body: Json(body), .. } = call;
    let topic = &path.topic_urn;
    // One of another project is not found, whether or not somebody follows it.
    if fngraph_triggers::topic_project(topic).is_some_and(|owner| *owner != *project) {
        return Err(Failure::new(ErrorCode::NotFound, format!("the project `{project}` has no topic `{topic}`")));
    }
    let Some(triggers) = &app.options.triggers else {
        return Err(Failure::new(ErrorCode::TriggerUnavailable, "this server has no topics"));
    };
    let mut message = Message::new(text(&body)?);
    message.subject = body.subject.unwrap_or_default();
    message.attributes = body.message_attributes.map(attributes).transpose()?;
    let request_id = RequestId::random().to_string();
    let published = triggers.publish(topic, message).await?;
    Ok(Json(PublishedMessage { request_id, message_id: published.message_id }))
}

/// What a message says to functions.
fn text(body: &PublishMessageBody) -> Result<String, Failure> {
    let refused = |text| Failure::new(ErrorCode::InvalidParameter, text);
    if let Some(structure) = body.message_structure.as_deref().filter(|structure| !structure.is_empty()) {
        let rule = "`message_structure` is an object as JSON text, with a text `default`";
        let structure: Map<String, Value> = serde_json::from_str(structure).map_err(|_| refused(rule))?;
        let default = structure.get("default").and_then(Value::as_str).ok_or_else(|| refused(rule))?;
        return Ok(structure.get("functionstage").and_then(Value::as_str).unwrap_or(default).to_owned());
    }
    if body.message_template_name.as_deref().is_some_and(|name| !name.is_empty()) {
        return Err(refused("there are no message templates here; send the text as `message`"));
    }
    let message = body.message.clone().filter(|message| !message.is_empty());
    message.ok_or_else(|| refused("a message has a `message` or a `message_structure`"))
}

/// What is said about a message, by name.
fn attributes(attributes: Vec<MessageAttribute>) -> Result<Map<String, Value>, Failure> {
    let mut named = Map::new();
    for MessageAttribute { name, kind, value } in attributes {
        let is_texts = |value: &Value| value.as_array().is_some_and(|texts| texts.iter().all(Value::is_string));
        let fits = match kind.as_str() {
            "STRING" => value.is_string(),
            "STRING_ARRAY" | "PROTOCOL" => is_texts(&value),
            _ => false,
        };
        if !fits || name.is_empty() || named.contains_key(&name) {
            let rule = "an attribute has a name of its own, the type `STRING` with a text as its value, or \
                        `STRING_ARRAY` or `PROTOCOL` with a list of texts";
            return Err(Failure::new(ErrorCode::InvalidParameter, format!("the attribute `{name}` is wrong: {rule}")));
        }
        named.insert(name, value);
    }
    Ok(named)
}
