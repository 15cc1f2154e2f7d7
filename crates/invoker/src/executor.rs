//! What runs functions: the seam between this crate and the engine.

use bytes::Bytes;
use fngraph_engine::{
    Agency, Artifact, Canceller, CompileError, Engine, Exchange, FunctionConfig, Instance, Invocation, Kind, Log,
    Network, Outcome, Package, PackageError, PrepareError, PreparedFunction, SnapshotError, StartError,
};
use fngraph_registry::{self as registry, Settings};
use fngraph_types::{ErrorCode, Identity, Memory, RequestId};
use std::{fmt, time::Duration};

/// Makes instances of functions and calls them. [`Engine`] is the one that runs WebAssembly; tests bring others.
pub trait Executor: Send + Sync + 'static {
    /// Code that is ready to be started with the settings of one version.
    type Function: Send + Sync + 'static;
    /// A live instance.
    type Instance: InstanceLike;

    /// Loads a version's code.
    fn load(
        &self,
        identity: Identity,
        settings: Settings,
        packages: Packages,
    ) -> impl Future<Output = Result<Self::Function, LoadError>> + Send;

    /// Makes a snapshot of a version, unless there is one: code whose initializer has run already. An executor that
    /// makes none says so, which is the default.
    fn snapshot(
        &self,
        _identity: Identity,
        _settings: Settings,
        _packages: Packages,
    ) -> impl Future<Output = Result<(), LoadError>> + Send {
        async { Err(LoadError::Internal("there are no snapshots here".to_owned())) }
    }

    /// Loads a version's code from its snapshot; none when there is no snapshot. It is started with the memory of the
    /// settings only.
    fn load_snapshot(
        &self,
        _identity: Identity,
        _settings: Settings,
        _packages: Packages,
    ) -> impl Future<Output = Result<Option<Self::Function>, LoadError>> + Send {
        async { Ok(None) }
    }

    /// Starts an instance with this much memory.
    fn start(
        &self,
        function: &Self::Function,
        memory: Memory,
    ) -> impl Future<Output = Result<Self::Instance, StartError>> + Send;

    /// Removes what is kept of code that nobody loaded for so long, and says how many things those were. An executor
    /// that keeps nothing has nothing to remove, which is the default.
    fn sweep(&self, _unused: Duration) -> impl Future<Output = Result<u64, LoadError>> + Send {
        async { Ok(0) }
    }

    /// What all live instances hold, in bytes.
    fn memory_used(&self) -> u64;
}

/// A live instance. Dropping it ends it at once.
pub trait InstanceLike: Send + 'static {
    /// Calls the function. Dropping the future ends the call and the instance.
    fn call(&mut self, invocation: Invocation) -> impl Future<Output = Outcome> + Send;

    /// Has the function answer an HTTP request, whose body and response stream while the future is polled. Dropping it
    /// ends the call and the instance. What knows no HTTP handles the event instead and has no response, which is the
    /// default.
    fn serve(&mut self, invocation: Invocation, exchange: Exchange) -> impl Future<Output = Outcome> + Send {
        drop(exchange);
        self.call(invocation)
    }

    /// Ends the instance on purpose.
    fn stop(self) -> impl Future<Output = Log> + Send;

    /// Charges the start of the instance to the call that waited for it.
    fn charge_start(&self, outcome: &mut Outcome);

    /// Whether it can take another call.
    fn is_alive(&self) -> bool;

    /// Ends a running call from elsewhere: the one with an id, or whichever it is. Says whether it was running.
    fn canceller(&self) -> Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync>;
}

/// What a version's code is loaded from, as it was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Packages {
    /// A zip, or one wasm file.
    pub code: Bytes,
    /// The zips of its dependencies, in the order of [`Settings::dependencies`].
    pub dependencies: Vec<Bytes>,
}

impl From<Bytes> for Packages {
    fn from(code: Bytes) -> Self {
        Self { code, dependencies: Vec::new() }
    }
}

