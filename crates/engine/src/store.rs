//! Compiled code on disk: content-addressed, authenticated, written atomically, mapped when loaded.
//!
//! An artifact is a file named by the digest of the wasm it was compiled from, in a folder named by the compiler and
//! its settings. Loading one runs it as native code, so every artifact ends in a keyed hash over its content and its
//! digest; the key is made once per data directory and readable by its owner only. What does not authenticate is
//! compiled again, and so is what was removed because nobody had used it for long.

mod usage;

use crate::package::{Digest, Package};
use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash, Hasher as _},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::{NamedTempFile, TempDir};
use usage::Usage;
use wasmtime::component::Component;

const KEY_BYTES: usize = 32;
const SEAL_BYTES: usize = blake3::OUT_LEN;

/// What a loaded function has in the data directory. It stays there as long as anyone holds this.
#[derive(Debug, Clone)]
pub(crate) struct OnDisk {
    /// The folder with the files of its package.
    pub(crate) code: Arc<Path>,
    /// Its compiled code.
    pub(crate) _compiled: Arc<Path>,
}

/// The engine's data directory.
#[derive(Debug)]
pub(crate) struct Store {
    artifacts: PathBuf,
    code: PathBuf,
    tmp: Arc<Path>,
    key: [u8; KEY_BYTES],
    usage: Usage,
    /// The whole directory, when nobody named one: it goes with the engine.
    _temporary: Option<TempDir>,
}

