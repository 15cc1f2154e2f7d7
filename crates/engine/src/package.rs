//! A function's code as it is delivered: one wasm file, or a zip of wasm and other files, and what it depends on.

use bytes::Bytes;
use fngraph_types::{Handler, limits};
use std::{
    collections::BTreeMap,
    fs, io,
    io::Read as _,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// The files of a function, checked: within the limits, every path below the package's root, no links. Cheap to clone.
#[derive(Clone)]
pub struct Package {
    digest: Digest,
    files: Arc<BTreeMap<PathBuf, Bytes>>,
    /// The wasm files that only its dependencies have; what comes later in their list comes later here.
    lent: Arc<[PathBuf]>,
}

/// Told apart from the digests of single packages; the number grows when merging means something else.
const MERGED: &str = "fngraph package with dependencies 1";

/// The content address of a package or a wasm file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest(blake3::Hash);

impl From<blake3::Hash> for Digest {
    fn from(hash: blake3::Hash) -> Self {
        Self(hash)
    }
}

impl Digest {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn to_hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The file cannot be read.
    #[error("read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The bytes are neither wasm nor a zip.
    #[error("`{0}` is neither WebAssembly nor a zip file")]
    UnknownFormat(String),
    /// The zip is broken.
    #[error("the zip file is damaged: {0}")]
    DamagedZip(String),
    /// A path leads out of the package, or is a link.
    #[error("the package has the entry `{0}`, which is not a plain file or folder below its root")]
    UnsafePath(String),
    /// What one entry has as a file is a folder to another.
    #[error("the package has `{0}` both as a file and as a folder")]
    FileAndFolder(String),
    /// A dependency has an editor's backup.
    #[error("the dependency has the file `{0}`; the names of its files must not end in `~`")]
    Backup(String),
    /// A dependency has no files.
    #[error("the dependency has no files")]
    Empty,
    /// The package exceeds a limit.
    #[error("the package has more than {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// There is no wasm file in the package.
    #[error("the package has no .wasm file; compile the function for wasm32-wasip2 and add the result")]
    NoWasm,
}

impl Package {
    /// A package of one wasm file. `name` is what handlers call it, with or without the ending.
    ///
    /// # Errors
    /// When the bytes are not WebAssembly, or the name leads out of the package.
    pub fn from_wasm(name: &str, bytes: impl Into<Bytes>) -> Result<Self, PackageError> {
        let bytes = bytes.into();
        if !is_wasm(&bytes) {
            return Err(PackageError::UnknownFormat(name.to_owned()));
        }
        let path = PathBuf::from(format!("{}.wasm", name.strip_suffix(".wasm").unwrap_or(name)));
        if !path.components().all(|component| matches!(component, Component::Normal(_))) {
            return Err(PackageError::UnsafePath(name.to_owned()));
        }
        Self::from_files(BTreeMap::from([(path, bytes)]))
    }

    /// A package from a zip file's bytes. It is unpacked here and now, so call this off the async threads.
    ///
    /// # Errors
    /// When the zip is damaged, exceeds a limit after unpacking, has paths that lead out of it, or no wasm file.
    pub fn from_zip(bytes: &[u8]) -> Result<Self, PackageError> {
        Self::from_files(unzip(bytes, limits::UNPACKED_BYTES)?)
    }

    /// The package of a dependency from a zip file's bytes (manual, 7.3): up to 30 000 files and 300 MiB unpacked, none
    /// with a `~` at the end of its name. It needs no wasm file. It is unpacked here and now, so call this off the async
    /// threads.
    ///
    /// # Errors
    /// As [`Package::from_zip`], and when a file's name ends in `~` or there is none.
    pub fn dependency_from_zip(bytes: &[u8]) -> Result<Self, PackageError> {
        let files = unzip(bytes, limits::DEPENDENCY_BYTES)?;
        if let Some(path) = files.keys().find(|path| path.to_string_lossy().ends_with('~')) {
            return Err(PackageError::Backup(path.display().to_string()));
        }
        if files.is_empty() {
            return Err(PackageError::Empty);
        }
        Self::sealed(files)
    }

    /// This package with the files of its dependencies. Where several have the same file, a dependency's replaces the
    /// code's, and that of a later dependency the one of an earlier.
    ///
    /// A handler that names no file still means one of the code's own; one that names a file may mean a dependency's.
    ///
    /// # Errors
    /// When all files together exceed what a package may hold unpacked, or one has as a file what is a folder to another.
    pub fn with_dependencies(self, dependencies: &[Self]) -> Result<Self, PackageError> {
        if dependencies.is_empty() {
            return Ok(self);
        }
        let mut hasher = blake3::Hasher::new_derive_key(MERGED);
        hasher.update(self.digest.as_bytes());
        let mut files = BTreeMap::clone(&self.files);
        let mut lent = self.lent.to_vec();
        for dependency in dependencies {
            hasher.update(dependency.digest.as_bytes());
            for (path, content) in &*dependency.files {
                if is_named_wasm(path) && (!self.files.contains_key(path) || lent.contains(path)) {
                    lent.retain(|earlier| earlier != path);
                    lent.push(path.clone());
                }
                files.insert(path.clone(), content.clone());
            }
        }
        within(files.values().map(|content| content.len() as u64).sum(), limits::UNPACKED_BYTES, "unpacked bytes")?;
        check_folders(&files)?;
        Ok(Self { digest: Digest(hasher.finalize()), files: Arc::new(files), lent: lent.into() })
    }

    /// Reads a package from a wasm or zip file, or from a folder holding what the zip would hold. A wasm file is
    /// called by its own name. Call this off the async threads.
    ///
    /// # Errors
    /// When it cannot be read or is refused.
    pub fn read(path: &Path) -> Result<Self, PackageError> {
        let failed = |source| PackageError::Read { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.is_dir() {
            let mut files = BTreeMap::new();
            read_folder(path, Path::new(""), &mut files, &mut limits::UNPACKED_BYTES.clone())?;
            return Self::from_files(files);
        }
        let bytes = fs::read(path).map_err(failed)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if is_wasm(&bytes) {
            Self::from_wasm(&name, bytes)
        } else if bytes.starts_with(b"PK") {
            Self::from_zip(&bytes)
        } else {
            Err(PackageError::UnknownFormat(path.display().to_string()))
        }
    }

    fn from_files(files: BTreeMap<PathBuf, Bytes>) -> Result<Self, PackageError> {
        let package = Self::sealed(files)?;
        if package.modules().next().is_none() {
            return Err(PackageError::NoWasm);
        }
        Ok(package)
    }

    fn sealed(files: BTreeMap<PathBuf, Bytes>) -> Result<Self, PackageError> {
        within(files.len() as u64, limits::PACKAGE_FILES as u64, "files")?;
        check_folders(&files)?;
        let mut hasher = blake3::Hasher::new();
        for (path, content) in &files {
            let path = path.to_string_lossy();
            // Lengths first, so that no two packages hash the same bytes.
            hasher.update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
            hasher.update(&(content.len() as u64).to_le_bytes()).update(content);
        }
        Ok(Self { digest: Digest(hasher.finalize()), files: Arc::new(files), lent: Arc::default() })
    }

    /// The wasm files of the code as handlers name them: with their folder, without their ending. Those that only a
    /// dependency has are not among them.
    pub fn modules(&self) -> impl Iterator<Item = String> {
        let is_own = |path: &&PathBuf| is_named_wasm(path) && !self.lent.contains(path);
        self.files.keys().filter(is_own).map(|path| module_name(path))
    }

    /// The name of the wasm file that a handler means, if the package has it: the one it names, else the only one that
    /// no dependency has brought, else the one of these that is called like the whole handler (`bootstrap`).
    pub fn module_for(&self, handler: &Handler) -> Option<String> {
        if let Some(file) = handler.file() {
            let is_meant = |path: &PathBuf| is_named_wasm(path) && module_name(path) == file;
            return self.files.keys().any(is_meant).then(|| file.to_owned());
        }
        let mut modules: Vec<_> = self.modules().collect();
        if modules.len() == 1 { modules.pop() } else { modules.into_iter().find(|module| module == handler.as_str()) }
    }

    pub(crate) fn module(&self, name: &str) -> Option<&Bytes> {
        self.files.get(Path::new(&format!("{name}.wasm")))
    }

    /// The wasm files that only dependencies have, with their names; those of a later dependency come first.
    pub(crate) fn libraries(&self) -> Vec<(String, Bytes)> {
        let library = |path: &PathBuf| Some((module_name(path), self.files.get(path)?.clone()));
        self.lent.iter().rev().filter_map(library).collect()
    }

    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }

    /// The files, by their paths below the package's root, in order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &Bytes)> {
        self.files.iter().map(|(path, content)| (path.as_path(), content))
    }
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Package").field("digest", &self.digest.to_hex()).field("files", &self.files.len()).finish()
    }
}

