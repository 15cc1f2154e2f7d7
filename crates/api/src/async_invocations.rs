//! Asynchronous configurations and requests (manual, 7.15).

use crate::{Empty, FunctionPath, Json, PageInfo, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Answers the asynchronous configuration of a version.
    ShowFunctionAsyncInvokeConfig =
        Get "/v2/{project_id}/fgs/functions/{function_urn}/async-invoke-config" => 200, "7.15.1" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<AsyncInvokeConfig>
    }
    /// Deletes the asynchronous configuration of a version.
    DeleteFunctionAsyncInvokeConfig =
        Delete "/v2/{project_id}/fgs/functions/{function_urn}/async-invoke-config" => 204, "7.15.2" {
        path: FunctionPath, query: Empty, body: Empty, answer: Empty
    }
    /// Sets the asynchronous configuration of a version.
    UpdateFunctionAsyncInvokeConfig =
        Put "/v2/{project_id}/fgs/functions/{function_urn}/async-invoke-config" => 200, "7.15.3" {
        path: FunctionPath, query: Empty, body: Json<AsyncInvokeConfigBody>, answer: Json<AsyncInvokeConfig>
    }
    /// Lists the asynchronous configurations of a function's versions.
    ListFunctionAsyncInvokeConfig =
        Get "/v2/{project_id}/fgs/functions/{function_urn}/async-invoke-configs" => 200, "7.15.4" {
        path: FunctionPath, query: ConfigsQuery, body: Empty, answer: Json<AsyncInvokeConfigList>
    }
    /// Lists asynchronous requests, oldest first.
    ListAsyncInvocations = Get "/v2/{project_id}/fgs/functions/{function_urn}/async-invocations" => 200, "7.15.5" {
        path: FunctionPath, query: InvocationsQuery, body: Empty, answer: Json<AsyncInvocationList>
    }
    /// Lists asynchronous requests that have not ended, oldest first.
    ListActiveAsyncInvocations =
        Get "/v2/{project_id}/fgs/functions/{function_urn}/active-async-invocations" => 200, "7.15.6" {
        path: FunctionPath, query: ActiveInvocationsQuery, body: Empty, answer: Json<AsyncInvocationList>
    }
    /// Stops an asynchronous request.
    CancelAsyncInvocation = Post "/v2/{project_id}/fgs/functions/{function_urn}/cancel" => 200, "7.15.7" {
        path: FunctionPath, query: Empty, body: Json<CancelBody>, answer: Empty
    }
}

/// A new asynchronous configuration. What it leaves out has its default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncInvokeConfigBody {
    /// How long a request may wait, in seconds. Default: 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub max_async_event_age_in_seconds: Option<i64>,
    /// How often a failed attempt is repeated. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 3)]
    pub max_async_retry_attempts: Option<i64>,
    /// Who hears of ends. Default: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<AsyncDestinations>,
    /// Whether changes of status are logged, once 7.9.4 allows it for the project. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_async_status_log: Option<bool>,
}

/// Who hears of the ends of asynchronous requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncDestinations {
    /// Of successes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_success: Option<AsyncDestination>,
    /// Of failures, and of requests that were discarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<AsyncDestination>,
}

/// Who hears of an end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncDestination {
    /// The kind: `OBS`, `SMN`, `DIS` or `FunctionGraph`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "FunctionGraph")]
    pub destination: Option<String>,
    /// JSON, as text. `OBS`: `bucket`, `prefix`, `expires` (days, 0 to 365, 0 is never). `SMN`: `topic_urn`. `DIS`:
    /// `stream_name`. `FunctionGraph`: `func_urn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
}

/// The asynchronous configuration of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncInvokeConfig {
    /// The function's URN, with the version.
    pub func_urn: String,
    /// How long a request may wait, in seconds.
    pub max_async_event_age_in_seconds: u64,
    /// How often a failed attempt is repeated.
    pub max_async_retry_attempts: u8,
    /// Who hears of ends.
    pub destination_config: AsyncDestinations,
    /// When it was first set.
    pub created_time: String,
    /// When it was last set.
    pub last_modified: String,
    /// Whether changes of status are logged.
    pub enable_async_status_log: bool,
}

/// Which configurations to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct ConfigsQuery {
    /// How many to leave out. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many at most, up to 100; 0 is the default. Default: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// The asynchronous configurations of a function's versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncInvokeConfigList {
    /// The configurations.
    pub async_invoke_configs: Vec<AsyncInvokeConfig>,
    /// How many there are in all.
    pub count: u64,
    /// Which part of them this is.
    pub page_info: PageInfo,
}

/// Which asynchronous requests to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct InvocationsQuery {
    /// This request only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// How many to leave out. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many at most: 1 to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Those that are `WAIT`, `RUNNING`, `SUCCESS`, `FAIL` or `DISCARD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Accepted at this moment or later: `2026-11-23T01:02:03`, in UTC. Default: an hour ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_begin_time: Option<String>,
    /// Accepted at this moment or earlier. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_end_time: Option<String>,
}

/// Which asynchronous requests that have not ended to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct ActiveInvocationsQuery {
    /// Up to 10 ids, divided by commas. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<String>,
    /// How many to leave out. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many at most: 1 to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Those that are `WAIT` or `RUNNING`; the other statuses name none that is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Accepted at this moment or later: `2026-11-23T01:02:03`, in UTC. Default: an hour ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_begin_time: Option<String>,
    /// Accepted at this moment or earlier. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_end_time: Option<String>,
}

/// Asynchronous requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncInvocationList {
    /// The requests, oldest first.
    pub invocations: Vec<AsyncInvocation>,
    /// How many match in all.
    pub count: u64,
    /// The marker of the next page.
    pub next_marker: u64,
}

/// An asynchronous request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AsyncInvocation {
    /// Its id.
    pub request_id: String,
    /// Where it stands: `WAIT`, `RUNNING`, `SUCCESS`, `FAIL` or `DISCARD`.
    #[schema(example = "SUCCESS")]
    pub status: String,
    /// What went wrong last; empty for nothing.
    pub error_message: String,
    /// The number of what went wrong last, such as 4002; 0 for nothing.
    pub error_code: u16,
    /// When its latest attempt began, if one has: `2026-11-23T01:02:03Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// When it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
}

/// Which request to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CancelBody {
    /// Its id.
    pub request_id: String,
    /// How: `force` (its instance ends, the default). `recursive` would stop what it called too, which the manual does
    /// not support either.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "force")]
    pub kind: Option<String>,
}
