//! A trigger as the API has it.

use super::{bucket, elsewhere, gateway};
use crate::app::App;
use fngraph::{Function, Source, Timing, Trigger, TriggerKind, Urn};
use fngraph_api::{
    time,
    triggers::{ACTIVE, DISABLED, FunctionTrigger, MASK, TriggerEventData},
};
use serde_json::Value;
use std::sync::Arc;

/// What the event grid calls a trigger that does not fire.
pub(super) const DISABLE: &str = "DISABLE";

/// The trigger of a function.
pub(super) fn trigger(app: &App, function: &Function, trigger: &Trigger) -> FunctionTrigger {
    let mut data = event_data(trigger);
    if let Source::Gateway(_) = trigger.source {
        let region = Arc::clone(&app.runtime.scope().region);
        let urn = Urn { region, function: function.id.clone(), qualifier: None };
        if let Some(info) = &mut data.func_info {
            info.function_urn = Some(urn.to_string());
            info.version = Some(trigger.qualifier.to_string());
        }
        let triggers = app.options.triggers.as_ref();
        let url = triggers.and_then(|it| it.routes().invoke_url(it.gateway_url()?, function, trigger));
        data.invoke_url = url;
    }
    if let Source::Elsewhere(elsewhere) = &trigger.source {
        for name in elsewhere.secrets.keys() {
            let place = match name.as_str() {
                "db_password" => &mut data.db_password,
                "kafka_password" => &mut data.kafka_password,
                _ => &mut data.access_password,
            };
            *place = Some(MASK.to_owned());
        }
    }
    if trigger.kind() == TriggerKind::EventGrid {
        data.status = Some(if trigger.is_active { ACTIVE } else { DISABLE }.to_owned());
        data.created_time = Some(time::format(trigger.created_at));
    }
    FunctionTrigger {
        trigger_id: trigger.id.clone(),
        trigger_type_code: trigger.kind().to_string(),
        trigger_status: if trigger.is_active { ACTIVE } else { DISABLED }.to_owned(),
        event_data: data,
        last_updated_time: time::format(trigger.modified_at),
        created_time: time::format(trigger.created_at),
    }
}

/// How a trigger is set up, without secrets: what it would have to be created with.
pub(super) fn event_data(trigger: &Trigger) -> TriggerEventData {
    let mut data = match &trigger.source {
        Source::Timer(timer) => TriggerEventData {
            name: Some(timer.name.clone()),
            schedule_type: Some(
                match timer.timing {
                    Timing::Rate(_) => "Rate",
                    Timing::Cron(_) => "Cron",
                }
                .to_owned(),
            ),
            schedule: Some(timer.timing.text()),
            user_event: said(&timer.user_event),
            ..TriggerEventData::default()
        },
        Source::Gateway(gateway) => gateway::event_data(gateway, &trigger.id),
        Source::Bucket(bucket) => bucket::event_data(bucket, &trigger.details),
        Source::Topic { topic_urn } => {
            TriggerEventData { topic_urn: Some(topic_urn.clone()), ..TriggerEventData::default() }
        }
        // The settings were such data when they were read.
        Source::Elsewhere(elsewhere) => {
            serde_json::from_value(Value::Object(elsewhere::settings(elsewhere))).unwrap_or_default()
        }
        _ => TriggerEventData::default(),
    };
    data.roma_app_id = match trigger.details.get("roma_app_id") {
        Some(Value::String(id)) => Some(id.clone()),
        Some(_) | None => data.roma_app_id,
    };
    data
}

/// A text that says something.
pub(super) fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
