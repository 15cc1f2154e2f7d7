//! Archives to be written.

use super::{
    ArchiveError, Export,
    alias::AliasDocument,
    asynchronous::AsyncDocument,
    document::{DependencyDocument, Document},
    trigger::TriggerDocument,
    zip,
};
use bytes::Bytes;
use fngraph_registry::{Alias, Function, Registry, RegistryError, Version};
use fngraph_store::Digest;
use fngraph_types::{FunctionId, Qualifier, VersionName};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    sync::Arc,
};

/// An archive to be written: the YAML file, and the versions whose code goes with it.
pub(crate) struct Draft {
    document: Document,
    /// The version that is exported, then the published ones below `versions`.
    versions: Vec<Arc<Version>>,
}

impl Draft {
    /// What is to be written of a version of a function.
    pub(crate) fn new(
        registry: &Registry,
        function: &Function,
        version: &Arc<Version>,
        export: Export,
    ) -> Result<Self, ArchiveError> {
        let FunctionId { project_id, package, name } = &function.id;
        if export.aliases && !version.name.is_latest() {
            return Err(ArchiveError::AliasesOfVersion(version.name.clone()));
        }
        let needed =
            |other: &&Arc<Version>| export.aliases && function.aliases.iter().any(|alias| leads_to(alias, &other.name));
        let published = function.published.iter().filter(needed);
        let versions: Vec<_> = iter::once(version).chain(published).cloned().collect();
        let mut documents = Vec::new();
        for version in &versions {
            let config = function.async_configs.get(&version.name);
            let config = config.map(|config| AsyncDocument::of(config, project_id)).transpose()?;
            let dependencies = dependencies(registry, project_id, version)?;
            documents.push(Document { async_invoke_config: config, ..Document::of(version, dependencies) });
        }
        let published = documents.split_off(1);
        let mut document = documents.pop().expect("the exported version is the first");
        document.versions = published;
        document.func_name = Some(name.to_string());
        // Import refuses the two together, as the cloud does.
        document.package = (package != name).then(|| package.to_string());
        document.tags.clone_from(&function.tags);
        if export.aliases {
            document.aliases = function.aliases.iter().map(AliasDocument::of).collect();
        }
        if export.triggers {
            for trigger in &function.triggers {
                let has = |name: &VersionName| versions.iter().any(|version| version.name == *name);
                let qualifier = match &trigger.qualifier {
                    Qualifier::Version(name) if *name == version.name => Qualifier::latest(),
                    Qualifier::Version(name) if has(name) => trigger.qualifier.clone(),
                    Qualifier::Alias(_) if export.aliases => trigger.qualifier.clone(),
                    Qualifier::Version(_) | Qualifier::Alias(_) => continue,
                };
                document.triggers.push(TriggerDocument::of(trigger, &qualifier)?);
            }
        }
        Ok(Self { document, versions })
    }

    /// The code that goes with it.
    pub(crate) fn code(&self) -> BTreeSet<Digest> {
        self.versions.iter().map(|version| version.code).collect()
    }

    /// The YAML file alone.
    pub(crate) fn yaml(&self) -> String {
        self.document.write()
    }

    /// The archive. Versions with the same code share a file.
    pub(crate) fn pack(mut self, code: &BTreeMap<Digest, Bytes>) -> Result<Bytes, ArchiveError> {
        let mut names: BTreeMap<Digest, String> = BTreeMap::new();
        let mut files = Vec::new();
        let Document { code_file, versions: published, .. } = &mut self.document;
        let places = iter::once(code_file).chain(published.iter_mut().map(|version| &mut version.code_file));
        for (place, version) in places.zip(&self.versions) {
            let Some(bytes) = code.get(&version.code) else { continue };
            let name = names.entry(version.code).or_insert_with(|| {
                let ending = if bytes.starts_with(b"PK") { "zip" } else { "wasm" };
                let suffix = if files.is_empty() { String::new() } else { format!("-{}", version.name) };
                let name = format!("code{suffix}.{ending}");
                files.push((name.clone(), bytes));
                name
            });
            *place = Some(name.clone());
        }
        let name = self.document.func_name.as_deref().unwrap_or_default();
        zip::write(&format!("{name}.yaml"), &self.document.write(), &files).map_err(ArchiveError::Write)
    }
}

fn leads_to(alias: &Alias, version: &VersionName) -> bool {
    alias.version == *version || alias.additional.as_ref().is_some_and(|additional| additional.version == *version)
}

/// The dependencies of a version, by name and number.
fn dependencies(
    registry: &Registry,
    project_id: &str,
    version: &Version,
) -> Result<Vec<DependencyDocument>, ArchiveError> {
    let named = |id: &String| {
        let found = registry.dependency_version(project_id, id);
        let (dependency, version) = found.ok_or_else(|| RegistryError::DependencyNotFound(id.clone()))?;
        Ok(DependencyDocument { name: dependency.name.clone(), version: version.number })
    };
    version.settings.dependencies.iter().map(named).collect()
}
