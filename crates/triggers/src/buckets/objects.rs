//! Which objects there are, and so what becomes of them.

use fngraph::{Creation, ObjectEvent, Removal};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs::Metadata,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

/// How many looks in a row find an object as it was before it counts as whole.
const QUIET_TICKS: u32 = 4;

/// How many objects that went are remembered, to know them again under another name.
const REMEMBERED: usize = 4096;

/// What endings files have that are not whole yet.
const UNFINISHED: &str = ".unfinished";

/// Something that happened to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) bucket: Arc<str>,
    pub(super) key: String,
    pub(super) event: ObjectEvent,
    /// In bytes; 0 for an object that went.
    pub(super) size: u64,
}

/// The objects of buckets, by bucket and key, with what happened to them and was not told yet.
#[derive(Debug)]
pub(super) struct Objects {
    root: PathBuf,
    buckets: HashMap<Arc<str>, BTreeMap<String, Stamp>>,
    /// Those that may still be written: their last looks, and how many of them were alike.
    waiting: BTreeMap<PathBuf, (Stamp, u32)>,
    /// How many names each file has.
    names: HashMap<Stamp, u32>,
    went: VecDeque<Stamp>,
    changes: Vec<Change>,
}

/// What tells a file from all others, and from itself after it was written: a rename leaves it alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stamp {
    /// The file system's numbers for it; none where it has none.
    file: Option<(u64, u64)>,
    size: u64,
    modified: Option<SystemTime>,
}

/// Where a path is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In no bucket that is watched, or it is no object's.
    Elsewhere,
    /// It is a bucket's folder.
    Bucket(Arc<str>),
    /// It is an object's file, or a folder of objects.
    Object(Arc<str>, String),
}

impl Stamp {
    fn new(found: &Metadata) -> Self {
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt as _;
            Some((found.dev(), found.ino()))
        };
        #[cfg(not(unix))]
        let file = None;
        Self { file, size: found.len(), modified: found.modified().ok() }
    }
}

impl Objects {
    pub(super) fn new(root: PathBuf) -> Self {
        let (buckets, waiting, names) = (HashMap::new(), BTreeMap::new(), HashMap::new());
        Self { root, buckets, waiting, names, went: VecDeque::new(), changes: Vec::new() }
    }

    pub(super) fn has(&self, bucket: &str) -> bool {
        self.buckets.contains_key(bucket)
    }

    pub(super) fn buckets(&self) -> Vec<Arc<str>> {
        self.buckets.keys().cloned().collect()
    }

    pub(super) fn add(&mut self, bucket: Arc<str>) {
        self.buckets.entry(bucket).or_default();
    }

    pub(super) fn remove(&mut self, bucket: &str) {
        for stamp in self.buckets.remove(bucket).into_iter().flatten().map(|(_, stamp)| stamp) {
            self.unname(&stamp);
        }
        let folder = self.root.join(bucket);
        self.waiting.retain(|path, _| !path.starts_with(&folder));
    }

    pub(super) fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What happened since the last time.
    pub(super) fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    pub(super) fn place(&self, path: &Path) -> Place {
        let Some(parts) = path
            .strip_prefix(&self.root)
            .ok()
            .and_then(|rest| rest.components().map(|part| part.as_os_str().to_str()).collect::<Option<Vec<_>>>())
        else {
            return Place::Elsewhere;
        };
        let Some((bucket, rest)) = parts.split_first() else { return Place::Elsewhere };
        let Some((bucket, _)) = self.buckets.get_key_value(*bucket) else { return Place::Elsewhere };
        let hidden = |part: &&str| part.starts_with('.') || part.ends_with(UNFINISHED);
        match rest {
            rest if rest.iter().any(hidden) => Place::Elsewhere,
            [] => Place::Bucket(Arc::clone(bucket)),
            rest => Place::Object(Arc::clone(bucket), rest.join("/")),
        }
    }

    /// There was a file already.
    pub(super) fn know(&mut self, path: &Path) {
        if let (Place::Object(bucket, key), Ok(found)) = (self.place(path), path.symlink_metadata()) {
            self.set(&bucket, key, Stamp::new(&found));
        }
    }

    /// A file is whole.
    pub(super) fn put(&mut self, path: &Path, found: &Metadata) {
        self.waiting.remove(path);
        self.take(path, Stamp::new(found));
    }

    /// A file is there; it may still be written, unless it is one that was whole under another name.
    pub(super) fn find(&mut self, path: &Path, found: &Metadata) {
        let stamp = Stamp::new(found);
        let Place::Object(bucket, key) = self.place(path) else { return };
        if self.stamp(&bucket, &key) == Some(stamp) {
            return;
        }
        if self.is_known(&stamp) {
            self.put(path, found);
        } else if self.waiting.get(path).is_none_or(|(before, _)| *before != stamp) {
            self.waiting.insert(path.to_owned(), (stamp, 0));
        }
    }

