//! What is in use of a data directory, and removing what was not for long.
//!
//! A file's time of access says when it was last used, by whichever process; it is set here, since many systems do not.

use crate::clock;
use std::{
    collections::HashMap,
    fs::{self, File, FileTimes},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

/// The files and folders that this process uses right now.
#[derive(Debug, Default)]
pub(super) struct Usage(Mutex<HashMap<PathBuf, Weak<Path>>>);

impl Usage {
    /// Uses a file or folder, which need not be there yet. As long as anyone holds the path, it is not removed.
    pub(super) fn hold(&self, path: PathBuf) -> Arc<Path> {
        let mut held = self.lock();
        let used = held.get(&path).and_then(Weak::upgrade).unwrap_or_else(|| {
            let used = Arc::from(&*path);
            held.insert(path, Arc::downgrade(&used));
            used
        });
        drop(held);
        touch(&used);
        used
    }

    /// Makes what is held count as used right now.
    pub(super) fn refresh(&self) {
        let mut held = self.lock();
        held.retain(|_, path| path.strong_count() > 0);
        held.keys().for_each(|path| touch(path));
    }

    /// Removes the files and folders in a folder that nobody has used for so long, and says how many those were.
    /// `trash` is a folder of the same disk.
    pub(super) fn sweep(&self, folder: &Path, unused: Duration, trash: &Path) -> io::Result<u64> {
        let now = clock::wall();
        let mut removed = 0;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // Another process may sweep the same directory.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let used = metadata.accessed()?.max(metadata.modified()?);
            if now.duration_since(used).unwrap_or_default() >= unused && self.remove(&path, trash)? {
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Says whether it did; what is held stays.
    fn remove(&self, path: &Path, trash: &Path) -> io::Result<bool> {
        let held = self.lock();
        if held.get(path).is_some_and(|path| path.strong_count() > 0) {
            return Ok(false);
        }
        // At once, however much is in it: who holds the path from now on finds nothing there, and makes it anew.
        let trash = tempfile::tempdir_in(trash)?;
        fs::rename(path, trash.path().join("removed"))?;
        drop(held);
        trash.close()?;
        Ok(true)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, Weak<Path>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn touch(path: &Path) {
    let times = FileTimes::new().set_accessed(clock::wall());
    match File::open(path).and_then(|file| file.set_times(times)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::debug!(path = %path.display(), %error, "note that a file is used");
        }
        _ => {}
    }
}
