//! How failures look.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer that is a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The cloud's code, such as `FSS.1051`.
    pub error_code: String,
    /// What is wrong, and what to do.
    pub error_msg: String,
}
