//! `fngraph deploy`: code and configuration become a function, a version, an alias.

use super::{
    alias,
    archive::Archive,
    call::Client,
    name::FunctionName,
    open, publish,
    refusal::{CallError, found},
};
use crate::{
    args::{DeployArgs, FunctionArgs, NetworkArg, SettingsArgs},
    code::Code,
    config::{self, Config, Settings},
    exit::{Exit, Failure, OrExit as _},
    function::Function,
    output::Output,
    platform::Platform,
    units,
};
use anyhow::Context as _;
use fngraph_api::{
    Empty, Json,
    aliases::{UpdateVersionAliasBody, VersionAlias},
    code::{UpdateFunctionCode, UpdateFunctionCodeBody},
    config::{ShowFunctionConfig, UpdateFunctionConfig, UpdateFunctionConfigBody},
    functions::{CreateFunction, CreateFunctionBody},
    metadata::{Attributes, FunctionMetadata, NetworkControlConfig, StrategyConfig},
};
use fngraph_engine::Kind;
use fngraph_types::{ErrorCode, FunctionId, Handler, Memory};
use serde::Serialize;
use std::{path::Path, time::Duration};

/// How long a new function's invocation may take, in seconds.
const TIMEOUT: i64 = 3;

/// Creates the function or updates it, and publishes it where that is asked for.
pub(super) fn deploy(arguments: DeployArgs, config: &Config) -> Result<(), Failure> {
    let DeployArgs { source, name, publish, alias, settings, server } = arguments;
    if name.as_ref().is_some_and(|name| name.qualifier().is_some()) {
        return Err(Failure::text(Exit::Usage, "code goes to a function, not to a version of it")
            .hint("--publish VERSION and --alias ALIAS publish what was deployed"));
    }
    let user_data = UserData::read(&settings)?;
    let client = open(&server, &config.output)?;
    let code = Code::find(&source, settings.handler.as_ref(), &config.output)?;
    let platform = Platform::start(config, 1)?;

    let (entries, name, existing) = match name {
        Some(name) => {
            let existing = show(&client, &name)?;
            (Entries::find(&platform, &code, &settings, existing.as_ref())?, name, existing)
        }
        None => {
            let entries = Entries::find(&platform, &code, &settings, None)?;
            let name = entries.name()?;
            let existing = show(&client, &name)?;
            (entries, name, existing)
        }
    };
    let archive = Archive::of(&code)?;
    let change = Change { client: &client, name: &name, archive: &archive, entries, settings, user_data };
    let (action, metadata) = match existing {
        None => change.create()?,
        Some(existing) => change.update(existing)?,
    };
    config.output.note(action.text(&name, &metadata));

    let mut report = Report::of(&name, &action, &metadata);
    if publish.is_some() || alias.is_some() {
        let published = publish::once(&client, &name, publish.flatten().as_ref(), &metadata.digest)?;
        config.output.note(published.text(&name));
        report.version = published.metadata.version.clone();
        report.urn = published.metadata.func_urn;
    }
    if let Some(alias) = alias {
        let target = UpdateVersionAliasBody { version: report.version.clone(), ..UpdateVersionAliasBody::default() };
        let set = alias::set(&client, &name, &alias, target)?;
        config.output.note(alias::told(&name, &set));
        report.alias = Some(set);
    }
    report.print(&server.output, &config.output)
}

/// The function as it is; none when there is none.
fn show(client: &Client, name: &FunctionName) -> Result<Option<FunctionMetadata>, CallError> {
    let shown = client.call::<ShowFunctionConfig>(&client.function(name), &Empty {}, Empty {});
    Ok(found(shown, ErrorCode::FunctionNotFound)?.map(|Json(metadata)| metadata))
}

/// What the code says about the function.
#[derive(Debug)]
struct Entries {
    runtime: &'static str,
    handler: Handler,
    initializer: Option<Handler>,
    pre_stop: Option<Handler>,
}

