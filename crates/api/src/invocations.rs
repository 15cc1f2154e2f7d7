//! Invocation (manual, 7.1).

use crate::{Empty, FunctionPath, Json, Raw, operation::operations};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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

impl InvokeFunction {
    /// Whether a path ends as those of this operation do, which tells it from all others in no time.
    pub fn is_likely(path: &str) -> bool {
        path.ends_with("/invocations")
    }

    /// The project and the function of a path of this operation; none when the path is of another, or is no text. For who
    /// has no time for a router.
    pub fn parameters(path: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let (project, path) = path.strip_prefix("/v2/")?.split_once('/')?;
        let function = path.strip_prefix("fgs/functions/")?.strip_suffix("/invocations")?;
        let decode = |text| percent_decode_str(text).decode_utf8().ok();
        if function.contains('/') { None } else { Some((decode(project)?, decode(function)?)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Empty, Operation as _};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_path_gives_its_parameters_back(project_id in ".{1,20}", function_urn in ".{1,20}") {
            let path = FunctionPath { project_id: project_id.clone(), function_urn: function_urn.clone() };
            let target = InvokeFunction::target(&path, &Empty {});
            prop_assert_eq!(InvokeFunction::parameters(&target), Some((project_id.into(), function_urn.into())));
        }

        #[test]
        fn no_path_makes_it_panic(path in ".*") {
            InvokeFunction::parameters(&path);
        }
    }

    #[test]
    fn other_paths_have_no_parameters() {
        for path in [
            "",
            "/v2/p1/fgs/functions/f",
            "/v2/p1/fgs/functions/f/invocations-async",
            "/v2/p1/fgs/functions/f/invocations/",
            "/v2/p1/fgs/functions/f/g/invocations",
            "/v2/p1/p2/fgs/functions/f/invocations",
            "/v2/p1/fgs/functions/%ff/invocations",
        ] {
            assert_eq!(InvokeFunction::parameters(path), None, "{path}");
        }
    }
}
