//! Versions in the YAML file: how they run and scale, and how their code came.

use super::{
    ArchiveError,
    document::{DependencyDocument, Document, IsolationDocument, NetworkDocument, StrategyDocument},
};
use fngraph_registry::{
    Delivery, Isolation, MaxInstances, Network, RegistryError, Runtime, Scaling, Settings, SnapshotState, Version,
};
use fngraph_types::{ErrorCode, Handler, Memory, Secrets, limits};
use serde_json::Value;
use std::collections::BTreeMap;

impl Document {
    /// What is written of a version with these dependencies, which is nothing of what belongs to the whole function.
    pub(super) fn of(version: &Version, dependencies: Vec<DependencyDocument>) -> Self {
        let Version { name, description, settings, scaling, delivery, .. } = version;
        let Settings { attributes, network, .. } = settings;
        let default = Settings::new(settings.handler.clone());
        Self {
            func_name: None,
            package: None,
            version: Some(name.to_string()),
            version_description: description.clone(),
            description: settings.description.clone(),
            runtime: settings.runtime.to_string(),
            handler: settings.handler.to_string(),
            memory_size: settings.memory.as_mib(),
            timeout: settings.timeout,
            initializer_handler: settings.initializer.as_ref().map(ToString::to_string),
            initializer_timeout: other(settings.initializer_timeout, default.initializer_timeout),
            pre_stop_handler: settings.pre_stop.as_ref().map(ToString::to_string),
            pre_stop_timeout: other(settings.pre_stop_timeout, default.pre_stop_timeout),
            ephemeral_storage: other(settings.tmp_bytes, limits::DEFAULT_TMP_BYTES).map(|bytes| bytes >> 20),
            enable_dynamic_memory: settings.dynamic_memory,
            network: other(*network, implied(attributes)).map(|network| match network {
                Network::Denied => NetworkDocument::Denied,
                Network::Allowed => NetworkDocument::Allowed,
            }),
            isolation: other(settings.isolation, default.isolation).map(|isolation| match isolation {
                Isolation::Reuse => IsolationDocument::Reuse,
                Isolation::Fresh => IsolationDocument::Fresh,
            }),
            warm_pool: other(settings.warm_pool, default.warm_pool),
            strategy_config: Some(StrategyDocument {
                concurrency: Some(scaling.max_instances.into()),
                concurrent_num: Some(scaling.concurrency),
            }),
            enable_snapshot: version.snapshot_state() != SnapshotState::Disabled,
            user_data: settings.user_data.clone(),
            encrypted_user_data: settings.encrypted_user_data.keys().cloned().collect(),
            dependencies,
            attributes: attributes.clone(),
            async_invoke_config: None,
            code_type: Some(delivery.code_type.to_string()),
            code_url: delivery.url.clone(),
            code_filename: delivery.filename.clone(),
            code_file: None,
            tags: BTreeMap::new(),
            versions: Vec::new(),
            aliases: Vec::new(),
            triggers: Vec::new(),
        }
    }

    /// The settings that it says, with these ids of its dependencies' versions; of the encrypted user data those that are
    /// given.
    pub(super) fn settings(
        &self,
        dependencies: Vec<String>,
        encrypted_user_data: Secrets,
    ) -> Result<Settings, ArchiveError> {
        let handler = entry(&self.handler, ErrorCode::InvalidHandler, "handler")?;
        let mut settings = Settings::new(handler);
        settings.runtime = self.runtime.parse::<Runtime>().map_err(RegistryError::from)?;
        settings.memory = Memory::mib(self.memory_size)
            .map_err(|error| ArchiveError::value(ErrorCode::InvalidMemory, "`memory_size`", &error))?;
        settings.timeout = self.timeout;
        let initializer = |text: &String| entry(text, ErrorCode::InvalidInitializer, "initializer_handler");
        settings.initializer = self.initializer_handler.as_ref().map(initializer).transpose()?;
        settings.initializer_timeout = self.initializer_timeout.unwrap_or(settings.initializer_timeout);
        let pre_stop = |text: &String| entry(text, ErrorCode::InvalidParameter, "pre_stop_handler");
        settings.pre_stop = self.pre_stop_handler.as_ref().map(pre_stop).transpose()?;
        settings.pre_stop_timeout = self.pre_stop_timeout.unwrap_or(settings.pre_stop_timeout);
        if let Some(mib) = self.ephemeral_storage {
            // What is none of the sizes on offer is refused when the settings are looked at as a whole.
            settings.tmp_bytes = mib.saturating_mul(1 << 20);
        }
        settings.dynamic_memory = self.enable_dynamic_memory;
        settings.network = match self.network {
            Some(NetworkDocument::Denied) => Network::Denied,
            Some(NetworkDocument::Allowed) => Network::Allowed,
            None => implied(&self.attributes),
        };
        settings.isolation = match self.isolation {
            Some(IsolationDocument::Fresh) => Isolation::Fresh,
            Some(IsolationDocument::Reuse) | None => Isolation::Reuse,
        };
        settings.warm_pool = self.warm_pool.unwrap_or(settings.warm_pool);
        settings.user_data.clone_from(&self.user_data);
        (settings.dependencies, settings.encrypted_user_data) = (dependencies, encrypted_user_data);
        settings.description.clone_from(&self.description);
        settings.attributes.clone_from(&self.attributes);
        Ok(settings)
    }

    /// The scaling that it says.
    pub(super) fn scaling(&self) -> Result<Scaling, ArchiveError> {
        let mut scaling = Scaling::default();
        if let Some(StrategyDocument { concurrency, concurrent_num }) = self.strategy_config {
            if let Some(number) = concurrency {
                scaling.max_instances = MaxInstances::try_from(number).map_err(RegistryError::from)?;
            }
            scaling.concurrency = concurrent_num.unwrap_or(scaling.concurrency);
        }
        Ok(scaling)
    }

    /// How the code came.
    pub(super) fn delivery(&self) -> Result<Delivery, ArchiveError> {
        let code_type = self.code_type.as_ref().map(|text| text.parse()).transpose();
        Ok(Delivery {
            code_type: code_type.map_err(RegistryError::from)?.unwrap_or_default(),
            url: self.code_url.clone(),
            filename: self.code_filename.clone(),
        })
    }
}

/// The value, where it is not the one that a file without it means.
fn other<T: PartialEq>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}

fn entry(text: &str, code: ErrorCode, name: &str) -> Result<Handler, ArchiveError> {
    ArchiveError::parse(code, &format!("`{name}`"), text)
}

/// Whether attributes alone let the function reach the network, as in the API (manual, 7.6.7).
fn implied(attributes: &BTreeMap<String, Value>) -> Network {
    let disabled = attributes.get("network_controller").and_then(|network| network.get("disable_public_network"));
    if disabled == Some(&Value::Bool(false)) { Network::Allowed } else { Network::Denied }
}
