//! Triggers (manual, 7.13).
//!
//! [`read`] makes of what was said what the registry keeps, [`answer`] the other way round; [`gateway`], [`bucket`] and
//! [`elsewhere`] do so for the kinds of which there is much to say. A change is read as a whole trigger: what is there,
//! written down, with the changed members replaced.

mod answer;
mod bucket;
mod elsewhere;
mod gateway;
mod read;

use crate::{app::App, call::Call, failure::Failure};
use fngraph::{
    ErrorCode, Function, FunctionId, Qualifier, RegistryError, RequestId, Source, Trigger, TriggerKind, Urn,
};
use fngraph_api::{
    Empty, Json, Operation,
    triggers::{
        BatchDeleteFunctionTriggers, CreateFunctionTrigger, CreateTriggerBody, DeleteFunctionTrigger, FunctionTrigger,
        ListFunctionTriggers, ShowFunctionTrigger, TriggerPath, UpdateTrigger, UpdateTriggerBody,
    },
};
use read::{Said, Target};

/// Deletes the triggers of a published version or of an alias, or all of the function.
pub(crate) async fn delete_all(call: Call<BatchDeleteFunctionTriggers>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    call.app.runtime.registry().delete_triggers(&urn.function, only(&urn).cloned()).await?;
    Ok(Empty {})
}

/// Lists the triggers of a published version or of an alias, or all of the function, in the order of their creation.
pub(crate) async fn list(call: Call<ListFunctionTriggers>) -> Result<Json<Vec<FunctionTrigger>>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let only = only(&urn);
    if let Some(qualifier) = only {
        require(&function, qualifier)?;
    }
    let triggers = function.triggers.iter().filter(|trigger| only.is_none_or(|only| trigger.qualifier == *only));
    Ok(Json(triggers.map(|trigger| answer::trigger(&call.app, &function, trigger)).collect()))
}

/// Creates a trigger of a version or an alias.
pub(crate) async fn create(call: Call<CreateFunctionTrigger>) -> Result<Json<FunctionTrigger>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    add(&call.app, &urn, &call.body.0).await.map(Json)
}

/// Deletes a trigger.
pub(crate) async fn delete(call: Call<DeleteFunctionTrigger>) -> Result<Empty, Failure> {
    let (function, trigger) = find(&call, &call.path)?;
    call.app.runtime.registry().delete_trigger(&function, &trigger.id).await?;
    Ok(Empty {})
}

/// Answers one trigger.
pub(crate) async fn show(call: Call<ShowFunctionTrigger>) -> Result<Json<FunctionTrigger>, Failure> {
    let (function, trigger) = find(&call, &call.path)?;
    told(&call.app, &function, &trigger).map(Json)
}

/// Changes a trigger.
pub(crate) async fn update(call: Call<UpdateTrigger>) -> Result<Json<FunctionTrigger>, Failure> {
    let (function, before) = find(&call, &call.path)?;
    let after = changed(&call.app, &function, &before, &call.body.0)?;
    if after == before {
        return told(&call.app, &function, &before).map(Json);
    }
    let changed = match &call.app.options.triggers {
        Some(triggers) => {
            let (id, whole) = (before.id.clone(), function.clone());
            let replace = move |trigger: &mut Trigger| Ok(replace(&whole, trigger, &before, after)?);
            triggers.update(&function, &id, replace).await?
        }
        None => {
            may_rest(&after)?;
            let (id, whole) = (before.id.clone(), function.clone());
            let replace = move |trigger: &mut Trigger| replace(&whole, trigger, &before, after);
            call.app.runtime.registry().update_trigger(&function, &id, replace).await?
        }
    };
    told(&call.app, &function, &changed).map(Json)
}

/// Creates a trigger, and answers it.
pub(crate) async fn add(app: &App, urn: &Urn, body: &CreateTriggerBody) -> Result<FunctionTrigger, Failure> {
    let not_found = || RegistryError::FunctionNotFound(urn.function.clone());
    app.runtime.registry().function(&urn.function).ok_or_else(not_found)?;
    let kind = kind(&body.trigger_type_code, ErrorCode::InvalidTriggerType)?;
    let now = app.now();
    let id = RequestId::random().to_string();
    let qualifier = urn.qualifier.clone().unwrap_or_else(Qualifier::latest);
    let api_id = read::identifier();
    let target = Target { app, function: &urn.function, qualifier: &qualifier, id: &id, api_id: &api_id };
    let said = Said::new(kind, &body.event_data)?;
    let (source, details) = read::source(said, &target)?;
    let wanted = read::status(said, body.trigger_status.as_deref())?;
    let is_active = wanted.unwrap_or(!matches!(source, Source::Elsewhere(_)));
    let trigger = Trigger { qualifier, is_active, details, ..Trigger::new(id, source, now) };
    match &app.options.triggers {
        Some(triggers) => triggers.create(&urn.function, trigger.clone()).await?,
        None => {
            trigger.validate().map_err(RegistryError::from)?;
            may_rest(&trigger)?;
            app.runtime.registry().create_trigger(&urn.function, trigger.clone()).await?;
        }
    }
    told(app, &urn.function, &trigger)
}

