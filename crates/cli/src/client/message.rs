//! `fngraph publish`: a message to a topic.

use super::open;
use crate::{
    args::{Format, MessageArgs},
    config::Config,
    exit::{Exit, Failure},
};
use fngraph_api::{
    Empty, Json,
    topics::{MessageAttribute, PublishMessage, PublishMessageBody, TopicPath},
};

/// Publishes a message, and prints its id.
pub(super) fn publish(arguments: &MessageArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let scope = client.scope();
    let topic_urn = if arguments.topic.contains(':') {
        arguments.topic.clone()
    } else {
        format!("urn:smn:{}:{}:{}", scope.region, scope.project_id, arguments.topic)
    };
    if !topic_urn.starts_with("urn:smn:") {
        return Err(Failure::text(Exit::Usage, format!("`{topic_urn}` is no topic"))
            .hint("write the topic's name, or `urn:smn:<region>:<project>:<topic>`"));
    }
    let attribute = |given: &crate::args::AttributeArg| MessageAttribute {
        name: given.name.clone(),
        kind: "STRING".to_owned(),
        value: given.value.as_str().into(),
    };
    let attributes: Vec<_> = arguments.attribute.iter().map(attribute).collect();
    let body = PublishMessageBody {
        subject: arguments.subject.clone(),
        message: Some(arguments.message.clone()),
        message_attributes: (!attributes.is_empty()).then_some(attributes),
        ..PublishMessageBody::default()
    };
    let path = TopicPath { project_id: client.project().project_id, topic_urn: topic_urn.clone() };
    let Json(published) = client.call::<PublishMessage>(&path, &Empty {}, Json(body))?;
    match arguments.server.output {
        Format::Json => config.output.json(&published)?,
        Format::Text => config.output.line(&published.message_id)?,
    }
    config.output.note(format_args!("published to {topic_urn}"));
    Ok(())
}
