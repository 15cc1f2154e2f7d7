//! Functions as a whole, and what may change of them.

use super::{Registry, WholeFunction, state::storing};
use crate::{Function, Package, RegistryError, Scaling, Settings, Version, name};
use bytes::Bytes;
use fngraph_types::{FunctionId, Timestamp, VersionName};
use std::sync::Arc;

/// A function to create.
#[derive(Debug, Clone)]
pub struct NewFunction {
    /// Its id. Names of functions and packages: 1 to 60 letters, digits, `_` and `-`, with a letter at the start and a
    /// letter or digit at the end. A project's id: up to 64 letters, digits, `_` and `-`.
    pub id: FunctionId,
    /// How it runs.
    pub settings: Settings,
    /// How far it scales.
    pub scaling: Scaling,
    /// Its code package.
    pub code: Package,
    /// The moment.
    pub at: Timestamp,
}

impl NewFunction {
    /// A function that scales as the cloud's do by default, with code that came as a zip.
    pub fn new(id: FunctionId, settings: Settings, code: Bytes, at: Timestamp) -> Self {
        Self { id, settings, scaling: Scaling::default(), code: code.into(), at }
    }
}

impl Registry {
    /// Whether a function could be created, as far as can be seen before; for callers that have work to do in between.
    ///
    /// # Errors
    /// Those of [`Registry::create`] that do not depend on the project's limits.
    pub fn check_new(&self, new: &NewFunction) -> Result<(), RegistryError> {
        name::validate(&new.id)?;
        new.settings.validate()?;
        new.scaling.validate()?;
        new.code.validate()?;
        self.0.absent(&new.id)
    }

    /// Creates a function.
    ///
    /// # Errors
    /// When something breaks a rule, the function exists, or the project has too much already.
    pub async fn create(&self, new: NewFunction) -> Result<Arc<Function>, RegistryError> {
        self.restore(WholeFunction::new(new)).await
    }

    /// Deletes a function with everything that belongs to it.
    ///
    /// # Errors
    /// When there is none, or the store fails.
    pub async fn delete(&self, id: &FunctionId) -> Result<(), RegistryError> {
        let (state, id) = (Arc::clone(&self.0), id.clone());
        self.0.finish(async move { state.delete(&id).await }).await
    }

    /// Gives `latest` other code. Calls go to it at once; its reserved instances are replaced.
    ///
    /// # Errors
    /// When the version does not exist or is published (`FSS.1077` if it has reserved instances, else `FSS.1015`), or
    /// the project would have too much code.
    pub async fn update_code(
        &self,
        id: &FunctionId,
        version: &VersionName,
        code: Package,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        self.replace(id, Basis::Any(version.clone()), code, None, at).await
    }

    /// Gives `latest` other code, and other settings if there are some, if it still is what the caller has `seen`.
    ///
    /// # Errors
    /// Those of [`Registry::update`], and [`RegistryError::Changed`].
    pub async fn replace_code(
        &self,
        id: &FunctionId,
        seen: Arc<Version>,
        code: Package,
        settings: Option<Settings>,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        if let Some(settings) = &settings {
            settings.validate()?;
        }
        self.replace(id, Basis::Seen(seen), code, settings, at).await
    }

    /// Gives `latest` other code and other settings in one change, so that no call sees one without the other.
    ///
    /// # Errors
    /// As [`Registry::update_code`] and [`Registry::update_settings`].
    pub async fn update(
        &self,
        id: &FunctionId,
        version: &VersionName,
        code: Package,
        settings: Settings,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        settings.validate()?;
        self.replace(id, Basis::Any(version.clone()), code, Some(settings), at).await
    }

    /// The version whose code and settings may be changed.
    ///
    /// # Errors
    /// When it does not exist or is published (`FSS.1077` if it has reserved instances, else `FSS.1015`).
    pub fn check_editable(&self, id: &FunctionId, version: &VersionName) -> Result<Arc<Version>, RegistryError> {
        let function = self.0.require(id)?;
        function.editable(version)?;
        Ok(Arc::clone(&function.latest))
    }

