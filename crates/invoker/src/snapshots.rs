//! Snapshots that are wanted and not there yet.
//!
//! What is wanted stands in the registry, so that the next process goes on with what this one did not finish. One task
//! works on the snapshot of one revision, and ends when the invoker does.

use crate::{LoadError, Packages, executor::Executor, host::Host};
use fngraph_registry::{Function, RegistryError, SnapshotState, Version};
use fngraph_types::{FunctionId, Identity, VersionName};
use parking_lot::Mutex;
use std::{collections::HashSet, error::Error, sync::Arc};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// How many snapshots are made at the same time: while one initializer waits, another may work.
const AT_ONCE: usize = 2;

/// The revision of a version that a snapshot is made of.
type Subject = (FunctionId, VersionName, u64);

/// The snapshots that are being made.
pub(crate) struct Snapshots {
    making: Mutex<HashSet<Subject>>,
    room: Semaphore,
    stop: CancellationToken,
}

/// A snapshot that is being made, by one task only.
struct Making {
    snapshots: Arc<Snapshots>,
    subject: Subject,
}

impl Default for Snapshots {
    fn default() -> Self {
        Self { making: Mutex::default(), room: Semaphore::new(AT_ONCE), stop: CancellationToken::new() }
    }
}

impl Snapshots {
    /// Ends what is being made; the next process begins it anew.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    fn begin(self: &Arc<Self>, subject: Subject) -> Option<Making> {
        let is_first = self.making.lock().insert(subject.clone());
        is_first.then(|| Making { snapshots: Arc::clone(self), subject })
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        self.snapshots.making.lock().remove(&self.subject);
    }
}

impl<E: Executor> Host<E> {
    /// Goes on with what an earlier process left.
    pub(crate) fn make_all_snapshots(self: &Arc<Self>) {
        for function in self.registry.functions(None) {
            self.make_snapshots(&function);
        }
    }

    /// Has the snapshots of a function made that are wanted and not there yet.
    pub(crate) fn make_snapshots(self: &Arc<Self>, function: &Arc<Function>) {
        for version in function.versions() {
            if version.snapshot_state() != SnapshotState::Creating || self.is_closed() {
                continue;
            }
            let subject = (function.id.clone(), version.name.clone(), version.revision);
            if let Some(making) = self.snapshots.begin(subject) {
                self.spawn(Arc::clone(self).make_snapshot(making, Arc::clone(version)));
            }
        }
    }

    async fn make_snapshot(self: Arc<Self>, making: Making, version: Arc<Version>) {
        let id = making.subject.0.clone();
        let work = async {
            let _room = self.snapshots.room.acquire().await.expect("the semaphore is never closed");
            let identity = Identity {
                project_id: id.project_id.to_string(),
                package: id.package.to_string(),
                name: id.name.to_string(),
                version: version.name.to_string(),
            };
            let packages = self.packages(&id, &version).await?;
            self.executor.snapshot(identity, version.settings.clone(), packages).await
        };
        let Some(made) = self.snapshots.stop.run_until_cancelled(work).await else { return };
        let state = match made {
            Ok(()) => SnapshotState::Ready,
            Err(error) => {
                tracing::warn!(function = %id, version = %version.name, ?error, "make the snapshot");
                SnapshotState::Failed { code: error.code().to_string(), reason: chain(&error) }
            }
        };
        if let Err(error) = self.registry.note_snapshot(&id, &version.name, version.revision, state).await {
            tracing::warn!(function = %id, version = %version.name, ?error, "note what became of the snapshot");
            return;
        }
        drop(making);
        // Should it have been disabled and enabled again, nobody began it anew, since this was at it.
        if let Some(function) = self.registry.function(&id) {
            self.make_snapshots(&function);
        }
    }

    /// The packages of a version's code and dependencies.
    pub(crate) async fn packages(&self, id: &FunctionId, version: &Version) -> Result<Packages, LoadError> {
        let code = match self.registry.code(version.code).await {
            Ok(Some(code)) => code,
            Ok(None) => return Err(LoadError::CodeNotFound),
            Err(error) => return Err(LoadError::Internal(error.to_string())),
        };
        let dependencies = self.registry.dependency_packages(&id.project_id, &version.settings.dependencies).await;
        let dependencies = dependencies.map_err(|error| match error {
            RegistryError::DependencyNotFound(id) => LoadError::DependencyNotFound(id),
            other => LoadError::Internal(other.to_string()),
        })?;
        Ok(Packages { code, dependencies })
    }
}

/// An error with its causes, for the function's owner.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