impl Store {
    /// Uses `root`, or a temporary directory without one.
    pub(crate) fn open(root: Option<&Path>, engine: &wasmtime::Engine) -> io::Result<Self> {
        let temporary = root.is_none().then(tempfile::tempdir).transpose()?;
        let root = match (&root, &temporary) {
            (Some(root), _) => *root,
            (None, Some(temporary)) => temporary.path(),
            (None, None) => unreachable!("one of the two is there"),
        };
        let mut compiler = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compiler);
        let store = Self {
            artifacts: root.join("artifacts").join(format!("{:016x}", compiler.finish())),
            code: root.join("code"),
            tmp: root.join("tmp").into(),
            key: key(root)?,
            usage: Usage::default(),
            _temporary: temporary,
        };
        for folder in [&*store.artifacts, &*store.code, &*store.tmp] {
            create_private_folder(folder)?;
        }
        Ok(store)
    }

    /// Where instances make their folders for `/tmp`.
    pub(crate) fn tmp(&self) -> Arc<Path> {
        Arc::clone(&self.tmp)
    }

    /// Loads what was compiled from the wasm of this digest. None when there is nothing, or nothing that can be
    /// trusted. With it come the size of the code and its file.
    pub(crate) fn load(&self, engine: &wasmtime::Engine, digest: Digest) -> Option<(Component, u64, Arc<Path>)> {
        let path = self.usage.hold(self.artifact(digest));
        let bytes = match self.authenticate(&path, digest) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "artifact is not usable and will be compiled again");
                return None;
            }
        };
        // SAFETY: the file carries the seal of this data directory's key, so this program wrote it from the
        // compiler's output for the same wasm and settings. Only the directory's owner can replace it between the
        // check and this line.
        #[expect(unsafe_code, reason = "loading compiled code is what an artifact store is for")]
        let component = unsafe { Component::deserialize_file(engine, &path) };
        component
            .inspect_err(|error| tracing::warn!(path = %path.display(), ?error, "artifact does not load"))
            .ok()
            .map(|component| (component, bytes, path))
    }

    /// Keeps what was compiled from the wasm of this digest.
    pub(crate) fn save(&self, digest: Digest, compiled: &[u8]) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.artifacts)?;
        file.write_all(compiled)?;
        file.write_all(self.seal(digest, &mut &*compiled)?.as_bytes())?;
        file.persist(self.artifact(digest)).map_err(|error| error.error)?;
        Ok(())
    }

    /// The last byte of what was kept under this digest: code ends before it, so whoever keeps code may add one.
    pub(crate) fn last_byte(&self, digest: Digest) -> io::Result<u8> {
        let mut file = File::open(self.artifact(digest))?;
        file.seek(io::SeekFrom::End(-(SEAL_BYTES as i64) - 1))?;
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    /// The folder with the package's files, written when it is not there yet.
    pub(crate) fn unpack(&self, package: &Package) -> io::Result<Arc<Path>> {
        let folder = self.usage.hold(self.code.join(package.digest().to_hex()));
        if !folder.is_dir() {
            let staging = tempfile::tempdir_in(&self.code)?;
            for (path, content) in package.files() {
                let path = staging.path().join(path);
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)?;
                }
                fs::write(path, content)?;
            }
            match fs::rename(staging.path(), &*folder) {
                // Somebody else unpacked the same package meanwhile.
                Err(_) if folder.is_dir() => {}
                renamed => renamed?,
            }
        }
        Ok(folder)
    }

    /// Removes compiled code, of other compilers too, and packages that nobody has used for so long, and what was left
    /// half written. Says how many files and folders those were.
    pub(crate) fn sweep(&self, unused: Duration) -> io::Result<u64> {
        self.usage.refresh();
        let mut removed = self.usage.sweep(&self.code, unused, &self.tmp)?;
        for compiler in fs::read_dir(self.artifacts.parent().expect("each compiler has a folder in one"))? {
            removed += self.usage.sweep(&compiler?.path(), unused, &self.tmp)?;
        }
        Ok(removed)
    }

    fn artifact(&self, digest: Digest) -> PathBuf {
        self.artifacts.join(digest.to_hex()).with_extension("cwasm")
    }

    fn seal(&self, digest: Digest, compiled: &mut impl io::Read) -> io::Result<blake3::Hash> {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(digest.as_bytes());
        hasher.update_reader(compiled)?;
        Ok(hasher.finalize())
    }

    /// Checks the seal and says how many bytes it covers.
    fn authenticate(&self, path: &Path, digest: Digest) -> io::Result<u64> {
        let mut file = File::open(path)?;
        let covered = file.metadata()?.len().checked_sub(SEAL_BYTES as u64).ok_or(io::ErrorKind::UnexpectedEof)?;
        let expected = self.seal(digest, &mut (&mut file).take(covered))?;
        let mut seal = [0; SEAL_BYTES];
        file.seek(io::SeekFrom::Start(covered))?;
        file.read_exact(&mut seal)?;
        // Comparing hashes takes constant time.
        if expected == seal { Ok(covered) } else { Err(io::Error::other("the seal is wrong")) }
    }
}

/// The directory's key, made when it is not there yet.
fn key(root: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let path = root.join("artifact.key");
    create_private_folder(root)?;
    check_owner(root)?;
    if !path.exists() {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        // A temporary file is private to its owner, and whoever comes second keeps the first one's key.
        let mut file = NamedTempFile::new_in(root)?;
        file.write_all(&key)?;
        match file.persist_noclobber(&path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => return Err(error.error),
            _ => {}
        }
    }
    fs::read(&path)?.try_into().map_err(|_| io::Error::other(format!("{} is damaged; remove it", path.display())))
}

/// Refuses a directory that others can write: they could put their own code and their own key there.
#[cfg(unix)]
fn check_owner(root: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = NamedTempFile::new_in(root)?.as_file().metadata()?.uid();
    let metadata = fs::metadata(root)?;
    if metadata.uid() == ours && metadata.mode() & 0o022 == 0 {
        return Ok(());
    }
    let root = root.display();
    Err(io::Error::other(format!("{root} can be written by others; make it yours alone (chmod go-w), or name another")))
}

