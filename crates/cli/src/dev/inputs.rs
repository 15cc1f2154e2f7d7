//! Which files make a difference, and which folders they are in.

use crate::project::Built;
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Which files make a difference. All paths are canonical.
#[derive(Debug, Clone)]
pub(super) enum Inputs {
    /// One file.
    File(PathBuf),
    /// The wasm files in a folder.
    Folder(PathBuf),
    /// What cargo reads.
    Project {
        /// The project's folder.
        folder: PathBuf,
        /// What the last build that succeeded read: other files than sources too, and path dependencies.
        read: BTreeSet<PathBuf>,
        /// Where cargo writes.
        target: Option<PathBuf>,
    },
}

impl Inputs {
    /// A project that was not built yet.
    pub(super) fn project(folder: PathBuf) -> Self {
        Self::Project { folder, read: BTreeSet::new(), target: None }
    }

    /// Whether it makes a difference that something happened to this path.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        match self {
            Self::File(file) => path == file,
            Self::Folder(_) => has_ending(path, "wasm"),
            Self::Project { read, target, .. } => {
                !is_scratch(path)
                    && (read.contains(path)
                        || has_ending(path, "rs")
                        || is_manifest(path)
                        // Of a folder that is new, nobody was told what is in it.
                        || path.is_dir() && !is_ignored(path, target.as_deref()))
            }
        }
    }

    /// The folders that all these files are in, as they are now.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        match self {
            Self::File(file) => file.parent().map(Path::to_owned).into_iter().collect(),
            Self::Folder(folder) => BTreeSet::from([folder.clone()]),
            Self::Project { folder, read, target } => {
                let mut folders = BTreeSet::new();
                // Projects inherit from the manifest of their workspace.
                folders.extend(folder.ancestors().skip(1).find(|folder| is_package(folder)).map(Path::to_owned));
                add_folders(folder, target.as_deref(), &mut folders);
                for path in read.iter().filter(|path| !path.starts_with(folder)) {
                    if let Some(package) = path.ancestors().skip(1).find(|folder| is_package(folder))
                        && !folder.starts_with(package)
                        && !folders.contains(package)
                    {
                        add_folders(package, target.as_deref(), &mut folders);
                    }
                    folders.extend(path.parent().map(Path::to_owned));
                }
                folders
            }
        }
    }

    /// Learns what a build read from what cargo writes beside each wasm file.
    pub(super) fn learn(&mut self, built: &[Built]) {
        let Self::Project { folder, read, target } = self else { return };
        read.clear();
        for Built { path, .. } in built {
            // <target>/wasm32-wasip2/release/hello.wasm
            *target = path.ancestors().nth(3).and_then(|folder| folder.canonicalize().ok());
            // Without it, sources and manifests still count.
            let text = fs::read_to_string(path.with_extension("d")).unwrap_or_default();
            let files = dependencies(&text).into_iter().filter_map(|file| folder.join(file).canonicalize().ok());
            // Build scripts write there what is read then: it changes with each build.
            read.extend(files.filter(|file| target.as_ref().is_none_or(|target| !file.starts_with(target))));
        }
    }
}

/// Adds a folder and those below it, without those that cargo reads nothing from.
fn add_folders(folder: &Path, target: Option<&Path>, folders: &mut BTreeSet<PathBuf>) {
    folders.insert(folder.to_owned());
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        // Links are not followed: they may lead in circles.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) && !is_ignored(&path, target) {
            add_folders(&path, target, folders);
        }
    }
}

/// Whether cargo reads nothing from a folder: it writes there, it belongs to a tool, or it is a cache.
fn is_ignored(folder: &Path, target: Option<&Path>) -> bool {
    is_scratch(folder)
        || Some(folder) == target
        || folder.join("CACHEDIR.TAG").exists()
        || folder.ends_with("target") && folder.parent().is_some_and(is_package)
}

/// Whether a name is one that tools and editors give to files of their own.
fn is_scratch(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::as_encoded_bytes).unwrap_or_default();
    name.starts_with(b".") || name.ends_with(b"~")
}

fn is_package(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
}

/// Cargo.lock is not among them: builds write it.
fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str);
    matches!(name, Some("Cargo.toml" | "rust-toolchain.toml" | "rust-toolchain"))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

