//! A version of a function as the API tells it.

use super::dependencies;
use crate::app::App;
use fngraph::{Function, FunctionId, Qualifier, RegistryError, Scaling, Urn, Version};
use fngraph_api::{
    metadata::{Attributes, FunctionMetadata, StrategyConfig},
    time,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The metadata of a version of a function.
pub(crate) fn of(app: &App, function: &Function, version: &Version) -> FunctionMetadata {
    let FunctionId { project_id, package, name } = &function.id;
    let settings = &version.settings;
    let attributes = attributes(version);
    let log = attributes.log_config.clone().unwrap_or_default();
    let (reserved, idle_mode) = function.reserved_for(&version.name, app.now());
    let used = dependencies::of(app, project_id, &settings.dependencies);
    let id = id(function);
    FunctionMetadata {
        resource_id: Some(format!("{id}:{name}")),
        func_id: Some(id),
        func_urn: urn(app, function, version),
        func_name: name.to_string(),
        domain_id: project_id.to_string(),
        namespace: project_id.to_string(),
        project_name: app.runtime.scope().region.to_string(),
        package: package.to_string(),
        runtime: settings.runtime.to_string(),
        timeout: seconds(settings.timeout),
        handler: settings.handler.to_string(),
        memory_size: settings.memory.as_mib().into(),
        cpu: settings.memory.millicores().into(),
        code_type: version.delivery.code_type.to_string(),
        code_url: filled(&version.delivery.url),
        code_filename: filled(&version.delivery.filename),
        code_size: number(version.code_bytes),
        user_data: pairs(settings.user_data.iter().map(|(key, value)| (key.as_str(), value.as_str()))),
        encrypted_user_data: pairs(settings.encrypted_user_data.keys().map(|key| (key.as_str(), ""))),
        digest: version.code.to_string(),
        version: version.name.to_string(),
        image_name: image_name(function, version),
        description: filled(&settings.description),
        version_description: filled(&version.description),
        last_modified: time::format(version.modified_at),
        reserved_instance_count: Some(reserved.into()),
        reserved_instance_idle_mode: Some(idle_mode),
        depend_version_list: Some(settings.dependencies.clone()),
        depend_list: Some(used.iter().map(|(dependency, _)| dependency.id.clone()).collect()),
        dependencies: Some(used.iter().map(|(one, version)| dependencies::describe(one, version)).collect()),
        strategy_config: Some(strategy(version.scaling)),
        initializer_handler: settings.initializer.as_ref().map(ToString::to_string),
        initializer_timeout: settings.initializer.as_ref().map(|_| seconds(settings.initializer_timeout)),
        pre_stop_handler: settings.pre_stop.as_ref().map(ToString::to_string),
        pre_stop_timeout: settings.pre_stop.as_ref().map(|_| seconds(settings.pre_stop_timeout)),
        long_time: Some(true),
        log_group_id: log.group_id,
        log_stream_id: log.stream_id,
        generation: Some("v2".to_owned()),
        fail_count: None,
        enable_dynamic_memory: Some(settings.dynamic_memory),
        is_bridge_function: Some(false),
        bind_bridge_func_urns: None,
        apig_route_enable: Some(false),
        allow_ephemeral_storage: Some(true),
        ephemeral_storage: Some(number(settings.tmp_bytes >> 20)),
        func_vpc_id: attributes.func_vpc.as_ref().map(|vpc| vpc.vpc_id.clone()),
        attributes,
    }
}

/// The version that a URN names: that of an alias is its main one, and without a version it is `latest`.
pub(crate) fn version<'a>(function: &'a Function, urn: &Urn) -> Result<&'a Arc<Version>, RegistryError> {
    let not_found = |version| RegistryError::VersionNotFound { function: function.id.clone(), version };
    match &urn.qualifier {
        None => Ok(&function.latest),
        Some(Qualifier::Version(name)) => function.version(name).ok_or_else(|| not_found(name.clone())),
        Some(Qualifier::Alias(name)) => {
            let alias = function.alias(name);
            let missing = || RegistryError::AliasNotFound { function: function.id.clone(), alias: name.clone() };
            let version = &alias.ok_or_else(missing)?.version;
            function.version(version).ok_or_else(|| not_found(version.clone()))
        }
    }
}

/// The full URN of a version.
pub(crate) fn urn(app: &App, function: &Function, version: &Version) -> String {
    Urn {
        region: Arc::clone(&app.runtime.scope().region),
        function: function.id.clone(),
        qualifier: Some(Qualifier::Version(version.name.clone())),
    }
    .to_string()
}

/// How far a version scales.
pub(crate) fn strategy(scaling: Scaling) -> StrategyConfig {
    StrategyConfig { concurrency: Some(scaling.max_instances.into()), concurrent_num: Some(scaling.concurrency.into()) }
}

/// What else was configured. Attributes that an embedder stored under other names are none of the API's.
pub(crate) fn attributes(version: &Version) -> Attributes {
    let attributes = &version.settings.attributes;
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    serde_json::from_value(Value::Object(attributes)).unwrap_or_default()
}

/// An amount as the API's numbers are.
pub(crate) fn number(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// The id of a function: a UUID that stays until the function is deleted, made of what stays as long.
fn id(function: &Function) -> String {
    let hash = blake3::hash(format!("{} {}", function.id, function.created_at.as_millis()).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// What identifies code and settings of a version: `latest-261123010203@k3x9a`.
fn image_name(function: &Function, version: &Version) -> String {
    let moment: String = time::format(version.modified_at).chars().filter(char::is_ascii_digit).skip(2).collect();
    let hash = blake3::hash(format!("{} {} {}", id(function), version.name, version.revision).as_bytes());
    let letters = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let suffix = hash.as_bytes().iter().take(5).map(|byte| char::from(letters[usize::from(*byte) % letters.len()]));
    format!("{}-{moment}@{}", version.name, suffix.collect::<String>())
}

/// Whole seconds, more rather than fewer: a timeout of 50 ms is none of 0 s.
fn seconds(duration: Duration) -> i64 {
    number(duration.as_secs() + u64::from(duration.subsec_nanos() > 0))
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Pairs as a JSON object in a text; nothing when there are none.
fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let pairs: BTreeMap<_, _> = pairs.collect();
    // A map of texts can always be written.
    (!pairs.is_empty()).then(|| serde_json::to_string(&pairs).unwrap_or_default())
}
