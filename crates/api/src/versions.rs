//! Versions of functions (manual, 7.7.6 and 7.7.7).

use crate::{
    Empty, FunctionPath, Json, async_invocations::AsyncInvokeConfig, metadata::FunctionMetadata, operation::operations,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the versions of a function.
    ListFunctionVersions = Get "/v2/{project_id}/fgs/functions/{function_urn}/versions" => 200, "7.7.6" {
        path: FunctionPath, query: VersionsQuery, body: Empty, answer: Json<VersionList>
    }
    /// Publishes `latest`: its code and settings become a version that never changes.
    CreateFunctionVersion = Post "/v2/{project_id}/fgs/functions/{function_urn}/versions" => 200, "7.7.7" {
        path: FunctionPath, query: Empty, body: Json<CreateVersionBody>, answer: Json<FunctionMetadata>
    }
}

/// Which versions to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionsQuery {
    /// How many versions to leave out at the beginning: the `next_marker` of the page before. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "0")]
    pub marker: Option<String>,
    /// How many versions to answer: 1 to 400. 0 and more than 400 mean 400, and so does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "400")]
    pub maxitems: Option<String>,
}

/// A page of versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionList {
    /// `latest`, then the published ones, newest first.
    pub versions: Vec<FunctionVersion>,
    /// The marker of the next page. After the last page it is the number of versions.
    pub next_marker: u64,
    /// How many versions there are in all.
    pub count: u64,
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionVersion {
    /// Its metadata.
    #[serde(flatten)]
    pub metadata: FunctionMetadata,
    /// The most instances: 1 to 1000, -1 for no limit, 0 for a version that is disabled.
    pub concurrency: i64,
    /// How many requests one instance serves at a time.
    pub concurrent_num: i64,
    /// How asynchronous invocations are treated, if that was configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_async_config: Option<AsyncInvokeConfig>,
}

/// How to publish `latest`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateVersionBody {
    /// The digest of the code to publish, as the function's metadata tell it: publishes nothing when the code is
    /// another by now. (The manual calls it an MD5 here, and a SHA-512 where it is answered.) Default: whatever the
    /// code is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The version's name: 1 to 42 letters, digits, `_`, `-` and `.`, with a letter or digit at both ends. Default:
    /// the moment, `vYYYYMMDD-HHMMSS` in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 42)]
    pub version: Option<String>,
    /// What to say about it, up to 512 characters. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
}
