//! What runs functions: the seam between this crate and the engine.

use bytes::Bytes;
use fngraph_engine::{
    Agency, Artifact, Canceller, CompileError, Engine, FunctionConfig, Instance, Invocation, Kind, Log, Network,
    Outcome, Package, PackageError, PrepareError, PreparedFunction, SnapshotError, StartError,
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
        package: Bytes,
    ) -> impl Future<Output = Result<Self::Function, LoadError>> + Send;

    /// Makes a snapshot of a version, unless there is one: code whose initializer has run already. An executor that
    /// makes none says so, which is the default.
    fn snapshot(
        &self,
        _identity: Identity,
        _settings: Settings,
        _package: Bytes,
    ) -> impl Future<Output = Result<(), LoadError>> + Send {
        async { Err(LoadError::Internal("there are no snapshots here".to_owned())) }
    }

    /// Loads a version's code from its snapshot; none when there is no snapshot. It is started with the memory of the
    /// settings only.
    fn load_snapshot(
        &self,
        _identity: Identity,
        _settings: Settings,
        _package: Bytes,
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

    /// Ends the instance on purpose.
    fn stop(self) -> impl Future<Output = Log> + Send;

    /// Charges the start of the instance to the call that waited for it.
    fn charge_start(&self, outcome: &mut Outcome);

    /// Whether it can take another call.
    fn is_alive(&self) -> bool;

    /// Ends a running call from elsewhere: the one with an id, or whichever it is. Says whether it was running.
    fn canceller(&self) -> Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync>;
}

/// Why a version's code cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The stored package is gone.
    #[error("the stored code of the function is gone; deploy it again")]
    CodeNotFound,
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

    async fn load(&self, identity: Identity, settings: Settings, package: Bytes) -> Result<Loaded, LoadError> {
        let package = unpack(&settings, package).await?;
        let artifact = self.compile(&package, &settings.handler).await.map_err(LoadError::Compile)?;
        let function = artifact.prepare(config(identity, &settings)).map_err(LoadError::Prepare)?;
        Ok(Loaded { artifact: Some(artifact), function })
    }

    async fn snapshot(&self, identity: Identity, settings: Settings, package: Bytes) -> Result<(), LoadError> {
        let package = unpack(&settings, package).await?;
        let config = config(identity, &settings);
        Box::pin(self.snapshot(&package, &config)).await.map(drop).map_err(LoadError::Snapshot)
    }

    async fn load_snapshot(
        &self,
        identity: Identity,
        settings: Settings,
        package: Bytes,
    ) -> Result<Option<Loaded>, LoadError> {
        let package = unpack(&settings, package).await?;
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

/// A package as it was uploaded: a zip, or one wasm file that goes by the name that the handler gives it.
async fn unpack(settings: &Settings, package: Bytes) -> Result<Package, LoadError> {
    let handler = settings.handler.clone();
    // Unpacking and checking is work for another thread.
    let unpack = move || {
        if package.starts_with(b"PK") {
            Package::from_zip(&package)
        } else {
            Package::from_wasm(handler.file().unwrap_or("bootstrap"), package)
        }
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
