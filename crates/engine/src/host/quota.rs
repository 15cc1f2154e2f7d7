//! How much an instance may keep in its `/tmp`.
//!
//! Counting is cheap and never too low: every write adds what it may have added to the disk. When that sum reaches
//! the limit and something was given back or overwritten since, the folder is measured and the sum becomes true
//! again. A file that was unlinked while it is open takes space that no walk finds, so nothing is measured until the
//! last such file is closed. What a stream is still writing when the folder is measured is seen at the next measure, so
//! the limit can be exceeded by what is in flight: at most one write of each open file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

/// What a file or folder costs besides its content, so that empty ones are bounded too.
const ENTRY_BYTES: u64 = 4096;

/// The quota of one instance, shared with its open streams.
#[derive(Clone)]
pub(crate) struct Quota(Arc<Mutex<Usage>>);

struct Usage {
    limit: u64,
    used: u64,
    folder: Option<PathBuf>,
    /// Something was, or may have been, changed in the folder.
    touched: bool,
    /// Something may have been given back since the folder was measured.
    stale: bool,
    open: Vec<Weak<fs::File>>,
    /// Files that were open when something was unlinked.
    orphans: Vec<Weak<fs::File>>,
    refused: bool,
}

impl Quota {
    pub(crate) fn new(limit: u64) -> Self {
        let (open, orphans) = (Vec::new(), Vec::new());
        let usage = Usage { limit, used: 0, folder: None, touched: false, stale: false, open, orphans, refused: false };
        Self(Arc::new(Mutex::new(usage)))
    }

    fn lock(&self) -> MutexGuard<'_, Usage> {
        // The numbers stay usable whatever happened to another holder.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder to measure.
    pub(crate) fn set_folder(&self, folder: &Path) {
        self.lock().folder = Some(folder.to_owned());
    }

    /// Counts `bytes` more, or refuses them with the error that a full disk gives.
    pub(crate) fn add(&self, bytes: u64) -> io::Result<()> {
        let mut usage = self.lock();
        usage.touched = true;
        if usage.fits(bytes) || (usage.measure() && usage.fits(bytes)) {
            usage.used += bytes;
            // What is written may replace what is there, so the sum may be too high from now on.
            usage.stale = true;
            return Ok(());
        }
        usage.refused = true;
        Err(storage_full())
    }

    /// Counts one more file or folder.
    pub(crate) fn add_entry(&self) -> io::Result<()> {
        self.add(ENTRY_BYTES)
    }

    /// Notes a change that takes no space.
    pub(crate) fn touch(&self) {
        self.lock().touched = true;
    }

    /// Whether anything was, or may have been, changed.
    pub(crate) fn is_touched(&self) -> bool {
        self.lock().touched
    }

    /// Notes that a file was opened.
    pub(crate) fn opened(&self, file: &Arc<fs::File>) {
        let mut usage = self.lock();
        usage.open.retain(|file| file.strong_count() > 0);
        usage.open.push(Arc::downgrade(file));
    }

    /// Notes that a name was removed or replaced.
    pub(crate) fn unlinked(&self) {
        let mut usage = self.lock();
        usage.stale = true;
        usage.open.retain(|file| file.strong_count() > 0);
        usage.orphans = usage.open.clone();
    }

    /// Whether something was refused since this was last asked.
    pub(crate) fn take_refused(&self) -> bool {
        std::mem::take(&mut self.lock().refused)
    }
}

impl Usage {
    fn fits(&self, bytes: u64) -> bool {
        self.used.saturating_add(bytes) <= self.limit
    }

    /// Makes the sum true. Says whether it could have changed.
    fn measure(&mut self) -> bool {
        self.orphans.retain(|file| file.strong_count() > 0);
        if !self.stale || !self.orphans.is_empty() {
            return false;
        }
        self.stale = false;
        if let Some(folder) = &self.folder {
            self.used = size_of_folder(folder);
        }
        true
    }
}

/// What the folder's files hold, and what its entries cost. An entry that vanishes meanwhile counts nothing.
fn size_of_folder(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size_of_folder(&entry.path()) + ENTRY_BYTES,
        Ok(metadata) => metadata.len() + ENTRY_BYTES,
        Err(_) => 0,
    });
    sizes.sum()
}

fn storage_full() -> io::Error {
    // The raw code, since that is what WASI's error is made from.
    #[cfg(windows)]
    const DISK_FULL: i32 = 112;
    #[cfg(not(windows))]
    const DISK_FULL: i32 = 28;
    io::Error::from_raw_os_error(DISK_FULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(limit: u64) -> (Quota, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let quota = Quota::new(limit);
        quota.set_folder(folder.path());
        (quota, folder)
    }

    #[test]
    fn what_exceeds_the_limit_is_refused_as_a_full_disk() {
        let (quota, folder) = quota(ENTRY_BYTES + 10);
        quota.add_entry().unwrap();
        quota.add(10).unwrap();
        fs::write(folder.path().join("a"), [0; 10]).unwrap();
        assert_eq!(quota.add(1).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(quota.take_refused());
        assert!(!quota.take_refused());
    }

    #[test]
    fn space_that_was_given_back_can_be_used_again() {
        let (quota, folder) = quota(ENTRY_BYTES + 100);
        let file = folder.path().join("a");
        quota.add_entry().unwrap();
        quota.add(100).unwrap();
        fs::write(&file, [0; 100]).unwrap();
        quota.add(1).unwrap_err();
        fs::remove_file(&file).unwrap();
        quota.unlinked();
        quota.add(100).unwrap();
    }

    #[test]
    fn overwriting_a_file_is_not_counted_twice() {
        let (quota, folder) = quota(ENTRY_BYTES + 150);
        quota.add_entry().unwrap();
        for _ in 0..5 {
            quota.add(100).unwrap();
            fs::write(folder.path().join("a"), [0; 40]).unwrap();
        }
    }

    #[test]
    fn an_unlinked_file_counts_until_it_is_closed() {
        let (quota, folder) = quota(100);
        let path = folder.path().join("a");
        let file = Arc::new(fs::File::create(&path).unwrap());
        quota.opened(&file);
        quota.add(100).unwrap();
        fs::remove_file(&path).unwrap();
        quota.unlinked();
        quota.add(100).unwrap_err();
        drop(file);
        quota.add(100).unwrap();
    }
}
