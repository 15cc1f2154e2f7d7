//! Tags of functions (manual, 7.6.9 and 7.6.13–7.6.16).

use crate::{Empty, Json, operation::operations};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the tags of a function.
    ListFunctionTags = Get "/v2/{project_id}/{resource_type}/{resource_id}/tags" => 200, "7.6.9" {
        path: ResourcePath, query: Empty, body: Empty, answer: Json<ResourceTags>
    }
    /// Lists the tags that the functions of a project have, each key with all its values.
    ShowProjectTagsList = Get "/v2/{project_id}/{resource_type}/tags" => 200, "7.6.13" {
        path: ResourceTypePath, query: Empty, body: Empty, answer: Json<ProjectTags>
    }
    /// Finds functions by name and tags, or counts them.
    ShowResInstanceInfo = Post "/v2/{project_id}/{resource_type}/resource-instances/{action}" => 200, "7.6.14" {
        path: ResourceQueryPath, query: Empty, body: Json<ResourceQuery>, answer: Json<ResourceList>
    }
    /// Takes tags off a function.
    DeleteTags = Delete "/v2/{project_id}/{resource_type}/{resource_id}/tags/delete" => 204, "7.6.15" {
        path: ResourcePath, query: Empty, body: Json<TagChange>, answer: Empty
    }
    /// Puts tags on a function; one whose key it has already gets the new value.
    CreateTags = Post "/v2/{project_id}/{resource_type}/{resource_id}/tags/create" => 204, "7.6.16" {
        path: ResourcePath, query: Empty, body: Json<TagChange>, answer: Empty
    }
}

/// The only type of resource that has tags here.
pub const RESOURCE_TYPE: &str = "functions";

/// The key of the system tag that tells a function's enterprise project.
pub const ENTERPRISE_PROJECT: &str = "_sys_enterprise_project_id";

/// The key by which [`ResourceQuery::matches`] looks at names.
pub const RESOURCE_NAME: &str = "resource_name";

/// The parameters of paths that name a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ResourcePath {
    /// The project.
    pub project_id: String,
    /// `functions`.
    #[param(example = "functions")]
    pub resource_type: String,
    /// The function: a URN, or a part of one that is enough.
    pub resource_id: String,
}

/// The parameters of paths that name a type of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ResourceTypePath {
    /// The project.
    pub project_id: String,
    /// `functions`.
    #[param(example = "functions")]
    pub resource_type: String,
}

/// The parameters of paths that look for resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ResourceQueryPath {
    /// The project.
    pub project_id: String,
    /// `functions`.
    #[param(example = "functions")]
    pub resource_type: String,
    /// `filter` answers the functions, `count` only their number.
    #[param(example = "filter")]
    pub action: String,
}

/// A key with a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tag {
    /// The key: 1 to 128 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub key: String,
    /// The value: up to 255 characters. Default: empty.
    #[serde(default)]
    #[schema(max_length = 255)]
    pub value: String,
}

/// A key with several values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagValues {
    /// The key.
    #[serde(default)]
    pub key: String,
    /// The values.
    #[serde(default)]
    pub values: Vec<String>,
}

/// The tags of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResourceTags {
    /// Those that users gave it, by key.
    pub tags: Vec<Tag>,
    /// Those that the platform gave it: its enterprise project, if it has one.
    pub sys_tags: Vec<Tag>,
}

/// The tags that the functions of a project have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectTags {
    /// Those that users gave them, by key, each value once.
    pub tags: Vec<TagValues>,
    /// Those that the platform gave them.
    pub sys_tags: Vec<TagValues>,
}

/// Tags to add or to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TagChange {
    /// `create` or `delete`, as the path says. Default: what the path says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The tags: a function has up to 20. To remove one, its key is enough; a value that is given must be the tag's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// System tags, which are the platform's: none can be added or removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sys_tags: Vec<Tag>,
}

/// Which functions to find. All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ResourceQuery {
    /// Only functions without any tag. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_any_tag: Option<bool>,
    /// How many functions to answer at most: 1 to 1000, as text or number. Default: 1000.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_number")]
    pub limit: Option<String>,
    /// How many to skip, as text or number. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_number")]
    pub offset: Option<String>,
    /// `filter` or `count`, as the path says. Default: what the path says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// With the key `resource_name`, functions whose name contains the value; with any other key, functions with this
    /// tag.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Tag>,
    /// Functions with these system tags, each with one of its values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sys_tags: Vec<TagValues>,
}

/// Functions that were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResourceList {
    /// The functions of this page; not there when they were counted only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<TaggedResource>>,
    /// How many there are in all.
    pub total_count: u64,
}

/// A function with its tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaggedResource {
    /// What the operations on tags name it by: its URN.
    pub resource_id: String,
    /// More about it.
    pub resource_detail: ResourceDetail,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its system tags.
    pub sys_tags: Vec<Tag>,
    /// Its name.
    pub resource_name: String,
}

/// More about a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResourceDetail {
    /// Its URN.
    #[serde(rename = "detailId")]
    pub detail_id: String,
}

/// Reads what the manual's tables call a text and its examples write as a number.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Visitor;

    impl serde::de::Visitor<'_> for Visitor {
        type Value = Option<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, as text or as it is")
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.to_owned()))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number.to_string()))
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(Visitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_texts_or_numbers() {
        for (json, limit) in [
            (r#"{"limit": "5"}"#, Some("5")),
            (r#"{"limit": 5}"#, Some("5")),
            (r#"{"limit": -1}"#, Some("-1")),
            (r#"{"limit": null}"#, None),
            ("{}", None),
        ] {
            let query: ResourceQuery = serde_json::from_str(json).unwrap();
            assert_eq!(query.limit.as_deref(), limit, "{json}");
        }
        assert!(serde_json::from_str::<ResourceQuery>(r#"{"limit": []}"#).is_err());
    }

    #[test]
    fn a_tag_may_leave_out_its_value() {
        let tag: Tag = serde_json::from_str(r#"{"key": "k"}"#).unwrap();
        assert_eq!((tag.key.as_str(), tag.value.as_str()), ("k", ""));
    }
}
