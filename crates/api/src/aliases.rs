//! Aliases of versions (manual, 7.7.1–7.7.5).

use crate::{Empty, FunctionPath, Json, operation::operations};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the aliases of a function.
    ListVersionAliases = Get "/v2/{project_id}/fgs/functions/{function_urn}/aliases" => 200, "7.7.1" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<Vec<VersionAlias>>
    }
    /// Creates an alias.
    CreateVersionAlias = Post "/v2/{project_id}/fgs/functions/{function_urn}/aliases" => 200, "7.7.2" {
        path: FunctionPath, query: Empty, body: Json<CreateVersionAliasBody>, answer: Json<VersionAlias>
    }
    /// Deletes an alias with its reserved instances.
    DeleteVersionAlias = Delete "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}" => 204, "7.7.3" {
        path: AliasPath, query: Empty, body: Empty, answer: Empty
    }
    /// Answers one alias.
    ShowVersionAlias = Get "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}" => 200, "7.7.4" {
        path: AliasPath, query: Empty, body: Empty, answer: Json<VersionAlias>
    }
    /// Replaces what an alias says. What is left out goes back to its default.
    UpdateVersionAlias = Put "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}" => 200, "7.7.5" {
        path: AliasPath, query: Empty, body: Json<UpdateVersionAliasBody>, answer: Json<VersionAlias>
    }
}

/// The parameters of paths that name an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct AliasPath {
    /// The project.
    pub project_id: String,
    /// The function.
    pub function_urn: String,
    /// The alias, without the `!` of URNs.
    pub alias_name: String,
}

/// An alias to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateVersionAliasBody {
    /// Its name: 1 to 63 letters, digits, `_` and `-`, beginning with a letter.
    #[schema(min_length = 1, max_length = 63)]
    pub name: String,
    /// What it says.
    #[serde(flatten)]
    pub target: UpdateVersionAliasBody,
}

/// What an alias says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct UpdateVersionAliasBody {
    /// The main version.
    pub version: String,
    /// What people say about it, up to 512 characters. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
    /// The additional version with the percentage of calls that it serves, 0 to 100: one version at most, and a
    /// published one. Not together with a strategy. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<BTreeMap<String, i64>>,
    /// The additional version with rules for the calls that it serves: one version at most, and a published one. Not
    /// together with weights. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_version_strategy: Option<BTreeMap<String, VersionStrategy>>,
}

/// Which calls an additional version serves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct VersionStrategy {
    /// The rules: 1 to 20.
    #[serde(default)]
    pub rules: Vec<VersionStrategyRule>,
    /// `and`: all rules must hold; `or`: one. Default: `and`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "and")]
    pub combine_type: Option<String>,
}

/// A rule about one header of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct VersionStrategyRule {
    /// `Header`. Default: that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Header")]
    pub rule_type: Option<String>,
    /// The header: letters, digits, `_` and `-`; case does not matter.
    #[serde(default)]
    pub param: String,
    /// `=`: the header has the value; `in`: it has one of the values. Default: `=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "=")]
    pub op: Option<String>,
    /// The value, or, for `in`, values with commas between them.
    #[serde(default)]
    pub value: String,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VersionAlias {
    /// Its name.
    pub name: String,
    /// Its main version.
    pub version: String,
    /// What people say about it.
    pub description: String,
    /// When it was last written.
    #[schema(example = "2026-11-23T01:02:03Z")]
    pub last_modified: String,
    /// Its URN, with `!` before the name.
    pub alias_urn: String,
    /// The additional version and its percentage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<BTreeMap<String, i64>>,
    /// The additional version and its rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional_version_strategy: Option<BTreeMap<String, VersionStrategy>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_alias_is_one_flat_object() {
        let text = r#"{"name": "a1", "version": "v1", "additional_version_weights": {"v2": 50}}"#;
        let body: CreateVersionAliasBody = serde_json::from_str(text).unwrap();
        assert_eq!((body.name.as_str(), body.target.version.as_str()), ("a1", "v1"));
        assert_eq!(body.target.additional_version_weights.as_ref().unwrap()["v2"], 50);
        assert_eq!(serde_json::to_value(&body).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }
}
