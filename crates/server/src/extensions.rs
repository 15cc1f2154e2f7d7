//! Extensions: processes of this machine that accompany a function, and the telemetry that they hear (manual, 6).
//!
//! An extension is a script `extension/extension*.sh` of one of a version's dependencies. It registers, is told of each
//! invocation, and may subscribe to telemetry. It runs beside an *environment*: in the cloud that is an instance, here it
//! is a version, whose instances share their extensions, since each of them lives for a thousandth of what a process
//! costs.
//!
//! **Extensions run without a sandbox**, as the user that the server runs as: they can read and change whatever it can.
//! So they run only where somebody who may decide that has switched them on.
//!
//! - A process begins with the first call, sees `EXTENSION_API_ADDR`, `PATH`, `RUNTIME_CODE_ROOT` and, with
//!   [`ExtensionPorts::Assigned`], `EXTENSION_PORT` in its environment and nothing else, runs in the folder of its
//!   script and has no input. It is asked to end (`TERM`) after the last call when the version is gone, nothing called it
//!   for 10 minutes, or the server ends; 2 s later it is made to, with its process group.
//! - The first calls wait until all extensions have registered or ended, for 10 s at most.
//! - An extension that ends by itself is told in the log. It is not started again before all others of the environment
//!   have ended too; then there is a pause, which grows from 1 s to 5 min.

mod api;
mod environment;
mod event;
mod folder;
mod metrics;
mod post;
mod process;
mod roster;
mod session;
mod subscription;
mod telemetry;

pub use folder::Files as ExtensionFiles;

use environment::{Environment, Facts};
use fngraph::{Clock, Function, FunctionId, Qualifier, Runtime, Scope, Urn, Version, VersionName, Watch, Watcher};
use folder::Folders;
use futures::future::BoxFuture;
use metrics::Metrics;
use parking_lot::Mutex;
use roster::Ports;
use std::{
    collections::HashMap,
    error::Error,
    ffi::OsString,
    fmt, io,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How extensions are run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExtensionOptions {
    /// Where their files are unpacked; whatever is there is removed. Default: there is none, it has to be chosen.
    pub folder: PathBuf,
    /// Where they listen. Default: [`ExtensionPorts::Fixed`].
    pub ports: ExtensionPorts,
    /// What they find in their variable `PATH`. Default: the folders that all systems have.
    pub path: OsString,
    /// What short URNs leave out; its region is the one of the URNs that extensions are told. Default: `local`.
    pub scope: Scope,
}

/// Where extensions listen for invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtensionPorts {
    /// On 127.0.0.1:8081 to 8090, as in the cloud. There each instance has these ports; this machine has them once, so
    /// two functions whose extensions choose the same cannot run at the same time.
    #[default]
    Fixed,
    /// There, or on a free port that each extension is told in `EXTENSION_PORT`.
    Assigned,
}

/// Where the files of extensions come from.
pub trait ExtensionSource: Send + Sync + 'static {
    /// Whether a version has dependencies at all. It has to be quick.
    fn has_dependencies(&self, version: &Version) -> bool;

    /// The files of those dependencies of a version that have extensions. Where several have the same file, that of the
    /// last one counts.
    ///
    /// # Errors
    /// When they cannot be read, with what is wrong.
    fn files<'a>(
        &'a self,
        function: &'a FunctionId,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<ExtensionFiles, String>>;
}

impl ExtensionSource for Runtime {
    fn has_dependencies(&self, version: &Version) -> bool {
        !version.settings.dependencies.is_empty()
    }

    fn files<'a>(
        &'a self,
        function: &'a FunctionId,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<ExtensionFiles, String>> {
        Box::pin(async move {
            let packages = self.dependency_files(&function.project_id, version).await;
            let packages = packages.map_err(|error| chain(&error))?;
            Ok(packages.into_iter().filter(|files| !folder::extensions(files).is_empty()).flatten().collect())
        })
    }
}

/// Runs the extensions of functions. Cheap to clone; all clones are one.
///
/// It watches invocations ([`fngraph::Builder::watcher`]), gets its files from a source ([`Extensions::attach`]), and
/// has to be told to end ([`Extensions::shutdown`]).
#[derive(Debug, Clone)]
pub struct Extensions(Arc<Shared>);

