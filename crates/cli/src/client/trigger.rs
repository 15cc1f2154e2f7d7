//! `fngraph trigger`: what calls functions by itself.

use super::{call::Client, name::FunctionName, open, refusal::CallError, table::Table};
use crate::{
    args::{CreateTriggerArgs, Format, TriggerArgs, TriggerCommand, TriggersArgs},
    config::Config,
    exit::{Exit, Failure},
};
use fngraph_api::{
    Empty, Json,
    triggers::{
        ACTIVE, CreateFunctionTrigger, CreateTriggerBody, DISABLED, DeleteFunctionTrigger, FunctionTrigger,
        ListFunctionTriggers, TriggerEventData, TriggerPath, UpdateTrigger, UpdateTriggerBody,
    },
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What `--output json` prints of several.
#[derive(Debug, Serialize)]
struct Document {
    triggers: Vec<FunctionTrigger>,
}

/// What `--output json` prints of one that is gone.
#[derive(Debug, Serialize)]
struct Deleted<'a> {
    deleted: &'a str,
}

/// How long a gateway waits for a function when nobody says it, in milliseconds.
const GATEWAY_TIMEOUT: i64 = 5000;

/// Lists, creates, deletes, enables or disables.
pub(super) fn trigger(command: &TriggerCommand, config: &Config) -> Result<(), Failure> {
    match command {
        TriggerCommand::List(arguments) => list(arguments, config),
        TriggerCommand::Create(arguments) => create(arguments, config),
        TriggerCommand::Delete(arguments) => delete(arguments, config),
        TriggerCommand::Enable(arguments) => switch(arguments, ACTIVE, config),
        TriggerCommand::Disable(arguments) => switch(arguments, DISABLED, config),
    }
}

fn list(arguments: &TriggersArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let function = &arguments.function;
    let triggers = all(&client, function)?;
    match arguments.server.output {
        Format::Json => config.output.json(&Document { triggers })?,
        Format::Text if triggers.is_empty() => {
            let hint = format!("`fngraph trigger create {function} TIMER schedule=3m` makes one");
            config.output.note(format_args!("{function} has no triggers; {hint}"));
        }
        Format::Text => config.output.data(text(&triggers).as_bytes())?,
    }
    Ok(())
}

fn create(arguments: &CreateTriggerArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let CreateTriggerArgs { function, kind, members, disabled, server } = arguments;
    let mut data = Map::new();
    members.iter().for_each(|member| member.put(&mut data));
    complete(kind, &mut data);
    let event_data: TriggerEventData = serde_json::from_value(Value::Object(data)).map_err(|error| {
        Failure::text(Exit::Usage, format!("the members of the trigger do not fit: {error}"))
            .hint("`fngraph trigger create --help` shows some")
    })?;
    let body = CreateTriggerBody {
        trigger_type_code: kind.clone(),
        trigger_status: disabled.then(|| DISABLED.to_owned()),
        event_data,
        ..CreateTriggerBody::default()
    };
    let Json(created) = client.call::<CreateFunctionTrigger>(&client.function(function), &Empty {}, Json(body))?;
    config.output.note(format_args!("created {}", told(function, &created)));
    if created.trigger_status == DISABLED && !*disabled {
        config.output.note(format_args!("it is DISABLED: it fires when it is enabled, if the server can do that"));
    }
    match (server.output, &created.event_data.invoke_url) {
        (Format::Json, _) => config.output.json(&created)?,
        (Format::Text, Some(url)) => config.output.line(url)?,
        (Format::Text, None) => config.output.line(&created.trigger_id)?,
    }
    Ok(())
}

fn delete(arguments: &TriggerArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let function = &arguments.function;
    let found = find(&client, function, &arguments.trigger)?;
    client.call::<DeleteFunctionTrigger>(&path(&client, function, &found), &Empty {}, Empty {})?;
    if arguments.server.output == Format::Json {
        config.output.json(&Deleted { deleted: &found.trigger_id })?;
    }
    config.output.note(format_args!("deleted {}", told(function, &found)));
    Ok(())
}

fn switch(arguments: &TriggerArgs, status: &str, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let function = &arguments.function;
    let found = find(&client, function, &arguments.trigger)?;
    let body = UpdateTriggerBody { trigger_status: Some(status.to_owned()), event_data: Vec::new() };
    let Json(changed) = client.call::<UpdateTrigger>(&path(&client, function, &found), &Empty {}, Json(body))?;
    if arguments.server.output == Format::Json {
        config.output.json(&changed)?;
    }
    config.output.note(format_args!("{} is {}", told(function, &changed), changed.trigger_status));
    Ok(())
}

/// What people need not say: whether a schedule is a rate, and how long a gateway waits.
fn complete(kind: &str, data: &mut Map<String, Value>) {
    match kind {
        "TIMER" if !data.contains_key("schedule_type") => {
            let schedule = data.get("schedule").and_then(Value::as_str).unwrap_or_default();
            let number = schedule.strip_suffix(['m', 'h', 'd']).unwrap_or_default();
            let is_rate = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            data.insert("schedule_type".to_owned(), if is_rate { "Rate" } else { "Cron" }.into());
        }
        "APIG" | "DEDICATEDGATEWAY" | "APIC" => {
            let info = data.entry("func_info").or_insert_with(|| json!({}));
            if let Value::Object(info) = info {
                info.entry("timeout").or_insert_with(|| GATEWAY_TIMEOUT.into());
            }
        }
        _ => {}
    }
}

