//! Reserved instances of versions and aliases.

use super::Registry;
use crate::{Function, RegistryError, Reservation};
use fngraph_types::{FunctionId, Qualifier, VersionName, limits};

impl Registry {
    /// Sets how many instances of a version or an alias are kept ready. A reservation of nothing removes the one
    /// before.
    ///
    /// # Errors
    /// When it breaks a rule, the version or alias does not exist, an alias and its version would both have reserved
    /// instances, or the function or its project would have too many.
    pub async fn reserve(
        &self,
        id: &FunctionId,
        qualifier: &Qualifier,
        reservation: Reservation,
    ) -> Result<(), RegistryError> {
        reservation.validate()?;
        let qualifier = qualifier.clone();
        self.change(id, move |function| reserve(function, qualifier, reservation)).await
    }
}

fn reserve(function: &mut Function, qualifier: Qualifier, reservation: Reservation) -> Result<(), RegistryError> {
    let version = reserved_version(function, &qualifier)?;
    if reservation.is_empty() {
        function.reservations.remove(&qualifier);
        return Ok(());
    }
    // The version may have a reservation under its own name or an alias's, but not under two.
    let other = function.reservation_of(&version).map(|(other, _)| other).filter(|other| *other != qualifier);
    if let Some(other) = other {
        return Err(RegistryError::ReleaseReserved { other });
    }
    function.reservations.insert(qualifier, reservation);
    let asked = function.reservations.values().map(|reservation| u64::from(reservation.peak())).sum();
    if asked > u64::from(limits::INSTANCES) {
        let whose = format!("function `{}`", function.id);
        return Err(RegistryError::TooManyReserved { whose, asked, limit: limits::INSTANCES });
    }
    Ok(())
}

/// The version whose instances a reservation keeps ready.
fn reserved_version(function: &Function, qualifier: &Qualifier) -> Result<VersionName, RegistryError> {
    match qualifier {
        Qualifier::Version(version) => function.require_version(version).map(|version| version.name.clone()),
        Qualifier::Alias(alias) => function.require_alias(alias).map(|alias| alias.version.clone()),
    }
}
