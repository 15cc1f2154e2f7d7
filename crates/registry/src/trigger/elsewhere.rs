//! Triggers of services that are not here.

use super::TriggerKind;
use crate::Invalid;
use fngraph_types::{ErrorCode, Secrets};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A trigger of a service that is not here. It can be kept and looked at, and never fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its kind.
    pub kind: TriggerKind,
    /// What was said about it, by the names of the API, checked by whoever created it.
    pub settings: Map<String, Value>,
    /// What of that is secret: passwords. It is stored encrypted.
    #[serde(skip)]
    pub secrets: Secrets,
}

impl Elsewhere {
    /// Its name, if triggers of its kind have one.
    pub(super) fn name(&self) -> Option<&str> {
        match self.kind {
            TriggerKind::Cts => self.settings.get("name").and_then(Value::as_str),
            _ => None,
        }
    }

    /// What it follows, for kinds that have a code of their own for a second trigger that follows the same.
    pub(super) fn subject(&self) -> Option<String> {
        let names: &[&str] = match self.kind {
            TriggerKind::Dds => &["instance_id", "db_name", "collection_name"],
            TriggerKind::Dms => &["queue_id", "consumer_group_id"],
            TriggerKind::Dis => &["stream_name"],
            TriggerKind::Lts => &["log_group_id", "log_topic_id"],
            TriggerKind::Kafka => &["instance_id", "topic_ids"],
            _ => return None,
        };
        let values = names.iter().map(|name| self.settings.get(*name));
        let words = values.map(|value| value.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)));
        Some(words.collect::<Option<Vec<_>>>()?.join(" "))
    }

    pub(super) fn validate(&self, is_active: bool) -> Result<(), Invalid> {
        if !is_active {
            return Ok(());
        }
        let rule = format!("DISABLED, since {} is not here and nothing would call the function", self.kind.service());
        let given = format!("ACTIVE ({})", self.kind);
        Err(Invalid::new(ErrorCode::TriggerUnavailable, "status of the trigger", given, rule))
    }
}