    /// A name for a file is new: another one for a file that was whole before, or one that its writer will close.
    pub(super) fn link(&mut self, path: &Path, found: &Metadata) {
        if self.is_known(&Stamp::new(found)) {
            self.put(path, found);
        }
    }

    /// There is nothing at a path any more.
    pub(super) fn gone(&mut self, path: &Path) {
        self.waiting.retain(|waiting, _| !waiting.starts_with(path));
        let (bucket, keys) = match self.place(path) {
            Place::Elsewhere => return,
            Place::Bucket(bucket) => {
                let keys = self.buckets.get(&bucket).into_iter().flatten().map(|(key, _)| key.clone()).collect();
                (bucket, keys)
            }
            Place::Object(bucket, key) => {
                let keys = self.at_and_below(&bucket, &key);
                (bucket, keys)
            }
        };
        self.lose(&bucket, keys);
    }

    /// Looks which objects of a bucket are gone.
    pub(super) fn forget_missing(&mut self, bucket: &Arc<str>) {
        let folder = self.root.join(&**bucket);
        let keys = self.buckets.get(bucket).into_iter().flatten().map(|(key, _)| key);
        let missing = keys.filter(|key| !folder.join(key).symlink_metadata().is_ok_and(|found| found.is_file()));
        let missing = missing.cloned().collect();
        self.lose(bucket, missing);
    }

    /// Looks again at those that may still be written.
    pub(super) fn tick(&mut self) {
        let mut whole = Vec::new();
        self.waiting.retain(|path, (before, alike)| {
            let Ok(found) = path.symlink_metadata() else { return false };
            let now = Stamp::new(&found);
            *alike = if now == *before { *alike + 1 } else { 0 };
            *before = now;
            let is_whole = *alike >= QUIET_TICKS;
            if is_whole {
                whole.push((path.clone(), now));
            }
            !is_whole
        });
        for (path, stamp) in whole {
            self.take(&path, stamp);
        }
    }

    /// An object is this now.
    fn take(&mut self, path: &Path, stamp: Stamp) {
        let Place::Object(bucket, key) = self.place(path) else { return };
        if self.stamp(&bucket, &key) == Some(stamp) {
            return;
        }
        let creation = if self.is_known(&stamp) { Creation::Copy } else { Creation::Put };
        self.set(&bucket, key.clone(), stamp);
        let event = ObjectEvent::Created(Some(creation));
        self.changes.push(Change { bucket, key, event, size: stamp.size });
    }

    fn lose(&mut self, bucket: &Arc<str>, keys: Vec<String>) {
        for key in keys {
            let Some(stamp) = self.buckets.get_mut(bucket).and_then(|objects| objects.remove(&key)) else { continue };
            self.unname(&stamp);
            if self.went.len() == REMEMBERED {
                self.went.pop_front();
            }
            self.went.push_back(stamp);
            let event = ObjectEvent::Removed(Some(Removal::Delete));
            self.changes.push(Change { bucket: Arc::clone(bucket), key, event, size: 0 });
        }
    }

    fn stamp(&self, bucket: &str, key: &str) -> Option<Stamp> {
        self.buckets.get(bucket)?.get(key).copied()
    }

    /// Whether a file is or just was an object. The number of a file that went may be given to another, which was
    /// written later.
    fn is_known(&self, stamp: &Stamp) -> bool {
        stamp.file.is_some() && (self.names.contains_key(stamp) || self.went.contains(stamp))
    }

    fn set(&mut self, bucket: &Arc<str>, key: String, stamp: Stamp) {
        let Some(objects) = self.buckets.get_mut(bucket) else { return };
        let before = objects.insert(key, stamp);
        *self.names.entry(stamp).or_default() += 1;
        if let Some(before) = before {
            self.unname(&before);
        }
    }

    fn unname(&mut self, stamp: &Stamp) {
        if let Some(names) = self.names.get_mut(stamp) {
            *names -= 1;
            if *names == 0 {
                self.names.remove(stamp);
            }
        }
    }

    /// The keys that are `key` or lie in the folder of that name.
    fn at_and_below(&self, bucket: &str, key: &str) -> Vec<String> {
        let Some(objects) = self.buckets.get(bucket) else { return Vec::new() };
        let folder = format!("{key}/");
        let below = objects.range(folder.clone()..).take_while(|(key, _)| key.starts_with(&folder));
        let at = objects.get_key_value(key).into_iter();
        at.chain(below).map(|(key, _)| key.clone()).collect()
    }
}

#[cfg(test)]
mod tests;
