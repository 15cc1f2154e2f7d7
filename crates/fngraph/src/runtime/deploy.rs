//! Code and settings of functions: what is stored has been loaded before, with just these settings.

use super::Runtime;
use crate::Error;
use bytes::Bytes;
use fngraph_engine::Kind;
use fngraph_invoker::{Executor as _, LoadError, Packages};
use fngraph_registry::{
    Function, NewFunction, Package, RegistryError, Runtime as FunctionRuntime, Scaling, Settings, Version,
};
use fngraph_types::{ErrorCode, FunctionId, Identity, VersionName};
use std::sync::Arc;

/// How often a change begins anew because somebody else was quicker. Whoever comes first succeeds, so it takes that many
/// others to fail once.
const ATTEMPTS: usize = 16;

impl Runtime {
    /// Creates a function, or replaces code and settings of its version `latest`. `code` is a wasm file or a zip. It is
    /// compiled first, so that code that does not run here changes nothing. Calls that run end on the old code.
    ///
    /// The runtime need not be known: whichever the settings name, it becomes the one that the code needs.
    ///
    /// # Errors
    /// When a name or setting breaks a rule, or the code does not run here.
    pub async fn deploy(
        &self,
        urn: &str,
        code: impl Into<Package>,
        mut settings: Settings,
    ) -> Result<Arc<Version>, Error> {
        let registry = self.registry();
        let id = self.urn(urn)?.function;
        let code = code.into();
        settings.validate().map_err(RegistryError::from)?;
        let kind = self.load(&id, &settings, &code.bytes).await?;
        settings.runtime = runtime_of(kind);
        let now = self.now();
        if registry.function(&id).is_none() {
            let new = NewFunction::new(id.clone(), settings.clone(), Bytes::new(), now);
            match registry.create(NewFunction { code: code.clone(), ..new }).await {
                // Somebody else was quicker; then it is replaced.
                Err(RegistryError::FunctionExists(_)) => {}
                created => return Ok(Arc::clone(&created?.latest)),
            }
        }
        Ok(registry.update(&id, &VersionName::latest(), code, settings, now).await?)
    }

    /// Creates a function. Its code is compiled first, so that code that does not run here creates nothing.
    ///
    /// # Errors
    /// When there is such a function, a name or setting breaks a rule, the code does not run here or needs another
    /// runtime, or the project has too much already.
    pub async fn create(&self, new: NewFunction) -> Result<Arc<Function>, Error> {
        self.registry().check_new(&new)?;
        self.try_out(&new.id, &new.settings, &new.code.bytes).await?;
        Ok(self.registry().create(new).await?)
    }

    /// Gives `latest` other code, which is compiled first. Calls that run end on the old code. The code may lack the
    /// handler that the settings name, which then are the next to change.
    ///
    /// # Errors
    /// When there is no such version, it is published, the code does not run here or needs another runtime, or the
    /// project would have too much code.
    pub async fn update_code(&self, urn: &str, code: impl Into<Package>) -> Result<Arc<Version>, Error> {
        self.update_code_with(urn, code, None).await
    }

    /// [`Runtime::update_code`], and the versions of dependencies that the code needs from then on; none for those that
    /// it has.
    ///
    /// # Errors
    /// As there, and when there is no such version of a dependency.
    pub async fn update_code_with(
        &self,
        urn: &str,
        code: impl Into<Package>,
        dependencies: Option<Vec<String>>,
    ) -> Result<Arc<Version>, Error> {
        let (urn, code) = (self.urn(urn)?, code.into());
        let version = self.version(&urn)?;
        let mut others = 1..ATTEMPTS;
        loop {
            let seen = self.registry().check_editable(&urn.function, &version)?;
            let mut settings = seen.settings.clone();
            if let Some(dependencies) = &dependencies {
                settings.dependencies.clone_from(dependencies);
                settings.validate().map_err(RegistryError::from)?;
            }
            match self.try_out(&urn.function, &settings, &code.bytes).await {
                // Who renames a handler changes code and settings one after the other; until then calls say what is
                // missing.
                Err(error) if error.code() == ErrorCode::InvalidHandler => {}
                tried => tried?,
            }
            let settings = dependencies.is_some().then_some(settings);
            match self.registry().replace_code(&urn.function, seen, code.clone(), settings, self.now()).await {
                Err(RegistryError::Changed(_)) if others.next().is_some() => {}
                replaced => return Ok(replaced?),
            }
        }
    }

