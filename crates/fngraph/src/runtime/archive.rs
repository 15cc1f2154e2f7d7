//! Functions as files (manual, 7.12).

use super::Runtime;
use crate::{
    Error,
    archive::{Archive, ArchiveError, Draft, Export, Import, Imported, ReadyImport},
};
use bytes::Bytes;
use fngraph_invoker::LoadError;
use fngraph_registry::{Function, RegistryError, Version};
use std::{collections::BTreeMap, sync::Arc};

impl Runtime {
    /// A version of a function as an archive: a zip with a YAML file, which is the configuration, and the code. A URN with
    /// an alias means its version. Import of the archive makes the same function, but for
    ///
    /// - the values of encrypted user data and passwords of triggers, which are never exported;
    /// - ids and moments, which are those of the import;
    /// - reserved instances, test events and credentials of tracing, which are no part of archives.
    ///
    /// # Errors
    /// When there is no such version, its code is gone, or aliases are asked for with a published version.
    pub async fn export(&self, urn: &str, export: Export) -> Result<Bytes, Error> {
        let (function, version) = self.exported(urn)?;
        let draft = Draft::new(self.registry(), &function, &version, export)?;
        let mut packages = BTreeMap::new();
        for digest in draft.code() {
            packages.insert(digest, self.registry().code(digest).await?.ok_or(LoadError::CodeNotFound)?);
        }
        aside(move || draft.pack(&packages)).await
    }

    /// The YAML file of [`Runtime::export`] alone.
    ///
    /// # Errors
    /// As there.
    pub fn export_config(&self, urn: &str, export: Export) -> Result<String, Error> {
        let (function, version) = self.exported(urn)?;
        Ok(Draft::new(self.registry(), &function, &version, export)?.yaml())
    }

    /// Creates a function from an archive, with everything that is in it or not at all. Its code is compiled first. What
    /// was exported as a published version becomes `latest`.
    ///
    /// # Errors
    /// When there is such a function, something in the archive breaks a rule, its code does not run here or needs another
    /// runtime, or the project has too much already.
    pub async fn import(&self, archive: &Archive, import: Import) -> Result<Imported, Error> {
        let ready = self.ready_import(archive, import).await?;
        Ok(self.finish_import(ready).await?)
    }

    /// The first half of [`Runtime::import`], which creates nothing: for whoever has to look at the triggers before.
    ///
    /// # Errors
    /// As there.
    pub async fn ready_import(&self, archive: &Archive, import: Import) -> Result<ReadyImport, Error> {
        let (whole, missing) = archive.whole(self.registry(), import, self.scope(), self.now())?;
        self.registry().check_whole(&whole)?;
        let id = &whole.latest.id;
        self.try_out(id, &whole.latest.settings, &whole.latest.code.bytes).await?;
        for version in &whole.published {
            self.try_out(id, &version.settings, &version.code.bytes).await?;
        }
        Ok(ReadyImport { whole, missing })
    }

    /// The second half of [`Runtime::import`].
    ///
    /// # Errors
    /// As there.
    pub async fn finish_import(&self, ReadyImport { whole, missing }: ReadyImport) -> Result<Imported, RegistryError> {
        Ok(Imported { function: self.registry().restore(whole).await?, missing })
    }

    fn exported(&self, urn: &str) -> Result<(Arc<Function>, Arc<Version>), Error> {
        let urn = self.urn(urn)?;
        let name = self.version(&urn)?;
        let function = self.registry().function(&urn.function);
        let function = function.ok_or_else(|| RegistryError::FunctionNotFound(urn.function.clone()))?;
        let not_found = || RegistryError::VersionNotFound { function: urn.function.clone(), version: name.clone() };
        let version = Arc::clone(function.version(&name).ok_or_else(not_found)?);
        Ok((function, version))
    }
}

/// Work that takes longer than other tasks should wait.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static) -> Result<T, Error> {
    let stopped = |_| RegistryError::Interrupted;
    Ok(tokio::task::spawn_blocking(work).await.map_err(stopped)??)
}
