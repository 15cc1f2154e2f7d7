//! Invocation (manual, 7.1).

use crate::{Empty, FunctionPath, Json, Raw, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations! {
    /// Invokes a function and waits for its result.
    InvokeFunction = Post "/v2/{project_id}/fgs/functions/{function_urn}/invocations" => 200, "7.1.1" {
        path: FunctionPath, query: Empty, body: Raw, answer: Json<Invocation>
    }
    /// Accepts an invocation, which is run in its turn.
    AsyncInvokeFunction = Post "/v2/{project_id}/fgs/functions/{function_urn}/invocations-async" => 202, "7.1.2" {
        path: FunctionPath, query: Empty, body: Raw, answer: Json<AcceptedInvocation>
    }
    /// Accepts an invocation that is run on a reserved instance, and names that instance.
    AsyncInvokeReserved = Post "/v2/{project_id}/fgs/functions/{function_urn}/reserved-invocations" => 202, "7.1.3" {
        path: FunctionPath, query: Empty, body: Raw, answer: Json<ReservedInvocation>
    }
}

/// What came of an invocation, in form `v1`. In form `v0`, the default, the body is the result as the function gave it.
/// See [`crate::headers`] for what headers ask and answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invocation {
    /// The id of the invocation.
    pub request_id: String,
    /// The result, as text; of a failure, its JSON.
    pub result: String,
    /// The end of the log, when the headers asked for it.
    pub log: String,
    /// The status of the result: 200, or that of the failure.
    pub status: u16,
}

/// An invocation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AcceptedInvocation {
    /// The id of the invocation.
    pub request_id: String,
}

/// An invocation that was accepted by a reserved instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReservedInvocation {
    /// The instance. An invocation is cancelled by this id, as the manual deletes an instance that fails.
    pub instance_id: String,
}
