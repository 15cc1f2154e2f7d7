//! Functions whose initializer has run already: its memory is part of the compiled code.
//!
//! A snapshot is an artifact of its own, kept beside the others under a digest of everything that the initializer can
//! see. Making one runs the initializer once, in an instance that serves nobody, and turns its memories and globals
//! into the data of a new component. What stays on the host's side cannot go along: whoever holds a file, a folder or
//! a stream when the initializer returns gets none. Nor does a function whose initializer read a secret, since
//! snapshots lie on the disk as they are.
//!
//! All instances begin with the same memory. What the initializer drew by chance or read from a clock is the same in
//! all of them, the seeds of Rust's `HashMap` too; what a handler asks the host for is new each time. Lines that the
//! initializer logged belong to no invocation. Its network is closed.

mod image;

use crate::{
    Artifact, CompileError, Engine, FunctionConfig, Kind, Level, Network, Origin, Package, PrepareError,
    PreparedFunction, StartError, Startup,
    artifact::Facts,
    cancel::Running,
    clock,
    engine::{self, find_module},
    function::{Plan, Prepared},
    host::State,
    instance::EventGuest,
    package::Digest,
};
use bytes::Bytes;
use fngraph_types::ErrorCode;
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, task::JoinError};

/// Told apart from other digests; the number grows when a snapshot means something else.
const DOMAIN: &str = "fngraph snapshot 1";

