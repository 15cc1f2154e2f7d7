//! Where a function's code comes from: a wasm file, a zip, a folder, or a project that is built first.

use crate::{
    exit::{Exit, Failure, OrExit as _},
    output::Output,
    project::Project,
};
use anyhow::Context as _;
use fngraph_engine::{Package, PackageError};
use fngraph_types::Handler;
use std::path::{Path, PathBuf};

/// A function's code.
#[derive(Debug)]
pub(crate) struct Code {
    /// What was read.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) package: Package,
}

impl Code {
    /// Reads the code at `source`, building it first where it is a project. Of several wasm files that a project
    /// builds, the handler says which one.
    pub(crate) fn find(source: &Path, handler: Option<&Handler>, output: &Output) -> Result<Self, Failure> {
        match Project::find(source) {
            Some(project) => Self::read(&choose(project.build(output.is_quiet())?, handler)?),
            None => Self::read(source),
        }
    }

    /// Reads all code at `source`: one for each wasm file of a project, else one.
    pub(crate) fn find_all(source: &Path, output: &Output) -> Result<Vec<Self>, Failure> {
        match Project::find(source) {
            Some(project) => project.build(output.is_quiet())?.iter().map(|path| Self::read(path)).collect(),
            None => Ok(vec![Self::read(source)?]),
        }
    }

    /// Reads a wasm file, a zip or a folder.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let package = Package::read(path);
        let hint = package.as_ref().err().map_or("", |error| hint(error, path));
        let package = package.with_context(|| format!("load {}", path.display())).or_exit(Exit::Refused, hint)?;
        Ok(Self { path: path.to_owned(), package })
    }
}

fn hint(error: &PackageError, path: &Path) -> &'static str {
    match error {
        PackageError::Read { .. } if !path.exists() => {
            "name a wasm file, a zip or a folder; `fngraph new NAME` starts a project"
        }
        PackageError::UnknownFormat(_) => "`fngraph build` compiles a Rust project to a wasm file that runs here",
        PackageError::NoWasm => "`fngraph new NAME` starts a project; `fngraph build` compiles it",
        _ => "",
    }
}

/// The one wasm file that the handler means.
fn choose(mut files: Vec<PathBuf>, handler: Option<&Handler>) -> Result<PathBuf, Failure> {
    if files.len() == 1 {
        return Ok(files.remove(0));
    }
    let wanted = handler.map(|handler| handler.file().unwrap_or(handler.as_str()));
    let stem = |file: &PathBuf| file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    match files.iter().position(|file| wanted.is_some() && stem(file).as_deref() == wanted) {
        Some(index) => Ok(files.swap_remove(index)),
        None => {
            let first = files.first().map(|file| file.display().to_string()).unwrap_or_default();
            Err(Failure::text(Exit::Refused, "the project builds several wasm files")
                .details(files.iter().map(|file| file.display().to_string()))
                .hint(format!("name one of them, such as {first}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<PathBuf> {
        ["t/orders.wasm", "t/billing.wasm"].map(PathBuf::from).to_vec()
    }

    #[test]
    fn the_handler_chooses_among_a_project_s_files() {
        let handler = "billing.handle".parse().unwrap();
        assert_eq!(choose(files(), Some(&handler)).unwrap(), PathBuf::from("t/billing.wasm"));
        assert_eq!(choose(files()[..1].to_vec(), None).unwrap(), PathBuf::from("t/orders.wasm"));
    }

    #[test]
    fn without_a_handler_the_error_lists_the_files() {
        let failure = choose(files(), None).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert_eq!(failure.details, ["t/orders.wasm", "t/billing.wasm"]);
        assert!(failure.hint.unwrap().contains("t/orders.wasm"));
    }

    #[test]
    fn a_missing_file_is_refused_with_a_hint() {
        let failure = Code::read(Path::new("no/such.wasm")).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert!(failure.hint.unwrap().contains("fngraph new"));
    }
}
