//! The programs of this repository that tests start.
//!
//! `cargo xtask test` builds them beforehand and says in [`FOLDER`] where they are, so that no test waits for a
//! compiler. Where it does not, the first test that asks builds what it needs with the command that people type.

use serde_json::Value;
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The environment variable with the folder of programs that are built already. NB: it does not begin with `FNGRAPH_`,
/// because the server takes all that do for configuration and refuses those that it does not know.
pub const FOLDER: &str = "PROGRAMS_UNDER_TEST";

/// The command line, `fngraph`.
///
/// # Panics
///
/// Panics if it cannot be built.
pub fn fngraph() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| program("fngraph-cli", "fngraph"))
}

/// The example `examples/embed`.
///
/// # Panics
///
/// Panics if it cannot be built.
pub fn embed() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| program("fngraph-embed", "fngraph-embed"))
}

fn program(package: &str, name: &str) -> PathBuf {
    match env::var_os(FOLDER) {
        Some(folder) => Path::new(&folder).join(name).with_extension(env::consts::EXE_EXTENSION),
        None => build(package),
    }
}

fn build(package: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands in the repository");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--package", package, "--message-format", "json-render-diagnostics"]);
    let output = cargo.current_dir(root).stderr(Stdio::inherit()).output().expect("cargo starts");
    assert!(output.status.success(), "cargo build --package {package}: {}", output.status);
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message["executable"].as_str()?))
    });
    executable.unwrap_or_else(|| panic!("{package} has no program"))
}
