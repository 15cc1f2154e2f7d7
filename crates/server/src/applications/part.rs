//! The parts of applications: how each is made and removed, any number of times.

use super::{Part, PartKind, Record, Step};
use crate::{app::App, failure::Failure, handlers::config, handlers::triggers};
use bytes::Bytes;
use fngraph::{
    Alias, AsyncConfig, CodeType, Delivery, Destination, ErrorCode, Function, FunctionId, NewFunction, Package,
    Publish, Qualifier, RegistryError, Settings, Urn, VersionName,
};
use fngraph_api::{
    config::UpdateFunctionConfigBody,
    metadata::Attributes,
    triggers::{CreateTriggerBody, TriggerEventData},
};
use fngraph_templates::{self as templates, Resource, Template};
use fngraph_types::NameError;
use std::sync::Arc;

/// The package of functions that belongs to everybody.
const PACKAGE: &str = "default";

/// What a resource is to become, before anything is made.
pub(super) fn planned(resource: &Resource) -> Part {
    let (kind, function, name, logical) = match resource {
        Resource::Function { name, settings, .. } => (PartKind::Function, name, name.clone(), settings.suffix.clone()),
        Resource::Alias { function, alias } => {
            (PartKind::Alias, function, alias.name.clone(), format!("{}.{}", alias.function, alias.name))
        }
        Resource::Trigger { function, trigger } => {
            let name = trigger.data.get("name").and_then(|name| name.as_str()).unwrap_or(&trigger.kind).to_owned();
            (PartKind::Trigger(trigger.kind.clone()), function, name, format!("{}.{}", trigger.function, trigger.kind))
        }
    };
    Part {
        kind,
        function: function.clone(),
        name,
        logical,
        id: String::new(),
        step: Step::Pending,
        message: String::new(),
        made_at: None,
    }
}

/// The id of a function of an application.
pub(crate) fn function_id(record: &Record, name: &str) -> FunctionId {
    FunctionId::new(Arc::<str>::from(record.project.as_str()), PACKAGE, name)
}

/// Says when a function is about to be created, so that it is known again. One that is there already is another one.
pub(super) fn announce(app: &App, record: &mut Record, at: usize) -> Result<(), Failure> {
    let id = function_id(record, &record.parts[at].function);
    let part = &mut record.parts[at];
    if part.kind != PartKind::Function {
        return Ok(());
    }
    match app.runtime.registry().function(&id) {
        Some(function) if part.made_at == Some(function.created_at) => {}
        Some(_) => return Err(RegistryError::FunctionExists(id).into()),
        None => part.made_at = Some(app.now()),
    }
    Ok(())
}

/// Makes a part, which [`announce`] was called for. What is there of it already is taken as it is. Answers its id.
pub(super) async fn make(app: &App, record: &Record, at: usize, resource: &Resource) -> Result<String, Failure> {
    let part = &record.parts[at];
    let id = function_id(record, &part.function);
    match resource {
        Resource::Function { template, settings, .. } => {
            make_function(app, record, part, &id, template, settings).await
        }
        Resource::Alias { alias, .. } => make_alias(app, &id, alias).await,
        Resource::Trigger { trigger, .. } => make_trigger(app, record, part, &id, trigger).await,
    }
}

async fn make_function(
    app: &App,
    record: &Record,
    part: &Part,
    id: &FunctionId,
    template: &'static Template,
    wanted: &templates::Function,
) -> Result<String, Failure> {
    if app.runtime.registry().function(id).is_none() {
        let settings = settings(record, template, wanted)?;
        let delivery =
            Delivery { code_type: CodeType::Zip, url: String::new(), filename: format!("{}.zip", template.name) };
        let code = Package { bytes: Bytes::from_static(template.package), delivery };
        let new = NewFunction::new(id.clone(), settings, Bytes::new(), part.made_at.unwrap_or_else(|| app.now()));
        app.runtime.create(NewFunction { code, ..new }).await?;
    }
    if let Some(topic_urn) = &wanted.on_success {
        let mut config = AsyncConfig::new(app.now());
        config.on_success = Some(Destination::Smn { topic_urn: topic_urn.clone() });
        app.runtime.registry().set_async_config(id, &VersionName::latest(), config).await?;
    }
    Ok(urn(app, id, Qualifier::latest()))
}

