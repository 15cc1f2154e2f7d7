//! The engine: one compiler, one linker, one data directory, shared by all functions.

use crate::{
    Artifact, BuildError, CompileError, Origin, Package,
    artifact::{Facts, list},
    clock,
    compile::{Refusal, compile},
    compose::Parts,
    host::{self, State},
    memory::HostMemory,
    package::Digest,
    store::{OnDisk, Store},
    ticker::Ticker,
};
use fngraph_types::{Handler, limits};
use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinError, time};
use wasmtime::component::{Component, Linker};

mod allocation;
pub use allocation::Allocation;

/// How often a compilation that takes long reports that it is still going on.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// Compiles, loads and runs functions. Cheap to clone; all clones share everything.
///
/// Functions run on the tokio runtime that calls them, which needs its timer.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Shared>);

/// What all artifacts and instances of an engine share.
pub(crate) struct Shared {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Linker<State>,
    pub(crate) store: Store,
    pub(crate) options: Options,
    pub(crate) allocation: Allocation,
    pub(crate) compiling: Arc<Semaphore>,
    pub(crate) ticker: Ticker,
    pub(crate) memory: Arc<HostMemory>,
}

type OnCompile = Arc<dyn Fn(CompileProgress) + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Options {
    data_dir: Option<PathBuf>,
    instances: u32,
    memory: u64,
    pub(crate) code_limit: usize,
    compile_timeout: Duration,
    on_compile: Option<OnCompile>,
    pub(crate) start_timeout: Duration,
    pub(crate) log_limit: usize,
}

/// How far a compilation has come. The compiler does not tell how much is left, so this is what is known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CompileProgress {
    /// The wasm file.
    pub file: String,
    /// Its size.
    pub bytes: usize,
    /// How long it has taken so far.
    pub elapsed: Duration,
    /// Whether it has ended, well or not.
    pub done: bool,
}

/// Options of an engine, each with a default that is safe to keep.
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct Builder(Options);

impl Engine {
    /// An engine with the default options. [`Builder::build`] makes it.
    pub fn builder() -> Builder {
        Builder(Options {
            data_dir: None,
            instances: 1000,
            memory: 16 << 30,
            code_limit: 100 * 1024 * 1024,
            compile_timeout: Duration::from_secs(120),
            on_compile: None,
            start_timeout: Duration::from_secs(10),
            log_limit: 256 * 1024,
        })
    }

    /// What memories and tables of all live instances hold, in bytes.
    pub fn memory_used(&self) -> u64 {
        self.0.memory.used()
    }

