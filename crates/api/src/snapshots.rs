//! Snapshots: versions whose initializer has run already (manual, 7.6.10 and 7.6.12).

use crate::{Empty, Json, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lets a version start from a snapshot, or not any more.
    UpdateFuncSnapshot = Post "/v2/{project_id}/fgs/functions/{function_urn}/snapshots/{action}" => 200, "7.6.10" {
        path: SnapshotPath, query: Empty, body: Empty, answer: Empty
    }
    /// Answers how far the making of a version's snapshot is.
    ShowFuncSnapshotState = Get "/v2/{project_id}/fgs/functions/{function_urn}/snapshots/{action}" => 200, "7.6.12" {
        path: SnapshotPath, query: Empty, body: Empty, answer: Json<SnapshotAnswer>
    }
}

/// The parameters of paths that name a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SnapshotPath {
    /// The project.
    pub project_id: String,
    /// The function, with a version. (The cloud makes no snapshots of `latest`; here it may have one.)
    pub function_urn: String,
    /// To change it: `enable` or `disable`. To ask: `state` for how far it is, `enableSnapshot` for what was wanted.
    #[param(example = "state")]
    pub action: String,
}

/// How far a snapshot is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SnapshotAnswer {
    /// To `state`: `disable`, `creating`, `enable` when it is there, or `failed`. To `enableSnapshot`: `enable` or
    /// `disable`. The manual shows `enable` and names no others.
    #[schema(example = "enable")]
    pub state: String,
    /// Why it failed: a code of the cloud's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "FSS.4009")]
    pub code: Option<String>,
}
