//! Dependencies, and which functions use them.

use super::{
    Registry,
    state::{State, storing},
};
use crate::{
    Dependency, DependencyVersion, Function, NewDependency, RegistryError, Usage,
    dependency::{self, COLLECTION},
};
use bytes::Bytes;
use fngraph_store::{Digest, DocumentStore, StoreError};
use fngraph_types::limits;
use md5::Digest as _;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::{Arc, PoisonError, RwLock},
};

type Key = (Arc<str>, String);

/// All dependencies, in memory and in a store.
pub(super) struct Dependencies {
    records: Arc<dyn DocumentStore>,
    shelf: RwLock<Shelf>,
    /// Who makes a function use dependencies reads this until everybody sees it; who changes dependencies writes. It is
    /// taken after a function's turn.
    gate: tokio::sync::RwLock<()>,
    /// Whether some stored dependency cannot be read, so that nobody knows all packages that are used.
    is_damaged: bool,
}

#[derive(Default)]
struct Shelf {
    /// By project and id.
    all: BTreeMap<Key, Arc<Dependency>>,
    /// By the ids of their versions.
    by_version: HashMap<String, Key>,
}

impl Shelf {
    fn put(&mut self, dependency: Arc<Dependency>) {
        let key = (Arc::clone(&dependency.project_id), dependency.id.clone());
        self.remove(&key);
        for version in &dependency.versions {
            self.by_version.insert(version.id.clone(), key.clone());
        }
        self.all.insert(key, dependency);
    }

    fn remove(&mut self, key: &Key) {
        for version in self.all.remove(key).iter().flat_map(|dependency| &dependency.versions) {
            self.by_version.remove(&version.id);
        }
    }

    /// The dependency of this id, or with a version of this id.
    fn find(&self, project: &str, id: &str) -> Option<&Arc<Dependency>> {
        let found = self.all.get(&(Arc::from(project), id.to_owned()));
        found.or_else(|| self.with_version(project, id).map(|(dependency, _)| dependency))
    }

    fn with_version(&self, project: &str, id: &str) -> Option<(&Arc<Dependency>, &Arc<DependencyVersion>)> {
        let key = self.by_version.get(id).filter(|key| *key.0 == *project)?;
        let dependency = self.all.get(key)?;
        Some((dependency, dependency.versions.iter().find(|version| version.id == id)?))
    }

    fn project(&self, project: &str) -> impl Iterator<Item = &Arc<Dependency>> {
        let begin: Key = (Arc::from(project), String::new());
        self.all.range(begin..).map(|(_, dependency)| dependency).take_while(move |it| *it.project_id == *project)
    }
}

impl Dependencies {
    pub(super) async fn open(records: Arc<dyn DocumentStore>) -> Result<Self, StoreError> {
        let (mut shelf, mut is_damaged) = (Shelf::default(), false);
        for record in records.documents(COLLECTION, "").await? {
            match Dependency::read(&record) {
                Ok(dependency) => shelf.put(Arc::new(dependency)),
                Err(reason) => {
                    tracing::error!(key = record.key, reason, "a stored dependency is damaged and left alone");
                    is_damaged = true;
                }
            }
        }
        Ok(Self { records, shelf: RwLock::new(shelf), gate: tokio::sync::RwLock::default(), is_damaged })
    }

    pub(super) fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    pub(super) fn all(&self) -> Vec<Arc<Dependency>> {
        self.read(|shelf| shelf.all.values().cloned().collect())
    }

