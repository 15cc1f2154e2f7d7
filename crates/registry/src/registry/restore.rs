//! Functions that come as a whole, out of an archive.

use super::{NewFunction, Registry, aliases, snapshots, state::storing, triggers};
use crate::{
    Alias, AsyncConfig, Function, Package, RegistryError, Scaling, Settings, SnapshotState, Trigger, Version,
    settings::validate, snapshot::Snapshot, tags,
};
use fngraph_store::Digest;
use fngraph_types::{VersionName, limits};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
    sync::Arc,
};

/// A function with everything that an archive may hold of it, to be created in one step.
#[derive(Debug, Clone)]
pub struct WholeFunction {
    /// The function itself, with its version `latest`.
    pub latest: NewFunction,
    /// The published versions, in the order of their publication.
    pub published: Vec<NewVersion>,
    /// The aliases, in the order of their creation.
    pub aliases: Vec<Alias>,
    /// How asynchronous invocations are treated, for those versions that say so.
    pub async_configs: BTreeMap<VersionName, AsyncConfig>,
    /// The versions whose instances are to start from a snapshot.
    pub snapshots: BTreeSet<VersionName>,
    /// What its owner files it under.
    pub tags: BTreeMap<String, String>,
    /// What calls it by itself, in the order of creation.
    pub triggers: Vec<Trigger>,
}

/// A published version of a [`WholeFunction`].
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// Its name.
    pub name: VersionName,
    /// What its publisher said about it, up to 512 characters.
    pub description: String,
    /// How it runs.
    pub settings: Settings,
    /// How far it scales.
    pub scaling: Scaling,
    /// Its code package.
    pub code: Package,
}

impl WholeFunction {
    /// A function that has `latest` only.
    pub fn new(latest: NewFunction) -> Self {
        Self {
            latest,
            published: Vec::new(),
            aliases: Vec::new(),
            async_configs: BTreeMap::new(),
            snapshots: BTreeSet::new(),
            tags: BTreeMap::new(),
            triggers: Vec::new(),
        }
    }
}

impl Registry {
    /// Whether a whole function could be created, as far as can be seen before; for callers that have work to do in
    /// between.
    ///
    /// # Errors
    /// Those of [`Registry::restore`] that do not depend on the project's limits.
    pub fn check_whole(&self, whole: &WholeFunction) -> Result<(), RegistryError> {
        self.check_new(&whole.latest)?;
        // The rules do not look at digests, and telling those takes long.
        assemble(whole.clone(), iter::repeat(Digest::of(b""))).map(drop)
    }

    /// Creates a function with everything that belongs to it, in one step: all of it or nothing.
    ///
    /// # Errors
    /// When something breaks a rule, as it would where it is created alone; the function exists; or the project has too
    /// much already.
    pub async fn restore(&self, whole: WholeFunction) -> Result<Arc<Function>, RegistryError> {
        self.check_whole(&whole)?;
        let state = Arc::clone(&self.0);
        let creation = async move {
            let _kept = state.keep_code().await;
            let mut digests = Vec::new();
            let published = whole.published.iter().map(|version| &version.code);
            for package in iter::once(&whole.latest.code).chain(published) {
                let stored = state.packages.put_code(package.bytes.clone()).await;
                digests.push(stored.map_err(storing("store the code"))?);
            }
            state.create(assemble(whole, digests.into_iter())?).await
        };
        self.0.finish(creation).await
    }
}

/// The function, if it keeps all rules that can be seen without others. The digests are those of the code of `latest`
/// and of the published versions, in this order.
fn assemble(whole: WholeFunction, mut digests: impl Iterator<Item = Digest>) -> Result<Function, RegistryError> {
    let WholeFunction { latest, published, aliases, async_configs, snapshots, tags, triggers } = whole;
    let NewFunction { id, settings, scaling, code, at } = latest;
    let mut version = |new: NewVersion| {
        let code = digests.next().expect("each version has its code");
        // All have the first revision: none was changed since the function was created, and what changes gets a larger
        // one.
        Arc::new(Version {
            name: new.name,
            description: new.description,
            settings: new.settings,
            scaling: new.scaling,
            code,
            code_bytes: new.code.bytes.len() as u64,
            delivery: new.code.delivery,
            modified_at: at,
            revision: 1,
            snapshot: Snapshot::default(),
        })
    };
    let name = VersionName::latest();
    let mut function = Function {
        id,
        revision: 1,
        created_at: at,
        latest: version(NewVersion { name, description: String::new(), settings, scaling, code }),
        published: Vec::new(),
        aliases: Vec::new(),
        async_configs: BTreeMap::new(),
        reservations: BTreeMap::new(),
        tags: BTreeMap::new(),
        collected_at: None,
        test_events: Vec::new(),
        triggers: Vec::new(),
        tracing: None,
    };
    for new in published {
        check_version(&function, &new)?;
        function.published.push(version(new));
    }
    for alias in aliases {
        alias.validate()?;
        aliases::add(&mut function, alias)?;
    }
    for (version, config) in async_configs {
        config.validate(&function.id.project_id)?;
        function.require_version(&version)?;
        function.async_configs.insert(version, config);
    }
    for name in snapshots {
        let version = snapshots::require_mut(&mut function, &name)?;
        snapshots::check(version)?;
        version.snapshot = Snapshot::new(SnapshotState::Creating, version.revision);
    }
    tags::validate(&tags)?;
    function.tags = tags;
    for trigger in triggers {
        trigger.validate()?;
        triggers::add(&mut function, trigger)?;
    }
    Ok(function)
}

/// Whether a function may have a published version. It need not differ from the one before: what lay between them may
/// be missing.
fn check_version(function: &Function, new: &NewVersion) -> Result<(), RegistryError> {
    let id = || function.id.clone();
    if new.name.is_latest() {
        return Err(RegistryError::LatestTaken);
    }
    if function.version(&new.name).is_some() {
        return Err(RegistryError::VersionExists { function: id(), version: new.name.clone() });
    }
    if function.versions().count() >= limits::VERSIONS {
        return Err(RegistryError::TooManyVersions { function: id(), limit: limits::VERSIONS });
    }
    validate::description(&new.description)?;
    new.settings.validate()?;
    new.scaling.validate()?;
    Ok(new.code.validate()?)
}
