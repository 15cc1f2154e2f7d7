//! What was said about a trigger, as the registry keeps it.

use super::{answer, bucket, elsewhere, gateway};
use crate::{app::App, failure::Failure};
use fngraph::{BucketFeed, FunctionId, Qualifier, RequestId, Source, Timer, Timing, Trigger, TriggerKind};
use fngraph_api::triggers::{ACTIVE, DISABLED, MASK, TriggerEventData};
use serde_json::{Map, Value};
use std::fmt::Display;

/// The most bytes of what is said about a trigger, as JSON. Ours: functions are held in memory with their triggers.
const MOST_BYTES: usize = 16 * 1024;

/// The members that are secret.
pub(super) const SECRETS: [&str; 3] = ["db_password", "kafka_password", "access_password"];

/// What the trigger will belong to.
pub(super) struct Target<'a> {
    pub(super) app: &'a App,
    pub(super) function: &'a FunctionId,
    pub(super) qualifier: &'a Qualifier,
    /// The trigger's id.
    pub(super) id: &'a str,
    /// The id of its API, for those of the gateway.
    pub(super) api_id: &'a str,
}

impl Target<'_> {
    /// The beginning of the trigger's id, which tells names apart that nobody chose.
    pub(super) fn mark(&self) -> &str {
        self.id.get(..4).unwrap_or_default()
    }
}

/// What was said about a trigger of this kind.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) kind: TriggerKind,
    pub(super) data: &'a TriggerEventData,
}

impl<'a> Said<'a> {
    /// What was said, if that is not too much.
    pub(super) fn new(kind: TriggerKind, data: &'a TriggerEventData) -> Result<Self, Failure> {
        let said = Self { kind, data };
        let bytes = serde_json::to_vec(data).map_or(0, |json| json.len());
        if bytes > MOST_BYTES {
            return Err(said.refused("event_data", format!("{bytes} bytes"), "up to 16 KiB"));
        }
        Ok(said)
    }

    /// A member that breaks a rule.
    pub(super) fn refused(&self, member: &str, given: impl Display, rule: &str) -> Failure {
        // What a client sent may be long; its beginning tells enough.
        let given: String = given.to_string().chars().take(80).collect();
        Failure::new(
            self.kind.invalid(),
            format!("`{member}` of a trigger {} is `{given}`; allowed: {rule}", self.kind),
        )
    }

    /// A member that is not there.
    pub(super) fn missing(&self, member: &str, rule: &str) -> Failure {
        Failure::new(self.kind.invalid(), format!("a trigger {} needs `{member}`: {rule}", self.kind))
    }

    /// A text that has to be there.
    pub(super) fn text(&self, member: &str, value: Option<&'a String>, rule: &str) -> Result<&'a str, Failure> {
        some(value).ok_or_else(|| self.missing(member, rule))
    }

    /// What one of several words stands for; none when none was said.
    pub(super) fn word<T: Copy>(
        &self,
        member: &str,
        value: Option<&String>,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Failure> {
        let Some(given) = some(value) else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == given) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => Err(self.refused(member, given, &one_of(words.iter().map(|(word, _)| *word)))),
        }
    }
}

/// A text that says something.
pub(super) fn some(value: Option<&String>) -> Option<&str> {
    value.map(String::as_str).filter(|text| !text.is_empty())
}

/// Words, for people.
pub(super) fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A new id of 32 hexadecimal digits.
pub(super) fn identifier() -> String {
    format!("{:032x}", RequestId::random().as_u128())
}

/// Whether a trigger is to fire; none when nothing was said.
pub(super) fn status(said: Said<'_>, status: Option<&str>) -> Result<Option<bool>, Failure> {
    let status = status.map(str::to_owned);
    let wanted = said.word("trigger_status", status.as_ref(), &[(ACTIVE, true), (DISABLED, false)])?;
    if wanted.is_some() || said.kind != TriggerKind::EventGrid {
        return Ok(wanted);
    }
    let words = [(ACTIVE, true), (answer::DISABLE, false), (DISABLED, false)];
    said.word("event_data.status", said.data.status.as_ref(), &words)
}

