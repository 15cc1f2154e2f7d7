//! Topics: whoever is subscribed to one is called with each message to it (manual, SMN).

mod event;

use crate::{
    PublishError,
    caller::{Callee, Caller},
    followers::Followers,
};
use bytes::Bytes;
use fngraph::{Fault, Function, FunctionId, Rejection, RequestId, Source, TriggerKind};
use futures::{StreamExt as _, stream};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most bytes of a message.
pub(crate) const MESSAGE_BYTES: usize = 256 * 1024;

/// The most bytes of a subject.
const SUBJECT_BYTES: usize = 512;

/// How many functions are asked at a time.
const AT_ONCE: usize = 64;

/// A message to a topic.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// Its id: the same id calls no function twice within the maximum event age of the function.
    pub id: RequestId,
    /// What it is about, up to 512 bytes. Default: nothing.
    pub subject: String,
    /// What it says, up to 256 KiB.
    pub text: String,
    /// What else is said about it. Default: nothing, which events show as `null`.
    pub attributes: Option<Map<String, Value>>,
}

/// What came of publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The message's id: 32 hexadecimal digits.
    pub message_id: String,
    /// How many functions will be called.
    pub functions: usize,
}

impl Message {
    /// A message with an id of its own.
    pub fn new(text: impl Into<String>) -> Self {
        Self { id: RequestId::random(), subject: String::new(), text: text.into(), attributes: None }
    }

    /// As one line of a topic's file.
    pub(crate) fn line(&self, published: &Published) -> Bytes {
        let line = json!({
            "message_id": published.message_id,
            "subject": self.subject,
            "message": self.text,
            "message_attributes": self.attributes,
        });
        line.to_string().into()
    }

    fn check(&self) -> Result<(), PublishError> {
        let sizes = [("subject", self.subject.len(), SUBJECT_BYTES), ("message", self.text.len(), MESSAGE_BYTES)];
        match sizes.into_iter().find(|(_, bytes, limit)| bytes > limit) {
            Some((what, bytes, limit)) => Err(PublishError::TooLarge { what, bytes, limit }),
            None => Ok(()),
        }
    }
}

/// Who is subscribed to what.
#[derive(Debug)]
pub(crate) struct Topics {
    caller: Caller,
    subscribed: Mutex<Followers<()>>,
}

impl Topics {
    pub(crate) fn new(caller: Caller) -> Self {
        Self { caller, subscribed: Mutex::default() }
    }

    /// A function's triggers are these now.
    pub(crate) fn changed(&self, id: &FunctionId, read: impl FnOnce() -> Option<Arc<Function>>) {
        let mut subscribed = self.subscribed.lock();
        subscribed.changed(id, read().as_deref(), |trigger| match &trigger.source {
            Source::Topic { topic_urn } => Some((Arc::from(&**topic_urn), ())),
            _ => None,
        });
    }

    /// Calls the functions that are subscribed.
    pub(crate) async fn publish(&self, topic_urn: &str, message: &Message) -> Result<Published, PublishError> {
        if project(topic_urn).is_none() {
            return Err(PublishError::Topic(topic_urn.chars().take(300).collect()));
        }
        message.check()?;
        self.deliver(topic_urn, message).await
    }

    /// The same for a message of any size. Functions that can never take it are left out.
    pub(crate) async fn deliver(&self, topic_urn: &str, message: &Message) -> Result<Published, PublishError> {
        let callees: Vec<Callee> =
            self.subscribed.lock().of(topic_urn).map(|follower| follower.callee.clone()).collect();
        let now = self.caller.runtime().now();
        let message_id = &*format!("{:032x}", message.id.as_u128());
        let called = stream::iter(callees).map(|callee| async move {
            let event = event::event(topic_urn, message, message_id, &self.caller.urn(&callee), now);
            let key = format!("smn:{message_id}:{}", callee.trigger);
            match self.caller.call(TriggerKind::Smn, &callee, event, Some(key)).await {
                Ok(_) => Ok(1),
                Err(rejection) if is_permanent(&rejection) => Ok(0),
                Err(source) => Err(PublishError::Refused { function: callee.function, source }),
            }
        });
        // All of them are asked, also when one refuses.
        let called: Vec<_> = called.buffer_unordered(AT_ONCE).collect().await;
        let functions = called.into_iter().sum::<Result<_, _>>()?;
        Ok(Published { message_id: message_id.to_owned(), functions })
    }
}

/// Whether the same event would be refused again, whenever it comes: it is too large, or the function is gone.
fn is_permanent(rejection: &Rejection) -> bool {
    rejection.code().fault() == Fault::Caller
}

/// The project that a topic belongs to; none when the text names no topic.
pub fn project(topic_urn: &str) -> Option<&str> {
    let fields: Vec<_> = topic_urn.split(':').collect();
    match fields[..] {
        ["urn", "smn", region, project, topic] if ![region, project, topic].contains(&"") => Some(project),
        _ => None,
    }
}
