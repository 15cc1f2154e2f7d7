//! Triggers of services that are not here: what the manual says about them is checked all the same.

use super::read::{SECRETS, Said, members, one_of, some};
use crate::failure::Failure;
use fngraph::{Elsewhere, ErrorCode, TriggerKind};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a member may be. Its type is checked when it is read.
enum Rule {
    /// A text of 1 to 1024 characters.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A number between these, both included.
    Number(i64, i64),
    /// 1 to 100 texts.
    Texts,
}

/// A member that a kind has something to say about.
struct Member {
    name: &'static str,
    rule: Rule,
    is_required: bool,
}

const fn required(name: &'static str, rule: Rule) -> Member {
    Member { name, rule, is_required: true }
}

const fn optional(name: &'static str, rule: Rule) -> Member {
    Member { name, rule, is_required: false }
}

/// The longest text, in characters.
const LONGEST_TEXT: usize = 1024;

/// The most texts of a list.
const MOST_TEXTS: usize = 100;

/// The longest name of a CTS trigger, in characters (manual of CTS, key event notifications).
const LONGEST_CTS_NAME: usize = 64;

/// The most operations of a CTS trigger (`FSS.1313`).
const MOST_OPERATIONS: usize = 100;

/// Intervals are not bounded by the manual; this is more than 24 days in milliseconds.
const LONGEST_INTERVAL: i64 = i32::MAX as i64;

const UNITS: Rule = Rule::Word(&["s", "ms"]);
const MODES: Rule = Rule::Word(&["Sharding", "ReplicaSet", "Single"]);

/// What the manual says about a kind (7.13.3).
fn rules(kind: TriggerKind) -> &'static [Member] {
    match kind {
        TriggerKind::Dds => {
            const {
                &[
                    required("instance_id", Rule::Text),
                    required("db_name", Rule::Text),
                    required("collection_name", Rule::Text),
                    required("db_password", Rule::Text),
                    required("batch_size", Rule::Number(1, 10_000)),
                    optional("db_user", Rule::Text),
                    optional("mode", MODES),
                    optional("instance_addrs", Rule::Texts),
                ]
            }
        }
        TriggerKind::GeminiDbMongo => {
            const {
                &[
                    optional("batch_size", Rule::Number(1, 10_000)),
                    optional("mode", MODES),
                    optional("instance_addrs", Rule::Texts),
                ]
            }
        }
        TriggerKind::Dms => {
            const {
                &[
                    required("queue_id", Rule::Text),
                    required("consumer_group_id", Rule::Text),
                    required("polling_interval", Rule::Number(1, LONGEST_INTERVAL)),
                    optional("polling_unit", UNITS),
                ]
            }
        }
        TriggerKind::Dis => {
            const {
                &[
                    required("stream_name", Rule::Text),
                    required("sharditerator_type", Rule::Word(&["TRIM_HORIZON", "LATEST"])),
                    required("polling_interval", Rule::Number(1, LONGEST_INTERVAL)),
                    required("polling_unit", UNITS),
                    required("is_serial", Rule::Word(&["true", "false"])),
                    required("batch_size", Rule::Number(1, 10_000)),
                    optional("max_fetch_bytes", Rule::Number(0, 4_194_304)),
                ]
            }
        }
        TriggerKind::Lts => const { &[required("log_group_id", Rule::Text), required("log_topic_id", Rule::Text)] },
        TriggerKind::Kafka => {
            const {
                &[
                    required("instance_id", Rule::Text),
                    required("topic_ids", Rule::Texts),
                    required("batch_size", Rule::Number(1, 1000)),
                ]
            }
        }
        TriggerKind::OpenSourceKafka | TriggerKind::RocketMq => {
            const { &[optional("topic_ids", Rule::Texts), optional("batch_size", Rule::Number(1, 1000))] }
        }
        TriggerKind::RabbitMq => {
            const {
                &[
                    required("instance_id", Rule::Text),
                    required("exchange_name", Rule::Text),
                    required("access_password", Rule::Text),
                    required("batch_size", Rule::Number(1, 1000)),
                ]
            }
        }
        TriggerKind::EventGrid => {
            const {
                &[
                    required("source_name", Rule::Text),
                    optional("event_types", Rule::Texts),
                    optional("trigger_name", Rule::Text),
                ]
            }
        }
        // Those of CTS have codes of their own, there are none for IoTDA, and the others are here.
        _ => &[],
    }
}

/// What was said, as the registry keeps it.
pub(super) fn read(said: Said<'_>, id: &str) -> Result<Elsewhere, Failure> {
    let mut settings = members(said.data);
    // These are ours to answer.
    for name in ["triggerid", "api_id", "api_name", "invoke_url", "created_time", "status"] {
        settings.remove(name);
    }
    // Two names of one thing.
    if let Some(addresses) = settings.remove("instance_addresses") {
        settings.entry("instance_addrs").or_insert(addresses);
    }
    for member in rules(said.kind) {
        check(said, member, settings.get(member.name))?;
    }
    match said.kind {
        TriggerKind::Cts => check_cts(said)?,
        TriggerKind::Kafka | TriggerKind::OpenSourceKafka => check_kafka(said)?,
        TriggerKind::EventGrid => drop(settings.entry("trigger_name").or_insert_with(|| id.into())),
        _ => {}
    }
    let mut secrets = BTreeMap::new();
    for name in SECRETS {
        if let Some(Value::String(secret)) = settings.remove(name) {
            secrets.insert(name.to_owned(), secret);
        }
    }
    Ok(Elsewhere { kind: said.kind, settings, secrets: secrets.into() })
}

