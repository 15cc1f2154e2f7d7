//! What all handlers share.

use crate::{auth::Auth, fetch::CodeSources};
use fngraph::{Runtime, Scope, Timestamp};
use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// What all handlers share. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    pub(crate) runtime: Runtime,
    pub(crate) auth: Auth,
    pub(crate) options: Options,
    openapi: OnceLock<String>,
    is_draining: AtomicBool,
}

/// What can be chosen about the API, each with a default that is safe to keep.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The largest body of a request, in bytes. Events have limits of their own, and so have signed requests. Default:
    /// 64 MiB, what a package of 48 MiB takes as base64.
    pub body_bytes: usize,
    /// From where functions' code may be fetched. Default: from nowhere.
    pub code_sources: CodeSources,
    /// Whether clients reach the server over TLS, for links in answers. Default: no.
    pub is_secure: bool,
    /// What `/metrics` answers. Default: nothing.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 20,
            code_sources: CodeSources::default(),
            is_secure: false,
            metrics: Arc::new(String::new),
        }
    }
}

impl App {
    /// An API for this runtime.
    pub fn new(runtime: Runtime, auth: Auth, options: Options) -> Self {
        let (openapi, is_draining) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Parts { runtime, auth, options, openapi, is_draining }))
    }

    /// Says from now on that it is not ready, while it still answers.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }
}

impl Parts {
    /// The time that the runtime goes by.
    pub(crate) fn now(&self) -> Timestamp {
        self.runtime.now()
    }

    /// What short URNs leave out, in this project.
    pub(crate) fn scope(&self, project: &Arc<str>) -> Scope {
        Scope { region: Arc::clone(&self.runtime.scope().region), project_id: Arc::clone(project) }
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    pub(crate) fn metrics(&self) -> String {
        (self.options.metrics)()
    }

    /// The OpenAPI document; made once.
    pub(crate) fn openapi(&self) -> String {
        let make = || serde_json::to_string(&fngraph_api::openapi(fngraph_api::operations())).unwrap_or_default();
        self.openapi.get_or_init(make).clone()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("runtime", &self.runtime).field("options", &self.options).finish_non_exhaustive()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("body_bytes", &self.body_bytes).finish_non_exhaustive()
    }
}