impl Entries {
    /// Finds what runs. Where the code leaves a choice, the handler stays what it is.
    fn find(
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
    fn name(&self) -> Result<FunctionName, Failure> {
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

/// User data as the API has them: JSON objects in texts; none where they are to stay.
#[derive(Debug)]
struct UserData {
    open: Option<String>,
    encrypted: Option<String>,
}

impl UserData {
    fn read(settings: &SettingsArgs) -> Result<Self, Failure> {
        let text = |arguments: &[_]| -> Result<Option<String>, Failure> {
            if arguments.is_empty() {
                return Ok(None);
            }
            let data = config::user_data(arguments)?;
            Ok(Some(serde_json::to_string(&data).context("write the user data")?))
        };
        Ok(Self { open: text(&settings.user_data)?, encrypted: text(&settings.encrypted_user_data)? })
    }
}

/// What is to become of a function.
#[derive(Debug)]
struct Change<'a> {
    client: &'a Client,
    name: &'a FunctionName,
    archive: &'a Archive,
    entries: Entries,
    settings: SettingsArgs,
    user_data: UserData,
}

impl Change<'_> {
    fn create(&self) -> Result<(Action, FunctionMetadata), CallError> {
        let FunctionId { package, name, .. } = self.name.urn(self.client.scope()).function;
        let Entries { runtime, handler, initializer, pre_stop } = &self.entries;
        let settings = &self.settings;
        let body = CreateFunctionBody {
            func_name: name.to_string(),
            package: package.to_string(),
            runtime: (*runtime).to_owned(),
            timeout: settings.timeout.unwrap_or(TIMEOUT),
            handler: handler.to_string(),
            memory_size: settings.memory.unwrap_or_default().as_mib().into(),
            code_type: Some("zip".to_owned()),
            code_url: None,
            code_filename: Some(format!("{name}.zip")),
            func_code: Some(self.archive.code()),
            depend_version_list: None,
            user_data: self.user_data.open.clone(),
            encrypted_user_data: self.user_data.encrypted.clone(),
            description: settings.description.clone(),
            initializer_handler: initializer.as_ref().map(ToString::to_string),
            initializer_timeout: initializer.as_ref().and(settings.initializer_timeout),
            pre_stop_handler: pre_stop.as_ref().map(ToString::to_string),
            pre_stop_timeout: pre_stop.as_ref().and(settings.pre_stop_timeout),
            generation: Some("v2".to_owned()),
            enable_dynamic_memory: settings.dynamic_memory,
            attributes: self.attributes(&Attributes::default()),
        };
        let Json(created) = self.client.call::<CreateFunction>(&self.client.project(), &Empty {}, Json(body))?;
        // What cannot be said when a function is created. Secrets were, and are not told: that is no difference.
        let mut rest = self.difference(&created);
        rest.encrypted_user_data = None;
        if rest == UpdateFunctionConfigBody::default() {
            return Ok((Action::Created, created));
        }
        Ok((Action::Created, self.configure(rest)?))
    }

    fn update(&self, existing: FunctionMetadata) -> Result<(Action, FunctionMetadata), Failure> {
        if existing.runtime != self.entries.runtime {
            let text = format!(
                "`{}` has the runtime `{}`, and the code is for `{}`",
                self.name, existing.runtime, self.entries.runtime
            );
            return Err(Failure::text(Exit::Refused, text).hint(format!(
                "--name deploys another function; `fngraph delete {}` makes room for this one",
                self.name
            )));
        }
        let mut changed = Vec::new();
        if existing.digest != self.archive.digest() {
            let body = UpdateFunctionCodeBody {
                code_type: "zip".to_owned(),
                code_url: None,
                code_filename: Some(format!("{}.zip", existing.func_name)),
                func_code: Some(self.archive.code()),
                depend_version_list: None,
                code_encrypt_kms_key_id: None,
            };
            self.client.call::<UpdateFunctionCode>(&self.client.function(self.name), &Empty {}, Json(body))?;
            changed.push("code".to_owned());
        }
        let difference = self.difference(&existing);
        if difference != UpdateFunctionConfigBody::default() {
            changed.extend(members(&difference));
            return Ok((Action::Updated(changed), self.configure(difference)?));
        }
        if changed.is_empty() {
            return Ok((Action::Unchanged, existing));
        }
        let Json(metadata) =
            self.client.call::<ShowFunctionConfig>(&self.client.function(self.name), &Empty {}, Empty {})?;
        Ok((Action::Updated(changed), metadata))
    }

    fn configure(&self, body: UpdateFunctionConfigBody) -> Result<FunctionMetadata, CallError> {
        let path = self.client.function(self.name);
        let Json(metadata) = self.client.call::<UpdateFunctionConfig>(&path, &Empty {}, Json(body))?;
        Ok(metadata)
    }

    /// What is asked for and is otherwise now.
    fn difference(&self, now: &FunctionMetadata) -> UpdateFunctionConfigBody {
        let Self { entries, settings, user_data, .. } = self;
        let hook = |entry: &Option<Handler>| entry.as_ref().map(ToString::to_string).unwrap_or_default();
        let strategy = now.strategy_config.clone().unwrap_or_default();
        let max_instances = differs(settings.max_instances, strategy.concurrency);
        UpdateFunctionConfigBody {
            handler: differs(Some(entries.handler.to_string()), Some(now.handler.clone())),
            initializer_handler: differs_as_text(hook(&entries.initializer), now.initializer_handler.as_deref()),
            pre_stop_handler: differs_as_text(hook(&entries.pre_stop), now.pre_stop_handler.as_deref()),
            memory_size: differs(settings.memory.map(|memory| memory.as_mib().into()), Some(now.memory_size)),
            timeout: differs(settings.timeout, Some(now.timeout)),
            initializer_timeout: differs(settings.initializer_timeout, now.initializer_timeout),
            pre_stop_timeout: differs(settings.pre_stop_timeout, now.pre_stop_timeout),
            user_data: differs(user_data.open.clone(), now.user_data.clone()),
            encrypted_user_data: user_data.encrypted.clone(),
            description: differs(settings.description.clone(), Some(now.description.clone().unwrap_or_default())),
            enable_dynamic_memory: differs(settings.dynamic_memory, now.enable_dynamic_memory),
            strategy_config: max_instances
                .map(|count| StrategyConfig { concurrency: Some(count), concurrent_num: strategy.concurrent_num }),
            attributes: self.attributes(&now.attributes),
            ..UpdateFunctionConfigBody::default()
        }
    }

    /// What is to be said of the network, if it is not so already.
    fn attributes(&self, now: &Attributes) -> Attributes {
        let controller = now.network_controller.clone().unwrap_or_default();
        let is_denied = controller.disable_public_network.unwrap_or(true);
        let network_controller = match self.settings.network {
            Some(network) if (network == NetworkArg::Deny) != is_denied => {
                Some(NetworkControlConfig { disable_public_network: Some(!is_denied), ..controller })
            }
            _ => None,
        };
        Attributes { network_controller, ..Attributes::default() }
    }
}

/// What is asked for, unless it is so already.
fn differs<T: PartialEq>(wanted: Option<T>, now: Option<T>) -> Option<T> {
    wanted.filter(|wanted| now.as_ref() != Some(wanted))
}

/// The same of texts, where none is as good as empty.
fn differs_as_text(wanted: String, now: Option<&str>) -> Option<String> {
    (wanted != now.unwrap_or_default()).then_some(wanted)
}

/// What a change is about, in the API's words.
fn members(change: &UpdateFunctionConfigBody) -> Vec<String> {
    match serde_json::to_value(change) {
        Ok(serde_json::Value::Object(members)) => members.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// What became of a function.
#[derive(Debug, PartialEq, Eq)]
enum Action {
    Created,
    /// Of this.
    Updated(Vec<String>),
    Unchanged,
}

impl Action {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated(_) => "updated",
            Self::Unchanged => "unchanged",
        }
    }

    fn text(&self, name: &FunctionName, metadata: &FunctionMetadata) -> String {
        let size = units::bytes(u64::try_from(metadata.code_size).unwrap_or_default());
        let FunctionMetadata { runtime, handler, .. } = metadata;
        match self {
            Self::Created => format!("created {name}: runtime {runtime}, handler {handler}, {size} of code"),
            Self::Updated(what) => format!("updated {name}: {}", what.join(", ")),
            Self::Unchanged => format!("{name} is so already"),
        }
    }
}

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Report {
    /// `created`, `updated` or `unchanged`.
    action: &'static str,
    /// What was updated, in the API's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    updated: Vec<String>,
    function: String,
    /// With the version.
    urn: String,
    version: String,
    runtime: String,
    handler: String,
    digest: String,
    code_size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<VersionAlias>,
}

impl Report {
    fn of(name: &FunctionName, action: &Action, metadata: &FunctionMetadata) -> Self {
        Self {
            action: action.as_str(),
            updated: match action {
                Action::Updated(what) => what.clone(),
                Action::Created | Action::Unchanged => Vec::new(),
            },
            function: name.to_string(),
            urn: metadata.func_urn.clone(),
            version: metadata.version.clone(),
            runtime: metadata.runtime.clone(),
            handler: metadata.handler.clone(),
            digest: metadata.digest.clone(),
            code_size: metadata.code_size,
            alias: None,
        }
    }

    fn print(&self, form: &crate::args::Format, output: &Output) -> Result<(), Failure> {
        match form {
            crate::args::Format::Text => output.line(&self.urn)?,
            crate::args::Format::Json => output.json(self)?,
        }
        Ok(())
    }
}
