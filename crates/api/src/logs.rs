//! Logs (manual, 7.9). The cloud keeps them in its log service; here a log service of our own keeps them, with one group
//! for each project and one stream for each function.

use crate::{Empty, FunctionPath, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Answers where changes of the status of asynchronous invocations are logged.
    ShowProjectAsyncStatusLogInfo =
        Get "/v2/{project_id}/fgs/functions/async-status-log-detail" => 200, "7.9.1" {
        path: ProjectPath, query: Empty, body: Empty, answer: Json<LogStreamDetail>
    }
    /// Answers where the logs of a function are.
    ShowLtsLogDetails = Get "/v2/{project_id}/fgs/functions/{function_urn}/lts-log-detail" => 200, "7.9.2" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<LogStreamDetail>
    }
    /// Keeps logs of functions. They are always kept, so this changes nothing.
    EnableLtsLogs = Post "/v2/{project_id}/fgs/functions/enable-lts-logs" => 200, "7.9.3" {
        path: ProjectPath, query: Empty, body: Empty, answer: Empty
    }
    /// Logs changes of the status of asynchronous invocations, of those functions whose asynchronous configuration
    /// asks for it.
    EnableAsyncStatusLog = Post "/v2/{project_id}/fgs/functions/enable-async-status-logs" => 200, "7.9.4" {
        path: ProjectPath, query: Empty, body: Empty, answer: Empty
    }
    /// Reads logs, the latest ones or those that follow a marker.
    ReadLogs = Get "/v2/{project_id}/fgs/functions/{function_urn}/logs" => 200, "fngraph" {
        path: FunctionPath, query: LogsQuery, body: Empty, answer: Json<LogPage>
    }
}

/// Where logs are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogStreamDetail {
    /// The group's name.
    pub group_name: String,
    /// The group's id.
    pub group_id: String,
    /// The stream's id.
    pub stream_id: String,
    /// The stream's name.
    pub stream_name: String,
}

/// Which logs to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct LogsQuery {
    /// Of this invocation only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// From this moment on, in UTC: `2026-11-23T01:02:03`, or milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How many at most: 1 to 1000. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The `next_marker` of the page before: what was stored since then. Without it, the latest logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// `function` (what invocations wrote, the default) or `async-status` (changes of the status of asynchronous
    /// invocations).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
}

/// Logs in the order in which they were stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogPage {
    /// The logs.
    pub logs: Vec<LogEntry>,
    /// The marker to go on with. When there was nothing new it stays as it was.
    pub next_marker: i64,
}

/// The log of one attempt of an invocation, or one change of its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    /// The invocation.
    pub request_id: String,
    /// The version that ran.
    pub version: String,
    /// When the handler was called, or the status changed: `2026-11-23T01:02:03Z`.
    pub time: String,
    /// The code of the failure, such as `FSS.4002`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The text: lines of the platform and of the function; of a status, a line of JSON.
    pub text: String,
}