/// Why a function has no snapshot. It runs without one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The code does not compile.
    #[error("compile the function")]
    Compile(#[source] CompileError),
    /// The settings do not fit the code.
    #[error("prepare the function")]
    Prepare(#[source] PrepareError),
    /// The function is not of a kind that has snapshots.
    #[error("the function cannot have a snapshot: {0}")]
    Unsupported(String),
    /// The initializer failed.
    #[error("run the initializer")]
    Initializer(#[source] Box<StartError>),
    /// The initializer did what cannot be part of a snapshot.
    #[error("the initializer cannot be part of a snapshot: {0}")]
    Unrepeatable(String),
    /// The function needs more memory than a snapshot holds.
    #[error("the initialised function holds {bytes} bytes of memory; a snapshot may have {limit}")]
    TooLarge {
        /// What it holds.
        bytes: u64,
        /// The engine's limit.
        limit: u64,
    },
    /// The platform failed.
    #[error("make the snapshot: {0}")]
    Internal(String),
}

impl SnapshotError {
    /// The cloud's code for this failure. It has none of its own for snapshots.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Compile(error) => error.code(),
            Self::Prepare(error) => error.code(),
            Self::Unsupported(_) | Self::Unrepeatable(_) => ErrorCode::InvalidInitializer,
            Self::Initializer(failed) => failed.error.code(),
            Self::TooLarge { .. } => ErrorCode::MemoryExceeded,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

impl From<JoinError> for SnapshotError {
    fn from(error: JoinError) -> Self {
        if error.is_panic() {
            // The instrumentation is somebody else's code, and panics about components that it did not think of.
            tracing::warn!(%error, "a snapshot was not made");
            return Self::Unsupported("its code has a shape that cannot be instrumented".to_owned());
        }
        Self::Internal("the runtime is shutting down".to_owned())
    }
}

/// What an initializer leaves on the host's side, and a snapshot brings along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Initialized {
    level: Level,
}

impl Initialized {
    const LEVELS: [Level; 4] = [Level::Debug, Level::Info, Level::Warn, Level::Error];

    fn of(state: &State) -> Self {
        Self { level: state.recorder.level() }
    }

    /// Makes the host's side of a new instance what it was when the initializer returned.
    pub(crate) fn restore(&self, state: &State) {
        state.recorder.set_level(self.level);
    }

    fn to_byte(self) -> u8 {
        self.level as u8
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::LEVELS.into_iter().find(|level| *level as u8 == byte).map(|level| Self { level })
    }
}

impl Engine {
    /// The function with these settings, ready to be started from its snapshot; none when there is no snapshot of
    /// exactly these settings, made by this version of the engine.
    ///
    /// # Errors
    /// When the settings do not fit the code, or the data directory fails.
    pub async fn load_snapshot(
        &self,
        package: &Package,
        config: &FunctionConfig,
    ) -> Result<Option<PreparedFunction>, SnapshotError> {
        let started = clock::monotonic();
        let (file, parts) = find_module(package, &config.handler).map_err(SnapshotError::Compile)?;
        let (shared, package, key) = (Arc::clone(&self.0), package.clone(), key(package, config));
        let name = file.clone();
        let load = move || {
            let Some(loaded) = shared.load(&name, key, &package, Origin::Cached)? else { return Ok(None) };
            let initialized = shared.store.last_byte(key).ok().and_then(Initialized::from_byte);
            Ok(initialized.map(|initialized| (loaded, initialized)))
        };
        let Some((loaded, initialized)) = engine::blocking(load).await.map_err(SnapshotError::Compile)? else {
            return Ok(None);
        };
        let facts = Facts {
            origin: loaded.origin,
            load_time: clock::monotonic() - started,
            wasm_bytes: parts.wasm.len(),
            compiled_bytes: loaded.compiled_bytes,
            on_disk: loaded.on_disk,
            initialized: Some(initialized),
        };
        let artifact = Artifact::recognise(Arc::clone(&self.0), file, &loaded.component, facts)
            .map_err(SnapshotError::Unsupported)?;
        artifact.prepare(config.clone()).map(Some).map_err(SnapshotError::Prepare)
    }

    /// Makes a snapshot of the function with these settings, unless there is one, and loads it. Its instances begin as
    /// the initializer left the memory. Compiling happens on other threads, one file at a time.
    ///
    /// # Errors
    /// When the function is no event component with an initializer, the initializer fails, takes longer or more memory
    /// than it may, or leaves what cannot be part of a snapshot: an open file, folder or stream (stdout is one), a
    /// secret that it read, more memory than [`crate::Builder::code_limit`].
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancel safety
    /// Dropping the future stops the initializer. A compilation that has begun goes on, and its result is kept.
    pub async fn snapshot(
        &self,
        package: &Package,
        config: &FunctionConfig,
    ) -> Result<PreparedFunction, SnapshotError> {
        let artifact = self.compile(package, &config.handler).await.map_err(SnapshotError::Compile)?;
        if artifact.kind() != Kind::Event {
            let reason = format!(
                "it is of the kind `{}`, and only event components have initializers",
                artifact.kind().as_str()
            );
            return Err(SnapshotError::Unsupported(reason));
        }
        if config.initializer.is_none() {
            return Err(SnapshotError::Unsupported("it has no initializer".to_owned()));
        }
        artifact.prepare(config.clone()).map_err(SnapshotError::Prepare)?;
        if let Some(function) = self.load_snapshot(package, config).await? {
            return Ok(function);
        }
        let (file, parts) = find_module(package, &config.handler).map_err(SnapshotError::Compile)?;
        let wasm = parts.wasm.clone();
        let composed = engine::blocking(move || Ok(parts.compose())).await.map_err(SnapshotError::Compile)?;
        // It composed when it was compiled. Instrumenting reads the memory of one component only.
        if composed.is_ok_and(|composed| composed != wasm) {
            let reason = "it is composed with components of its dependencies, whose memory a snapshot cannot hold";
            return Err(SnapshotError::Unsupported(reason.to_owned()));
        }
        tracing::info!(file, bytes = wasm.len(), "make a snapshot");
        let rehearsal = self.rehearse(file, &wasm, &artifact, config).await?;
        let guest = Box::pin(initialize(&rehearsal)).await?;
        self.keep(wasm, guest, key(package, config)).await?;
        let function = self.load_snapshot(package, config).await?;
        function.ok_or_else(|| SnapshotError::Internal("what was just written does not load".to_owned()))
    }

    /// The function with exports that show its memories and globals.
    async fn rehearse(
        &self,
        file: String,
        wasm: &Bytes,
        artifact: &Artifact,
        config: &FunctionConfig,
    ) -> Result<PreparedFunction, SnapshotError> {
        let permit = self.compiling().await;
        let (shared, wasm) = (Arc::clone(&self.0), wasm.clone());
        let instrument = move || {
            let _permit = permit;
            image::instrument(&shared.wasmtime, &wasm)
        };
        let component = tokio::task::spawn_blocking(instrument).await??;
        let facts = Facts {
            origin: Origin::Compiled,
            load_time: Duration::ZERO,
            wasm_bytes: 0,
            compiled_bytes: 0,
            on_disk: artifact.on_disk(),
            initialized: None,
        };
        let instrumented =
            Artifact::recognise(Arc::clone(&self.0), file, &component, facts).map_err(SnapshotError::Unsupported)?;
        let mut config = config.clone();
        config.network = Network::Denied;
        instrumented.prepare(config).map_err(SnapshotError::Prepare)
    }

    /// Compiles what the initializer left, and keeps it.
    async fn keep(&self, wasm: Bytes, guest: EventGuest, key: Digest) -> Result<(), SnapshotError> {
        let permit = self.compiling().await;
        let (shared, runtime) = (Arc::clone(&self.0), Handle::current());
        let write = move || {
            let _permit = permit;
            let initialized = Initialized::of(guest.store.data());
            let image = runtime.block_on(image::read(&wasm, guest))?;
            let limit = shared.options.code_limit as u64;
            if image.len() as u64 > limit {
                return Err(SnapshotError::TooLarge { bytes: image.len() as u64, limit });
            }
            let mut compiled = image::compile(&shared.wasmtime, &image)?;
            compiled.push(initialized.to_byte());
            shared.store.save(key, &compiled).map_err(|error| SnapshotError::Internal(error.to_string()))
        };
        tokio::task::spawn_blocking(write).await?
    }

    async fn compiling(&self) -> tokio::sync::OwnedSemaphorePermit {
        Arc::clone(&self.0.compiling).acquire_owned().await.expect("the semaphore is never closed")
    }
}

/// Runs the initializer, and checks that nothing but memory came of it.
async fn initialize(function: &PreparedFunction) -> Result<EventGuest, SnapshotError> {
    let prepared: &Prepared = &function.0;
    let Plan::Event(plan) = &prepared.plan else {
        return Err(SnapshotError::Unsupported("it is no event component".to_owned()));
    };
    let running = Arc::new(Running::default());
    let guest = EventGuest::start(prepared, plan, &running, &mut Startup::default()).await;
    let guest = guest.map_err(|failed| SnapshotError::Initializer(Box::new(failed)))?;
    let state = guest.store.data();
    if let Some(secret) = state.secret_read {
        return Err(SnapshotError::Unrepeatable(format!("it read {secret}, which must not be kept in it")));
    }
    if state.files.is_open() {
        let reason = "it used files, whose handles belong to one instance; build its data into the code, or read them \
                      in the handler";
        return Err(SnapshotError::Unrepeatable(reason.to_owned()));
    }
    if state.holds_resources() {
        let reason = "it holds streams or other things of the host, such as stdout, which belong to one instance; \
                      write to the logger of its context instead";
        return Err(SnapshotError::Unrepeatable(reason.to_owned()));
    }
    let (bytes, limit) = (state.memory.used(), prepared.engine.options.code_limit as u64);
    if bytes > limit {
        return Err(SnapshotError::TooLarge { bytes, limit });
    }
    Ok(guest)
}

/// What a snapshot of this function is kept under: everything that its initializer can see. Secrets are not part of
/// it, since an initializer that reads them has no snapshot.
fn key(package: &Package, config: &FunctionConfig) -> Digest {
    let mut visible = config.clone();
    visible.secrets.values_mut().for_each(String::clear);
    let mut hasher = blake3::Hasher::new_derive_key(DOMAIN);
    let mut add = |part: &[u8]| {
        // Lengths first, so that no two functions hash the same bytes.
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    };
    add(package.digest().as_bytes());
    for timeout in [config.timeout, config.initializer_timeout] {
        add(&timeout.as_nanos().to_le_bytes());
    }
    for (name, value) in visible.environment(false) {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    for name in visible.secrets.keys() {
        add(name.as_bytes());
    }
    Digest::from(hasher.finalize())
}

#[cfg(test)]
mod tests;