    /// Gives `latest` other settings, with which its code is loaded first. Calls that run end with the old ones.
    ///
    /// # Errors
    /// When there is no such version, it is published, a setting breaks a rule, or the version's code does not run
    /// with them: it has no such handler, or needs another runtime.
    pub async fn update_settings(&self, urn: &str, settings: Settings) -> Result<Arc<Version>, Error> {
        let replace = |current: &mut Settings, _: &mut Scaling| {
            current.clone_from(&settings);
            Ok(())
        };
        self.configure(urn, replace).await
    }

    /// Changes settings and scaling of `latest` in one step, after its code was loaded with them. `edit` is called again
    /// when somebody else changed the version meanwhile. Calls that run end with the old settings.
    ///
    /// # Errors
    /// Those of `edit` and of [`Runtime::update_settings`].
    pub async fn configure<E: From<Error>>(
        &self,
        urn: &str,
        edit: impl Fn(&mut Settings, &mut Scaling) -> Result<(), E>,
    ) -> Result<Arc<Version>, E> {
        let urn = self.urn(urn)?;
        let version = self.version(&urn)?;
        let mut others = 1..ATTEMPTS;
        loop {
            let seen = self.registry().check_editable(&urn.function, &version).map_err(Error::from)?;
            let (mut settings, mut scaling) = (seen.settings.clone(), seen.scaling);
            edit(&mut settings, &mut scaling)?;
            settings.validate().map_err(|invalid| Error::from(RegistryError::from(invalid)))?;
            let code = self.registry().code(seen.code).await.map_err(Error::from)?;
            let code = code.ok_or(LoadError::CodeNotFound).map_err(Error::from)?;
            self.try_out(&urn.function, &settings, &code).await?;
            match self.registry().configure(&urn.function, seen, settings, scaling, self.now()).await {
                Err(RegistryError::Changed(_)) if others.next().is_some() => {}
                configured => return Ok(configured.map_err(Error::from)?),
            }
        }
    }

    /// Finds out whether `latest` could run code with settings, the runtime among them.
    pub(super) async fn try_out(&self, id: &FunctionId, settings: &Settings, code: &Bytes) -> Result<(), Error> {
        let kind = self.load(id, settings, code).await?;
        let (given, fitting) = (settings.runtime, runtime_of(kind));
        if given == fitting { Ok(()) } else { Err(Error::Runtime { kind: kind.as_str(), given, fitting }) }
    }

    /// Compiles code and binds it to settings; says what kind of code it is.
    async fn load(&self, id: &FunctionId, settings: &Settings, code: &Bytes) -> Result<Kind, Error> {
        let identity = Identity {
            project_id: id.project_id.to_string(),
            package: id.package.to_string(),
            name: id.name.to_string(),
            version: VersionName::LATEST.to_owned(),
        };
        let dependencies = self.registry().dependency_packages(&id.project_id, &settings.dependencies).await?;
        let packages = Packages { code: code.clone(), dependencies };
        let loaded = self.0.engine.load(identity, settings.clone(), packages).await?;
        Ok(loaded.kind())
    }
}

/// The runtime for code of a kind.
fn runtime_of(kind: Kind) -> FunctionRuntime {
    // What is neither is no component that answers HTTP requests, and so handles events.
    if kind == Kind::Http { FunctionRuntime::Http } else { FunctionRuntime::Custom }
}
