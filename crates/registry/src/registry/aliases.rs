//! Creating, changing and deleting aliases.

use super::Registry;
use crate::{Alias, Function, RegistryError};
use fngraph_types::{AliasName, FunctionId, Qualifier, limits};

impl Registry {
    /// Creates an alias.
    ///
    /// # Errors
    /// When it breaks a rule or exists, a version does not exist, its main version has another alias, or the function
    /// has 10 aliases already.
    pub async fn create_alias(&self, id: &FunctionId, alias: Alias) -> Result<(), RegistryError> {
        alias.validate()?;
        self.change(id, |function| add(function, alias)).await
    }

    /// Replaces the alias of this name. Its reserved instances move along to its main version.
    ///
    /// # Errors
    /// When it breaks a rule or does not exist, a version does not exist, its main version has another alias, or both
    /// have reserved instances.
    pub async fn update_alias(&self, id: &FunctionId, alias: Alias) -> Result<(), RegistryError> {
        alias.validate()?;
        let edit = move |function: &mut Function| {
            function.require_alias(&alias.name)?;
            check_versions(function, &alias)?;
            check_reservations(function, &alias)?;
            for place in function.aliases.iter_mut().filter(|other| other.name == alias.name) {
                place.clone_from(&alias);
            }
            Ok(())
        };
        self.change(id, edit).await
    }

    /// Deletes an alias with its reserved instances.
    ///
    /// # Errors
    /// When it does not exist, or has triggers.
    pub async fn delete_alias(&self, id: &FunctionId, alias: &AliasName) -> Result<(), RegistryError> {
        let name = alias.clone();
        let edit = move |function: &mut Function| {
            function.require_alias(&name)?;
            let qualifier = Qualifier::Alias(name.clone());
            if function.triggers.iter().any(|trigger| trigger.qualifier == qualifier) {
                return Err(RegistryError::AliasTriggered { function: function.id.clone(), alias: name });
            }
            function.aliases.retain(|alias| alias.name != name);
            function.reservations.remove(&qualifier);
            Ok(())
        };
        self.change(id, edit).await
    }
}

/// Adds an alias that keeps those rules that can be seen without its function.
pub(super) fn add(function: &mut Function, alias: Alias) -> Result<(), RegistryError> {
    if function.alias(&alias.name).is_some() {
        return Err(RegistryError::AliasExists { function: function.id.clone(), alias: alias.name });
    }
    if function.aliases.len() >= limits::ALIASES {
        return Err(RegistryError::TooManyAliases { function: function.id.clone(), limit: limits::ALIASES });
    }
    check_versions(function, &alias)?;
    function.aliases.push(alias);
    Ok(())
}

/// Whether an alias's versions exist, and its main one is free.
fn check_versions(function: &Function, alias: &Alias) -> Result<(), RegistryError> {
    function.require_version(&alias.version)?;
    if let Some(additional) = &alias.additional
        && function.version(&additional.version).is_none()
    {
        let (function, version) = (function.id.clone(), additional.version.clone());
        return Err(RegistryError::AdditionalVersionNotFound { function, version });
    }
    let taken = |other: &&Alias| other.version == alias.version && other.name != alias.name;
    match function.aliases.iter().find(taken) {
        Some(other) => Err(RegistryError::VersionAliased { version: alias.version.clone(), alias: other.name.clone() }),
        None => Ok(()),
    }
}

/// Whether an alias that has reserved instances comes to a version that has none of its own.
fn check_reservations(function: &Function, alias: &Alias) -> Result<(), RegistryError> {
    let own = Qualifier::Version(alias.version.clone());
    let both = function.reservations.contains_key(&Qualifier::Alias(alias.name.clone()))
        && function.reservations.contains_key(&own);
    if both { Err(RegistryError::ReleaseReserved { other: own }) } else { Ok(()) }
}
