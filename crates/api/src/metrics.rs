//! Metrics (manual, 7.8).

use crate::{Empty, FunctionPath, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the functions of which a metric is highest, at first the failures of the last day.
    ListFunctionAsMetric = Get "/v2/{project_id}/fgs/function/report" => 200, "7.8.1" {
        path: ProjectPath, query: ReportQuery, body: Empty, answer: Json<Report>
    }
    /// Answers the metrics of all functions of a project together, or what they used month by month.
    ListStatistics = Get "/v2/{project_id}/fgs/functions/statistics" => 200, "7.8.2" {
        path: ProjectPath, query: StatisticsFilter, body: Empty, answer: Json<ProjectStatistics>
    }
    /// Answers the metrics of a function in the last minutes.
    ListFunctionStatistics = Get "/v2/{project_id}/fgs/functions/{function_urn}/statistics/{period}" => 200, "7.8.3" {
        path: PeriodPath, query: Empty, body: Empty, answer: Json<FunctionStatistics>
    }
    /// Answers how many instances a function had in the last day.
    ShowFuncReservedInstanceMetrics =
        Get "/v2/{project_id}/fgs/functions/{function_urn}/instancereports" => 200, "7.8.4" {
        path: FunctionPath, query: PointsQuery, body: Empty, answer: Json<InstanceMetrics>
    }
    /// Answers the metrics of a function in the last minutes, concurrency apart from instances.
    ShowFunctionMetrics = Get "/v2/{project_id}/fgs/functions/{function_urn}/slareports/{period}" => 200, "7.8.5" {
        path: PeriodPath, query: Empty, body: Empty, answer: Json<FunctionMetrics>
    }
}

/// The parameters of paths that name a function and a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct PeriodPath {
    /// The project.
    pub project_id: String,
    /// The function: a URN. With a version or alias it is about those, without about all versions.
    pub function_urn: String,
    /// How many minutes, up to now: 1 to 259200 (180 days).
    pub period: String,
}

/// Which functions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct ReportQuery {
    /// The metric: `count`, `failcount` (the default), `rejectcount`, `functionerrorcount`, `systemerrorcount`,
    /// `duration`, `maxduration`, `minduration`, `concurrency` or `reservedinstancenum`, with `_` where one likes.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// From when, in UTC: `2026-11-23T01:02:03`, or milliseconds since 1970. Default: a day before the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// Until when. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<String>,
    /// How many functions at most: 1 to 500. Default: 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// Functions by a metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The functions, those with the highest value first.
    pub values: Vec<ReportedFunction>,
    /// Where the list ends.
    pub next_marker: u64,
    /// How many functions are listed.
    pub count: u64,
}

/// A function and the value of a metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportedFunction {
    /// The function's URN.
    pub key: String,
    /// The value; durations are whole milliseconds.
    pub value: u64,
}

/// Which statistics of a project to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct StatisticsFilter {
    /// `monitor_data` (metrics) or `monthly_report` (use by month). It must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// With `monitor_data`: how many minutes, up to now: 1 to 259200. Default: 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// With `monthly_report`: `0` (this month, the default), `1` (last month), `2` (three months), `3` (six months).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// How many points of each metric at most: 1 to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// How many points to leave out. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
}

/// Which points of metrics to answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
pub struct PointsQuery {
    /// How many points to leave out. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many points of each metric at most: 1 to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// The statistics of a project: those that the filter asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProjectStatistics {
    /// Invocations by month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Vec<MonthUsed>>,
    /// Billed time and memory by month, in GB seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gbs: Option<Vec<MonthUsed>>,
    /// Billed time and memory of GPUs by month, in GB seconds. There are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_gbs: Option<Vec<MonthUsed>>,
    /// The metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<FunctionStatistics>,
}

/// What was used in a month.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MonthUsed {
    /// The month, in UTC.
    #[schema(example = "2026-11")]
    pub date: String,
    /// How much.
    pub value: f64,
}

/// A value of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SlaReportsValue {
    /// When the time begins that it is about, in milliseconds since 1970.
    pub timestamp: i64,
    /// The value; -1 when there is none.
    pub value: f64,
}

/// The metrics of functions. All have the same points of time: one a minute for up to an hour, one each 30 minutes for
/// up to a day, else one each 180 minutes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionStatistics {
    /// Invocations, failed and rejected ones too.
    pub count: Vec<SlaReportsValue>,
    /// The mean time in the handler, in milliseconds.
    pub duration: Vec<SlaReportsValue>,
    /// Invocations that failed.
    pub fail_count: Vec<SlaReportsValue>,
    /// The longest time in the handler, in milliseconds.
    pub max_duration: Vec<SlaReportsValue>,
    /// The shortest time in the handler, in milliseconds.
    pub min_duration: Vec<SlaReportsValue>,
    /// Invocations that were rejected for want of room.
    pub reject_count: Vec<SlaReportsValue>,
    /// Invocations that the function failed.
    pub function_error_count: Vec<SlaReportsValue>,
    /// Invocations that the platform failed.
    pub system_error_count: Vec<SlaReportsValue>,
    /// The most reserved instances at once.
    pub reserved_instance_num: Vec<SlaReportsValue>,
    /// The most elastic instances at once.
    pub concurrency_num: Vec<SlaReportsValue>,
}

/// How many instances a function had.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct InstanceMetrics {
    /// The most elastic instances at once.
    #[serde(rename = "instanceNum")]
    pub instance_num: Vec<SlaReportsValue>,
    /// The most reserved instances at once.
    #[serde(rename = "reservedInstanceNum")]
    pub reserved_instance_num: Vec<SlaReportsValue>,
}

/// The metrics of a function, with the points of time of [`FunctionStatistics`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionMetrics {
    /// The most invocations at once.
    pub concurrency_num: Vec<SlaReportsValue>,
    /// Invocations, failed and rejected ones too.
    pub count: Vec<SlaReportsValue>,
    /// The mean time in the handler, in milliseconds.
    pub duration: Vec<SlaReportsValue>,
    /// Invocations that failed.
    pub fail_count: Vec<SlaReportsValue>,
    /// Invocations that the function failed.
    pub function_error_count: Vec<SlaReportsValue>,
    /// Invocations that the platform failed.
    pub system_error_count: Vec<SlaReportsValue>,
    /// The most elastic instances at once.
    pub instance_num: Vec<SlaReportsValue>,
    /// The longest time in the handler, in milliseconds.
    pub max_duration: Vec<SlaReportsValue>,
    /// The shortest time in the handler, in milliseconds.
    pub min_duration: Vec<SlaReportsValue>,
    /// Invocations that were rejected for want of room.
    pub reject_count: Vec<SlaReportsValue>,
    /// The most reserved instances at once.
    pub reserved_instance_num: Vec<SlaReportsValue>,
}
