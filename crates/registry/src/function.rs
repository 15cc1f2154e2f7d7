//! One function with everything that belongs to it.

use crate::{Alias, AsyncConfig, RegistryError, Reservation, TestEvent, Tracing, Trigger, Version};
use fngraph_types::{AliasName, FunctionId, Qualifier, Timestamp, VersionName};
use std::{collections::BTreeMap, sync::Arc};

/// One function with everything that belongs to it, as it was at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its id.
    pub id: FunctionId,
    /// Counts its changes, from 1.
    pub revision: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// The version that can be edited.
    pub latest: Arc<Version>,
    /// The published versions, in the order of their publication.
    pub published: Vec<Arc<Version>>,
    /// The aliases, in the order of their creation.
    pub aliases: Vec<Alias>,
    /// How asynchronous invocations are treated, for those versions that say so.
    pub async_configs: BTreeMap<VersionName, AsyncConfig>,
    /// The reserved instances of versions and aliases.
    pub reservations: BTreeMap<Qualifier, Reservation>,
    /// What its owner files it under.
    pub tags: BTreeMap<String, String>,
    /// When it was pinned to the top of lists; none when it is not.
    pub collected_at: Option<Timestamp>,
    /// The test events, in the order of their creation.
    pub test_events: Vec<TestEvent>,
    /// What calls it by itself, in the order of creation.
    pub triggers: Vec<Trigger>,
    /// For whom its calls are traced; none when they are not.
    pub tracing: Option<Tracing>,
}

impl Function {
    /// The version of this name.
    pub fn version(&self, name: &VersionName) -> Option<&Arc<Version>> {
        self.versions().find(|version| version.name == *name)
    }

    /// All versions: `latest`, then the published ones, newest first.
    pub fn versions(&self) -> impl Iterator<Item = &Arc<Version>> {
        std::iter::once(&self.latest).chain(self.published.iter().rev())
    }

    /// The alias of this name.
    pub fn alias(&self, name: &AliasName) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.name == *name)
    }

    /// The trigger of this id.
    pub fn trigger(&self, id: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.id == id)
    }

    /// How many instances of a version are to be kept ready at this moment, and whether they get no CPU while they
    /// serve nobody. The reservation is the version's own, or of the alias that has it as its main version.
    pub fn reserved_for(&self, version: &VersionName, now: Timestamp) -> (u32, bool) {
        let reservation = self.reservation_of(version).map(|(_, reservation)| reservation);
        reservation.map_or((0, false), |reservation| (reservation.target(now), reservation.idle_mode))
    }

    /// The reservation that a version's instances belong to, and whose it is.
    pub fn reservation_of(&self, version: &VersionName) -> Option<(Qualifier, &Reservation)> {
        let aliases = self.aliases.iter().filter(|alias| alias.version == *version);
        let aliases = aliases.map(|alias| Qualifier::Alias(alias.name.clone()));
        std::iter::once(Qualifier::Version(version.clone()))
            .chain(aliases)
            .find_map(|qualifier| self.reservations.get(&qualifier).map(|reservation| (qualifier, reservation)))
    }

    /// The version of this name, or why there is none.
    pub(crate) fn require_version(&self, name: &VersionName) -> Result<&Arc<Version>, RegistryError> {
        self.version(name)
            .ok_or_else(|| RegistryError::VersionNotFound { function: self.id.clone(), version: name.clone() })
    }

    /// The alias of this name, or why there is none.
    pub(crate) fn require_alias(&self, name: &AliasName) -> Result<&Alias, RegistryError> {
        self.alias(name).ok_or_else(|| RegistryError::AliasNotFound { function: self.id.clone(), alias: name.clone() })
    }

    /// The trigger of this id, or why there is none.
    pub(crate) fn require_trigger(&self, id: &str) -> Result<&Trigger, RegistryError> {
        let not_found =
            || RegistryError::TriggerNotFound { function: self.id.clone(), trigger: id.chars().take(80).collect() };
        self.trigger(id).ok_or_else(not_found)
    }

    /// Whether there is such a version or alias, or why not.
    pub(crate) fn require_qualifier(&self, qualifier: &Qualifier) -> Result<(), RegistryError> {
        match qualifier {
            Qualifier::Version(version) => self.require_version(version).map(drop),
            Qualifier::Alias(alias) => self.require_alias(alias).map(drop),
        }
    }

    /// The version of this name, to be changed.
    pub(crate) fn version_mut(&mut self, name: &VersionName) -> Option<&mut Version> {
        let version = if name.is_latest() {
            Some(&mut self.latest)
        } else {
            self.published.iter_mut().find(|version| version.name == *name)
        };
        version.map(Arc::make_mut)
    }

    /// The version to be edited, which can only be `latest`.
    pub(crate) fn editable(&self, name: &VersionName) -> Result<(), RegistryError> {
        self.require_version(name)?;
        if name.is_latest() {
            return Ok(());
        }
        let (function, version) = (self.id.clone(), name.clone());
        Err(match self.reservation_of(name) {
            Some(_) => RegistryError::Reserved { function, version },
            None => RegistryError::Immutable { function, version },
        })
    }
}
