//! Snapshots: versions whose initializer has run already (manual, 7.6.10 and 7.6.12).

use super::metadata;
use crate::{call::Call, failure::Failure};
use fngraph::{ErrorCode, SnapshotState, SnapshotSwitch};
use fngraph_api::{
    Empty, Json,
    snapshots::{ShowFuncSnapshotState, SnapshotAnswer, UpdateFuncSnapshot},
};

/// Lets a version start from a snapshot, or not any more. The snapshot is made after the answer.
pub(crate) async fn update(call: Call<UpdateFuncSnapshot>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let switch = match call.path.action.as_str() {
        "enable" => SnapshotSwitch::Enable,
        "disable" => SnapshotSwitch::Disable,
        _ => return Err(Failure::new(ErrorCode::InvalidParameter, "the action is neither `enable` nor `disable`")),
    };
    let function = call.function(&urn)?;
    if switch == SnapshotSwitch::Enable && metadata::version(&function, &urn)?.name.is_latest() {
        let text = "`latest` can change and has no snapshot; publish a version, and enable that one's";
        return Err(Failure::new(ErrorCode::InvalidVersion, text));
    }
    call.app.runtime.set_snapshot(&urn.to_string(), switch).await?;
    Ok(Empty {})
}

/// Answers how far the making of a version's snapshot is, or whether one is wanted.
pub(crate) async fn show(call: Call<ShowFuncSnapshotState>) -> Result<Json<SnapshotAnswer>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let is_switch = match call.path.action.as_str() {
        "state" => false,
        "enableSnapshot" => true,
        _ => {
            let text = "the action is neither `state` nor `enableSnapshot`";
            return Err(Failure::new(ErrorCode::InvalidParameter, text));
        }
    };
    let (state, code) = match call.app.runtime.snapshot_state(&urn.to_string())? {
        SnapshotState::Disabled => ("disable", None),
        _ if is_switch => ("enable", None),
        SnapshotState::Ready => ("enable", None),
        SnapshotState::Failed { code, .. } => ("failed", Some(code)),
        SnapshotState::Creating => ("creating", None),
    };
    Ok(Json(SnapshotAnswer { state: state.to_owned(), code }))
}
