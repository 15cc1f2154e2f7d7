//! Reserved instances (manual, 7.11).

use crate::{Empty, FunctionPath, Json, PageInfo, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists what was configured for reserved instances of versions and aliases.
    ListReservedInstanceConfigs = Get "/v2/{project_id}/fgs/functions/reservedinstanceconfigs" => 200, "7.11.1" {
        path: ProjectPath, query: ReservedConfigQuery, body: Empty, answer: Json<ReservedConfigList>
    }
    /// Configures the reserved instances of a version or an alias. What is left out goes back to its default.
    UpdateFunctionReservedInstancesCount = Put "/v2/{project_id}/fgs/functions/{function_urn}/reservedinstances" => 200, "7.11.2" {
        path: FunctionPath, query: Empty, body: Json<ReservedCount>, answer: Json<ReservedCount>
    }
    /// Lists how many instances are reserved now.
    ListFunctionReservedInstances = Get "/v2/{project_id}/fgs/functions/reservedinstances" => 200, "7.11.3" {
        path: ProjectPath, query: ReservedQuery, body: Empty, answer: Json<ReservedList>
    }
}

/// Which configurations of reserved instances to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReservedConfigQuery {
    /// Only those of this function, or of this version or alias. Default: those of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_urn: Option<String>,
    /// Where to begin: how many to skip. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many to answer at most: up to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// Which numbers of reserved instances to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReservedQuery {
    /// Where to begin: how many to skip. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many to answer at most: up to 400. Default: 400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Only those of this function, or of this version or alias. Default: those of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urn: Option<String>,
}

/// Configurations of reserved instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedConfigList {
    /// Those of this page.
    pub reserved_instances: Vec<ReservedConfig>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// How many there are in all.
    pub count: u64,
}

/// What was configured for a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedConfig {
    /// The version or alias.
    pub function_urn: String,
    /// `version` or `alias`.
    pub qualifier_type: String,
    /// The name of the version or alias.
    pub qualifier_name: String,
    /// How many instances are reserved when no tactic says otherwise.
    pub min_count: i64,
    /// Whether instances that serve nobody are given no CPU.
    pub idle_mode: bool,
    /// What changes the number.
    pub tactics_config: TacticsConfig,
}

/// How many instances are reserved.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ReservedCount {
    /// The number when no tactic says otherwise: 0 to 1000.
    #[schema(minimum = 0, maximum = 1000)]
    pub count: i64,
    /// Whether instances that serve nobody are given no CPU. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_mode: Option<bool>,
    /// What changes the number. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tactics_config: Option<TacticsConfig>,
}

/// What changes the number of reserved instances.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TacticsConfig {
    /// Plans by the clock.
    #[serde(default)]
    pub cron_configs: Vec<CronConfig>,
    /// Plans by utilisation.
    #[serde(default)]
    pub metric_configs: Vec<MetricConfig>,
}

/// A plan by the clock: each firing sets the number, which holds until another firing or the end of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CronConfig {
    /// Its name, 1 to 60 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    pub name: String,
    /// When it fires: `second minute hour day month [weekday]`, or `@every` and a duration.
    #[serde(default)]
    #[schema(example = "0 30 8 ? * MON-FRI")]
    pub cron: String,
    /// The number that a firing sets: at least the reservation's own, at most 1000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub count: i64,
    /// The first moment at which it may fire, in seconds since 1970. Default: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<i64>,
    /// The last moment at which its number holds, in seconds since 1970. Default: the end of the year 9999.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_time: Option<i64>,
}

/// A plan by utilisation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct MetricConfig {
    /// Its name, 1 to 60 characters.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 60)]
    pub name: String,
    /// `Concurrency`: the utilisation of the reserved instances. Default: that.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "Concurrency")]
    pub kind: Option<String>,
    /// The utilisation to keep to, in percent: 1 to 99.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 99)]
    pub threshold: i64,
    /// The fewest instances: at least the reservation's own number, at most 1000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1000)]
    pub min: i64,
}

/// Numbers of reserved instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedList {
    /// Those of this page.
    pub reservedinstances: Vec<ReservedNow>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// How many there are in all.
    pub count: u64,
}

/// How many instances are reserved for a version or an alias now, as its tactics say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedNow {
    /// The version or alias.
    pub func_urn: String,
    /// The number.
    pub count: u64,
}