#[cfg(not(unix))]
fn check_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    fn saved(root: &Path) -> (wasmtime::Engine, Store, Digest) {
        let engine = wasmtime::Engine::default();
        let store = Store::open(Some(root), &engine).unwrap();
        let digest = Digest::of(EMPTY_COMPONENT);
        store.save(digest, &engine.precompile_component(EMPTY_COMPONENT).unwrap()).unwrap();
        (engine, store, digest)
    }

    #[test]
    fn what_was_saved_loads_in_the_next_process() {
        let root = tempfile::tempdir().unwrap();
        let (engine, _, digest) = saved(root.path());
        let store = Store::open(Some(root.path()), &engine).unwrap();
        assert!(store.load(&engine, digest).is_some());
        assert!(store.load(&engine, Digest::of(b"other")).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_others_can_write_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = Store::open(Some(root.path()), &wasmtime::Engine::default()).unwrap_err();
        assert!(error.to_string().contains("chmod go-w"), "{error}");
    }

    #[test]
    fn a_changed_artifact_is_not_loaded() {
        let root = tempfile::tempdir().unwrap();
        let (engine, store, digest) = saved(root.path());
        let path = store.artifact(digest);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(store.load(&engine, digest).is_none());
    }

    #[test]
    fn an_artifact_of_other_wasm_is_not_loaded_under_this_name() {
        let root = tempfile::tempdir().unwrap();
        let (engine, store, digest) = saved(root.path());
        let other = Digest::of(b"other");
        fs::copy(store.artifact(digest), store.artifact(other)).unwrap();
        assert!(store.load(&engine, other).is_none());
    }

    #[test]
    fn an_artifact_of_another_directory_is_not_loaded() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (engine, store, digest) = saved(one.path());
        let other = Store::open(Some(two.path()), &engine).unwrap();
        fs::copy(store.artifact(digest), other.artifact(digest)).unwrap();
        assert!(other.load(&engine, digest).is_none());
    }

    #[test]
    fn what_nobody_uses_is_swept_when_it_is_old() {
        let root = tempfile::tempdir().unwrap();
        let (engine, store, digest) = saved(root.path());
        let package = Package::from_wasm("index", EMPTY_COMPONENT).unwrap();
        let other = store.artifacts.parent().unwrap().join("another compiler");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("old.cwasm"), "code").unwrap();
        let (loaded, code) = (store.load(&engine, digest).unwrap(), store.unpack(&package).unwrap());

        assert_eq!(store.sweep(Duration::from_secs(3600)).unwrap(), 0, "nothing is old");
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 1, "what is in use is not old");
        assert!(code.join("index.wasm").exists() && !other.join("old.cwasm").exists());
        drop((loaded, code));
        assert_eq!(store.sweep(Duration::ZERO).unwrap(), 2);
        assert!(store.load(&engine, digest).is_none());
        assert!(store.unpack(&package).unwrap().join("index.wasm").exists(), "it comes back when it is needed");
        assert_eq!(fs::read_dir(&*store.tmp).unwrap().count(), 0);
    }

    #[test]
    fn what_is_loaded_again_is_not_old() {
        let root = tempfile::tempdir().unwrap();
        let (engine, store, digest) = saved(root.path());
        let hour = Duration::from_secs(3600);
        let long_ago = fs::FileTimes::new().set_accessed(std::time::UNIX_EPOCH).set_modified(std::time::UNIX_EPOCH);
        let age = || File::open(store.artifact(digest)).unwrap().set_times(long_ago).unwrap();
        age();
        drop(store.load(&engine, digest));
        assert_eq!(store.sweep(hour).unwrap(), 0, "it was used just now");
        let held = store.load(&engine, digest);
        age();
        assert_eq!(store.sweep(hour).unwrap(), 0);
        drop(held);
        assert_eq!(store.sweep(hour).unwrap(), 0, "it was used until just now");
        age();
        assert_eq!(store.sweep(hour).unwrap(), 1);
    }

    #[test]
    fn a_truncated_artifact_is_not_loaded() {
        let root = tempfile::tempdir().unwrap();
        let (engine, store, digest) = saved(root.path());
        fs::write(store.artifact(digest), b"short").unwrap();
        assert!(store.load(&engine, digest).is_none());
    }
}
