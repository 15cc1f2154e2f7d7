//! The registry itself: what is read, and how a change is made.

mod aliases;
mod async_configs;
mod dependencies;
mod functions;
mod reservations;
mod restore;
mod snapshots;
mod state;
mod tags;
mod test_events;
mod trace;
mod triggers;
mod versions;

pub use functions::NewFunction;
pub use restore::{NewVersion, WholeFunction};
pub use versions::Publish;

use crate::{Function, FunctionQuery, Limits, Observer, RegistryError, Usage};
use bytes::Bytes;
use fngraph_store::{CodeStore, Digest, DocumentStore, FunctionStore};
use fngraph_types::{FunctionId, UrnRef};
use state::{State, storing};
use std::sync::Arc;

/// All functions and dependencies, in memory and in a store. A cheap clone.
///
/// # Cancel safety
/// Every change runs in a task of its own: dropping the future that waits for it gives up the answer, not the change.
#[derive(Clone)]
pub struct Registry(Arc<State>);

impl Registry {
    /// Loads all functions and dependencies. The three stores are usually one:
    /// `Registry::open(store.clone(), store.clone(), store, limits)`.
    ///
    /// A function that cannot be read is logged and left as it is; each operation on it answers
    /// [`RegistryError::Damaged`].
    ///
    /// # Errors
    /// When the store cannot be read, or the limits are out of range.
    pub async fn open(
        functions: Arc<dyn FunctionStore>,
        code: Arc<dyn CodeStore>,
        documents: Arc<dyn DocumentStore>,
        limits: Limits,
    ) -> Result<Self, RegistryError> {
        State::open(functions, code, documents, limits).await.map(|state| Self(Arc::new(state)))
    }

    /// The function of this id.
    pub fn function(&self, id: &FunctionId) -> Option<Arc<Function>> {
        self.0.function(id)
    }

    /// The function that a URN names, whatever its region. It takes no lock and allocates nothing.
    pub fn find(&self, urn: &UrnRef<'_>) -> Option<Arc<Function>> {
        self.0.find(urn)
    }

    /// The functions of a project, or of all projects, in the order of their ids.
    pub fn functions(&self, project: Option<&str>) -> Vec<Arc<Function>> {
        let mut functions = project.map_or_else(|| self.0.all(), |project| self.0.listing.project(project));
        functions.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        functions
    }

    /// One page of a project's functions, and how many there are on all pages together. A page costs what stands on it.
    pub fn functions_page(&self, query: FunctionQuery<'_>) -> (Vec<Arc<Function>>, usize) {
        self.0.listing.page(query)
    }

    /// What a project has now, of what is limited. What is being written counts already.
    pub fn usage(&self, project: &str) -> Usage {
        self.0.ledger.usage(project)
    }

    /// What each project may have.
    pub fn limits(&self) -> &Limits {
        self.0.ledger.limits()
    }

    /// A code package as it was uploaded; none when it is gone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn code(&self, digest: Digest) -> Result<Option<Bytes>, RegistryError> {
        self.0.packages.code(digest).await.map_err(storing("read the code"))
    }

    /// Removes the packages that no version of a function or dependency has, and tells how many those were. While a
    /// stored function or dependency is damaged nothing is removed, since its packages are not known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_code(&self) -> Result<u64, RegistryError> {
        let state = Arc::clone(&self.0);
        self.0.finish(async move { state.sweep_code().await }).await
    }

    /// Tells an observer of every change from now on.
    pub fn subscribe(&self, observer: Arc<dyn Observer>) {
        self.0.subscribe(observer);
    }

    /// Waits until the changes that have begun are written. Call it before the runtime ends.
    pub async fn close(&self) {
        self.0.close().await;
    }

    /// Changes a function by this edit, which sees it as it is and leaves it as it is to be.
    async fn change<T: Send + 'static>(
        &self,
        id: &FunctionId,
        edit: impl FnOnce(&mut Function) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let (state, id) = (Arc::clone(&self.0), id.clone());
        self.0.finish(async move { state.edit(&id, edit).await }).await
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}
