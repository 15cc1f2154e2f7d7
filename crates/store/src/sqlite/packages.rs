//! Code packages: files named by their digest, or a map of them.

use super::{Sqlite, directory, failure::Failure};
use crate::{CodeStore, Digest, StoreFuture};
use bytes::Bytes;
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// How the names of files begin that are being written. Such a file is left over when the process died meanwhile.
const UNFINISHED: &str = ".unfinished-";

/// Where packages are kept. One thread has it, so what it does never overlaps.
pub(super) enum Packages {
    Folder(PathBuf),
    Memory(RefCell<HashMap<Digest, Bytes>>),
}

impl CodeStore for Sqlite {
    fn put_code(&self, package: Bytes) -> StoreFuture<'_, Digest> {
        self.shared.packages.submit(move |packages| packages.put(&package))
    }

    fn code(&self, digest: Digest) -> StoreFuture<'_, Option<Bytes>> {
        self.shared.packages.submit(move |packages| packages.get(digest))
    }

    fn sweep_code(&self, keep: Vec<Digest>) -> StoreFuture<'_, u64> {
        let keep: HashSet<_> = keep.into_iter().collect();
        self.shared.packages.submit(move |packages| packages.sweep(&keep))
    }
}

impl Packages {
    pub(super) fn in_folder(path: PathBuf) -> Self {
        Self::Folder(path)
    }

    pub(super) fn in_memory() -> Self {
        Self::Memory(RefCell::default())
    }

    fn put(&self, package: &Bytes) -> Result<Digest, Failure> {
        let digest = Digest::of(package);
        match self {
            // One that is there but damaged is written again: that is how it can be repaired.
            Self::Folder(folder) => {
                if read(folder, digest)?.is_none() {
                    write(folder, digest, package)?;
                }
            }
            Self::Memory(packages) => {
                packages.borrow_mut().insert(digest, package.clone());
            }
        }
        Ok(digest)
    }

    fn get(&self, digest: Digest) -> Result<Option<Bytes>, Failure> {
        match self {
            Self::Folder(folder) => Ok(read(folder, digest)?),
            Self::Memory(packages) => Ok(packages.borrow().get(&digest).cloned()),
        }
    }

    fn sweep(&self, keep: &HashSet<Digest>) -> Result<u64, Failure> {
        match self {
            Self::Folder(folder) => Ok(sweep(folder, keep)?),
            Self::Memory(packages) => {
                let mut packages = packages.borrow_mut();
                let before = packages.len();
                packages.retain(|digest, _| keep.contains(digest));
                Ok(u64::try_from(before - packages.len()).unwrap_or(u64::MAX))
            }
        }
    }
}

fn read(folder: &Path, digest: Digest) -> io::Result<Option<Bytes>> {
    let path = folder.join(digest.to_string());
    let package = match fs::read(&path) {
        Ok(package) => Bytes::from(package),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = Digest::of(&package);
    if found != digest {
        tracing::error!(path = %path.display(), ?found, "a stored code package is damaged");
        return Ok(None);
    }
    Ok(Some(package))
}

/// The name appears when the content is on the disk, and is on the disk itself when this returns.
fn write(folder: &Path, digest: Digest, package: &[u8]) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(package)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(digest.to_string()))?;
    directory::sync(folder)
}

fn sweep(folder: &Path, keep: &HashSet<Digest>) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        match name.parse::<Digest>() {
            Ok(digest) if keep.contains(&digest) => {}
            Ok(_) => {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
            Err(_) if name.starts_with(UNFINISHED) => fs::remove_file(entry.path())?,
            // Somebody else's file.
            Err(_) => {}
        }
    }
    Ok(removed)
}
