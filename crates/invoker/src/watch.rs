//! Hooks around invocations, for those who trace them or run something beside them.

use crate::Rejection;
use fngraph_engine::{Invocation, Outcome};
use fngraph_registry::{Function, Version};
use futures::future::BoxFuture;
use std::{fmt, sync::Arc};

/// Chooses which versions' invocations are watched.
pub trait Watcher: Send + Sync + 'static {
    /// What watches the invocations of a version from now on, if anything does.
    ///
    /// This is asked for all versions of a function when it is first called and whenever it changed, sometimes by
    /// several callers at once, and most answers are never told of an invocation. So it must be quick, and what
    /// lives longer than one answer (a connection, a process) belongs to the watcher, under the function's id, the
    /// version's name and [`Version::revision`]. An answer is dropped when a later one takes its place, the version is
    /// gone, or the invoker ends, and its last invocation has ended.
    fn watch(&self, function: &Arc<Function>, version: &Arc<Version>) -> Option<Arc<dyn Watch>>;
}

/// Hears of the invocations of one version.
pub trait Watch: Send + Sync + 'static {
    /// An invocation, or one attempt of an asynchronous one, begins; it is admitted when this is done. It may wait,
    /// within bounds of its own, and change the trace context. Waiting counts neither as time in the queue nor as time
    /// of the function. It is dropped when the invocation is cancelled or its caller goes away.
    fn begin<'a>(&'a self, invocation: &'a mut Invocation) -> BoxFuture<'a, Box<dyn Watched>>;
}

/// Hears how one invocation went. It is dropped without a word when the caller went away.
pub trait Watched: Send + 'static {
    /// The invocation ended: with an outcome, which may be a failure, or without ever reaching an instance. The caller
    /// waits for this: be quick, and leave longer work to a task of your own.
    fn end(self: Box<Self>, end: Result<&Outcome, &Rejection>);
}

/// Watchers, in the order in which they are told that an invocation begins; they hear of its end in reverse.
#[derive(Clone, Default)]
pub struct Watchers(Vec<Arc<dyn Watcher>>);

/// What watches one version. None is the common case, and costs a call one branch.
pub(crate) type Watches = Option<Arc<[Arc<dyn Watch>]>>;

impl Watchers {
    /// Adds a watcher, inside of those before it.
    pub fn add(&mut self, watcher: Arc<dyn Watcher>) {
        self.0.push(watcher);
    }

    pub(crate) fn watch(&self, function: &Arc<Function>, version: &Arc<Version>) -> Watches {
        let watches: Arc<[_]> = self.0.iter().filter_map(|watcher| watcher.watch(function, version)).collect();
        (!watches.is_empty()).then_some(watches)
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchers").field("count", &self.0.len()).finish()
    }
}

/// Tells all of them that an invocation begins.
pub(crate) async fn begin(
    watches: &[Arc<dyn Watch>],
    invocation: &mut Invocation,
    watched: &mut Vec<Box<dyn Watched>>,
) {
    for watch in watches {
        let began = watch.begin(invocation).await;
        watched.push(began);
    }
}

/// Tells those that heard of its beginning how it ended.
pub(crate) fn end(watched: Vec<Box<dyn Watched>>, end: Result<&Outcome, &Rejection>) {
    for watched in watched.into_iter().rev() {
        watched.end(end);
    }
}
