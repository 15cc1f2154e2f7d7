//! The files of an environment's extensions, unpacked for their processes.

use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    path::{Component, Path, PathBuf},
    sync::Once,
};

/// The folder of a package in which extensions are (manual, 6.1.3).
pub(super) const EXTENSION: &str = "extension";

/// The most extensions of an environment (manual, 6.1.4.1).
pub(super) const MOST: usize = 10;

/// Files by their paths below the root of a package.
pub type Files = BTreeMap<PathBuf, Bytes>;

/// The folder below which environments have theirs.
#[derive(Debug)]
pub(super) struct Folders {
    root: PathBuf,
    cleaned: Once,
}

/// The folder of one environment.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

/// The names of the extensions among these files, in order: `extension*.sh` in the folder `extension`.
pub(super) fn extensions(files: &Files) -> Vec<String> {
    let names = files.keys().filter(|path| path.parent() == Some(Path::new(EXTENSION)));
    let names = names.filter_map(|path| path.file_name()?.to_str());
    names.filter(|name| name.starts_with("extension") && name.ends_with(".sh")).map(str::to_owned).collect()
}

impl Folders {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, cleaned: Once::new() }
    }

    /// Unpacks files into a folder of their own. Call this off the async threads.
    pub(super) fn unpack(&self, environment: u64, files: &Files) -> io::Result<Folder> {
        // What an earlier process left when it was killed. A folder that cannot be removed is in the way below.
        self.cleaned.call_once(|| drop(fs::remove_dir_all(&self.root)));
        let folder = Folder(self.root.join(environment.to_string()));
        create_folder(&folder.0)?;
        for (path, content) in files {
            write(&folder.0, path, content).inspect_err(|_| folder.remove())?;
        }
        Ok(folder)
    }
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Removes it with everything that is in it. Call this off the async threads.
    pub(super) fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "remove the files of extensions");
        }
    }
}

fn write(root: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    // Packages were checked when they came; here a mistake would write anywhere on the machine.
    if !path.components().all(|component| matches!(component, Component::Normal(_))) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, format!("`{}` is no path below", path.display())));
    }
    let path = root.join(path);
    create_folder(path.parent().unwrap_or(root))?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Programs that were packed without their permissions are to be run, too.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o700);
    options.open(path)?.write_all(content)
}

fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Files {
        paths.iter().map(|path| (PathBuf::from(path), Bytes::from_static(b"#!/bin/sh\n"))).collect()
    }

    #[test]
    fn extensions_are_scripts_of_their_folder_that_are_named_so() {
        let files = files(&[
            "extension/extensionB.sh",
            "extension/extensionA.sh",
            "extension/extension.sh",
            "extension/other.sh",
            "extension/extension.py",
            "extension/below/extensionC.sh",
            "extension.sh",
            "lib/extension/extensionD.sh",
        ]);
        assert_eq!(extensions(&files), ["extension.sh", "extensionA.sh", "extensionB.sh"]);
    }

    #[test]
    fn files_are_there_until_they_are_removed_and_older_ones_are_gone() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().join("extensions");
        fs::create_dir_all(root.join("7/left/behind")).unwrap();
        let folders = Folders::new(root.clone());
        let folder = folders.unpack(1, &files(&["extension/extensionA.sh", "lib/a.py"])).unwrap();
        let other = folders.unpack(2, &files(&["extension/extensionA.sh"])).unwrap();
        assert!(folder.path().join("lib/a.py").is_file() && !root.join("7").exists());
        folder.remove();
        assert!(!folder.path().exists() && other.path().join("extension/extensionA.sh").is_file());
    }

    #[cfg(unix)]
    #[test]
    fn scripts_can_be_run_and_nobody_else_may_read_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let folder = Folders::new(root.path().join("extensions")).unpack(1, &files(&["extension/a.sh"])).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder.path().join("extension/a.sh")), 0o700);
        assert_eq!(mode(folder.path()), 0o700);
    }

    #[test]
    fn nothing_is_written_elsewhere() {
        let root = tempfile::tempdir().unwrap();
        let folders = Folders::new(root.path().join("extensions"));
        for path in ["../outside.sh", "/outside.sh", "extension/../../../outside.sh", ""] {
            assert!(folders.unpack(1, &files(&[path])).is_err(), "{path}");
        }
        assert!(!root.path().join("outside.sh").exists());
        assert!(!root.path().join("extensions/1").exists(), "a folder that was not finished is removed");
    }
}
