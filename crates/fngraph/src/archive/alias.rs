//! Aliases in the YAML file.

use super::ArchiveError;
use fngraph_registry::{Additional, Alias, Combine, HeaderRule, Matches, Routing};
use fngraph_types::{AliasName, ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An alias, by the names of 7.7.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AliasDocument {
    name: String,
    version: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    /// The additional version and its percentage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    additional_version_weights: BTreeMap<String, u8>,
    /// The additional version and its rules.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    additional_version_strategy: BTreeMap<String, StrategyDocument>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StrategyDocument {
    combine_type: CombineDocument,
    rules: Vec<RuleDocument>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CombineDocument {
    And,
    Or,
}

/// A rule about a header: it has this value, or one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    param: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
}

impl AliasDocument {
    /// As it is written.
    pub(super) fn of(alias: &Alias) -> Self {
        let mut document = Self {
            name: alias.name.to_string(),
            version: alias.version.to_string(),
            description: alias.description.clone(),
            additional_version_weights: BTreeMap::new(),
            additional_version_strategy: BTreeMap::new(),
        };
        if let Some(Additional { version, routing }) = &alias.additional {
            match routing {
                Routing::Weight(weight) => {
                    document.additional_version_weights.insert(version.to_string(), *weight);
                }
                Routing::Rules { combine, rules } => {
                    document.additional_version_strategy.insert(version.to_string(), strategy(*combine, rules));
                }
            }
        }
        document
    }

    /// The alias that it says.
    pub(super) fn alias(&self, at: Timestamp) -> Result<Alias, ArchiveError> {
        let name: AliasName = ArchiveError::parse(ErrorCode::InvalidAlias, "the name of an alias", &self.name)?;
        let version = ArchiveError::parse(ErrorCode::InvalidVersion, "the version of an alias", &self.version)?;
        let mut additional = Vec::new();
        for (version, weight) in &self.additional_version_weights {
            additional.push((version, Routing::Weight(*weight)));
        }
        for (version, strategy) in &self.additional_version_strategy {
            additional.push((version, routing(strategy)?));
        }
        if additional.len() > 1 {
            let reason = format!("the alias `{name}` has more than one additional version");
            return Err(ArchiveError::Yaml { reason });
        }
        let additional = additional.pop().map(|(name, routing)| {
            let what = "the additional version of an alias";
            let version = ArchiveError::parse(ErrorCode::InvalidAdditionalVersion, what, name)?;
            Ok::<_, ArchiveError>(Additional { version, routing })
        });
        let description = self.description.clone();
        Ok(Alias { additional: additional.transpose()?, description, ..Alias::new(name, version, at) })
    }
}

fn strategy(combine: Combine, rules: &[HeaderRule]) -> StrategyDocument {
    let combine_type = match combine {
        Combine::And => CombineDocument::And,
        Combine::Or => CombineDocument::Or,
    };
    let rules = rules.iter().map(|HeaderRule { header, matches }| {
        let (value, values) = match matches {
            Matches::Equals(value) => (Some(value.clone()), None),
            Matches::In(values) => (None, Some(values.clone())),
        };
        RuleDocument { param: header.clone(), value, values }
    });
    StrategyDocument { combine_type, rules: rules.collect() }
}

fn routing(strategy: &StrategyDocument) -> Result<Routing, ArchiveError> {
    let combine = match strategy.combine_type {
        CombineDocument::And => Combine::And,
        CombineDocument::Or => Combine::Or,
    };
    let rules = strategy.rules.iter().map(|rule| {
        let matches = match (&rule.value, &rule.values) {
            (Some(value), None) => Matches::Equals(value.clone()),
            (None, Some(values)) => Matches::In(values.clone()),
            (None, None) | (Some(_), Some(_)) => {
                let reason = "a rule of an alias has either `value` or `values`".to_owned();
                return Err(ArchiveError::Yaml { reason });
            }
        };
        Ok(HeaderRule { header: rule.param.clone(), matches })
    });
    Ok(Routing::Rules { combine, rules: rules.collect::<Result<_, _>>()? })
}