/// What a trigger is to be.
fn changed(app: &App, function: &FunctionId, before: &Trigger, body: &UpdateTriggerBody) -> Result<Trigger, Failure> {
    let (kind, mut after) = (before.kind(), before.clone());
    let mut wanted = None;
    if !body.event_data.is_empty() {
        let data = read::merged(before, &body.event_data)?;
        let said = Said::new(kind, &data)?;
        let api_id = data.api_id.clone().unwrap_or_default();
        let target = Target { app, function, qualifier: &before.qualifier, id: &before.id, api_id: &api_id };
        (after.source, after.details) = read::source(said, &target)?;
        read::keeps(before, &after)?;
        // What the trigger says of its own status counts only when it is said now.
        for change in &body.event_data {
            wanted = read::status(Said::new(kind, change)?, None)?.or(wanted);
        }
    }
    let nothing = fngraph_api::triggers::TriggerEventData::default();
    wanted = read::status(Said::new(kind, &nothing)?, body.trigger_status.as_deref())?.or(wanted);
    after.is_active = wanted.unwrap_or(before.is_active);
    if after == *before {
        return Ok(after);
    }
    after.modified_at = app.now();
    if after.source != before.source || (after.is_active && !before.is_active) {
        after.active_since = after.modified_at;
    }
    Ok(after)
}

/// Replaces a trigger by what was made of it, unless somebody else changed it meanwhile.
fn replace(function: &FunctionId, now: &mut Trigger, before: &Trigger, after: Trigger) -> Result<(), RegistryError> {
    if now != before {
        return Err(RegistryError::Changed(function.clone()));
    }
    *now = after;
    Ok(())
}

/// Where nobody follows triggers, only those may be that do not fire.
pub(super) fn may_rest(trigger: &Trigger) -> Result<(), Failure> {
    if !trigger.is_active {
        return Ok(());
    }
    let text = format!("triggers of the kind {} cannot fire: this server follows no triggers", trigger.kind());
    Err(Failure::new(ErrorCode::TriggerUnavailable, text))
}

/// The trigger that a path names, and its function.
fn find<O: Operation>(call: &Call<O>, path: &TriggerPath) -> Result<(FunctionId, Trigger), Failure> {
    let urn = call.urn(&path.function_urn)?;
    let function = call.function(&urn)?;
    let kind = kind(&path.trigger_type_code, ErrorCode::TriggerTypeNotFound)?;
    let only = only(&urn);
    let found = function
        .trigger(&path.trigger_id)
        .filter(|trigger| trigger.kind() == kind && only.is_none_or(|only| trigger.qualifier == *only));
    let trigger = found.ok_or_else(|| {
        let id: String = path.trigger_id.chars().take(80).collect();
        let text = format!("the function `{}` has no trigger `{id}` of the type {kind} there", urn.function);
        Failure::new(kind.not_found(), text)
    })?;
    Ok((urn.function, trigger.clone()))
}

/// The answer for a trigger. What belongs to the function is told as it is now.
pub(crate) fn told(app: &App, id: &FunctionId, trigger: &Trigger) -> Result<FunctionTrigger, Failure> {
    let function = app.runtime.registry().function(id);
    let function = function.ok_or_else(|| RegistryError::FunctionNotFound(id.clone()))?;
    Ok(answer::trigger(app, &function, trigger))
}

/// The version or alias to which a URN keeps; `latest` stands for the whole function (manual, 7.13.1).
fn only(urn: &Urn) -> Option<&Qualifier> {
    urn.qualifier.as_ref().filter(|qualifier| **qualifier != Qualifier::latest())
}

fn require(function: &Function, qualifier: &Qualifier) -> Result<(), RegistryError> {
    let id = || function.id.clone();
    match qualifier {
        Qualifier::Version(name) if function.version(name).is_none() => {
            Err(RegistryError::VersionNotFound { function: id(), version: name.clone() })
        }
        Qualifier::Alias(name) if function.alias(name).is_none() => {
            Err(RegistryError::AliasNotFound { function: id(), alias: name.clone() })
        }
        Qualifier::Version(_) | Qualifier::Alias(_) => Ok(()),
    }
}

/// The kind that is written so, or a failure with this code.
fn kind(text: &str, code: ErrorCode) -> Result<TriggerKind, Failure> {
    TriggerKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
        let given: String = text.chars().take(80).collect();
        let all: Vec<_> = TriggerKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Failure::new(code, format!("`{given}` is no type of triggers; allowed: {}", all.join(", ")))
    })
}