    /// Keeps the dependencies that a function is to use, and did not before, until the guard is dropped.
    pub(super) async fn keep(
        &self,
        before: Option<&Function>,
        after: &Function,
    ) -> Result<Option<tokio::sync::RwLockReadGuard<'_, ()>>, RegistryError> {
        let used: BTreeSet<_> = used(after).collect();
        let new: Vec<_> = match before {
            Some(before) => used.difference(&self::used(before).collect()).copied().collect(),
            None => used.into_iter().collect(),
        };
        if new.is_empty() {
            return Ok(None);
        }
        let guard = self.gate.read().await;
        let project = &after.id.project_id;
        let missing = self.read(|shelf| new.into_iter().find(|id| shelf.with_version(project, id).is_none()));
        match missing {
            Some(id) => Err(RegistryError::DependencyNotFound(id.to_owned())),
            None => Ok(Some(guard)),
        }
    }

    fn read<T>(&self, look: impl FnOnce(&Shelf) -> T) -> T {
        look(&self.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut Shelf)) {
        change(&mut self.shelf.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The ids of the dependencies' versions that a function uses, in any of its versions.
fn used(function: &Function) -> impl Iterator<Item = &str> {
    function.versions().flat_map(|version| version.settings.dependencies.iter().map(String::as_str))
}

impl Registry {
    /// The dependencies of a project, in the order of their names.
    pub fn dependencies(&self, project: &str) -> Vec<Arc<Dependency>> {
        let mut dependencies: Vec<_> = self.0.dependencies.read(|shelf| shelf.project(project).cloned().collect());
        dependencies.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        dependencies
    }

    /// The dependency of this id, or the one that has a version of this id.
    ///
    /// # Errors
    /// When the project has none.
    pub fn dependency(&self, project: &str, id: &str) -> Result<Arc<Dependency>, RegistryError> {
        self.0.dependency(project, id)
    }

    /// The version of a dependency of this id; none when the project has no such.
    pub fn dependency_version(&self, project: &str, id: &str) -> Option<(Arc<Dependency>, Arc<DependencyVersion>)> {
        let found =
            |shelf: &Shelf| shelf.with_version(project, id).map(|(one, two)| (Arc::clone(one), Arc::clone(two)));
        self.0.dependencies.read(found)
    }

    /// The packages of versions of dependencies, in the same order.
    ///
    /// # Errors
    /// When the project has no such version, its package is gone, or the store cannot be read.
    pub async fn dependency_packages(&self, project: &str, ids: &[String]) -> Result<Vec<Bytes>, RegistryError> {
        let mut packages = Vec::with_capacity(ids.len());
        for id in ids {
            let not_found = || RegistryError::DependencyNotFound(shortened(id));
            let (_, version) = self.dependency_version(project, id).ok_or_else(not_found)?;
            packages.push(self.code(version.package).await?.ok_or_else(not_found)?);
        }
        Ok(packages)
    }

    /// Creates a dependency with its first version.
    ///
    /// # Errors
    /// When a rule is broken, there is one of this name, or the project has too much.
    pub async fn create_dependency(&self, new: NewDependency) -> Result<Arc<Dependency>, RegistryError> {
        self.put_dependency(new, |state, new| match state.dependency_named(&new.project_id, &new.name) {
            Some(dependency) => Err(RegistryError::DependencyExists(dependency.name.clone())),
            None => state.first(new).map(|first| (None, first)),
        })
        .await
    }

    /// Adds a version to the dependency of this name, which is created when there is none.
    ///
    /// # Errors
    /// When a rule is broken, or the project or the dependency has too much.
    pub async fn add_dependency_version(&self, new: NewDependency) -> Result<Arc<Dependency>, RegistryError> {
        self.put_dependency(new, |state, new| match state.dependency_named(&new.project_id, &new.name) {
            Some(before) => {
                if before.versions.len() >= limits::DEPENDENCY_VERSIONS {
                    let (name, limit) = (before.name.clone(), limits::DEPENDENCY_VERSIONS);
                    return Err(RegistryError::TooManyDependencyVersions { name, limit });
                }
                let mut after = Dependency::clone(&before);
                after.last_number += 1;
                after.revision += 1;
                Ok((Some(before), after))
            }
            None => state.first(new).map(|first| (None, first)),
        })
        .await
    }

    /// Replaces the only version of a dependency, and its name, while no function uses it.
    ///
    /// # Errors
    /// When a rule is broken, the project has no such dependency, it has several versions (`FSS.1441`) or is used
    /// (`FSS.1033`), another one has the name, or the project has too much.
    pub async fn replace_dependency(&self, id: &str, new: NewDependency) -> Result<Arc<Dependency>, RegistryError> {
        let id = id.to_owned();
        self.put_dependency(new, move |state, new| {
            let before = state.only_version_unused(&new.project_id, &id)?;
            let named = state.dependency_named(&new.project_id, &new.name);
            if named.is_some_and(|other| other.id != before.id) {
                return Err(RegistryError::DependencyExists(new.name.clone()));
            }
            let mut after = Dependency::clone(&before);
            new.version_id.clone_from(&before.newest().id);
            after.last_number = before.newest().number;
            after.revision += 1;
            after.name.clone_from(&new.name);
            after.versions.clear();
            Ok((Some(before), after))
        })
        .await
    }

    /// Deletes a version of a dependency, and with the last one the dependency.
    ///
    /// # Errors
    /// When there is no such version, or functions use it (`FSS.1440`).
    pub async fn delete_dependency_version(&self, project: &str, id: &str, number: u32) -> Result<(), RegistryError> {
        let (state, project, id) = (Arc::clone(&self.0), project.to_owned(), id.to_owned());
        let deletion = async move {
            let _alone = state.dependencies.gate.write().await;
            let before = state.dependency(&project, &id)?;
            let not_found = || RegistryError::DependencyVersionNotFound { name: before.name.clone(), version: number };
            let version = before.version(number).ok_or_else(not_found)?;
            match state.users(&project, &version.id) {
                0 => {}
                functions => return Err(RegistryError::DependencyVersionInUse { functions }),
            }
            let mut after = Dependency::clone(&before);
            after.versions.retain(|version| version.number != number);
            if after.versions.is_empty() {
                return state.drop_dependency(&before).await;
            }
            after.revision += 1;
            state.commit_dependency(Some(&before), after).await.map(drop)
        };
        self.0.finish(deletion).await
    }

    /// Deletes a dependency that has one version.
    ///
    /// # Errors
    /// When there is no such dependency, it has several versions (`FSS.1441`), or functions use it (`FSS.1033`).
    pub async fn delete_dependency(&self, project: &str, id: &str) -> Result<(), RegistryError> {
        let (state, project, id) = (Arc::clone(&self.0), project.to_owned(), id.to_owned());
        let deletion = async move {
            let _alone = state.dependencies.gate.write().await;
            let dependency = state.only_version_unused(&project, &id)?;
            state.drop_dependency(&dependency).await
        };
        self.0.finish(deletion).await
    }

    /// Writes a dependency with a new version. `place` says what it was, and what it is to be without that version.
    async fn put_dependency(
        &self,
        mut new: NewDependency,
        place: impl FnOnce(&State, &mut NewDependency) -> Result<(Option<Arc<Dependency>>, Dependency), RegistryError>
        + Send
        + 'static,
    ) -> Result<Arc<Dependency>, RegistryError> {
        new.validate()?;
        let state = Arc::clone(&self.0);
        let writing = async move {
            let _kept = state.keep_code().await;
            let bytes = new.package.bytes.clone();
            let etag = tokio::task::spawn_blocking({
                let bytes = bytes.clone();
                move || etag(&bytes)
            });
            let etag = etag.await.map_err(|_| RegistryError::Interrupted)?;
            let package_bytes = bytes.len() as u64;
            let package = state.packages.put_code(bytes).await.map_err(storing("store the dependency's package"))?;
            let _alone = state.dependencies.gate.write().await;
            let (before, mut after) = place(&state, &mut new)?;
            after.versions.push(Arc::new(DependencyVersion {
                id: new.version_id,
                number: after.last_number,
                runtime: new.runtime,
                description: new.description,
                package,
                package_bytes,
                etag,
                delivery: new.package.delivery,
                modified_at: new.at,
            }));
            state.commit_dependency(before.as_deref(), after).await
        };
        self.0.finish(writing).await
    }
}

impl State {
    fn dependency(&self, project: &str, id: &str) -> Result<Arc<Dependency>, RegistryError> {
        let found = self.dependencies.read(|shelf| shelf.find(project, id).cloned());
        found.ok_or_else(|| RegistryError::DependencyNotFound(shortened(id)))
    }

    fn dependency_named(&self, project: &str, name: &str) -> Option<Arc<Dependency>> {
        self.dependencies.read(|shelf| shelf.project(project).find(|dependency| dependency.name == name).cloned())
    }

    /// A new dependency, still without a version.
    fn first(&self, new: &NewDependency) -> Result<Dependency, RegistryError> {
        let limit = limits::DEPENDENCIES_PER_PROJECT;
        if self.dependencies.read(|shelf| shelf.project(&new.project_id).count()) >= limit {
            return Err(RegistryError::TooManyDependencies { project: Arc::clone(&new.project_id), limit });
        }
        Ok(Dependency {
            id: new.id.clone(),
            project_id: Arc::clone(&new.project_id),
            name: new.name.clone(),
            versions: Vec::new(),
            revision: 1,
            last_number: 1,
        })
    }

    /// A dependency that can be treated as if it had no versions.
    fn only_version_unused(&self, project: &str, id: &str) -> Result<Arc<Dependency>, RegistryError> {
        let dependency = self.dependency(project, id)?;
        let name = || dependency.name.clone();
        if dependency.versions.len() > 1 {
            return Err(RegistryError::DependencyHasVersions { name: name(), versions: dependency.versions.len() });
        }
        match self.users(project, &dependency.newest().id) {
            0 => Ok(dependency),
            functions => Err(RegistryError::DependencyInUse { name: name(), functions }),
        }
    }

    /// How many functions use a version of a dependency.
    fn users(&self, project: &str, version: &str) -> usize {
        let functions = self.listing.project(project);
        functions.iter().filter(|function| used(function).any(|id| id == version)).count()
    }

    /// Writes a dependency, then shows it. Who is alone calls this.
    async fn commit_dependency(
        &self,
        before: Option<&Dependency>,
        after: Dependency,
    ) -> Result<Arc<Dependency>, RegistryError> {
        let usage = before.map_or(Usage::NONE, Usage::of_dependency);
        let claim = self.ledger.claim(&after.project_id, usage, Usage::of_dependency(&after))?;
        let written = self.dependencies.records.put_document(after.write()).await;
        written.map_err(storing("write the dependency"))?;
        claim.settle();
        let after = Arc::new(after);
        self.dependencies.write(|shelf| shelf.put(Arc::clone(&after)));
        Ok(after)
    }

    async fn drop_dependency(&self, dependency: &Dependency) -> Result<(), RegistryError> {
        let Dependency { revision, project_id, id, .. } = dependency;
        let deleted = self.dependencies.records.delete_document(dependency::COLLECTION, &dependency.key(), *revision);
        deleted.await.map_err(storing("delete the dependency"))?;
        self.ledger.give_back(project_id, Usage::of_dependency(dependency));
        self.dependencies.write(|shelf| shelf.remove(&(Arc::clone(project_id), id.clone())));
        Ok(())
    }

    /// The packages that dependencies have.
    pub(super) fn dependency_digests(&self) -> impl Iterator<Item = Digest> {
        let packages =
            |dependency: Arc<Dependency>| dependency.versions.iter().map(|version| version.package).collect::<Vec<_>>();
        self.dependencies.all().into_iter().flat_map(packages)
    }
}

fn etag(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(32);
    for byte in md5::Md5::digest(bytes) {
        // A text takes whatever is written.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// What a client sent may be long; its beginning tells enough.
fn shortened(id: &str) -> String {
    id.chars().take(80).collect()
}
