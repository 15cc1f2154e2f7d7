//! Whether instances of a version start from a snapshot.

use serde::{Deserialize, Serialize};

/// Whether instances of a version are to start from a snapshot, in which its initializer has run already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SnapshotSwitch {
    /// They are: one is made, and used from then on.
    Enable,
    /// They run the initializer.
    Disable,
}

/// What became of the snapshot of a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SnapshotState {
    /// None is wanted.
    #[default]
    Disabled,
    /// One is wanted, and not there yet. Instances run the initializer.
    Creating,
    /// It is there. New instances start from it.
    Ready,
    /// It could not be made. Instances run the initializer.
    Failed {
        /// The cloud's code for the reason.
        code: String,
        /// The reason, up to 1000 characters.
        reason: String,
    },
}

/// What became of the snapshot of one revision of a version. Default: none is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    #[serde(flatten)]
    state: SnapshotState,
    /// The revision that this is about.
    #[serde(default)]
    revision: u64,
}

impl Snapshot {
    /// What became of the snapshot of this revision.
    pub(crate) fn new(state: SnapshotState, revision: u64) -> Self {
        Self { state, revision }
    }

    /// What this means for a version of this revision: with other code or settings it needs another snapshot.
    pub(crate) fn state(&self, revision: u64) -> SnapshotState {
        match &self.state {
            SnapshotState::Ready | SnapshotState::Failed { .. } if self.revision != revision => SnapshotState::Creating,
            state => state.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> SnapshotState {
        SnapshotState::Failed { code: "FSS.4009".to_owned(), reason: "it failed".to_owned() }
    }

    #[test]
    fn the_snapshot_of_an_earlier_revision_is_out_of_date() {
        for (state, later) in [
            (SnapshotState::Disabled, SnapshotState::Disabled),
            (SnapshotState::Creating, SnapshotState::Creating),
            (SnapshotState::Ready, SnapshotState::Creating),
            (failed(), SnapshotState::Creating),
        ] {
            let snapshot = Snapshot::new(state.clone(), 1);
            assert_eq!((snapshot.state(1), snapshot.state(2)), (state, later));
        }
    }

    #[test]
    fn a_snapshot_is_stored_as_one_object() {
        let snapshot = Snapshot::new(failed(), 7);
        let text = r#"{"state":"failed","code":"FSS.4009","reason":"it failed","revision":7}"#;
        assert_eq!(serde_json::to_string(&snapshot).unwrap(), text);
        assert_eq!(serde_json::from_str::<Snapshot>(text).unwrap(), snapshot);
        assert_eq!(serde_json::from_str::<Snapshot>(r#"{"state":"disabled"}"#).unwrap(), Snapshot::default());
    }
}
