//! The file system's events, and what they mean for objects.

use super::objects::{Change, Objects, Place};
use md5::{Digest as _, Md5};
use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
    event::{AccessKind, AccessMode, ModifyKind, RenameMode},
};
use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::{Notify, mpsc};

/// How many hints may wait. When more come, all buckets are looked through instead.
const HINTS: usize = 4096;

/// How many hints are worked off together.
const BATCH: usize = 1024;

/// Whether the system tells when a writer closes a file. Elsewhere a file is whole when it stays as it is for a second.
const TELLS_CLOSE: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Something happened at a path.
#[derive(Debug)]
pub(super) struct Hint {
    path: PathBuf,
    /// Whether what is there is whole: nobody writes it any more.
    is_whole: bool,
}

/// The hints, from the watcher's own thread.
#[derive(Debug)]
pub(super) struct Hints {
    coming: mpsc::Receiver<Hint>,
    lost: Arc<Lost>,
}

/// Whether hints were lost.
#[derive(Debug, Default)]
struct Lost {
    any: AtomicBool,
    told: Notify,
}

/// What happened since the last time.
#[derive(Debug)]
pub(super) enum Batch {
    Hints(Vec<Hint>),
    /// Anything may have.
    Lost,
}

/// Watches the folders of buckets, each by itself: a folder that is new is watched before it is read, so nothing in it
/// is missed.
#[derive(Debug)]
pub(super) struct Watch {
    root: PathBuf,
    /// None until a bucket is watched.
    watcher: Option<RecommendedWatcher>,
    objects: Objects,
    hints: mpsc::Sender<Hint>,
    lost: Arc<Lost>,
}

impl Hints {
    /// Waits for what happens. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Batch {
        let Self { coming, lost } = self;
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            () = lost.told.notified() => {}
            // The watch has a sender, and lives as long as this.
            _ = coming.recv_many(&mut batch, BATCH) => {}
        }
        if !lost.any.swap(false, Ordering::SeqCst) {
            return Batch::Hints(batch);
        }
        while coming.try_recv().is_ok() {}
        Batch::Lost
    }
}

impl Lost {
    fn tell(&self) {
        self.any.store(true, Ordering::SeqCst);
        self.told.notify_one();
    }
}

impl Watch {
    pub(super) fn new(root: PathBuf) -> (Self, Hints) {
        let (hints, coming) = mpsc::channel(HINTS);
        let lost = Arc::new(Lost::default());
        let told = Hints { coming, lost: Arc::clone(&lost) };
        (Self { objects: Objects::new(root.clone()), root, watcher: None, hints, lost }, told)
    }

    /// The watcher, which is made when it is first needed.
    fn watcher(&mut self) -> io::Result<&mut RecommendedWatcher> {
        if self.watcher.is_none() {
            fs::create_dir_all(&self.root)?;
            // Events come with resolved paths on some systems.
            self.root = self.root.canonicalize()?;
            self.objects = Objects::new(self.root.clone());
            let (hints, lost) = (self.hints.clone(), Arc::clone(&self.lost));
            let watcher = notify::recommended_watcher(move |event| take(event, &hints, &lost));
            let mut watcher = watcher.map_err(io::Error::other)?;
            // So that a bucket's folder that is removed and made again is noticed.
            watcher.watch(&self.root, RecursiveMode::NonRecursive).map_err(io::Error::other)?;
            self.watcher = Some(watcher);
        }
        Ok(self.watcher.as_mut().expect("it was made above"))
    }

    /// Whether there are objects that may still be written.
    pub(super) fn waits(&self) -> bool {
        self.objects.waits()
    }

    /// Watches a bucket; what is in it already is no news.
    pub(super) fn open(&mut self, bucket: &Arc<str>) -> io::Result<()> {
        self.watcher()?;
        let folder = self.root.join(&**bucket);
        fs::create_dir_all(&folder)?;
        if self.objects.has(bucket) {
            return Ok(());
        }
        self.objects.add(Arc::clone(bucket));
        let opened = self.look(&folder, |objects, path| objects.know(path));
        if opened.is_err() {
            self.objects.remove(bucket);
        }
        opened
    }

