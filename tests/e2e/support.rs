//! The binary and what it said.

use fngraph_test_support::programs;
use serde_json::Value;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the repository")
}

/// A folder that all tests share and that survives them: compiled code, and what projects are built into.
pub(crate) fn shared(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails unless the run succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.status, 0, "{self:#?}");
        self
    }

    /// Fails unless the run ended with this status and an error that holds this text.
    #[track_caller]
    pub(crate) fn failure(self, status: i32, text: &str) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        assert!(self.stderr.contains(text), "{text:?} is not in {}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// `fngraph` with these arguments, in this folder.
pub(crate) fn fngraph_in<I: IntoIterator<Item: AsRef<OsStr>>>(folder: &Path, args: I) -> Ran {
    let output = Command::new(programs::fngraph())
        .args(args)
        .current_dir(folder)
        .envs(environment())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran::of(output)
}

/// `fngraph` with these arguments, in the repository.
pub(crate) fn fngraph<I: IntoIterator<Item: AsRef<OsStr>>>(args: I) -> Ran {
    fngraph_in(root(), args)
}

/// What every program of a test finds in its environment, so that tests share compiled code.
pub(crate) fn environment() -> [(&'static str, PathBuf); 2] {
    [("FNGRAPH_DATA_DIR", shared("data")), ("CARGO_TARGET_DIR", shared("projects"))]
}
