//! `fngraph deploy`: code and configuration become a function, a version, an alias.

mod change;
mod dependencies;
mod entries;
mod wanted;

use super::{alias, archive::Archive, name::FunctionName, open, publish};
use crate::{
    args::{DeployArgs, Format},
    code::Code,
    config::Config,
    exit::{Exit, Failure},
    output::Output,
    platform::Platform,
};
use change::{Action, Change, show};
use dependencies::Dependencies;
use entries::Entries;
use fngraph_api::{
    aliases::{UpdateVersionAliasBody, VersionAlias},
    metadata::FunctionMetadata,
};
use serde::Serialize;
use wanted::{UserData, Wanted};

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

    let (entries, name, existing, dependencies) = match name {
        Some(name) => {
            let existing = show(&client, &name)?;
            let dependencies = Dependencies::find(&client, &settings.dependency, existing.as_ref())?;
            let merged = dependencies.merge(&code)?;
            (Entries::find(&platform, &merged, &settings, existing.as_ref())?, name, existing, dependencies)
        }
        None => {
            let dependencies = Dependencies::find(&client, &settings.dependency, None)?;
            let entries = Entries::find(&platform, &dependencies.merge(&code)?, &settings, None)?;
            let name = entries.name()?;
            let existing = show(&client, &name)?;
            (entries, name, existing, dependencies)
        }
    };
    let archive = Archive::of(&code)?;
    let wanted = Wanted { entries, settings, user_data, dependencies: dependencies.wanted };
    let change = Change { client: &client, name: &name, archive: &archive, wanted };
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
    report.print(server.output, &config.output)
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

    fn print(&self, form: Format, output: &Output) -> Result<(), Failure> {
        match form {
            Format::Text => output.line(&self.urn)?,
            Format::Json => output.json(self)?,
        }
        Ok(())
    }
}
