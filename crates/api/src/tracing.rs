//! Whether the calls of a function are traced (manual, 7.5).

use crate::{Empty, FunctionPath, Json, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations! {
    /// Shows for whom a function is traced.
    ShowTracing = Get "/v2/{project_id}/fgs/functions/{function_urn}/tracing" => 200, "7.5.1" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<TracingKeys>
    }
    /// Has a function traced, all of its versions, or ends that.
    UpdateTracing = Put "/v2/{project_id}/fgs/functions/{function_urn}/tracing" => 200, "7.5.2" {
        path: FunctionPath, query: Empty, body: Json<TracingChange>, answer: Empty
    }
}

/// What stands for a secret key that is there.
pub const MASK: &str = "*****";

/// For whom a function is traced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TracingKeys {
    /// The access key of the service that traces.
    #[schema(example = "xxx")]
    pub tracing_ak: String,
    /// Always `*****`: the secret key is not shown.
    #[schema(example = "*****")]
    pub tracing_sk: String,
}

/// For whom a function is to be traced: both keys, or none of them to end it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TracingChange {
    /// The access key: up to 128 visible ASCII characters, without a colon. Default: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub tracing_ak: Option<String>,
    /// The secret key: up to 128 visible ASCII characters. `*****` keeps the one that is there. Default: empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub tracing_sk: Option<String>,
}

/// One of them is secret.
impl std::fmt::Debug for TracingChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TracingChange").field("tracing_ak", &self.tracing_ak).finish_non_exhaustive()
    }
}
