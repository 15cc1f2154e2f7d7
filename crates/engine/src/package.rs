//! A function's code as it is delivered: one wasm file, or a zip of wasm and other files.

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
}

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
        within(bytes.len() as u64, limits::PACKAGE_BYTES, "bytes")?;
        let damaged = |error: zip::result::ZipError| PackageError::DamagedZip(error.to_string());
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(damaged)?;
        within(archive.len() as u64, limits::PACKAGE_FILES as u64, "files")?;
        let mut files = BTreeMap::new();
        let mut room = limits::UNPACKED_BYTES;
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
            entry
                .take(room + 1)
                .read_to_end(&mut content)
                .map_err(|error| PackageError::DamagedZip(error.to_string()))?;
            let left = room.checked_sub(content.len() as u64);
            room = left.ok_or(PackageError::TooLarge { what: "unpacked bytes", limit: limits::UNPACKED_BYTES })?;
            files.insert(path, Bytes::from(content));
        }
        Self::from_files(files)
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
        within(files.len() as u64, limits::PACKAGE_FILES as u64, "files")?;
        let mut hasher = blake3::Hasher::new();
        for (path, content) in &files {
            let path = path.to_string_lossy();
            // Lengths first, so that no two packages hash the same bytes.
            hasher.update(&(path.len() as u64).to_le_bytes()).update(path.as_bytes());
            hasher.update(&(content.len() as u64).to_le_bytes()).update(content);
        }
        let package = Self { digest: Digest(hasher.finalize()), files: Arc::new(files) };
        if package.modules().next().is_none() {
            return Err(PackageError::NoWasm);
        }
        Ok(package)
    }

    /// The wasm files as handlers name them: with their folder, without their ending.
    pub fn modules(&self) -> impl Iterator<Item = String> {
        let wasm = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "wasm");
        self.files.keys().filter(wasm).map(|path| path.with_extension("").to_string_lossy().replace('\\', "/"))
    }

    /// The name of the wasm file that a handler means, if the package has it: the one it names, else the only one,
    /// else the one that is called like the whole handler (`bootstrap`).
    pub fn module_for(&self, handler: &Handler) -> Option<String> {
        if let Some(file) = handler.file() {
            return self.modules().find(|module| module == file);
        }
        let mut modules: Vec<_> = self.modules().collect();
        if modules.len() == 1 { modules.pop() } else { modules.into_iter().find(|module| module == handler.as_str()) }
    }

    pub(crate) fn module(&self, name: &str) -> Option<&Bytes> {
        self.files.get(Path::new(&format!("{name}.wasm")))
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
