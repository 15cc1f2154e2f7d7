//! Functions at the top of the list (manual, 7.6.19).

use crate::{call::Call, failure::Failure};
use fngraph::ErrorCode;
use fngraph_api::{Empty, collect::UpdateFunctionCollectState};

/// Pins a function to the top of the list of functions, or lets it go.
pub(crate) async fn update(call: Call<UpdateFunctionCollectState>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.func_urn)?;
    let at = match call.path.state.as_str() {
        "true" => Some(call.app.now()),
        "false" => None,
        _ => return Err(Failure::new(ErrorCode::InvalidParameter, "the state is neither `true` nor `false`")),
    };
    call.app.runtime.registry().collect(&urn.function, at).await?;
    Ok(Empty {})
}
