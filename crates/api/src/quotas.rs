//! Quotas (manual, 7.2).

use crate::{Empty, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations! {
    /// Answers what a project may have, and what it has.
    ListQuotas = Get "/v2/{project_id}/fgs/quotas" => 200, "7.2.1" {
        path: ProjectPath, query: Empty, body: Empty, answer: Json<QuotaAnswer>
    }
}

/// The answer about quotas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaAnswer {
    /// The quotas.
    pub quotas: QuotaList,
}

/// Quotas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaList {
    /// One for each type.
    pub resources: Vec<Quota>,
}

/// What a project may have of something, and what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Quota {
    /// The most that it may have.
    pub quota: u64,
    /// What it has.
    pub used: u64,
    /// Of what: `fgs_func_num` (functions), `fgs_func_code_size` (code packages), `fgs_func_occurs` (reserved
    /// instances), `fgs_func_qos_limit` (instances), `fgs_on_demand_instance_limit` (instances of one function; used is
    /// the most that a function allows itself). The cloud's other types are about what is not here: first-generation
    /// functions and function flows.
    #[serde(rename = "type")]
    #[schema(example = "fgs_func_num")]
    pub kind: String,
    /// The unit, where it is not the number: `MB` for code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
