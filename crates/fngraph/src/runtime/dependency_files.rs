//! Reading dependencies.

use super::Runtime;
use crate::Error;
use bytes::Bytes;
use fngraph_engine::unzip;
use fngraph_registry::{RegistryError, Version};
use fngraph_types::limits;
use std::{collections::BTreeMap, path::PathBuf};

impl Runtime {
    /// The files of the dependencies of a project's version, by their paths below the root of each package, in the
    /// order of [`Settings::dependencies`](crate::Settings::dependencies).
    ///
    /// # Errors
    /// When a dependency is gone or damaged, or the store cannot be read.
    pub async fn dependency_files(
        &self,
        project: &str,
        version: &Version,
    ) -> Result<Vec<BTreeMap<PathBuf, Bytes>>, Error> {
        let zips = self.registry().dependency_packages(project, &version.settings.dependencies).await?;
        let unpack = move || zips.iter().map(|zip| unzip(zip, limits::DEPENDENCY_BYTES)).collect::<Result<Vec<_>, _>>();
        let unpacked = tokio::task::spawn_blocking(unpack).await;
        unpacked.map_err(|_| RegistryError::Interrupted)?.map_err(Error::Dependency)
    }
}