/// The files that a rule of a makefile names, which is how cargo writes down what it read: `hello.wasm: src/lib.rs …`,
/// with a backslash before a space in a name.
fn dependencies(rule: &str) -> Vec<PathBuf> {
    let Some((_, files)) = rule.lines().next().and_then(|line| line.split_once(": ")) else { return Vec::new() };
    let mut names = Vec::new();
    let mut name = String::new();
    let mut characters = files.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&' ') => name.extend(characters.next()),
            ' ' => names.push(std::mem::take(&mut name)),
            other => name.push(other),
        }
    }
    names.push(name);
    names.into_iter().filter(|name| !name.is_empty()).map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A project in a workspace, with a path dependency beside it.
    fn workspace() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        for file in [
            "Cargo.toml",
            "texts/greeting.txt",
            "hello/Cargo.toml",
            "hello/README.md",
            "hello/src/lib.rs",
            "hello/src/target/mod.rs",
            "hello/.git/objects/x",
            "hello/target/debug/x.rs",
            "hello/cache/CACHEDIR.TAG",
            "hello/cache/x.rs",
            "shared/Cargo.toml",
            "shared/src/lib.rs",
            "target/wasm32-wasip2/release/hello.wasm",
            "target/wasm32-wasip2/release/build/out/made.rs",
        ] {
            let path = root.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        (folder, root)
    }

    /// The project after a build that read files of the other folders.
    fn built(root: &Path) -> Inputs {
        let wasm = root.join("target/wasm32-wasip2/release/hello.wasm");
        let read = [
            "hello/src/lib.rs",
            "hello/src/../../texts/greeting.txt",
            "shared/src/lib.rs",
            "target/wasm32-wasip2/release/build/out/made.rs",
        ];
        let read: Vec<_> = read.iter().map(|path| root.join(path).display().to_string().replace(' ', "\\ ")).collect();
        fs::write(wasm.with_extension("d"), format!("{}: {}\n", wasm.display(), read.join(" "))).unwrap();
        let mut inputs = Inputs::project(root.join("hello"));
        inputs.learn(&[Built { package: "hello".to_owned(), path: wasm }]);
        inputs
    }

    fn relative(folders: BTreeSet<PathBuf>, root: &Path) -> Vec<String> {
        folders.iter().map(|folder| folder.strip_prefix(root).unwrap().display().to_string()).collect()
    }

    #[test]
    fn folders_are_those_that_cargo_reads_from() {
        let (_folder, root) = workspace();
        let before = Inputs::project(root.join("hello")).folders();
        assert_eq!(relative(before, &root), ["", "hello", "hello/src", "hello/src/target"]);
        let after = ["", "hello", "hello/src", "hello/src/target", "shared", "shared/src", "texts"];
        assert_eq!(relative(built(&root).folders(), &root), after);
    }

    #[test]
    fn what_cargo_reads_makes_a_difference_and_nothing_else() {
        let (_folder, root) = workspace();
        let inputs = built(&root);
        for (path, expected) in [
            ("hello/src/lib.rs", true),
            ("hello/src/not_there_yet.rs", true),
            ("hello/Cargo.toml", true),
            ("Cargo.toml", true),
            ("shared/src/lib.rs", true),
            ("texts/greeting.txt", true),
            ("hello/src/target", true),
            ("hello/README.md", false),
            ("hello/Cargo.lock", false),
            ("hello/src/lib.rs~", false),
            ("hello/src/.lib.rs.swp", false),
            ("hello/src/.#lib.rs", false),
            ("hello/target", false),
            ("hello/cache", false),
            ("target", false),
            ("texts/other.txt", false),
        ] {
            assert_eq!(inputs.concerns(&root.join(path)), expected, "{path}");
        }
    }

    #[test]
    fn of_wasm_files_only_those_make_a_difference() {
        let folder = Inputs::Folder("/w".into());
        assert!(folder.concerns(Path::new("/w/a.wasm")) && !folder.concerns(Path::new("/w/a.txt")));
        let file = Inputs::File("/w/a.wasm".into());
        assert!(file.concerns(Path::new("/w/a.wasm")) && !file.concerns(Path::new("/w/b.wasm")));
        assert_eq!(file.folders(), BTreeSet::from([PathBuf::from("/w")]));
    }

    #[test]
    fn names_with_spaces_are_read() {
        let files = dependencies("/t/a b.wasm: /p/src/lib.rs /p/my\\ notes.txt C:\\src\\x.rs\n\n/p/src/lib.rs:\n");
        assert_eq!(files, ["/p/src/lib.rs", "/p/my notes.txt", "C:\\src\\x.rs"].map(PathBuf::from));
        assert!(dependencies("").is_empty() && dependencies("/t/a.wasm:").is_empty());
    }
}
