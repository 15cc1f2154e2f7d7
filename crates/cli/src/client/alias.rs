//! `fngraph alias`: names that lead to versions.

use super::{
    call::Client,
    name::FunctionName,
    open,
    refusal::{CallError, found},
    table::Table,
};
use crate::{
    args::{AliasArgs, Format},
    config::Config,
    exit::Failure,
};
use fngraph_api::{
    Empty, Json,
    aliases::{
        AliasPath, CreateVersionAlias, CreateVersionAliasBody, DeleteVersionAlias, ListVersionAliases,
        ShowVersionAlias, UpdateVersionAlias, UpdateVersionAliasBody, VersionAlias, VersionStrategy,
    },
};
use fngraph_types::{AliasName, ErrorCode};
use serde::Serialize;

/// What `--output json` prints of several.
#[derive(Debug, Serialize)]
struct Document {
    aliases: Vec<VersionAlias>,
}

/// What `--output json` prints of one that is gone.
#[derive(Debug, Serialize)]
struct Deleted<'a> {
    deleted: &'a str,
}

/// Lists, shows, sets or deletes.
pub(super) fn alias(arguments: &AliasArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let AliasArgs { function, alias, version, weight, description, delete, server } = arguments;
    let (output, form) = (&config.output, server.output);
    let Some(alias) = alias else {
        let aliases = all(&client, function)?;
        match form {
            Format::Json => output.json(&Document { aliases })?,
            Format::Text if aliases.is_empty() => {
                output.note(format_args!(
                    "{function} has no aliases; `fngraph alias {function} ALIAS VERSION` makes one"
                ));
            }
            Format::Text => output.data(text(&aliases).as_bytes())?,
        }
        return Ok(());
    };
    let path = path(&client, function, alias);
    if *delete {
        client.call::<DeleteVersionAlias>(&path, &Empty {}, Empty {})?;
        if form == Format::Json {
            output.json(&Deleted { deleted: alias.as_str() })?;
        }
        output.note(format_args!("deleted the alias {alias} of {function}"));
        return Ok(());
    }
    let shown = match version {
        None => {
            let Json(shown) = client.call::<ShowVersionAlias>(&path, &Empty {}, Empty {})?;
            shown
        }
        Some(version) => {
            let weights = weight.as_ref().map(|weight| [(weight.version.to_string(), weight.percent.into())].into());
            let target = UpdateVersionAliasBody {
                version: version.to_string(),
                description: description.clone(),
                additional_version_weights: weights,
                additional_version_strategy: None,
            };
            let set = set(&client, function, alias, target)?;
            output.note(told(function, &set));
            set
        }
    };
    match (form, version) {
        (Format::Json, _) => output.json(&shown)?,
        (Format::Text, None) => output.data(text(&[shown]).as_bytes())?,
        (Format::Text, Some(_)) => output.line(&shown.alias_urn)?,
    }
    Ok(())
}

/// All aliases of a function.
pub(super) fn all(client: &Client, function: &FunctionName) -> Result<Vec<VersionAlias>, CallError> {
    let path = client.function(&function.with(None));
    let Json(aliases) = client.call::<ListVersionAliases>(&path, &Empty {}, Empty {})?;
    Ok(aliases)
}

/// Lets an alias lead somewhere, be it new or not. Its description stays unless another one is given.
pub(super) fn set(
    client: &Client,
    function: &FunctionName,
    alias: &AliasName,
    mut target: UpdateVersionAliasBody,
) -> Result<VersionAlias, CallError> {
    let path = path(client, function, alias);
    let there = client.call::<ShowVersionAlias>(&path, &Empty {}, Empty {});
    let Json(set) = match found(there, ErrorCode::AliasNotFound)? {
        Some(Json(there)) => {
            target.description = target.description.or(Some(there.description));
            client.call::<UpdateVersionAlias>(&path, &Empty {}, Json(target))?
        }
        None => {
            let body = CreateVersionAliasBody { name: alias.to_string(), target };
            client.call::<CreateVersionAlias>(&client.function(&function.with(None)), &Empty {}, Json(body))?
        }
    };
    Ok(set)
}

/// Where an alias leads, for people.
pub(super) fn told(function: &FunctionName, alias: &VersionAlias) -> String {
    let function = function.with(None);
    format!("{function}@{} leads to {}", alias.name, destination(alias))
}

fn path(client: &Client, function: &FunctionName, alias: &AliasName) -> AliasPath {
    let path = client.function(&function.with(None));
    AliasPath { project_id: path.project_id, function_urn: path.function_urn, alias_name: alias.to_string() }
}

fn destination(alias: &VersionAlias) -> String {
    let weights = alias.additional_version_weights.iter().flatten();
    let weights = weights.map(|(version, percent)| format!("{percent} % to {version}"));
    let rules = alias.additional_version_strategy.iter().flatten();
    let rules = rules.map(|(version, strategy)| format!("to {version} where {}", condition(strategy)));
    [alias.version.clone()].into_iter().chain(weights).chain(rules).collect::<Vec<_>>().join(", ")
}

fn condition(strategy: &VersionStrategy) -> String {
    let rules = strategy.rules.iter().map(|rule| {
        let op = rule.op.as_deref().filter(|op| !op.is_empty()).unwrap_or("=");
        format!("{} {op} {}", rule.param, rule.value)
    });
    let combine = match strategy.combine_type.as_deref() {
        Some("or") => " or ",
        _ => " and ",
    };
    rules.collect::<Vec<_>>().join(combine)
}

fn text(aliases: &[VersionAlias]) -> String {
    let mut table = Table::new(["ALIAS", "VERSION", "CHANGED", "DESCRIPTION"]);
    for alias in aliases {
        let (name, changed) = (alias.name.clone(), alias.last_modified.clone());
        table.row([name, destination(alias), changed, alias.description.clone()]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_api::aliases::VersionStrategyRule;

    fn alias() -> VersionAlias {
        VersionAlias {
            name: "prod".to_owned(),
            version: "v1".to_owned(),
            description: "for all".to_owned(),
            last_modified: "2026-11-23T01:02:03Z".to_owned(),
            alias_urn: "urn".to_owned(),
            additional_version_weights: None,
            additional_version_strategy: None,
        }
    }

    #[test]
    fn the_list_says_where_calls_go() {
        let weighted = VersionAlias {
            name: "some".to_owned(),
            additional_version_weights: Some([("v2".to_owned(), 10)].into()),
            ..alias()
        };
        let rule = |value: &str| VersionStrategyRule {
            param: "x-user".to_owned(),
            value: value.to_owned(),
            ..VersionStrategyRule::default()
        };
        let strategy = VersionStrategy { rules: vec![rule("ada"), rule("bob")], combine_type: Some("or".to_owned()) };
        let ruled = VersionAlias {
            name: "who".to_owned(),
            additional_version_strategy: Some([("v2".to_owned(), strategy)].into()),
            ..alias()
        };
        insta::assert_snapshot!(text(&[alias(), weighted, ruled]), @r"
        ALIAS  VERSION                                       CHANGED               DESCRIPTION
        prod   v1                                            2026-11-23T01:02:03Z  for all
        some   v1, 10 % to v2                                2026-11-23T01:02:03Z  for all
        who    v1, to v2 where x-user = ada or x-user = bob  2026-11-23T01:02:03Z  for all
        ");
    }
}
