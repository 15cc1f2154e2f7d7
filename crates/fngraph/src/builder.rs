//! How a runtime is put together.

use crate::{BuildError, Runtime, project};
use fngraph_engine::Engine;
use fngraph_invoker::{Clock, Destinations, Invoker, LocalDestinations, MemoryDestinations, Options, Watcher};
use fngraph_registry::{Limits, Registry};
use fngraph_store::{Sqlite, Store};
use std::{fmt, path::PathBuf, sync::Arc};

/// Instances that the engine holds beyond those that may live: old ones that are ending.
const ENDING_INSTANCES: u32 = 64;

/// The most instances that the engine holds.
const MOST_INSTANCES: u32 = 10_000;

/// Options of a runtime, each with a default that is safe to keep.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder {
    data_dir: Option<PathBuf>,
    memory: Option<u64>,
    clock: Clock,
    options: Options,
    limits: Limits,
    destinations: Option<Arc<dyn Destinations>>,
    watchers: Vec<Arc<dyn Watcher>>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            data_dir: None,
            memory: None,
            clock: Clock::system(),
            options: Options::default(),
            limits: Limits::default(),
            destinations: None,
            watchers: Vec::new(),
        }
    }

    /// Where everything is kept: functions, code, requests, logs, statistics, compiled code. The directory belongs to
    /// one runtime at a time. Default: in memory, gone with the runtime.
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// How many instances may live at once, 1 to 10 000. Default: 1000, the cloud's limit for a tenant.
    pub fn instances(mut self, instances: u32) -> Self {
        self.options.instances = instances;
        self
    }

    /// What memories of all instances may hold together, in bytes. Default: 16 GiB.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// The time that everything goes by, except deadlines of running functions. Default: the machine's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Limits and habits, all of them; this replaces what [`Builder::instances`] set before. Default:
    /// [`Options::default`].
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// How much a project may have. Default: [`Limits::default`], the cloud's.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where notices to OBS, SMN and DIS go. Default: files in `destinations` of the data directory; in memory without
    /// one.
    pub fn destinations(mut self, destinations: impl Destinations) -> Self {
        self.destinations = Some(Arc::new(destinations));
        self
    }

    /// Adds somebody who hears of invocations, asynchronous attempts too. The first one hears first that an invocation
    /// begins, and last that it ended. Default: nobody; then it costs nothing.
    pub fn watcher(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watchers.push(watcher);
        self
    }

    /// Makes the runtime, which goes on where an earlier one in the same directory ended.
    ///
    /// # Errors
    /// When the directory is in use, damaged or of a newer version, or an option is outside its range.
    ///
    /// # Panics
    /// Outside of a tokio runtime; [`crate::Blocking`] brings one.
    pub async fn build(mut self) -> Result<Runtime, BuildError> {
        let mut engine =
            Engine::builder().instances(self.options.instances.saturating_add(ENDING_INSTANCES).min(MOST_INSTANCES));
        if let Some(bytes) = self.memory {
            engine = engine.memory(bytes);
        }
        let (store, destinations) = match &self.data_dir {
            Some(path) => {
                // The store first: it finds out whether somebody else is at work here.
                let store = Sqlite::open(path)?;
                engine = engine.data_dir(path.join("engine"));
                (store, Arc::new(LocalDestinations::new(path.join("destinations"))) as Arc<dyn Destinations>)
            }
            None => (Sqlite::in_memory()?, Arc::new(MemoryDestinations::default()) as Arc<dyn Destinations>),
        };
        let engine = engine.build()?;
        let store = Arc::new(store);
        let shared = Arc::clone(&store) as Arc<dyn Store>;
        let (functions, code) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
        let registry = Registry::open(functions, code, Arc::clone(&store) as _, self.limits).await?;
        let logged = project::with_status_logs(&*shared).await.map_err(BuildError::Projects)?;
        self.options.status_logs.extend(logged);
        self.watchers.into_iter().for_each(|watcher| self.options.watchers.add(watcher));
        let scope = self.options.scope.clone();
        let invoker = Invoker::open(
            engine.clone(),
            registry.clone(),
            store,
            self.destinations.unwrap_or(destinations),
            self.clock.clone(),
            self.options,
        )
        .await?;
        Ok(Runtime::new(invoker, registry, shared, engine, self.clock, scope))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("data_dir", &self.data_dir)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