    /// How instances get their memory.
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }

    /// Removes from the data directory what no function was loaded from for so long, whichever process it was:
    /// compiled code, snapshots, unpacked packages. What this engine has loaded stays. Says how many files and folders
    /// those were.
    ///
    /// # Errors
    /// When the directory cannot be read or changed.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn sweep(&self, unused: Duration) -> io::Result<u64> {
        let shared = Arc::clone(&self.0);
        let swept = tokio::task::spawn_blocking(move || shared.store.sweep(unused)).await;
        swept.unwrap_or_else(|_| Err(io::Error::other("the runtime is shutting down")))
    }

    /// Turns the wasm file that `handler` names into an artifact: loads what was compiled before, or compiles it now
    /// on another thread. One file is compiled at a time, the others wait.
    ///
    /// # Errors
    /// When the file is not there, is too large, is not a function that runs here, or takes too long.
    ///
    /// # Cancel safety
    /// Dropping the future does not stop a compilation that has begun; its result is kept for the next attempt.
    pub async fn compile(&self, package: &Package, handler: &Handler) -> Result<Artifact, CompileError> {
        let (file, parts) = find_module(package, handler)?;
        let (bytes, limit) = (parts.wasm.len(), self.0.options.code_limit);
        if bytes > limit {
            return Err(CompileError::TooLarge { file, bytes, limit });
        }
        let started = clock::monotonic();
        let package = package.clone();
        let job = self.clone().load_or_compile(file.clone(), parts, package);
        let loaded = self.watch(&file, bytes, started, job).await?;
        let facts = Facts {
            origin: loaded.origin,
            load_time: clock::monotonic() - started,
            wasm_bytes: bytes,
            compiled_bytes: loaded.compiled_bytes,
            on_disk: loaded.on_disk,
            initialized: None,
        };
        Artifact::recognise(Arc::clone(&self.0), file.clone(), &loaded.component, facts)
            .map_err(|reason| CompileError::Unsupported { file, reason })
    }

    /// Waits for a compilation as long as the options allow, and reports progress.
    async fn watch(
        &self,
        file: &str,
        bytes: usize,
        started: clock::Instant,
        job: impl Future<Output = Result<Loaded, CompileError>>,
    ) -> Result<Loaded, CompileError> {
        let limit = self.0.options.compile_timeout;
        let report = |done| {
            if let Some(on_compile) = &self.0.options.on_compile {
                let elapsed = clock::monotonic() - started;
                on_compile(CompileProgress { file: file.to_owned(), bytes, elapsed, done });
            }
        };
        let started = time::Instant::from_std(started);
        let mut ticks = time::interval_at(started + PROGRESS_INTERVAL, PROGRESS_INTERVAL);
        let mut reported = false;
        let mut job = std::pin::pin!(time::timeout_at(started + limit, job));
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut job => break outcome,
                _ = ticks.tick() => {
                    report(false);
                    reported = true;
                }
            }
        };
        if reported {
            report(true);
        }
        outcome.unwrap_or_else(|_| Err(CompileError::Timeout { file: file.to_owned(), limit }))
    }

    async fn load_or_compile(self, file: String, parts: Parts, package: Package) -> Result<Loaded, CompileError> {
        let shared = Arc::clone(&self.0);
        let digest = parts.digest();
        let cached = {
            let (shared, file, package) = (Arc::clone(&shared), file.clone(), package.clone());
            blocking(move || shared.load(&file, digest, &package, Origin::Cached)).await?
        };
        if let Some(loaded) = cached {
            return Ok(loaded);
        }
        let permit = Arc::clone(&shared.compiling).acquire_owned().await.expect("the semaphore is never closed");
        blocking(move || {
            let _permit = permit;
            // Somebody else may have compiled the same code while this call waited.
            if let Some(loaded) = shared.load(&file, digest, &package, Origin::Cached)? {
                return Ok(loaded);
            }
            let refused = |refusal| match refusal {
                Refusal::Malformed(reason) => CompileError::Malformed { file: file.clone(), reason },
                Refusal::Unsupported(reason) => CompileError::Unsupported { file: file.clone(), reason },
            };
            let wasm = parts.compose().map_err(refused)?;
            let (bytes, limit) = (wasm.len(), shared.options.code_limit);
            if bytes > limit {
                return Err(CompileError::TooLarge { file, bytes, limit });
            }
            tracing::info!(file, bytes, "compile");
            let compiled = compile(&shared.wasmtime, &wasm).map_err(refused)?;
            let storage = |source| CompileError::Storage { file: file.clone(), source };
            shared.store.save(digest, &compiled).map_err(storage)?;
            let loaded = shared.load(&file, digest, &package, Origin::Compiled)?;
            loaded.ok_or_else(|| storage(io::Error::other("what was just written does not load")))
        })
        .await
    }
}

/// Code that was loaded.
pub(crate) struct Loaded {
    pub(crate) component: Component,
    pub(crate) origin: Origin,
    pub(crate) compiled_bytes: u64,
    pub(crate) on_disk: OnDisk,
}

impl Shared {
    /// Loads what is kept under this digest; `file` is what errors call it.
    pub(crate) fn load(
        &self,
        file: &str,
        digest: Digest,
        package: &Package,
        origin: Origin,
    ) -> Result<Option<Loaded>, CompileError> {
        let Some((component, compiled_bytes, compiled)) = self.store.load(&self.wasmtime, digest) else {
            return Ok(None);
        };
        let storage = |source| CompileError::Storage { file: file.to_owned(), source };
        let code = self.store.unpack(package).map_err(storage)?;
        Ok(Some(Loaded { component, origin, compiled_bytes, on_disk: OnDisk { code, _compiled: compiled } }))
    }
}

