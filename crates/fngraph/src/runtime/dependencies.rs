//! Uploading dependencies: what is stored has been looked into.

use super::Runtime;
use crate::Error;
use bytes::Bytes;
use fngraph_engine::Package;
use fngraph_registry::{Dependency, NewDependency, RegistryError};
use std::sync::Arc;

impl Runtime {
    /// Creates a dependency with its first version (manual, 7.3.2). Functions name its id in
    /// [`Settings::dependencies`](crate::Settings::dependencies).
    ///
    /// # Errors
    /// When a rule is broken, the package is no zip that a dependency may be, there is a dependency of this name, or the
    /// project has too much.
    pub async fn create_dependency(&self, new: NewDependency) -> Result<Arc<Dependency>, Error> {
        inspect(&new).await?;
        Ok(self.registry().create_dependency(new).await?)
    }

    /// Adds a version to the dependency of this name, which is created when there is none (manual, 7.3.3). It is the
    /// last one of the answer.
    ///
    /// # Errors
    /// When a rule is broken, the package is no zip that a dependency may be, or the project or the dependency has too
    /// much.
    pub async fn add_dependency_version(&self, new: NewDependency) -> Result<Arc<Dependency>, Error> {
        inspect(&new).await?;
        Ok(self.registry().add_dependency_version(new).await?)
    }

    /// Replaces the only version of a dependency that no function uses, and its name (manual, 7.3.9). `id` is the
    /// dependency's or the version's.
    ///
    /// # Errors
    /// When a rule is broken, the package is no zip that a dependency may be, there is no such dependency, it has
    /// several versions or is used, or another one has the name.
    pub async fn replace_dependency(&self, id: &str, new: NewDependency) -> Result<Arc<Dependency>, Error> {
        inspect(&new).await?;
        Ok(self.registry().replace_dependency(id, new).await?)
    }
}

/// Refuses what breaks a rule, the package's among them.
async fn inspect(new: &NewDependency) -> Result<(), Error> {
    new.validate().map_err(RegistryError::from)?;
    let zip = Bytes::clone(&new.package.bytes);
    let unpacked = tokio::task::spawn_blocking(move || Package::dependency_from_zip(&zip)).await;
    unpacked.map_err(|_| RegistryError::Interrupted)?.map(drop).map_err(Error::Dependency)
}