/// The settings, by the rules of the operation that creates functions.
fn settings(record: &Record, template: &Template, wanted: &templates::Function) -> Result<Settings, Failure> {
    let mut settings = Settings::new(config::handler(wanted.handler.as_deref().unwrap_or(template.handler))?);
    settings.runtime = template.runtime.parse().map_err(RegistryError::from)?;
    let user_data = if wanted.user_data.is_empty() {
        template.user_data.to_owned()
    } else {
        serde_json::to_string(&wanted.user_data).unwrap_or_default()
    };
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let change = UpdateFunctionConfigBody {
        timeout: Some(wanted.timeout.unwrap_or(template.timeout).into()),
        memory_size: Some(wanted.memory.unwrap_or(template.memory).into()),
        user_data: text(&user_data),
        description: text(&wanted.description),
        initializer_handler: text(template.initializer),
        pre_stop_handler: text(template.pre_stop),
        attributes: Attributes {
            xrole: record.agency.clone(),
            enterprise_project_id: record.enterprise_project.clone(),
            ..Attributes::default()
        },
        ..UpdateFunctionConfigBody::default()
    };
    config::apply(change, &mut settings)?;
    Ok(settings)
}

async fn make_alias(app: &App, id: &FunctionId, wanted: &templates::Alias) -> Result<String, Failure> {
    let registry = app.runtime.registry();
    let version: VersionName = wanted.version.parse().map_err(|error: NameError| Failure::from(error))?;
    let alias = Alias::new(wanted.name.parse().map_err(|error: NameError| Failure::from(error))?, version, app.now());
    let publish = Publish { version: Some(alias.version.clone()), ..Publish::default() };
    match registry.publish(id, publish, app.now()).await {
        Ok(_) | Err(RegistryError::VersionExists { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    match registry.create_alias(id, alias.clone()).await {
        Ok(()) | Err(RegistryError::AliasExists { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(urn(app, id, Qualifier::Alias(alias.name)))
}

async fn make_trigger(
    app: &App,
    record: &Record,
    part: &Part,
    id: &FunctionId,
    wanted: &templates::Trigger,
) -> Result<String, Failure> {
    let function = app.runtime.registry().function(id);
    let function = function.ok_or_else(|| RegistryError::FunctionNotFound(id.clone()))?;
    if let Some(there) = begun(&function, record, part) {
        return Ok(there);
    }
    let qualifier = match &wanted.alias {
        None => Qualifier::latest(),
        Some(alias) => Qualifier::Alias(alias.parse().map_err(|error: NameError| Failure::from(error))?),
    };
    let malformed = |error: serde_json::Error| {
        let text = format!("the data of the trigger `{}` cannot be read: {error}", part.logical);
        Failure::new(ErrorCode::InvalidParameter, text)
    };
    let data = serde_json::to_value(&wanted.data).and_then(serde_json::from_value::<TriggerEventData>);
    let body = CreateTriggerBody {
        trigger_type_code: wanted.kind.clone(),
        event_data: data.map_err(malformed)?,
        ..CreateTriggerBody::default()
    };
    let urn = Urn { region: Arc::clone(&app.runtime.scope().region), function: id.clone(), qualifier: Some(qualifier) };
    Ok(triggers::add(app, &urn, &body).await?.trigger_id)
}

/// The id of a trigger that was made before the process died and could note it: one of this type that no part knows.
fn begun(function: &Function, record: &Record, part: &Part) -> Option<String> {
    let PartKind::Trigger(kind) = &part.kind else { return None };
    let unknown = |id: &str| record.parts.iter().all(|part| part.id != id);
    let mut triggers = function.triggers.iter();
    let there = triggers.find(|trigger| trigger.kind().as_str() == kind && unknown(&trigger.id))?;
    Some(there.id.clone())
}

/// Removes a part if it is there and the application's.
pub(super) async fn unmake(app: &App, record: &Record, at: usize) -> Result<(), Failure> {
    let part = &record.parts[at];
    let id = function_id(record, &part.function);
    let registry = app.runtime.registry();
    let removed = match &part.kind {
        PartKind::Function => match registry.function(&id) {
            Some(function) if part.made_at == Some(function.created_at) => registry.delete(&id).await,
            // It is gone, or somebody made another one of its name.
            Some(_) | None => Ok(()),
        },
        // It goes with its function, and calls go to it until then.
        PartKind::Alias => Ok(()),
        PartKind::Trigger(_) => registry.delete_trigger(&id, &part.id).await,
    };
    match removed {
        Ok(()) | Err(RegistryError::FunctionNotFound(_) | RegistryError::TriggerNotFound { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn urn(app: &App, id: &FunctionId, qualifier: Qualifier) -> String {
    Urn { region: Arc::clone(&app.runtime.scope().region), function: id.clone(), qualifier: Some(qualifier) }
        .to_string()
}
