//! The configuration of functions (manual, 7.6.6 to 7.6.8).

use super::{dependencies, metadata};
use crate::{call::Call, failure::Failure};
use fngraph::{ErrorCode, Handler, MaxInstances, Memory, Network, RegistryError, Scaling, Settings};
use fngraph_api::{
    Json,
    config::{ShowFunctionConfig, UpdateFunctionConfig, UpdateFunctionConfigBody, UpdateFunctionMaxInstanceConfig},
    metadata::{Attributes, FunctionMetadata, MountConfig, StrategyConfig},
};
use fngraph_types::ParseHandlerError;
use serde_json::Value;
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

/// The cloud's ranges, in seconds. Embedders may have less, the API's callers not.
const TIMEOUT: RangeInclusive<i64> = 3..=259_200;
const INITIALIZER_TIMEOUT: RangeInclusive<i64> = 1..=300;
const PRE_STOP_TIMEOUT: RangeInclusive<i64> = 1..=90;

/// The most file systems that a function mounts.
const MOUNTS: usize = 5;

/// Answers the metadata of a version.
pub(crate) async fn show(call: Call<ShowFunctionConfig>) -> Result<Json<FunctionMetadata>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    Ok(Json(metadata::of(&call.app, &function, metadata::version(&function, &urn)?)))
}

/// Configures `latest` anew: settings and scaling in one change.
pub(crate) async fn update(call: Call<UpdateFunctionConfig>) -> Result<Json<FunctionMetadata>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = metadata::version(&function, &urn)?;
    let Call { app, project, body: Json(mut body), .. } = call;
    if body.func_name.as_deref().is_some_and(|name| *name != *function.id.name) {
        return Err(Failure::new(ErrorCode::InvalidName, "a function keeps its name; create another one"));
    }
    let runtime = version.settings.runtime.to_string();
    if body.runtime.as_ref().is_some_and(|given| *given != runtime) {
        let text = format!("the function keeps its runtime, `{runtime}`; create another one");
        return Err(Failure::new(ErrorCode::InvalidRuntime, text));
    }
    let used = dependencies::resolve(&app, &project, body.depend_version_list.take(), body.depend_list.take())?;
    let edit = |settings: &mut Settings, scaling: &mut Scaling| {
        if let Some(used) = &used {
            settings.dependencies.clone_from(used);
        }
        if let Some(strategy) = &body.strategy_config {
            *scaling = scaled(strategy, *scaling)?;
        }
        apply(body.clone(), settings)
    };
    let configured = app.runtime.configure(&metadata::urn(&app, &function, version), edit).await?;
    // Reservations and the like may have changed meanwhile; the function may even be gone.
    let function = app.runtime.registry().function(&function.id).unwrap_or(function);
    Ok(Json(metadata::of(&app, &function, &configured)))
}

/// Changes how many instances a version may have.
pub(crate) async fn scale(call: Call<UpdateFunctionMaxInstanceConfig>) -> Result<Json<FunctionMetadata>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = metadata::version(&function, &urn)?;
    let Call { app, body: Json(body), .. } = call;
    let strategy = StrategyConfig { concurrency: body.max_instance_num, concurrent_num: None };
    let scaling = scaled(&strategy, version.scaling)?;
    let version = app.runtime.registry().update_scaling(&function.id, &version.name, scaling, app.now()).await?;
    Ok(Json(metadata::of(&app, &function, &version)))
}

/// Reads what runs.
pub(crate) fn handler(text: &str) -> Result<Handler, Failure> {
    let refused = |error: ParseHandlerError| Failure::new(ErrorCode::InvalidHandler, error.to_string());
    text.parse().map_err(refused)
}

/// Changes settings as a request says. Where it says nothing they stay.
pub(crate) fn apply(change: UpdateFunctionConfigBody, settings: &mut Settings) -> Result<(), Failure> {
    if let Some(text) = change.handler {
        settings.handler = handler(&text)?;
    }
    if let Some(given) = change.timeout {
        settings.timeout = seconds(given, &TIMEOUT, ErrorCode::InvalidTimeout, "timeout")?;
    }
    if let Some(given) = change.memory_size {
        settings.memory = memory(given)?;
    }
    if let Some(text) = change.user_data {
        settings.user_data = pairs("user_data", &text)?;
    }
    if let Some(text) = change.encrypted_user_data {
        let mut secrets = pairs("encrypted_user_data", &text)?;
        for (key, value) in secrets.iter_mut().filter(|(_, value)| value.is_empty()) {
            if let Some(known) = settings.encrypted_user_data.get(key) {
                value.clone_from(known);
            }
        }
        settings.encrypted_user_data = secrets.into();
    }
    if let Some(text) = change.description {
        settings.description = text;
    }
    if let Some(text) = change.initializer_handler {
        settings.initializer = entry(&text, ErrorCode::InvalidInitializer, "initializer_handler")?;
    }
    if let Some(given) = change.initializer_timeout {
        let code = ErrorCode::InvalidInitializerTimeout;
        settings.initializer_timeout = seconds(given, &INITIALIZER_TIMEOUT, code, "initializer_timeout")?;
    }
    if let Some(text) = change.pre_stop_handler {
        settings.pre_stop = entry(&text, ErrorCode::InvalidParameter, "pre_stop_handler")?;
    }
    if let Some(given) = change.pre_stop_timeout {
        let code = ErrorCode::InvalidParameter;
        settings.pre_stop_timeout = seconds(given, &PRE_STOP_TIMEOUT, code, "pre_stop_timeout")?;
    }
    if let Some(given) = change.ephemeral_storage {
        settings.tmp_bytes = match given {
            512 => 512 << 20,
            10_240 => 10_240 << 20,
            _ => {
                let text = format!("`ephemeral_storage` is {given}; it is 512 or 10240 (MiB)");
                return Err(Failure::new(ErrorCode::InvalidParameter, text));
            }
        };
    }
    if let Some(given) = change.enable_dynamic_memory {
        settings.dynamic_memory = given;
    }
    attribute(change.attributes, settings)
}

