//! What all handlers share.

use crate::{
    applications::{self, Applications},
    auth::Auth,
    fetch::CodeSources,
};
use fngraph::{Runtime, Scope, StoreError, Timestamp};
use fngraph_triggers::Triggers;
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
    pub(crate) applications: Applications,
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
    /// The runtime's triggers. Default: none, and triggers that would fire are refused (`FSS.1153`).
    pub triggers: Option<Triggers>,
    /// What `/metrics` answers. Default: nothing.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            body_bytes: 64 << 20,
            code_sources: CodeSources::default(),
            is_secure: false,
            triggers: None,
            metrics: Arc::new(String::new),
        }
    }
}

impl App {
    /// An API for this runtime.
    pub fn new(runtime: Runtime, auth: Auth, options: Options) -> Self {
        let (openapi, is_draining) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Parts { runtime, auth, options, applications: Applications::default(), openapi, is_draining }))
    }

    /// Goes on with what another process began and did not end: applications that were being made or removed. To be
    /// called once, when everything that their parts need is there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume(&self) -> Result<(), StoreError> {
        applications::resume(self).await
    }

    /// Waits until nothing goes on beside the requests. Once it drains, applications that are being made wait for
    /// whoever calls [`App::resume`] next.
    pub async fn settle(&self) {
        self.applications.settle().await;
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