/// Runs work off the async threads. It runs to its end even if the caller stops waiting.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CompileError> + Send + 'static,
) -> Result<T, CompileError> {
    let failed = |error: JoinError| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => CompileError::Storage {
            file: "the package".to_owned(),
            source: io::Error::other("the runtime is shutting down"),
        },
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

/// The wasm file that a handler names, with its name and what it may need of its dependencies.
pub(crate) fn find_module(package: &Package, handler: &Handler) -> Result<(String, Parts), CompileError> {
    let found = package.module_for(handler).and_then(|name| {
        let wasm = package.module(&name)?.clone();
        let mut libraries = package.libraries();
        // A handler may name one of them.
        libraries.retain(|(library, _)| *library != name);
        Some((name, Parts { wasm, libraries }))
    });
    found.ok_or_else(|| {
        let available = list(&package.modules().map(|name| format!("{name}.wasm")).collect::<Vec<_>>());
        match handler.file() {
            Some(file) => CompileError::FileNotFound { handler: handler.clone(), file: file.to_owned(), available },
            None => CompileError::FileAmbiguous { available },
        }
    })
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("allocation", &self.0.allocation).finish_non_exhaustive()
    }
}

impl Builder {
    /// Where artifacts, unpacked packages and the `/tmp` of instances live. Several engines may share one directory.
    /// Default: a temporary directory that goes with the engine, so that every start compiles anew.
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.data_dir = Some(path.into());
        self
    }

    /// How many instances may live at once, 1 to 10 000; what exceeds it is [`crate::InvokeError::NoCapacity`].
    /// Default: 1000, the cloud's limit for a tenant.
    pub fn instances(mut self, instances: u32) -> Self {
        self.0.instances = instances;
        self
    }

    /// What memories and tables of all live instances may hold together, in bytes; who needs more gets
    /// [`crate::InvokeError::NoCapacity`]. Default: 16 GiB.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.0.memory = bytes;
        self
    }

    /// The largest wasm file that is compiled, and the largest memory that goes into a snapshot, in bytes. Compiling
    /// takes about twenty times as much memory. Default: 100 MiB.
    pub fn code_limit(mut self, bytes: usize) -> Self {
        self.0.code_limit = bytes;
        self
    }

    /// How long a caller waits for a compilation. Default: 120 s.
    pub fn compile_timeout(mut self, timeout: Duration) -> Self {
        self.0.compile_timeout = timeout;
        self
    }

    /// How long the start code of an instance may run, before its initializer. Default: 10 s.
    pub fn start_timeout(mut self, timeout: Duration) -> Self {
        self.0.start_timeout = timeout;
        self
    }

    /// How much log of one invocation is kept, in bytes; the oldest lines go first. Default: 256 KiB.
    pub fn log_limit(mut self, bytes: usize) -> Self {
        self.0.log_limit = bytes;
        self
    }

    /// Called about four times a second while a compilation lasts, and when it ends; not for one that is over sooner.
    /// Default: nobody.
    pub fn on_compile(mut self, report: impl Fn(CompileProgress) + Send + Sync + 'static) -> Self {
        self.0.on_compile = Some(Arc::new(report));
        self
    }

    /// Makes the engine.
    ///
    /// # Errors
    /// When an option is outside its range, the data directory cannot be used, or the machine cannot run WebAssembly.
    pub fn build(self) -> Result<Engine, BuildError> {
        let Self(options) = self;
        if !(1..=10_000).contains(&options.instances) {
            let value = options.instances.to_string();
            return Err(BuildError::Option { option: "instances", value, range: "1 to 10 000" });
        }
        for (option, timeout) in
            [("compile_timeout", options.compile_timeout), ("start_timeout", options.start_timeout)]
        {
            if timeout.is_zero() || timeout > limits::LONGEST_TIMEOUT {
                let value = format!("{timeout:?}");
                return Err(BuildError::Option { option, value, range: "longer than 0 s and at most 259 200 s" });
            }
        }
        let wasm = |error: wasmtime::Error| BuildError::Wasm(format!("{error:#}"));
        let (wasmtime, allocation) = allocation::engine(options.instances).map_err(wasm)?;
        Ok(Engine(Arc::new(Shared {
            linker: host::linker(&wasmtime).map_err(wasm)?,
            store: Store::open(options.data_dir.as_deref(), &wasmtime).map_err(BuildError::Directory)?,
            ticker: Ticker::start(wasmtime.weak()).map_err(|error| BuildError::Wasm(error.to_string()))?,
            compiling: Arc::new(Semaphore::new(1)),
            memory: Arc::new(HostMemory::new(options.memory)),
            allocation,
            options,
            wasmtime,
        })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options { data_dir, instances, code_limit, .. } = &self.0;
        f.debug_struct("Builder")
            .field("data_dir", data_dir)
            .field("instances", instances)
            .field("code_limit", code_limit)
            .finish_non_exhaustive()
    }
}
