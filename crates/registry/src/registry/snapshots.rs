//! Snapshots of versions.

use super::Registry;
use crate::{Function, Invalid, RegistryError, Runtime, SnapshotState, SnapshotSwitch, Version, snapshot::Snapshot};
use fngraph_types::{ErrorCode, FunctionId, VersionName};

/// How much of a reason is kept: it may quote what a function said.
const REASON_CHARS: usize = 1000;

impl Registry {
    /// Has instances of a version, `latest` or a published one, start from a snapshot, or not (manual, 7.6.10). A
    /// snapshot that is there, or being made, stays; one that failed is tried again. A version that is published takes
    /// the switch along.
    ///
    /// # Errors
    /// When the version does not exist, or is to have a snapshot and has no initializer (`FSS.1404`), or answers HTTP
    /// requests (`FSS.1005`).
    pub async fn set_snapshot(
        &self,
        id: &FunctionId,
        version: &VersionName,
        switch: SnapshotSwitch,
    ) -> Result<(), RegistryError> {
        let name = version.clone();
        self.change(id, move |function| {
            let version = require_mut(function, &name)?;
            let state = match (switch, version.snapshot_state()) {
                (SnapshotSwitch::Disable, _) => SnapshotState::Disabled,
                (SnapshotSwitch::Enable, SnapshotState::Ready) => SnapshotState::Ready,
                (
                    SnapshotSwitch::Enable,
                    SnapshotState::Disabled | SnapshotState::Creating | SnapshotState::Failed { .. },
                ) => {
                    check(version)?;
                    SnapshotState::Creating
                }
            };
            version.snapshot = Snapshot::new(state, version.revision);
            Ok(())
        })
        .await
    }

    /// Notes what became of the snapshot of a revision: [`SnapshotState::Ready`], [`SnapshotState::Failed`], or
    /// [`SnapshotState::Creating`] for one that is gone and wanted again. Nothing changes when it was disabled
    /// meanwhile, or the version has another revision.
    ///
    /// # Errors
    /// When the version does not exist.
    pub async fn note_snapshot(
        &self,
        id: &FunctionId,
        version: &VersionName,
        revision: u64,
        state: SnapshotState,
    ) -> Result<(), RegistryError> {
        let name = version.clone();
        self.change(id, move |function| {
            let version = require_mut(function, &name)?;
            if version.revision == revision && version.snapshot_state() != SnapshotState::Disabled {
                version.snapshot = Snapshot::new(shortened(state), revision);
            }
            Ok(())
        })
        .await
    }
}

pub(super) fn require_mut<'a>(
    function: &'a mut Function,
    name: &VersionName,
) -> Result<&'a mut Version, RegistryError> {
    function.require_version(name)?;
    Ok(function.version_mut(name).expect("it was just found"))
}

/// Refuses versions that cannot have a snapshot, as far as their settings tell.
pub(super) fn check(version: &Version) -> Result<(), Invalid> {
    let settings = &version.settings;
    if settings.runtime == Runtime::Http {
        let rule = "`Custom` for a function that is to have a snapshot";
        return Err(Invalid::new(ErrorCode::InvalidRuntime, "runtime", settings.runtime, rule));
    }
    if settings.initializer.is_none() {
        let rule = "one whose work a snapshot can save; without an initializer there is nothing to save";
        return Err(Invalid::new(ErrorCode::InvalidInitializer, "initializer", "none", rule));
    }
    Ok(())
}

fn shortened(state: SnapshotState) -> SnapshotState {
    match state {
        SnapshotState::Failed { code, reason } => {
            SnapshotState::Failed { code, reason: reason.chars().take(REASON_CHARS).collect() }
        }
        SnapshotState::Disabled | SnapshotState::Creating | SnapshotState::Ready => state,
    }
}