fn check(said: Said<'_>, member: &Member, value: Option<&Value>) -> Result<(), Failure> {
    let place = format!("event_data.{}", member.name);
    let is_empty = |value: &Value| matches!(value, Value::String(text) if text.is_empty());
    let Some(value) = value.filter(|value| !is_empty(value)) else {
        return if member.is_required { Err(said.missing(&place, &member.rule.text())) } else { Ok(()) };
    };
    if member.rule.fits(value) {
        return Ok(());
    }
    let given = match value {
        // Whose it is may see the message, and so may logs.
        _ if SECRETS.contains(&member.name) => "…".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Err(said.refused(&place, given, &member.rule.text()))
}

impl Rule {
    fn fits(&self, value: &Value) -> bool {
        let is_text =
            |value: &Value| value.as_str().is_some_and(|text| !text.is_empty() && text.chars().count() <= LONGEST_TEXT);
        match self {
            Self::Text => is_text(value),
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Number(least, most) => value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)),
            Self::Texts => {
                let texts = value.as_array();
                texts.is_some_and(|texts| (1..=MOST_TEXTS).contains(&texts.len()) && texts.iter().all(is_text))
            }
        }
    }

    /// What is allowed, for people.
    fn text(&self) -> String {
        match self {
            Self::Text => "1 to 1024 characters".to_owned(),
            Self::Word(words) => one_of(words.iter().copied()),
            Self::Number(least, LONGEST_INTERVAL) => format!("{least} or more"),
            Self::Number(least, most) => format!("{least} to {most}"),
            Self::Texts => "1 to 100 texts of 1 to 1024 characters".to_owned(),
        }
    }
}

/// Triggers of the audit log have codes of their own for what can be wrong.
fn check_cts(said: Said<'_>) -> Result<(), Failure> {
    let name = some(said.data.name.as_ref()).ok_or_else(|| {
        Failure::new(ErrorCode::CtsNameMissing, "a trigger CTS needs `event_data.name`: the notification's name")
    })?;
    if name.chars().count() > LONGEST_CTS_NAME {
        let text = format!("the name of a trigger CTS has {} characters; allowed: up to 64", name.chars().count());
        return Err(Failure::new(ErrorCode::CtsNameTooLong, text));
    }
    if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return Err(said.refused("event_data.name", name, "letters, digits, `_` and `-`"));
    }
    let operations = said.data.operations.as_deref().unwrap_or_default();
    if operations.is_empty() {
        let text = "a trigger CTS needs `event_data.operations`: one or more `service:resource:operation`";
        return Err(Failure::new(ErrorCode::CtsOperationsMissing, text));
    }
    if operations.len() > MOST_OPERATIONS {
        let text = format!("a trigger CTS is to hear of {} operations; allowed: up to 100", operations.len());
        return Err(Failure::new(ErrorCode::TooManyCtsOperations, text));
    }
    let mut seen = BTreeSet::new();
    for operation in operations {
        let told: String = operation.chars().take(80).collect();
        let fields: Vec<_> = operation.split(':').collect();
        if !matches!(fields[..], [service, resource, name] if ![service, resource, name].contains(&"")) {
            let text = format!("`event_data.operations` has `{told}`; allowed: `service:resource:operation`");
            return Err(Failure::new(ErrorCode::InvalidCtsOperation, text));
        }
        if !seen.insert(operation) {
            let text = format!("`event_data.operations` has `{told}` twice; once is enough");
            return Err(Failure::new(ErrorCode::CtsOperationTwice, text));
        }
    }
    Ok(())
}

/// An instance that knows its users wants to know them.
fn check_kafka(said: Said<'_>) -> Result<(), Failure> {
    let data = said.data;
    let has_both = some(data.kafka_user.as_ref()).is_some() && some(data.kafka_password.as_ref()).is_some();
    if data.kafka_ssl_enable == Some(true) && !has_both {
        let text = "`event_data.kafka_ssl_enable` is true: the trigger needs `kafka_user` and `kafka_password`";
        return Err(Failure::new(ErrorCode::KafkaCredentialsMissing, text));
    }
    Ok(())
}

/// What the registry keeps, as it was said, without the secrets.
pub(super) fn settings(elsewhere: &Elsewhere) -> Map<String, Value> {
    let mut settings = elsewhere.settings.clone();
    if let Some(addresses) = settings.get("instance_addrs").cloned() {
        settings.insert("instance_addresses".to_owned(), addresses);
    }
    settings
}
