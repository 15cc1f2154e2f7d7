//! What the code says about a function: which entries run, and on which runtime.

use crate::{
    args::{FunctionArgs, NetworkArg, SettingsArgs},
    client::FunctionName,
    code::Code,
    config::Settings,
    exit::{Exit, Failure, OrExit as _},
    function::Function,
    platform::Platform,
};
use anyhow::Context as _;
use fngraph_api::metadata::FunctionMetadata;
use fngraph_engine::Kind;
use fngraph_types::{Handler, Memory};
use std::{path::Path, time::Duration};

/// What the code says about the function.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) runtime: &'static str,
    pub(super) handler: Handler,
    pub(super) initializer: Option<Handler>,
    pub(super) pre_stop: Option<Handler>,
}

impl Entries {
    /// Finds what runs. Where the code leaves a choice, the handler stays what it is.
    pub(super) fn find(
        platform: &Platform,
        code: &Code,
        settings: &SettingsArgs,
        existing: Option<&FunctionMetadata>,
    ) -> Result<Self, Failure> {
        let with = |handler: Option<Handler>| Function::load(platform, code, &resolve(settings, handler, existing)?);
        let function = with(settings.handler.clone()).or_else(|failure| {
            let current = existing.filter(|_| settings.handler.is_none()).and_then(|it| it.handler.parse().ok());
            match current {
                Some(current) if failure.exit == Exit::Refused => with(Some(current)).map_err(|_| failure),
                _ => Err(failure),
            }
        })?;
        let config = function.prepared.config();
        Ok(Self {
            runtime: match function.artifact.kind() {
                Kind::Http => "http",
                _ => "Custom",
            },
            handler: config.handler.clone(),
            initializer: config.initializer.clone(),
            pre_stop: config.pre_stop.clone(),
        })
    }

    /// What to call a function that nobody named: as its wasm file.
    pub(super) fn name(&self) -> Result<FunctionName, Failure> {
        let file = self.handler.file().unwrap_or(self.handler.as_str());
        let file = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
        let hint = "--name NAME calls it something else";
        file.parse().map_err(anyhow::Error::msg).with_context(|| format!("call it `{file}`")).or_exit(Exit::Usage, hint)
    }
}

/// The settings to find the entries with.
fn resolve(
    settings: &SettingsArgs,
    handler: Option<Handler>,
    existing: Option<&FunctionMetadata>,
) -> Result<Settings, Failure> {
    let memory = existing.and_then(|existing| u32::try_from(existing.memory_size).ok());
    let memory = memory.and_then(|mib| Memory::mib(mib).ok());
    let second = Duration::from_secs(1);
    Settings::resolve(FunctionArgs {
        handler,
        initializer: settings.initializer.clone(),
        pre_stop: settings.pre_stop.clone(),
        user_data: Vec::new(),
        memory: settings.memory.or(memory).unwrap_or_default(),
        timeout: second,
        initializer_timeout: second,
        network: NetworkArg::Deny,
    })
}
