//! Functions at the top of the list (manual, 7.6.19).

use crate::{Empty, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

operations! {
    /// Pins a function to the top of the list of functions, or lets it go.
    UpdateFunctionCollectState = Put "/v2/{project_id}/fgs/functions/{func_urn}/collect/{state}" => 200, "7.6.19" {
        path: CollectPath, query: Empty, body: Empty, answer: Empty
    }
}

/// The parameters of the path that pins a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct CollectPath {
    /// The project.
    pub project_id: String,
    /// The function.
    pub func_urn: String,
    /// `true` pins it, `false` lets it go.
    #[param(example = "true")]
    pub state: String,
}
