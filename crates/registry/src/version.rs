//! One version of a function.

use crate::{Delivery, Scaling, Settings, SnapshotState, snapshot::Snapshot};
use fngraph_store::Digest;
use fngraph_types::{Timestamp, VersionName};
use serde::{Deserialize, Serialize};

/// One version of a function: `latest`, which can be edited, or a published one, which keeps its code and settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its name.
    pub name: VersionName,
    /// What its publisher said about it; empty for `latest`.
    #[serde(default)]
    pub description: String,
    /// How it runs.
    pub settings: Settings,
    /// How far it scales.
    #[serde(default)]
    pub scaling: Scaling,
    /// Its code package.
    pub code: Digest,
    /// The size of the package as it was uploaded.
    pub code_bytes: u64,
    /// How the package came.
    #[serde(default)]
    pub delivery: Delivery,
    /// When its code, settings or scaling were last written.
    pub modified_at: Timestamp,
    /// Identifies code and settings, together with the name: larger whenever either changes, and untouched by scaling.
    /// Instances of another revision are out of date.
    pub revision: u64,
    /// Whether its instances start from a snapshot; [`Version::snapshot_state`] says so.
    #[serde(default)]
    pub(crate) snapshot: Snapshot,
}

impl Version {
    /// What became of its snapshot (manual, 7.6.12).
    pub fn snapshot_state(&self) -> SnapshotState {
        self.snapshot.state(self.revision)
    }
}
