//! New instances of a version whose initializer has run already.

use super::Pool;
use crate::executor::Executor;
use fngraph_engine::StartError;
use fngraph_registry::{SnapshotState, Version};
use fngraph_types::Memory;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The code of a snapshot, loaded by whoever comes first; none inside when it cannot be used.
pub(super) type Snapshot<E> = Arc<OnceCell<Option<<E as Executor>::Function>>>;

/// The snapshot that instances of this version are to start from.
pub(super) fn of<E: Executor>(version: &Version) -> Option<Snapshot<E>> {
    (version.snapshot_state() == SnapshotState::Ready).then(Arc::default)
}

impl<E: Executor> Pool<E> {
    /// Follows a change of whether there is a snapshot. Instances that live go on.
    pub(crate) fn follow_snapshot(&self, version: &Version) {
        let wanted = of::<E>(version);
        let mut current = self.snapshot.lock();
        if current.is_some() != wanted.is_some() {
            *current = wanted;
        }
    }

    /// The snapshot for an instance with this much memory, if there is one that can be used.
    pub(super) async fn snapshot(&self, memory: Memory) -> Option<Snapshot<E>> {
        if memory != self.version.settings.memory {
            return None;
        }
        let snapshot = self.snapshot.lock().clone()?;
        snapshot.get_or_init(|| self.load_snapshot()).await;
        Some(snapshot)
    }

    async fn load_snapshot(&self) -> Option<E::Function> {
        let (host, version) = (&self.host, &self.version);
        let loaded = match host.packages(&self.function, version).await {
            Ok(packages) => {
                host.executor.load_snapshot((*self.identity).clone(), version.settings.clone(), packages).await
            }
            Err(error) => Err(error),
        };
        match loaded {
            Ok(Some(function)) => return Some(function),
            Ok(None) => {
                tracing::info!(function = %self.function, version = %version.name, "the snapshot is gone and is made again");
                let (registry, id, version) = (host.registry.clone(), self.function.clone(), Arc::clone(version));
                host.spawn(async move {
                    let state = SnapshotState::Creating;
                    let noted = registry.note_snapshot(&id, &version.name, version.revision, state).await;
                    if let Err(error) = noted {
                        tracing::warn!(function = %id, ?error, "note that the snapshot is gone");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(function = %self.function, version = %version.name, ?error, "load the snapshot");
            }
        }
        None
    }

    /// Starts instances the ordinary way from now on, since none came up from the snapshot.
    pub(super) fn give_up_snapshot(&self, failed: &StartError) {
        let mut snapshot = self.snapshot.lock();
        // Whoever comes first tells; and who disabled it meanwhile wants none anyway.
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.get().is_none_or(Option::is_some)) {
            *snapshot = Some(Arc::new(OnceCell::new_with(Some(None))));
            drop(snapshot);
            tracing::warn!(function = %self.function, version = %self.version.name, ?failed, "start from the snapshot");
        }
    }
}