/// Stores what only is stored, by the API's names, and does what acts of it.
fn attribute(attributes: Attributes, settings: &mut Settings) -> Result<(), Failure> {
    if let Some(mounts) = &attributes.mount_config {
        mountable(mounts)?;
    }
    if let Some(memory) = attributes.gpu_memory
        && (!(1024..=16384).contains(&memory) || memory % 1024 != 0)
    {
        let text = format!("`gpu_memory` is {memory}; it is 1024 to 16384 (MiB) in steps of 1024");
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    if let Some(network) = &attributes.network_controller {
        settings.network = match network.disable_public_network {
            Some(false) => Network::Allowed,
            Some(true) | None => Network::Denied,
        };
    }
    let Ok(Value::Object(given)) = serde_json::to_value(attributes) else { return Ok(()) };
    for (name, value) in given {
        if value == Value::String(String::new()) {
            settings.attributes.remove(&name);
        } else {
            settings.attributes.insert(name, value);
        }
    }
    Ok(())
}

/// Scaling with what a request says of it.
fn scaled(strategy: &StrategyConfig, scaling: Scaling) -> Result<Scaling, Failure> {
    let max_instances = match strategy.concurrency {
        None => scaling.max_instances,
        Some(given) => MaxInstances::try_from(given).map_err(RegistryError::from)?,
    };
    let concurrency = match strategy.concurrent_num {
        None => scaling.concurrency,
        Some(given) => u32::try_from(given).map_err(|_| {
            let text = format!("`concurrent_num` is {given}; it is 1 to 1000 requests for each instance");
            Failure::new(ErrorCode::InvalidConcurrency, text)
        })?,
    };
    Ok(Scaling { max_instances, concurrency })
}

fn memory(given: i64) -> Result<Memory, Failure> {
    let size = u32::try_from(given).unwrap_or(0);
    Memory::mib(size).map_err(|_| {
        let text = format!("`memory_size` is {given}; it is one of {:?} (MiB)", Memory::SIZES);
        Failure::new(ErrorCode::InvalidMemory, text)
    })
}

fn seconds(given: i64, range: &RangeInclusive<i64>, code: ErrorCode, name: &str) -> Result<Duration, Failure> {
    let refused = || {
        let text = format!("`{name}` is {given}; it is {} to {} seconds", range.start(), range.end());
        Failure::new(code, text)
    };
    let seconds = u64::try_from(given).ok().filter(|_| range.contains(&given));
    seconds.map(Duration::from_secs).ok_or_else(refused)
}

/// An entry besides the handler; an empty text is none.
fn entry(text: &str, code: ErrorCode, name: &str) -> Result<Option<Handler>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = |error: ParseHandlerError| Failure::new(code, format!("`{name}`: {error}"));
    text.parse().map(Some).map_err(refused)
}

/// Pairs of texts that are sent as a JSON object in a text; an empty text is none.
fn pairs(name: &str, text: &str) -> Result<BTreeMap<String, String>, Failure> {
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    // What is wrong may be secret: only its place is told.
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let text = format!(r#"`{name}` is no JSON object of texts, such as {{"key":"value"}} ({place})"#);
        Failure::new(ErrorCode::InvalidUserData, text)
    })
}

/// Whether file systems could be mounted, were there any.
fn mountable(mounts: &MountConfig) -> Result<(), Failure> {
    let user = &mounts.mount_user;
    for (name, id) in [("user_id", user.user_id), ("user_group_id", user.user_group_id)] {
        if !(-1..=65534).contains(&id) || [0, 1000, 1002].contains(&id) {
            let text = format!("`{name}` is {id}; it is -1 to 65534, but not 0, 1000 or 1002");
            return Err(Failure::new(ErrorCode::InvalidMountUser, text));
        }
    }
    let count = mounts.func_mounts.len();
    if count > MOUNTS {
        let text = format!("the function mounts {count} file systems; it can mount {MOUNTS}");
        return Err(Failure::new(ErrorCode::TooManyMounts, text));
    }
    match mounts.func_mounts.iter().find(|mount| !mount.local_mount_path.starts_with('/')) {
        None => Ok(()),
        Some(mount) => {
            let path: String = mount.local_mount_path.chars().take(80).collect();
            let text = format!("`local_mount_path` is `{path}`; it begins with `/`");
            Err(Failure::new(ErrorCode::InvalidMountPath, text))
        }
    }
}