struct Shared {
    options: ExtensionOptions,
    clock: Clock,
    metrics: Metrics,
    ports: Ports,
    folders: Folders,
    source: watch::Sender<Option<Arc<dyn ExtensionSource>>>,
    environments: Mutex<HashMap<(FunctionId, VersionName), Weak<Environment>>>,
    ids: AtomicU64,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl ExtensionOptions {
    /// Options with this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            ports: ExtensionPorts::default(),
            path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".into(),
            scope: Scope::default(),
        }
    }
}

impl Extensions {
    /// Runs extensions, once there is a source of them. Install a recorder of metrics before.
    pub fn new(options: ExtensionOptions, clock: Clock) -> Self {
        Self(Arc::new(Shared {
            folders: Folders::new(options.folder.clone()),
            options,
            clock,
            metrics: Metrics::register(),
            ports: Ports::default(),
            source: watch::Sender::new(None),
            environments: Mutex::default(),
            ids: AtomicU64::new(1),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }))
    }

    /// Gets files from here from now on. Calls that come before wait for it, within their time.
    pub fn attach(&self, source: Arc<dyn ExtensionSource>) {
        self.0.source.send_replace(Some(source));
    }

    /// Ends all extensions and waits until they have ended, which takes a few seconds at most. Shut the runtime down
    /// before: extensions outlive the calls that they accompany.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.source.send_replace(None);
    }
}

impl Watcher for Extensions {
    fn watch(&self, function: &Arc<Function>, version: &Arc<Version>) -> Option<Arc<dyn Watch>> {
        let shared = &self.0;
        // Who has no source yet cannot know.
        if shared.source.borrow().as_ref().is_some_and(|source| !source.has_dependencies(version)) {
            return None;
        }
        let mut environments = shared.environments.lock();
        let key = (function.id.clone(), version.name.clone());
        let current = environments.get(&key).and_then(Weak::upgrade);
        let age = (function.created_at, version.revision);
        let mut before = None;
        if let Some(current) = current {
            let facts = current.facts();
            let current_age = (facts.created_at, facts.version.revision);
            if current_age == age {
                return Some(current);
            }
            // Whoever asks for what is already out of date gets it, and nothing changes for others.
            if current_age > age {
                return Some(Arc::new(Environment::new(shared, shared.facts(function, version), None)));
            }
            before = current.retire();
        }
        let environment = Arc::new(Environment::new(shared, shared.facts(function, version), before));
        environments.retain(|_, environment| environment.strong_count() > 0);
        environments.insert(key, Arc::downgrade(&environment));
        Some(environment)
    }
}

impl Shared {
    fn facts(&self, function: &Function, version: &Arc<Version>) -> Facts {
        let urn = Urn {
            region: Arc::clone(&self.options.scope.region),
            function: function.id.clone(),
            qualifier: Some(Qualifier::Version(version.name.clone())),
        };
        Facts {
            function: function.id.clone(),
            version: Arc::clone(version),
            urn: urn.to_string(),
            created_at: function.created_at,
        }
    }

    fn next_id(&self) -> u64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    /// The files of a version's dependencies. There may be no source yet; it is waited for until `deadline`.
    async fn files(&self, facts: &Facts, deadline: Instant) -> Result<ExtensionFiles, String> {
        let version = &facts.version;
        let mut source = self.source.subscribe();
        let source = timeout_at(deadline, source.wait_for(Option::is_some)).await;
        let source = source.ok().and_then(Result::ok).and_then(|source| source.clone());
        match source {
            Some(source) if source.has_dependencies(version) => source.files(&facts.function, version).await,
            Some(_) => Ok(ExtensionFiles::new()),
            None => Err("nobody has told where they are".to_owned()),
        }
    }

    /// A free port for each extension, if they are assigned. All are held until all are known, so that they differ.
    fn assign(&self, extensions: usize) -> io::Result<Vec<Option<u16>>> {
        if self.options.ports == ExtensionPorts::Fixed {
            return Ok(vec![None; extensions]);
        }
        let held: Vec<_> =
            (0..extensions).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).collect::<io::Result<_>>()?;
        held.iter().map(|listener| Ok(Some(listener.local_addr()?.port()))).collect()
    }
}

/// An error with everything that led to it.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
