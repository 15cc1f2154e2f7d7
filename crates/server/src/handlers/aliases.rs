//! Aliases of versions (manual, 7.7.1–7.7.5).

use crate::{call::Call, failure::Failure};
use fngraph::{
    Additional, Alias, AliasName, Combine, ErrorCode, HeaderRule, Matches, Qualifier, RegistryError, Routing,
    Timestamp, Urn, VersionName,
};
use fngraph_api::{
    Empty, Json, Operation,
    aliases::{
        CreateVersionAlias, DeleteVersionAlias, ListVersionAliases, ShowVersionAlias, UpdateVersionAlias,
        UpdateVersionAliasBody, VersionAlias, VersionStrategy, VersionStrategyRule,
    },
    time,
};
use std::collections::BTreeMap;

/// Lists the aliases of a function, in the order of their creation.
pub(crate) async fn list(call: Call<ListVersionAliases>) -> Result<Json<Vec<VersionAlias>>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    Ok(Json(function.aliases.iter().map(|alias| answer(&call, &urn, alias)).collect()))
}

/// Creates an alias.
pub(crate) async fn create(call: Call<CreateVersionAlias>) -> Result<Json<VersionAlias>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let Json(body) = &call.body;
    let alias = read(name(&body.name)?, &body.target, call.app.now())?;
    call.app.runtime.registry().create_alias(&urn.function, alias.clone()).await?;
    Ok(Json(answer(&call, &urn, &alias)))
}

/// Deletes an alias with its reserved instances.
pub(crate) async fn delete(call: Call<DeleteVersionAlias>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let name = name(&call.path.alias_name)?;
    call.app.runtime.registry().delete_alias(&urn.function, &name).await?;
    Ok(Empty {})
}

/// Answers one alias.
pub(crate) async fn show(call: Call<ShowVersionAlias>) -> Result<Json<VersionAlias>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let name = name(&call.path.alias_name)?;
    let function = call.function(&urn)?;
    let alias = function.alias(&name);
    let alias = alias.ok_or_else(|| RegistryError::AliasNotFound { function: urn.function.clone(), alias: name })?;
    Ok(Json(answer(&call, &urn, alias)))
}

/// Replaces what an alias says.
pub(crate) async fn update(call: Call<UpdateVersionAlias>) -> Result<Json<VersionAlias>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let alias = read(name(&call.path.alias_name)?, &call.body.0, call.app.now())?;
    call.app.runtime.registry().update_alias(&urn.function, alias.clone()).await?;
    Ok(Json(answer(&call, &urn, &alias)))
}

fn name(text: &str) -> Result<AliasName, Failure> {
    text.parse().map_err(|error: fngraph_types::NameError| Failure::new(ErrorCode::InvalidAlias, error.to_string()))
}

fn version(text: &str, code: ErrorCode) -> Result<VersionName, Failure> {
    text.parse().map_err(|error: fngraph_types::NameError| Failure::new(code, error.to_string()))
}

fn read(name: AliasName, body: &UpdateVersionAliasBody, now: Timestamp) -> Result<Alias, Failure> {
    Ok(Alias {
        additional: additional(body)?,
        description: body.description.clone().unwrap_or_default(),
        ..Alias::new(name, version(&body.version, ErrorCode::InvalidVersion)?, now)
    })
}

/// The one additional version, which has a weight or rules.
fn additional(body: &UpdateVersionAliasBody) -> Result<Option<Additional>, Failure> {
    let mut all = Vec::new();
    for (version, weight) in body.additional_version_weights.iter().flatten() {
        all.push((version, weighted(*weight)?));
    }
    for (version, strategy) in body.additional_version_strategy.iter().flatten() {
        all.push((version, ruled(strategy)?));
    }
    if all.len() > 1 {
        let text = "an alias has one additional version at most, with a weight or with a strategy; choose one";
        return Err(Failure::new(ErrorCode::InvalidAdditionalVersion, text));
    }
    let additional = all.pop().map(|(name, routing)| {
        let version = version(name, ErrorCode::InvalidAdditionalVersion)?;
        Ok(Additional { version, routing })
    });
    additional.transpose()
}

fn weighted(weight: i64) -> Result<Routing, Failure> {
    u8::try_from(weight).map(Routing::Weight).map_err(|_| {
        let text = format!("the weight of the additional version is {weight}; allowed: 0 to 100 percent");
        Failure::new(ErrorCode::InvalidAdditionalWeight, text)
    })
}

fn ruled(strategy: &VersionStrategy) -> Result<Routing, Failure> {
    let combine = match strategy.combine_type.as_deref() {
        None | Some("" | "and") => Combine::And,
        Some("or") => Combine::Or,
        Some(other) => return Err(refused("combine_type", other, "`and` or `or`")),
    };
    let rules = strategy.rules.iter().map(|rule| {
        if let Some(other) = rule.rule_type.as_deref().filter(|kind| !matches!(*kind, "" | "Header")) {
            return Err(refused("rule_type", other, "`Header`"));
        }
        let matches = match rule.op.as_deref() {
            None | Some("" | "=") => Matches::Equals(rule.value.clone()),
            Some("in") => Matches::In(rule.value.split(',').map(|value| value.trim().to_owned()).collect()),
            Some(other) => return Err(refused("op", other, "`=` or `in`")),
        };
        Ok(HeaderRule { header: rule.param.clone(), matches })
    });
    Ok(Routing::Rules { combine, rules: rules.collect::<Result<_, _>>()? })
}

fn refused(field: &str, given: &str, rule: &str) -> Failure {
    // What a client sent may be long; its beginning tells enough.
    let given: String = given.chars().take(80).collect();
    let text = format!("the {field} of the additional version's strategy is `{given}`; allowed: {rule}");
    Failure::new(ErrorCode::InvalidAdditionalVersion, text)
}

fn answer<O: Operation>(call: &Call<O>, urn: &Urn, alias: &Alias) -> VersionAlias {
    let mut answer = VersionAlias {
        name: alias.name.to_string(),
        version: alias.version.to_string(),
        description: alias.description.clone(),
        last_modified: time::format(alias.modified_at),
        alias_urn: call.name(&urn.function, Qualifier::Alias(alias.name.clone())),
        additional_version_weights: None,
        additional_version_strategy: None,
    };
    if let Some(Additional { version, routing }) = &alias.additional {
        let version = version.to_string();
        match routing {
            Routing::Weight(weight) => {
                answer.additional_version_weights = Some(BTreeMap::from([(version, i64::from(*weight))]));
            }
            Routing::Rules { combine, rules } => {
                let strategy = strategy(*combine, rules);
                answer.additional_version_strategy = Some(BTreeMap::from([(version, strategy)]));
            }
        }
    }
    answer
}

fn strategy(combine: Combine, rules: &[HeaderRule]) -> VersionStrategy {
    let combine = match combine {
        Combine::And => "and",
        Combine::Or => "or",
    };
    let rules = rules.iter().map(|rule| {
        let (op, value) = match &rule.matches {
            Matches::Equals(value) => ("=", value.clone()),
            Matches::In(values) => ("in", values.join(",")),
        };
        VersionStrategyRule {
            rule_type: Some("Header".to_owned()),
            param: rule.header.clone(),
            op: Some(op.to_owned()),
            value,
        }
    });
    VersionStrategy { rules: rules.collect(), combine_type: Some(combine.to_owned()) }
}