    async fn replace(
        &self,
        id: &FunctionId,
        basis: Basis,
        code: Package,
        settings: Option<Settings>,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        code.validate()?;
        // Looked at again below; here it saves storing code for nothing.
        basis.check(&*self.0.require(id)?)?;
        let (state, id) = (Arc::clone(&self.0), id.clone());
        let Package { bytes, delivery } = code;
        let update = async move {
            let _kept = state.keep_code().await;
            let code_bytes = bytes.len() as u64;
            let code = state.packages.put_code(bytes).await.map_err(storing("store the code"))?;
            let edit = move |function: &mut Function| {
                edit_latest(function, &basis, at, |latest| {
                    (latest.code, latest.code_bytes, latest.delivery) = (code, code_bytes, delivery);
                    if let Some(settings) = settings {
                        latest.settings = settings;
                    }
                })
            };
            state.edit(&id, edit).await
        };
        self.0.finish(update).await
    }

    /// Gives `latest` other settings. Calls go to it at once; its reserved instances are replaced.
    ///
    /// # Errors
    /// When the settings break a rule, or the version does not exist or is published (`FSS.1077` if it has reserved
    /// instances, else `FSS.1015`).
    pub async fn update_settings(
        &self,
        id: &FunctionId,
        version: &VersionName,
        settings: Settings,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        settings.validate()?;
        let basis = Basis::Any(version.clone());
        self.change(id, move |function| edit_latest(function, &basis, at, |latest| latest.settings = settings)).await
    }

    /// Gives `latest` other settings and scaling in one change, if it still is what the caller has `seen`.
    ///
    /// # Errors
    /// Those of [`Registry::update_settings`] and [`Registry::update_scaling`], and [`RegistryError::Changed`].
    pub async fn configure(
        &self,
        id: &FunctionId,
        seen: Arc<Version>,
        settings: Settings,
        scaling: Scaling,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        settings.validate()?;
        scaling.validate()?;
        let basis = Basis::Seen(seen);
        let edit = move |function: &mut Function| {
            edit_latest(function, &basis, at, |latest| (latest.settings, latest.scaling) = (settings, scaling))
        };
        self.change(id, edit).await
    }

    /// Scales a version otherwise, `latest` or a published one. Its instances stay.
    ///
    /// # Errors
    /// When the numbers are out of range, or the version does not exist.
    pub async fn update_scaling(
        &self,
        id: &FunctionId,
        version: &VersionName,
        scaling: Scaling,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        scaling.validate()?;
        let name = version.clone();
        let edit = move |function: &mut Function| {
            if let Some(version) = function.version_mut(&name) {
                version.scaling = scaling;
                version.modified_at = at;
            }
            function.require_version(&name).cloned()
        };
        self.change(id, edit).await
    }

    /// Pins a function to the top of lists at a moment, or lets it go back to its place (manual, 7.6.19). One that is
    /// pinned already keeps its moment.
    ///
    /// # Errors
    /// When there is no such function.
    pub async fn collect(&self, id: &FunctionId, at: Option<Timestamp>) -> Result<(), RegistryError> {
        let edit = move |function: &mut Function| {
            function.collected_at = at.map(|at| function.collected_at.unwrap_or(at));
            Ok(())
        };
        self.change(id, edit).await
    }
}

/// What a change is made to.
enum Basis {
    /// The version of this name, as it is.
    Any(VersionName),
    /// The version, if it still is what the caller has seen.
    Seen(Arc<Version>),
}

impl Basis {
    /// Whether the change may be made.
    fn check(&self, function: &Function) -> Result<(), RegistryError> {
        match self {
            Self::Any(version) => function.editable(version),
            Self::Seen(seen) => {
                function.editable(&seen.name)?;
                let is_same = Arc::ptr_eq(&function.latest, seen);
                if is_same { Ok(()) } else { Err(RegistryError::Changed(function.id.clone())) }
            }
        }
    }
}

/// Edits `latest`. Its revision grows when that makes a difference to its instances.
fn edit_latest(
    function: &mut Function,
    basis: &Basis,
    at: Timestamp,
    edit: impl FnOnce(&mut Version),
) -> Result<Arc<Version>, RegistryError> {
    basis.check(function)?;
    let before = Arc::clone(&function.latest);
    let latest = Arc::make_mut(&mut function.latest);
    edit(latest);
    latest.modified_at = at;
    if (&latest.code, &latest.settings) != (&before.code, &before.settings) {
        latest.revision = function.revision;
    }
    Ok(Arc::clone(&function.latest))
}
