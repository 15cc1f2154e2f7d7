//! Asynchronous configurations of versions.

use super::Registry;
use crate::{AsyncConfig, Function, RegistryError};
use fngraph_types::{FunctionId, VersionName};

impl Registry {
    /// Sets how the asynchronous invocations of a version are treated. One that was set before is replaced, and the
    /// moment of its creation kept.
    ///
    /// # Errors
    /// When it breaks a rule, or the version does not exist.
    pub async fn set_async_config(
        &self,
        id: &FunctionId,
        version: &VersionName,
        config: AsyncConfig,
    ) -> Result<(), RegistryError> {
        config.validate(&id.project_id)?;
        let version = version.clone();
        let edit = move |function: &mut Function| {
            function.require_version(&version)?;
            let before = function.async_configs.get(&version);
            let created_at = before.map_or(config.created_at, |before| before.created_at);
            function.async_configs.insert(version, AsyncConfig { created_at, ..config });
            Ok(())
        };
        self.change(id, edit).await
    }

    /// Treats the asynchronous invocations of a version as if nobody had said how.
    ///
    /// # Errors
    /// When nobody had, or the version does not exist.
    pub async fn delete_async_config(&self, id: &FunctionId, version: &VersionName) -> Result<(), RegistryError> {
        let version = version.clone();
        let edit = move |function: &mut Function| {
            function.require_version(&version)?;
            match function.async_configs.remove(&version) {
                Some(_) => Ok(()),
                None => Err(RegistryError::AsyncConfigNotFound { function: function.id.clone(), version }),
            }
        };
        self.change(id, edit).await
    }
}