    /// Watches those buckets that are followed, and no others.
    pub(super) fn review(&mut self, followed: &BTreeSet<Arc<str>>) {
        for bucket in followed {
            if let Err(error) = self.open(bucket) {
                tracing::error!(%bucket, %error, "watch a bucket");
            }
        }
        for bucket in self.objects.buckets() {
            if !followed.contains(&bucket) {
                let folder = self.root.join(&*bucket);
                for folder in folders(&folder) {
                    // It may not be watched, or be gone.
                    let _ = self.watcher.as_mut().map(|watcher| watcher.unwatch(&folder));
                }
                self.objects.remove(&bucket);
            }
        }
    }

    /// Takes what happened, and tells what that means.
    pub(super) fn take(&mut self, batch: Batch) -> Vec<Change> {
        match batch {
            Batch::Hints(hints) => {
                let mut order = Vec::with_capacity(hints.len());
                let mut whole = HashMap::with_capacity(hints.len());
                for Hint { path, is_whole } in hints {
                    match whole.get_mut(&path) {
                        Some(known) => *known |= is_whole,
                        None => {
                            whole.insert(path.clone(), is_whole);
                            order.push(path);
                        }
                    }
                }
                for path in order {
                    let is_whole = whole.get(&path).copied().unwrap_or(false);
                    self.take_path(&path, is_whole);
                }
            }
            Batch::Lost => {
                tracing::warn!("more happened in buckets than could be told; they are looked through");
                for bucket in self.objects.buckets() {
                    let folder = self.root.join(&*bucket);
                    self.objects.forget_missing(&bucket);
                    self.find(&folder);
                }
            }
        }
        self.objects.changes()
    }

    /// Looks at objects that may still be written.
    pub(super) fn tick(&mut self) -> Vec<Change> {
        self.objects.tick();
        self.objects.changes()
    }

    /// The digest of an object's content; none when it is gone already.
    pub(super) fn etag(&self, bucket: &str, key: &str) -> Option<String> {
        let mut file = fs::File::open(self.root.join(bucket).join(key)).ok()?;
        let mut digest = Md5::new();
        io::copy(&mut file, &mut digest).ok()?;
        Some(digest.finalize().iter().fold(String::with_capacity(32), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a text takes everything");
            text
        }))
    }

    fn take_path(&mut self, path: &Path, is_whole: bool) {
        if self.objects.place(path) == Place::Elsewhere {
            return;
        }
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => self.find(path),
            Ok(found) if found.is_file() && (is_whole || !TELLS_CLOSE) => {
                if TELLS_CLOSE {
                    self.objects.put(path, &found)
                } else {
                    self.objects.find(path, &found)
                }
            }
            Ok(found) if found.is_file() => self.objects.link(path, &found),
            // Links and devices are no objects.
            Ok(_) => {}
            Err(_) => self.objects.gone(path),
        }
    }

    /// A folder is new, or anything may have changed in it.
    fn find(&mut self, folder: &Path) {
        let found = self.look(folder, |objects, path| {
            if let Ok(found) = fs::symlink_metadata(path) {
                objects.find(path, &found);
            }
        });
        if let Err(error) = found {
            tracing::error!(folder = %folder.display(), %error, "watch a folder of a bucket");
        }
    }

    /// Watches a folder and those in it, and shows their files.
    fn look(&mut self, folder: &Path, mut show: impl FnMut(&mut Objects, &Path)) -> io::Result<()> {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            if self.objects.place(&folder) == Place::Elsewhere {
                continue;
            }
            if let Err(error) = self.watcher()?.watch(&folder, RecursiveMode::NonRecursive) {
                // It may have gone again.
                if folder.is_dir() {
                    return Err(io::Error::other(error));
                }
                continue;
            }
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    Ok(kind) if kind.is_file() => show(&mut self.objects, &entry.path()),
                    Ok(_) | Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// A folder and those in it.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(folder) = found.get(next).cloned() {
        next += 1;
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        found.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
    found
}

/// Takes an event on the watcher's thread, which never waits: hints that find no place are lost, and that is told.
fn take(event: notify::Result<Event>, hints: &mpsc::Sender<Hint>, lost: &Lost) {
    let event = match event {
        Ok(event) if event.need_rescan() => return lost.tell(),
        Ok(event) => event,
        Err(error) => {
            tracing::warn!(%error, "watch buckets");
            return lost.tell();
        }
    };
    let is_whole = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => true,
        // Reading is no change, and what is written is told when it is closed.
        EventKind::Access(_) => return,
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)) if TELLS_CLOSE => return,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => false,
    };
    for path in event.paths {
        if hints.try_send(Hint { path, is_whole }).is_err() {
            return lost.tell();
        }
    }
}

#[cfg(test)]
mod tests;