/// Why a version's code cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The stored package is gone.
    #[error("the stored code of the function is gone; deploy it again")]
    CodeNotFound,
    /// A dependency is gone.
    #[error("there is no dependency `{0}`; upload it, or configure the function anew without it")]
    DependencyNotFound(String),
    /// The package is refused.
    #[error("read the function's package")]
    Package(#[source] PackageError),
    /// The code is refused.
    #[error("compile the function")]
    Compile(#[source] CompileError),
    /// The settings do not fit the code.
    #[error("prepare the function")]
    Prepare(#[source] PrepareError),
    /// There is no snapshot.
    #[error("take a snapshot of the function")]
    Snapshot(#[source] SnapshotError),
    /// The platform failed.
    #[error("load the function: {0}")]
    Internal(String),
}

impl LoadError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::CodeNotFound => ErrorCode::CodeNotFound,
            Self::DependencyNotFound(_) => ErrorCode::DependencyNotFound,
            Self::Package(_) => ErrorCode::StartFailed,
            Self::Compile(error) => error.code(),
            Self::Prepare(error) => error.code(),
            Self::Snapshot(error) => error.code(),
            Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

/// A function of the engine: the artifact too, for calls that ask for another memory, unless it is a snapshot, which
/// has the memory that its initializer saw.
pub struct Loaded {
    artifact: Option<Artifact>,
    function: PreparedFunction,
}

impl Loaded {
    /// What kind of function it is.
    pub fn kind(&self) -> Kind {
        self.function.kind()
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.function.fmt(f)
    }
}

impl Executor for Engine {
    type Function = Loaded;
    type Instance = Instance;

    async fn load(&self, identity: Identity, settings: Settings, packages: Packages) -> Result<Loaded, LoadError> {
        let package = unpack(&settings, packages).await?;
        let artifact = self.compile(&package, &settings.handler).await.map_err(LoadError::Compile)?;
        let function = artifact.prepare(config(identity, &settings)).map_err(LoadError::Prepare)?;
        Ok(Loaded { artifact: Some(artifact), function })
    }

    async fn snapshot(&self, identity: Identity, settings: Settings, packages: Packages) -> Result<(), LoadError> {
        let package = unpack(&settings, packages).await?;
        let config = config(identity, &settings);
        Box::pin(self.snapshot(&package, &config)).await.map(drop).map_err(LoadError::Snapshot)
    }

    async fn load_snapshot(
        &self,
        identity: Identity,
        settings: Settings,
        packages: Packages,
    ) -> Result<Option<Loaded>, LoadError> {
        let package = unpack(&settings, packages).await?;
        let function = self.load_snapshot(&package, &config(identity, &settings)).await;
        let function = function.map_err(LoadError::Snapshot)?;
        Ok(function.map(|function| Loaded { artifact: None, function }))
    }

    async fn start(&self, loaded: &Loaded, memory: Memory) -> Result<Instance, StartError> {
        let configured = loaded.function.config();
        if configured.memory == memory {
            return loaded.function.instantiate().await;
        }
        let internal = |reason: String| fngraph_engine::InvokeError::Internal(reason);
        let mut config = configured.clone();
        config.memory = memory;
        let artifact = loaded.artifact.as_ref().ok_or_else(|| internal("a snapshot has one memory".to_owned()))?;
        let function = artifact.prepare(config).map_err(|error| internal(error.to_string()))?;
        function.instantiate().await
    }

    async fn sweep(&self, unused: Duration) -> Result<u64, LoadError> {
        self.sweep(unused).await.map_err(|error| LoadError::Internal(error.to_string()))
    }

    fn memory_used(&self) -> u64 {
        self.memory_used()
    }
}

impl InstanceLike for Instance {
    fn call(&mut self, invocation: Invocation) -> impl Future<Output = Outcome> + Send {
        self.call(invocation)
    }

    fn serve(&mut self, invocation: Invocation, exchange: Exchange) -> impl Future<Output = Outcome> + Send {
        self.serve(invocation, exchange)
    }

    fn stop(self) -> impl Future<Output = Log> + Send {
        self.stop()
    }

    fn charge_start(&self, outcome: &mut Outcome) {
        outcome.receipt.make_cold(self.startup());
    }

    fn is_alive(&self) -> bool {
        self.is_alive()
    }

    fn canceller(&self) -> Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync> {
        let canceller: Canceller = self.canceller();
        Box::new(move |id| id.map_or_else(|| canceller.cancel_any(), |id| canceller.cancel(id)))
    }
}

/// Packages as they were uploaded: the code is a zip, or one wasm file that goes by the name that the handler gives it.
async fn unpack(settings: &Settings, packages: Packages) -> Result<Package, LoadError> {
    let handler = settings.handler.clone();
    // Unpacking and checking is work for another thread.
    let unpack = move || {
        let Packages { code, dependencies } = packages;
        let package = if code.starts_with(b"PK") {
            Package::from_zip(&code)?
        } else {
            Package::from_wasm(handler.file().unwrap_or("bootstrap"), code)?
        };
        let dependencies = dependencies.iter().map(|zip| Package::dependency_from_zip(zip));
        package.with_dependencies(&dependencies.collect::<Result<Vec<_>, PackageError>>()?)
    };
    let unpacked = tokio::task::spawn_blocking(unpack).await;
    unpacked.map_err(|error| LoadError::Internal(error.to_string()))?.map_err(LoadError::Package)
}

fn config(identity: Identity, settings: &Settings) -> FunctionConfig {
    let mut config = FunctionConfig::new(settings.handler.clone());
    config.identity = identity;
    config.initializer = settings.initializer.clone();
    config.pre_stop = settings.pre_stop.clone();
    config.memory = settings.memory;
    config.timeout = settings.timeout;
    config.initializer_timeout = settings.initializer_timeout;
    config.pre_stop_timeout = settings.pre_stop_timeout;
    config.user_data = settings.user_data.clone();
    config.secrets = settings.encrypted_user_data.clone();
    config.agency = None::<Agency>;
    config.tmp_bytes = settings.tmp_bytes;
    config.network = match settings.network {
        registry::Network::Denied => Network::Denied,
        registry::Network::Allowed => Network::Allowed,
    };
    config
}
