//! `fngraph versions`: lists a function's versions, or publishes one.

use super::{alias, open, publish, table::Table};
use crate::{
    args::{Format, VersionsArgs},
    config::Config,
    exit::Failure,
    units,
};
use fngraph_api::{
    aliases::VersionAlias,
    versions::{CreateVersionBody, FunctionVersion},
};
use fngraph_types::VersionName;
use serde::Serialize;

/// How much of a digest people see: enough to tell versions apart.
const DIGEST: usize = 12;

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    versions: Vec<FunctionVersion>,
}

/// Lists the versions, or publishes one.
pub(super) fn versions(arguments: &VersionsArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let function = &arguments.function;
    if let Some(name) = &arguments.publish {
        let version = name.as_ref().map(VersionName::to_string);
        let body = CreateVersionBody { digest: None, version, description: arguments.description.clone() };
        let metadata = publish::publish(&client, function, body)?;
        match arguments.server.output {
            Format::Json => config.output.json(&metadata)?,
            Format::Text => config.output.line(&metadata.func_urn)?,
        }
        return Ok(());
    }
    let versions = publish::versions(&client, function)?;
    match arguments.server.output {
        Format::Json => config.output.json(&Document { versions })?,
        Format::Text => {
            let aliases = alias::all(&client, function)?;
            config.output.data(text(&versions, &aliases).as_bytes())?;
        }
    }
    Ok(())
}

fn text(versions: &[FunctionVersion], aliases: &[VersionAlias]) -> String {
    let mut table = Table::new(["VERSION", "ALIASES", "CODE", "DIGEST", "CHANGED", "DESCRIPTION"]);
    for FunctionVersion { metadata, .. } in versions {
        let mut names: Vec<_> =
            aliases.iter().filter(|alias| alias.version == metadata.version).map(|alias| alias.name.clone()).collect();
        for alias in aliases {
            if let Some(percent) = alias
                .additional_version_weights
                .iter()
                .flatten()
                .find_map(|(version, percent)| (*version == metadata.version).then_some(percent))
            {
                names.push(format!("{} ({percent} %)", alias.name));
            }
        }
        table.row([
            metadata.version.clone(),
            names.join(", "),
            units::bytes(u64::try_from(metadata.code_size).unwrap_or_default()),
            metadata.digest.chars().take(DIGEST).collect(),
            metadata.last_modified.clone(),
            metadata.version_description.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_api::metadata::FunctionMetadata;

    #[test]
    fn the_list_says_which_aliases_lead_where() {
        let version = |name: &str, description: &str| FunctionVersion {
            metadata: FunctionMetadata {
                version: name.to_owned(),
                code_size: 120_832,
                digest: "0123456789abcdef".to_owned(),
                last_modified: "2026-11-23T01:02:03Z".to_owned(),
                version_description: Some(description.to_owned()),
                ..FunctionMetadata::default()
            },
            concurrency: -1,
            concurrent_num: 1,
            function_async_config: None,
        };
        let alias = VersionAlias {
            name: "prod".to_owned(),
            version: "v1".to_owned(),
            description: String::new(),
            last_modified: String::new(),
            alias_urn: String::new(),
            additional_version_weights: Some([("v2".to_owned(), 10)].into()),
            additional_version_strategy: None,
        };
        insta::assert_snapshot!(text(&[version("latest", ""), version("v2", "faster"), version("v1", "")], &[alias]), @r"
        VERSION  ALIASES      CODE    DIGEST        CHANGED               DESCRIPTION
        latest                118 KB  0123456789ab  2026-11-23T01:02:03Z
        v2       prod (10 %)  118 KB  0123456789ab  2026-11-23T01:02:03Z  faster
        v1       prod         118 KB  0123456789ab  2026-11-23T01:02:03Z
        ");
    }
}