/// What makes the trigger fire, and what else is to be kept.
pub(super) fn source(said: Said<'_>, target: &Target<'_>) -> Result<(Source, Map<String, Value>), Failure> {
    Ok(match said.kind {
        TriggerKind::Timer => (Source::Timer(timer(said, target)?), Map::new()),
        TriggerKind::Apig | TriggerKind::DedicatedGateway | TriggerKind::Apic => gateway::read(said, target)?,
        TriggerKind::Obs => bucket::read(said, BucketFeed::Obs, target.id)?,
        TriggerKind::EventGrid => match bucket::event_grid(said)? {
            Some(feed) => bucket::read(said, feed, target.id)?,
            None => (Source::Elsewhere(elsewhere::read(said, target.id)?), Map::new()),
        },
        TriggerKind::Smn => {
            let rule = "`urn:smn:<region>:<project>:<topic>`";
            let topic_urn = said.text("event_data.topic_urn", said.data.topic_urn.as_ref(), rule)?.to_owned();
            (Source::Topic { topic_urn }, Map::new())
        }
        _ => (Source::Elsewhere(elsewhere::read(said, target.id)?), Map::new()),
    })
}

fn timer(said: Said<'_>, target: &Target<'_>) -> Result<Timer, Failure> {
    let data = said.data;
    let kinds = [("Rate", true), ("Cron", false)];
    let is_rate = said.word("event_data.schedule_type", data.schedule_type.as_ref(), &kinds)?;
    let is_rate = is_rate.ok_or_else(|| said.missing("event_data.schedule_type", "`Rate` or `Cron`"))?;
    let rule = "a rate such as `3m`, or for `Cron` such as `0 30 12 ? * MON-FRI` or `@every 90s`";
    let text = said.text("event_data.schedule", data.schedule.as_ref(), rule)?;
    let timing = if is_rate { Timing::rate(text) } else { Timing::cron(text) };
    let timing = timing.map_err(|invalid| Failure::new(invalid.code(), format!("`event_data.schedule`: {invalid}")))?;
    let name = some(data.name.as_ref()).map_or_else(|| format!("Timer-{}", target.mark()), str::to_owned);
    Ok(Timer { name, timing, user_event: data.user_event.clone().unwrap_or_default() })
}

/// Whether a change leaves what cannot change.
pub(super) fn keeps(before: &Trigger, after: &Trigger) -> Result<(), Failure> {
    match (&before.source, &after.source) {
        (Source::Bucket(before), Source::Bucket(after)) if before.bucket != after.bucket => {
            let said = Said { kind: before_kind(before), data: &TriggerEventData::default() };
            Err(said.refused("event_data.bucket", &after.bucket, "the bucket that it has; create another trigger"))
        }
        _ => Ok(()),
    }
}

fn before_kind(bucket: &fngraph::Bucket) -> TriggerKind {
    Source::Bucket(bucket.clone()).kind()
}

/// What a trigger says of itself, with these changes, each after the one before.
pub(super) fn merged(trigger: &Trigger, changes: &[TriggerEventData]) -> Result<TriggerEventData, Failure> {
    let mut whole = members(&answer::event_data(trigger));
    if let Source::Elsewhere(elsewhere) = &trigger.source {
        whole.extend(elsewhere.secrets.iter().map(|(name, secret)| (name.clone(), Value::from(secret.as_str()))));
    }
    if let Source::Gateway(gateway) = &trigger.source
        && gateway.host.is_empty()
    {
        // It was made up from the group, which may change.
        whole.remove("sl_domain");
    }
    for change in changes {
        let mut change = members(change);
        // These are two names of one thing.
        for (one, other) in [("instance_addrs", "instance_addresses"), ("instance_addresses", "instance_addrs")] {
            if let Some(value) = change.get(one).cloned() {
                change.entry(other).or_insert(value);
            }
        }
        for (name, value) in change {
            match (whole.get_mut(&name), value) {
                // Somebody sends back what was answered.
                (Some(_), Value::String(text)) if SECRETS.contains(&name.as_str()) && text == MASK => {}
                (Some(Value::Object(there)), Value::Object(value)) => there.extend(value),
                (_, value) => drop(whole.insert(name, value)),
            }
        }
    }
    serde_json::from_value(Value::Object(whole)).map_err(|error| {
        let text = format!("the changes of a trigger {} do not fit: {error}", trigger.kind());
        Failure::new(trigger.kind().invalid(), text)
    })
}

/// All members that say something.
pub(super) fn members(data: &TriggerEventData) -> Map<String, Value> {
    match serde_json::to_value(data) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}
