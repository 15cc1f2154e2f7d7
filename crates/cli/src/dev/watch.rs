//! From the machine's file events to [`Changes`].

use super::{changes::Changes, inputs::Inputs};
use crate::{
    exit::{Exit, Failure, OrExit as _},
    project::Built,
};
use anyhow::Context as _;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Watches the folders of a source. Each is watched by itself, since some of those in between are better not watched:
/// a build writes thousands of files.
#[derive(Debug)]
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    shared: Arc<Shared>,
}

/// What the watcher's own thread knows, too.
#[derive(Debug)]
struct Shared {
    changes: Changes,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    inputs: Inputs,
    watched: BTreeSet<PathBuf>,
}

impl Watch {
    /// Marks changes of these inputs, in folders that [`Watch::refresh`] finds.
    pub(super) fn new(inputs: Inputs, changes: Changes) -> Result<Self, Failure> {
        let shared = Arc::new(Shared { changes, state: Mutex::new(State { inputs, watched: BTreeSet::new() }) });
        let told = Arc::clone(&shared);
        let watcher = notify::recommended_watcher(move |event| told.take(event)).context("watch for changes")?;
        Ok(Self { watcher, shared })
    }

    /// Watches the folders that are there now.
    pub(super) async fn refresh(&mut self) -> Result<(), Failure> {
        let inputs = self.shared.state().inputs.clone();
        let folders = blocking(move || inputs.folders()).await;
        for folder in folders {
            if self.shared.state().watched.contains(&folder) {
                continue;
            }
            let watched = self.watcher.watch(&folder, RecursiveMode::NonRecursive);
            // It may have gone again.
            if watched.is_err() && !folder.is_dir() {
                continue;
            }
            let hint = "the machine limits how much is watched: see `sysctl fs.inotify` on Linux";
            watched.with_context(|| format!("watch {}", folder.display())).or_exit(Exit::Platform, hint)?;
            self.shared.state().watched.insert(folder);
        }
        Ok(())
    }

    /// Watches what a build read, too.
    pub(super) async fn learn(&mut self, built: &[Built]) -> Result<(), Failure> {
        let (mut inputs, built) = (self.shared.state().inputs.clone(), built.to_vec());
        let inputs = blocking(move || {
            inputs.learn(&built);
            inputs
        });
        let inputs = inputs.await;
        self.shared.state().inputs = inputs;
        self.refresh().await
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges an event. When events were lost, anything may have changed.
    fn take(&self, event: notify::Result<Event>) {
        let concerns = match &event {
            Ok(event) => event.need_rescan() || self.concerns(event),
            Err(error) => {
                tracing::warn!(%error, "watch for changes");
                true
            }
        };
        if concerns {
            tracing::debug!(?event, "changed");
            self.changes.mark();
        }
    }

    fn concerns(&self, event: &Event) -> bool {
        let mut state = self.state();
        match event.kind {
            // Building is reading.
            EventKind::Access(_) => return false,
            // A folder that comes back under its name is another one.
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                state.watched.retain(|folder| !event.paths.iter().any(|path| folder.starts_with(path)));
            }
            EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Other => {}
        }
        event.paths.iter().any(|path| state.inputs.concerns(path))
    }
}

/// Does work with files on a thread for such.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("it neither panics nor is cancelled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};
    use tokio::time::{Duration, timeout};

    /// Far longer than an event takes; it only passes where one is missing.
    const PATIENCE: Duration = Duration::from_secs(30);

    async fn watched(folder: &Path) -> (Watch, Changes) {
        let changes = Changes::default();
        let mut watch = Watch::new(Inputs::project(folder.canonicalize().unwrap()), changes.clone()).unwrap();
        watch.refresh().await.unwrap();
        (watch, changes)
    }

    #[tokio::test]
    async fn changes_are_seen_in_folders_that_are_new_or_came_back() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("src");
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let (mut watch, changes) = watched(folder.path()).await;
        for _ in 0..2 {
            fs::create_dir(&source).unwrap();
            timeout(PATIENCE, changes.settled()).await.expect("the folder is seen");
            watch.refresh().await.unwrap();
            fs::write(source.join("lib.rs"), "").unwrap();
            timeout(PATIENCE, changes.settled()).await.expect("the file is seen");
            fs::remove_dir_all(&source).unwrap();
            timeout(PATIENCE, changes.settled()).await.expect("that they are gone is seen");
        }
    }

    #[test]
    fn reading_is_no_change_and_lost_events_are() {
        use notify::event::{AccessKind, DataChange, Flag};
        let inputs = Inputs::File("/w/a.wasm".into());
        let state = Mutex::new(State { inputs, watched: BTreeSet::new() });
        let shared = Shared { changes: Changes::default(), state };
        let concerns = |event: Event| shared.concerns(&event.add_path("/w/a.wasm".into()));
        assert!(concerns(Event::new(EventKind::Modify(ModifyKind::Data(DataChange::Any)))));
        assert!(!concerns(Event::new(EventKind::Access(AccessKind::Any))));
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(!shared.concerns(&lost) && lost.need_rescan());
    }
}