/// The files of a zip, by their paths below its root, up to `limit` bytes unpacked. They are unpacked here and now, so
/// call this off the async threads.
///
/// # Errors
/// When the zip is damaged, exceeds a limit, or has links or paths that lead out of it.
pub fn unzip(bytes: &[u8], limit: u64) -> Result<BTreeMap<PathBuf, Bytes>, PackageError> {
    within(bytes.len() as u64, limits::PACKAGE_BYTES, "bytes")?;
    let damaged = |error: zip::result::ZipError| PackageError::DamagedZip(error.to_string());
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(damaged)?;
    within(archive.len() as u64, limits::PACKAGE_FILES as u64, "files")?;
    let mut files = BTreeMap::new();
    let mut room = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        let path = match entry.enclosed_name() {
            Some(path) if !entry.is_symlink() && !name.starts_with(['/', '\\']) => path,
            _ => return Err(PackageError::UnsafePath(name)),
        };
        if entry.is_dir() {
            continue;
        }
        // The header's size may lie: read what there is, and one byte more than there may be.
        let mut content = Vec::new();
        entry.take(room + 1).read_to_end(&mut content).map_err(|error| PackageError::DamagedZip(error.to_string()))?;
        let left = room.checked_sub(content.len() as u64);
        room = left.ok_or(PackageError::TooLarge { what: "unpacked bytes", limit })?;
        files.insert(path, Bytes::from(content));
    }
    Ok(files)
}

