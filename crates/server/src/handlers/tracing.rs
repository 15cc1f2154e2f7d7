//! Whether the calls of a function are traced (manual, 7.5). What is traced is sent by [`crate::InvocationTraces`].

use crate::{call::Call, failure::Failure};
use fngraph::{ErrorCode, Tracing};
use fngraph_api::{
    Empty, Json,
    tracing::{MASK, ShowTracing, TracingKeys, UpdateTracing},
};

/// Shows for whom a function is traced.
pub(crate) async fn show(call: Call<ShowTracing>) -> Result<Json<TracingKeys>, Failure> {
    let function = call.function(&call.urn(&call.path.function_urn)?)?;
    let not_found = || Failure::new(ErrorCode::NotFound, "can not find tracing aksk");
    let tracing = function.tracing.as_ref().ok_or_else(not_found)?;
    Ok(Json(TracingKeys { tracing_ak: tracing.access_key.clone(), tracing_sk: MASK.to_owned() }))
}

/// Has a function traced, or ends that.
pub(crate) async fn update(call: Call<UpdateTracing>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let Json(body) = &call.body;
    let access_key = body.tracing_ak.clone().unwrap_or_default();
    let secret_key = match (body.tracing_sk.as_deref().unwrap_or_default(), &function.tracing) {
        // As it was shown; who sends it back changes something else.
        (MASK, Some(tracing)) => tracing.secret_key.clone(),
        (given, _) => given.to_owned(),
    };
    let tracing = match (access_key.is_empty(), secret_key.is_empty()) {
        (true, true) => None,
        (false, false) => Some(Tracing { access_key, secret_key }),
        (true, false) | (false, true) => {
            let text = "give both `tracing_ak` and `tracing_sk`, or leave both empty to end the tracing";
            return Err(Failure::new(ErrorCode::InvalidParameter, text));
        }
    };
    call.app.runtime.registry().set_tracing(&urn.function, tracing).await?;
    Ok(Empty {})
}
