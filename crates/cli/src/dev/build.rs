//! From a source to wasm files: cargo builds them, or somebody else did.

use super::inputs::Inputs;
use crate::{
    exit::{Exit, Failure, OrExit as _},
    project::{self, Built, Project},
};
use anyhow::Context as _;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Output,
};

/// Where functions come from.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// A cargo project.
    Project(Project<'a>),
    /// A wasm file or a zip.
    File(&'a Path),
    /// A folder whose wasm files are functions.
    Folder(&'a Path),
}

impl<'a> Source<'a> {
    /// Finds out what is there, and whether it can be built at all.
    pub(super) fn find(path: &'a Path, package: Option<&'a str>, profile: &'a str) -> Result<Self, Failure> {
        if let Some(project) = Project::find(path) {
            let project = Project { package, profile, ..project };
            project.check_target()?;
            return Ok(Self::Project(project));
        }
        if path.is_file() {
            return Ok(Self::File(path));
        }
        if wasm_files(path).is_ok_and(|files| !files.is_empty()) {
            return Ok(Self::Folder(path));
        }
        let refusal =
            format!("`{}` is no wasm file, and no folder with a Cargo.toml or with wasm files", path.display());
        Err(Failure::text(Exit::Refused, refusal).hint("`fngraph new NAME` starts a project"))
    }

    /// The files that make a difference.
    pub(super) fn inputs(&self) -> Result<Inputs, Failure> {
        let failed = |path: &Path| format!("find {}", path.display());
        let found = |path: &Path| path.canonicalize().with_context(|| failed(path));
        Ok(match self {
            Self::Project(project) => Inputs::project(found(project.folder)?),
            Self::Folder(folder) => Inputs::Folder(found(folder)?),
            Self::File(file) => {
                // The file itself may be a link that is replaced.
                let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
                let name = file.file_name().with_context(|| failed(file))?;
                Inputs::File(found(folder.unwrap_or_else(|| Path::new(".")))?.join(name))
            }
        })
    }

    /// Builds what has to be built, and answers each function with its name.
    ///
    /// # Cancel safety
    /// Dropping the future ends cargo and all that it started.
    pub(super) async fn build(&self, quiet: bool) -> Result<Vec<Built>, Failure> {
        match self {
            Self::Project(project) => {
                let output = run(project.cargo(quiet)).await.map_err(|error| project::tool_failure("cargo", error))?;
                Ok(named(project.built(&output)?))
            }
            Self::File(file) => Ok(vec![function((*file).to_owned())]),
            Self::Folder(folder) => {
                let files = wasm_files(folder).with_context(|| format!("read {}", folder.display()));
                Ok(files.or_exit(Exit::Refused, "")?.into_iter().map(function).collect())
            }
        }
    }
}

/// Functions are called like their package; several of one package are called like their files.
fn named(built: Vec<Built>) -> Vec<Built> {
    let of = |package: &str| built.iter().filter(|built| built.package == package).count();
    let is_alone = built.iter().map(|built| of(&built.package) == 1).collect::<Vec<_>>();
    built.into_iter().zip(is_alone).map(|(built, alone)| if alone { built } else { function(built.path) }).collect()
}

fn function(path: PathBuf) -> Built {
    Built { package: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path }
}

/// The wasm files in a folder.
fn wasm_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|ending| ending == "wasm"));
    files.sort();
    Ok(files)
}

/// Runs a command to its end. When the future is dropped, everything ends that the command started.
async fn run(mut command: std::process::Command) -> io::Result<Output> {
    // A group of its own can be ended as a whole: compilers and build scripts outlive a cargo that is killed.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = tokio::process::Command::from(command).kill_on_drop(true).spawn()?;
    #[cfg(unix)]
    let mut group = Group::of(&child);
    let output = child.wait_with_output().await;
    #[cfg(unix)]
    group.disband();
    output
}

/// The processes that a command started; dropping it ends them.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    /// The group that a child leads.
    fn of(child: &tokio::process::Child) -> Self {
        Self(child.id().and_then(|id| rustix::process::Pid::from_raw(id.try_into().ok()?)))
    }

    /// Leaves the processes alone: their leader ended by itself, and its id may be another's soon.
    fn disband(&mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // They may all have ended.
            let _ = rustix::process::kill_process_group(leader, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_called_like_their_package_unless_it_has_several() {
        let built = |package: &str, path: &str| Built { package: package.to_owned(), path: path.into() };
        let names = |all: Vec<Built>| named(all).into_iter().map(|built| built.package).collect::<Vec<_>>();
        assert_eq!(names(vec![built("my-orders", "t/my_orders.wasm")]), ["my-orders"]);
        let several = vec![built("shop", "t/order.wasm"), built("shop", "t/refund.wasm"), built("a-b", "t/a_b.wasm")];
        assert_eq!(names(several), ["order", "refund", "a-b"]);
    }

    #[test]
    fn a_source_is_a_project_a_file_or_a_folder_of_wasm() {
        let folder = tempfile::tempdir().unwrap();
        let find = || Source::find(folder.path(), None, "release");
        assert_eq!(find().unwrap_err().exit, Exit::Refused);
        let file = folder.path().join("b.wasm");
        fs::write(&file, "").unwrap();
        fs::write(folder.path().join("a.wasm"), "").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();
        assert!(matches!(find().unwrap(), Source::Folder(_)));
        let names = wasm_files(folder.path()).unwrap().into_iter().map(|path| function(path).package);
        assert_eq!(names.collect::<Vec<_>>(), ["a", "b"]);
        let source = Source::find(&file, None, "release").unwrap();
        let inputs = source.inputs().unwrap();
        assert!(inputs.concerns(&file.canonicalize().unwrap()));
    }
}
