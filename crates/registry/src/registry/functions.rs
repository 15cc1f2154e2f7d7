//! Functions as a whole, and what may change of them.

use super::{Registry, state::storing};
use crate::{Function, Invalid, RegistryError, Scaling, Settings, Version, name};
use bytes::Bytes;
use fngraph_types::{ErrorCode, FunctionId, Timestamp, VersionName, limits};
use std::{collections::BTreeMap, sync::Arc};

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
    /// Its code package, as it was uploaded: up to 300 MiB.
    pub code: Bytes,
    /// The moment.
    pub at: Timestamp,
}

impl NewFunction {
    /// A function that scales as the cloud's do by default.
    pub fn new(id: FunctionId, settings: Settings, code: Bytes, at: Timestamp) -> Self {
        Self { id, settings, scaling: Scaling::default(), code, at }
    }
}

impl Registry {
    /// Creates a function.
    ///
    /// # Errors
    /// When something breaks a rule, the function exists, or the project has too much already.
    pub async fn create(&self, new: NewFunction) -> Result<Arc<Function>, RegistryError> {
        let NewFunction { id, settings, scaling, code, at } = new;
        name::validate(&id)?;
        settings.validate()?;
        scaling.validate()?;
        validate_code(&code)?;
        self.0.absent(&id)?;
        let state = Arc::clone(&self.0);
        let creation = async move {
            let _kept = state.keep_code().await;
            let code_bytes = code.len() as u64;
            let code = state.packages.put_code(code).await.map_err(storing("store the code"))?;
            let latest = Version {
                name: VersionName::latest(),
                description: String::new(),
                settings,
                scaling,
                code,
                code_bytes,
                modified_at: at,
                revision: 1,
            };
            let function = Function {
                id,
                revision: 1,
                created_at: at,
                latest: Arc::new(latest),
                published: Vec::new(),
                aliases: Vec::new(),
                async_configs: BTreeMap::new(),
                reservations: BTreeMap::new(),
            };
            state.create(function).await
        };
        self.0.finish(creation).await
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
        code: Bytes,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        self.replace(id, version, code, None, at).await
    }

    /// Gives `latest` other code and other settings in one change, so that no call sees one without the other.
    ///
    /// # Errors
    /// As [`Registry::update_code`] and [`Registry::update_settings`].
    pub async fn update(
        &self,
        id: &FunctionId,
        version: &VersionName,
        code: Bytes,
        settings: Settings,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        settings.validate()?;
        self.replace(id, version, code, Some(settings), at).await
    }

    async fn replace(
        &self,
        id: &FunctionId,
        version: &VersionName,
        code: Bytes,
        settings: Option<Settings>,
        at: Timestamp,
    ) -> Result<Arc<Version>, RegistryError> {
        validate_code(&code)?;
        // Looked at again below; here it saves storing code for nothing.
        self.0.require(id)?.editable(version)?;
        let (state, id, version) = (Arc::clone(&self.0), id.clone(), version.clone());
        let update = async move {
            let _kept = state.keep_code().await;
            let code_bytes = code.len() as u64;
            let code = state.packages.put_code(code).await.map_err(storing("store the code"))?;
            let edit = move |function: &mut Function| {
                edit_latest(function, &version, at, |latest| {
                    (latest.code, latest.code_bytes) = (code, code_bytes);
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
        let version = version.clone();
        self.change(id, move |function| edit_latest(function, &version, at, |latest| latest.settings = settings)).await
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
}

/// Edits `latest`. Its revision grows when that makes a difference to its instances.
fn edit_latest(
    function: &mut Function,
    name: &VersionName,
    at: Timestamp,
    edit: impl FnOnce(&mut Version),
) -> Result<Arc<Version>, RegistryError> {
    function.editable(name)?;
    let before = Arc::clone(&function.latest);
    let latest = Arc::make_mut(&mut function.latest);
    edit(latest);
    latest.modified_at = at;
    if (&latest.code, &latest.settings) != (&before.code, &before.settings) {
        latest.revision = function.revision;
    }
    Ok(Arc::clone(&function.latest))
}

fn validate_code(code: &Bytes) -> Result<(), Invalid> {
    let bytes = code.len() as u64;
    if (1..=limits::PACKAGE_BYTES).contains(&bytes) {
        return Ok(());
    }
    let rule = "a zip or a wasm file, up to 314572800 bytes (300 MiB)";
    Err(Invalid::new(ErrorCode::InvalidCode, "size of the code package", bytes, rule))
}