fn all(client: &Client, function: &FunctionName) -> Result<Vec<FunctionTrigger>, CallError> {
    let Json(triggers) = client.call::<ListFunctionTriggers>(&client.function(function), &Empty {}, Empty {})?;
    Ok(triggers)
}

/// The one trigger with this id, beginning of an id, or name.
fn find(client: &Client, function: &FunctionName, wanted: &str) -> Result<FunctionTrigger, Failure> {
    let mut found = all(client, function)?;
    if found.iter().any(|trigger| trigger.trigger_id == wanted) {
        found.retain(|trigger| trigger.trigger_id == wanted);
    } else {
        found.retain(|trigger| trigger.trigger_id.starts_with(wanted) || name(trigger) == wanted);
    }
    let list = format!("`fngraph trigger list {function}` lists them");
    match found.len() {
        0 => Err(Failure::text(Exit::NotFound, format!("{function} has no trigger `{wanted}`")).hint(list)),
        1 => Ok(found.remove(0)),
        count => Err(Failure::text(Exit::Usage, format!("`{wanted}` names {count} triggers of {function}")).hint(list)),
    }
}

fn path(client: &Client, function: &FunctionName, trigger: &FunctionTrigger) -> TriggerPath {
    let path = client.function(function);
    TriggerPath {
        project_id: path.project_id,
        function_urn: path.function_urn,
        trigger_type_code: trigger.trigger_type_code.clone(),
        trigger_id: trigger.trigger_id.clone(),
    }
}

/// A trigger, for people.
fn told(function: &FunctionName, trigger: &FunctionTrigger) -> String {
    format!("the trigger {} {} of {function}", trigger.trigger_type_code, name(trigger))
}

fn name(trigger: &FunctionTrigger) -> &str {
    let data = &trigger.event_data;
    data.trigger_name.as_ref().or(data.name.as_ref()).unwrap_or(&trigger.trigger_id)
}

/// What makes it fire.
fn source(data: &TriggerEventData) -> String {
    let list = |texts: &Option<Vec<String>>| texts.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    if let Some(schedule) = &data.schedule {
        return schedule.clone();
    }
    if let Some(path) = &data.path {
        let method = data.req_method.as_deref().unwrap_or("ANY");
        return format!("{method} {}", data.invoke_url.as_ref().unwrap_or(path));
    }
    if let Some(bucket) = &data.bucket {
        let (events, types) = (list(&data.events), list(&data.event_types));
        return format!("{bucket}: {events}{types}");
    }
    let subjects = [&data.topic_urn, &data.stream_name, &data.queue_id, &data.log_topic_id, &data.instance_id];
    subjects.into_iter().flatten().next().cloned().unwrap_or_else(|| list(&data.operations))
}

fn text(triggers: &[FunctionTrigger]) -> String {
    let mut table = Table::new(["ID", "TYPE", "NAME", "STATUS", "FIRES AT"]);
    for trigger in triggers {
        let shown = name(trigger);
        let shown = if shown == trigger.trigger_id { "" } else { shown };
        let (id, kind, status) = (&trigger.trigger_id, &trigger.trigger_type_code, &trigger.trigger_status);
        table.row([id.clone(), kind.clone(), shown.to_owned(), status.clone(), source(&trigger.event_data)]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(id: &str, kind: &str, data: Value) -> FunctionTrigger {
        FunctionTrigger {
            trigger_id: id.to_owned(),
            trigger_type_code: kind.to_owned(),
            trigger_status: ACTIVE.to_owned(),
            event_data: serde_json::from_value(data).unwrap(),
            last_updated_time: String::new(),
            created_time: String::new(),
        }
    }

    #[test]
    fn the_list_says_what_makes_triggers_fire() {
        let triggers = [
            trigger("1", "TIMER", json!({"name": "often", "schedule": "3m"})),
            trigger(
                "2",
                "APIG",
                json!({"name": "API_f", "path": "/f", "req_method": "GET", "invoke_url": "http://h/f"}),
            ),
            trigger("3", "OBS", json!({"name": "3", "bucket": "pictures", "events": ["Put", "Copy"]})),
            trigger("4", "SMN", json!({"topic_urn": "urn:smn:local:p1:orders"})),
        ];
        insta::assert_snapshot!(text(&triggers), @r"
        ID  TYPE   NAME   STATUS  FIRES AT
        1   TIMER  often  ACTIVE  3m
        2   APIG   API_f  ACTIVE  GET http://h/f
        3   OBS           ACTIVE  pictures: Put, Copy
        4   SMN           ACTIVE  urn:smn:local:p1:orders
        ");
    }

    #[test]
    fn what_need_not_be_said_is_completed() {
        for (kind, said, added) in [
            ("TIMER", json!({"schedule": "3m"}), json!({"schedule": "3m", "schedule_type": "Rate"})),
            ("TIMER", json!({"schedule": "@every 3m"}), json!({"schedule": "@every 3m", "schedule_type": "Cron"})),
            ("TIMER", json!({"schedule": "m"}), json!({"schedule": "m", "schedule_type": "Cron"})),
            ("TIMER", json!({"schedule_type": "Rate"}), json!({"schedule_type": "Rate"})),
            ("APIG", json!({"path": "/"}), json!({"path": "/", "func_info": {"timeout": 5000}})),
            (
                "APIG",
                json!({"auth": "IAM", "func_info": {"timeout": 1}}),
                json!({"auth": "IAM", "func_info": {"timeout": 1}}),
            ),
            ("SMN", json!({}), json!({})),
        ] {
            let Value::Object(mut data) = said else { panic!("{said}") };
            complete(kind, &mut data);
            assert_eq!(Value::Object(data), added);
        }
    }
}