/// Refuses files that are folders to others.
fn check_folders(files: &BTreeMap<PathBuf, Bytes>) -> Result<(), PackageError> {
    // Paths are in order by their parts, so what is below one follows it.
    match files.keys().zip(files.keys().skip(1)).find(|(path, next)| next.starts_with(path)) {
        Some((path, _)) => Err(PackageError::FileAndFolder(path.display().to_string())),
        None => Ok(()),
    }
}

/// A wasm file as handlers name it.
fn module_name(path: &Path) -> String {
    path.with_extension("").to_string_lossy().replace('\\', "/")
}

fn is_named_wasm(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "wasm")
}

fn is_wasm(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

fn within(amount: u64, limit: u64, what: &'static str) -> Result<(), PackageError> {
    if amount <= limit { Ok(()) } else { Err(PackageError::TooLarge { what, limit }) }
}

fn read_folder(
    root: &Path,
    below: &Path,
    files: &mut BTreeMap<PathBuf, Bytes>,
    room: &mut u64,
) -> Result<(), PackageError> {
    let folder = root.join(below);
    let failed = |source| PackageError::Read { path: folder.clone(), source };
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = below.join(entry.file_name());
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            read_folder(root, &path, files, room)?;
        } else if kind.is_file() {
            let content = fs::read(entry.path()).map_err(failed)?;
            let left = room.checked_sub(content.len() as u64);
            *room = left.ok_or(PackageError::TooLarge { what: "bytes", limit: limits::UNPACKED_BYTES })?;
            files.insert(path, Bytes::from(content));
            within(files.len() as u64, limits::PACKAGE_FILES as u64, "files")?;
        } else {
            return Err(PackageError::UnsafePath(path.display().to_string()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
