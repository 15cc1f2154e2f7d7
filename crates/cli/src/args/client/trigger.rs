//! `fngraph trigger`.

use super::RemoteArgs;
use crate::client::FunctionName;
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use std::str::FromStr;

/// What to do with triggers.
#[derive(Debug, Subcommand)]
pub(crate) enum TriggerCommand {
    /// List the triggers of a function, or of one version or alias
    List(TriggersArgs),
    /// Create a trigger
    ///
    /// What it is set up with are the members of the API's `event_data`. Its id goes to standard output; where a
    /// gateway's API is called, its address does.
    #[command(after_help = "\
Examples:
  fngraph trigger create greeter TIMER schedule=3m
  fngraph trigger create greeter TIMER name=noon 'schedule=CRON_TZ=Europe/Berlin 0 0 12 ? * MON-FRI' user_event=tea
  fngraph trigger create greeter@prod APIG path=/greet auth=NONE func_info.timeout=3000
  fngraph trigger create thumbs OBS bucket=pictures 'events=[\"ObjectCreated\"]' suffix=.png
  fngraph trigger create orders SMN topic_urn=urn:smn:local:local:orders")]
    Create(CreateTriggerArgs),
    /// Delete a trigger
    Delete(TriggerArgs),
    /// Let a trigger fire
    Enable(TriggerArgs),
    /// Keep a trigger, but do not let it fire
    Disable(TriggerArgs),
}

/// Options of `fngraph trigger list`.
#[derive(Debug, Args)]
pub(crate) struct TriggersArgs {
    /// The function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph trigger create`.
#[derive(Debug, Args)]
pub(crate) struct CreateTriggerArgs {
    /// What it calls: the function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// TIMER, APIG, OBS, SMN, EVENTGRID, or another of the API's types
    #[arg(value_name = "TYPE")]
    pub(crate) kind: String,
    /// What it is set up with: a text, or JSON where that is a number, a list or the like
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) members: Vec<Member>,
    /// Keep it, but do not let it fire
    #[arg(long)]
    pub(crate) disabled: bool,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of what is done with one trigger.
#[derive(Debug, Args)]
pub(crate) struct TriggerArgs {
    /// The function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// The trigger's id, the beginning of it, or its name
    #[arg(value_name = "TRIGGER")]
    pub(crate) trigger: String,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// A member of `event_data`; a dot leads into an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    path: Vec<String>,
    value: Value,
}

impl Member {
    /// Puts it where it belongs.
    pub(crate) fn put(&self, members: &mut Map<String, Value>) {
        let Some((name, objects)) = self.path.split_last() else { return };
        let mut members = members;
        for object in objects {
            let inner = members.entry(object).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            match inner {
                Value::Object(inner) => members = inner,
                _ => return,
            }
        }
        members.insert(name.clone(), self.value.clone());
    }
}

/// The members that are texts even when they could be read as something else.
const TEXTS: [&str; 2] = ["user_event", "is_serial"];

impl FromStr for Member {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "write KEY=VALUE, such as schedule=3m".to_owned();
        let (name, value) = text.split_once('=').ok_or_else(refused)?;
        let path: Vec<_> = name.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            return Err(refused());
        }
        let json = serde_json::from_str(value).ok().filter(|_| !TEXTS.contains(&name));
        Ok(Self { path, value: json.unwrap_or_else(|| value.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_texts_or_json_and_dots_lead_into_objects() {
        let words = [
            "schedule=3m",
            "batch_size=7",
            "events=[\"Put\"]",
            "func_info.timeout=9",
            "func_info.version=v1",
            "user_event={\"a\":1}",
            "name=a=b",
            "suffix=",
        ];
        let mut members = Map::new();
        for word in words {
            word.parse::<Member>().unwrap().put(&mut members);
        }
        let expected = json!({"schedule": "3m", "batch_size": 7, "events": ["Put"],
            "func_info": {"timeout": 9, "version": "v1"}, "user_event": "{\"a\":1}", "name": "a=b", "suffix": ""});
        assert_eq!(Value::Object(members), expected);
        for text in ["schedule", "=3m", "a..b=1", ".a=1"] {
            assert!(text.parse::<Member>().is_err(), "{text}");
        }
    }
}
