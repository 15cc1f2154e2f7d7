//! What calls a function by itself: triggers.

mod bucket;
mod elsewhere;
mod gateway;
mod kind;
mod timer;

pub use bucket::{Bucket, BucketFeed, Creation, ObjectEvent, Removal};
pub use elsewhere::Elsewhere;
pub use gateway::{Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, PathMatch};
pub use kind::TriggerKind;
pub use timer::{Timer, Timing};

use crate::Invalid;
use fngraph_types::{ErrorCode, Qualifier, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something that calls a version or an alias of a function by itself (manual, 7.13). A version or alias has up to 10,
/// so they stand in the function's document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Its id, unique everywhere; whoever creates it chooses one.
    pub id: String,
    /// The version or alias that it calls.
    pub qualifier: Qualifier,
    /// Whether it fires.
    pub is_active: bool,
    /// What makes it fire.
    pub source: Source,
    /// What else its creator said: what nothing here acts on, and the creator's spelling of what has several. Answers
    /// give it back. Default: nothing.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// When it was last set to fire, or given another source: what intervals are counted from.
    pub active_since: Timestamp,
}

/// What makes a trigger fire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The clock.
    Timer(Timer),
    /// Requests to the HTTP gateway.
    Gateway(Gateway),
    /// What happens to the objects of a bucket.
    Bucket(Bucket),
    /// Messages to a topic.
    Topic {
        /// The topic's URN, 1 to 255 characters.
        topic_urn: String,
    },
    /// A service that is not here.
    Elsewhere(Elsewhere),
}

impl Trigger {
    /// A trigger of `latest` that fires from now on.
    pub fn new(id: impl Into<String>, source: Source, at: Timestamp) -> Self {
        let (id, qualifier, details) = (id.into(), Qualifier::latest(), Map::new());
        Self { id, qualifier, is_active: true, source, details, created_at: at, modified_at: at, active_since: at }
    }

    /// Its kind.
    pub fn kind(&self) -> TriggerKind {
        self.source.kind()
    }

    /// Whether the trigger keeps those rules that can be seen without its function.
    ///
    /// # Errors
    /// The first rule that is broken, with the code of the trigger's kind; `FSS.1153` for one that is to fire and
    /// cannot here.
    pub fn validate(&self) -> Result<(), Invalid> {
        match &self.source {
            Source::Timer(timer) => timer.validate()?,
            Source::Gateway(gateway) => gateway.validate()?,
            Source::Bucket(bucket) => bucket.validate()?,
            Source::Topic { topic_urn } => validate_topic(topic_urn)?,
            Source::Elsewhere(elsewhere) => elsewhere.validate(self.is_active)?,
        }
        let kind = self.kind();
        if self.is_active || kind.can_be_disabled() {
            return Ok(());
        }
        Err(Invalid::new(
            kind.invalid(),
            "trigger's status",
            "DISABLED",
            "ACTIVE, for triggers of this kind; delete it",
        ))
    }
}

impl Source {
    /// Its kind.
    pub fn kind(&self) -> TriggerKind {
        match self {
            Self::Timer(_) => TriggerKind::Timer,
            Self::Gateway(gateway) => gateway.kind,
            Self::Bucket(bucket) => bucket.feed.kind(),
            Self::Topic { .. } => TriggerKind::Smn,
            Self::Elsewhere(elsewhere) => elsewhere.kind,
        }
    }

    /// Its name, for kinds that have one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Timer(timer) => Some(&timer.name),
            Self::Gateway(gateway) => Some(&gateway.api_name),
            Self::Bucket(bucket) => Some(&bucket.name),
            Self::Topic { .. } => None,
            Self::Elsewhere(elsewhere) => elsewhere.name(),
        }
    }

    /// What it follows, for kinds of which a version or alias has only one trigger for each.
    pub(crate) fn subject(&self) -> Option<String> {
        match self {
            Self::Timer(_) | Self::Gateway(_) | Self::Bucket(_) => None,
            Self::Topic { topic_urn } => Some(topic_urn.clone()),
            Self::Elsewhere(elsewhere) => elsewhere.subject(),
        }
    }
}

fn validate_topic(topic_urn: &str) -> Result<(), Invalid> {
    let rule = "`urn:smn:<region>:<project>:<topic>`, up to 255 characters; the topic's name: 1 to 255 letters, digits, `_` and `-`";
    let invalid = || Invalid::new(ErrorCode::InvalidSmnTrigger, "topic's URN", topic_urn, rule);
    let fields: Vec<_> = topic_urn.split(':').collect();
    let ["urn", "smn", region, project, topic] = fields[..] else { return Err(invalid()) };
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let fits = topic_urn.len() <= 255 && word(region) && word(project) && word(topic) && !topic.contains('.');
    if fits { Ok(()) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests;
