//! `fngraph import`: a function out of a file.

use super::open;
use crate::{
    args::{Format, ImportArgs},
    config::{self, Config},
    exit::{Exit, Failure, OrExit as _},
};
use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_api::{
    Empty, Json,
    archive::{ImportFunction, ImportFunctionBody, ImportedFunction},
};
use std::fs;

/// Sends an archive.
pub(super) fn import(arguments: &ImportArgs, config: &Config) -> Result<(), Failure> {
    if let Some(name) = arguments.name.as_ref().filter(|name| name.qualifier().is_some()) {
        let text = format!("`{name}` names a version, and an import makes a function");
        return Err(Failure::text(Exit::Usage, text).hint("publish it afterwards with `fngraph versions --publish`"));
    }
    let content = fs::read(&arguments.file)
        .with_context(|| format!("read {}", arguments.file.display()))
        .or_exit(Exit::Usage, "FILE is an archive that `fngraph export` has written")?;
    let secrets = match &arguments.encrypted_user_data[..] {
        [] => None,
        given => Some(serde_json::to_string(&config::user_data(given)?).context("write the user data")?),
    };
    let client = open(&arguments.server, &config.output)?;
    let id = arguments.name.as_ref().map(|name| name.urn(client.scope()).function);
    let file_name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let body = ImportFunctionBody {
        func_name: id.as_ref().map(|id| id.name.to_string()),
        file_name,
        file_type: "zip".to_owned(),
        file_code: BASE64_STANDARD.encode(content),
        package: id.as_ref().map(|id| id.package.to_string()),
        encrypted_user_data: secrets,
    };
    let Json(imported) = client.call::<ImportFunction>(&client.project(), &Empty {}, Json(body))?;
    let ImportedFunction { metadata, missing_secrets } = &imported;
    for key in missing_secrets {
        config.output.warning(format_args!("the archive has no value for `{key}`; --encrypted-user-data gives one"));
    }
    match arguments.server.output {
        Format::Json => config.output.json(&imported)?,
        Format::Text => config.output.data(format!("{}\n", metadata.func_urn).as_bytes())?,
    }
    Ok(())
}
