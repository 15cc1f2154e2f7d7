//! `fngraph export`: a function as a file.

use super::open;
use crate::{
    args::{ExportArgs, Format},
    config::Config,
    exit::{Exit, Failure, OrExit as _},
};
use anyhow::Context as _;
use fngraph_api::{
    Empty, Json,
    archive::{ExportFunction, ExportQuery, ExportedFunction},
};
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    file: PathBuf,
    bytes: usize,
}

/// Asks for a link, follows it, and writes the file.
pub(super) fn export(arguments: &ExportArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let switch = |is_on: bool| is_on.then(|| "true".to_owned());
    let query = ExportQuery {
        config: switch(true),
        code: switch(!arguments.config_only),
        kind: None,
        aliases: switch(arguments.aliases),
        triggers: switch(arguments.triggers),
    };
    let path = client.function(&arguments.function);
    let Json(ExportedFunction { file_name, code_url }) = client.call::<ExportFunction>(&path, &query, Empty {})?;
    let content = client.download(&code_url)?;
    let file = match &arguments.file {
        Some(file) if file.as_os_str() == "-" => return Ok(config.output.data(&content)?),
        Some(file) => file.clone(),
        None => plain(&file_name)?,
    };
    fs::write(&file, &content)
        .with_context(|| format!("write {}", file.display()))
        .or_exit(Exit::Usage, "FILE says where else to write it; `-` is standard output")?;
    if arguments.server.output == Format::Json {
        config.output.json(&Document { file: file.clone(), bytes: content.len() })?;
    }
    config.output.note(format_args!("exported {} to {}", arguments.function, file.display()));
    Ok(())
}

/// A file's name that a server chose, which must not lead elsewhere.
fn plain(name: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(name);
    if path.file_name().is_some_and(|plain| plain == path.as_os_str()) && !name.contains(['/', '\\']) {
        return Ok(path.to_owned());
    }
    let text = "the server calls the file something that is no plain name";
    Err(Failure::text(Exit::Server, text).hint("FILE says what to call it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_choose_plain_names_only() {
        assert_eq!(plain("greeter.zip").unwrap(), Path::new("greeter.zip"));
        for name in ["", ".", "..", "/etc/passwd", "../x", "a/b", "a\\b"] {
            assert!(plain(name).is_err(), "{name}");
        }
    }
}
