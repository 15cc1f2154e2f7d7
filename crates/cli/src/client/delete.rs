//! `fngraph delete`: a function, or one version of it.

use super::open;
use crate::{
    args::{DeleteArgs, Format},
    config::Config,
    exit::{Exit, Failure},
};
use fngraph_api::{Empty, functions::DeleteFunction};
use fngraph_types::Qualifier;
use serde::Serialize;

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    deleted: String,
}

/// Deletes what is named.
pub(super) fn delete(arguments: &DeleteArgs, config: &Config) -> Result<(), Failure> {
    let function = &arguments.function;
    // The API would delete the version that it leads to, which is hardly meant.
    if let Some(Qualifier::Alias(alias)) = function.qualifier() {
        let name = function.with(None);
        return Err(Failure::text(
            Exit::Usage,
            format!("`{function}` is an alias, and the version behind it would go"),
        )
        .hint(format!(
            "`fngraph alias {name} {alias} --delete` deletes the alias, `fngraph delete {name}:VERSION` a version"
        )));
    }
    let client = open(&arguments.server, &config.output)?;
    let path = client.function(function);
    client.call::<DeleteFunction>(&path, &Empty {}, Empty {})?;
    if arguments.server.output == Format::Json {
        config.output.json(&Document { deleted: path.function_urn })?;
    }
    config.output.note(format_args!("deleted {function}"));
    Ok(())
}
