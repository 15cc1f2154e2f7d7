//! Snapshots: instances that need not run their initializer.

use super::Runtime;
use crate::Error;
use fngraph_registry::{RegistryError, SnapshotState, SnapshotSwitch};

impl Runtime {
    /// Has new instances of a version start from a snapshot, in which the initializer has run already, or not (manual,
    /// 7.6.10). The snapshot is made beside the calls; until it is there, and when it cannot be made, instances run the
    /// initializer. Other code or settings of `latest` make another snapshot; a version that is published takes the
    /// switch along. A URN with an alias means its version.
    ///
    /// The initializer runs once, without network, and what it leaves in memory is the same in all instances: the time
    /// that it read, what it drew by chance, the seeds of Rust's `HashMap`. It must not read secrets, and must hold no
    /// file or stream when it returns; stdout is a stream, the logger of the context is none.
    ///
    /// # Errors
    /// When there is no such version, or it has no initializer.
    pub async fn set_snapshot(&self, urn: &str, switch: SnapshotSwitch) -> Result<(), Error> {
        let urn = self.urn(urn)?;
        let version = self.version(&urn)?;
        Ok(self.0.registry.set_snapshot(&urn.function, &version, switch).await?)
    }

    /// What became of the snapshot of a version (manual, 7.6.12).
    ///
    /// # Errors
    /// When there is no such version.
    pub fn snapshot_state(&self, urn: &str) -> Result<SnapshotState, Error> {
        let urn = self.urn(urn)?;
        let version = self.version(&urn)?;
        let function = self.0.registry.function(&urn.function);
        let function = function.ok_or_else(|| RegistryError::FunctionNotFound(urn.function.clone()))?;
        let not_found = || RegistryError::VersionNotFound { function: urn.function.clone(), version: version.clone() };
        Ok(function.version(&version).ok_or_else(not_found)?.snapshot_state())
    }
}
