//! A cargo project: building it and finding what came out.

use crate::exit::{Exit, Failure};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{
    env, io,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What functions are compiled for.
const TARGET: &str = "wasm32-wasip2";

/// How a project is built.
#[derive(Debug, Clone)]
pub(crate) struct Project<'a> {
    /// The folder with the manifest.
    pub(crate) folder: &'a Path,
    /// The only package of the workspace to build; none for the workspace's own choice.
    pub(crate) package: Option<&'a str>,
    /// The cargo profile.
    pub(crate) profile: &'a str,
}

impl<'a> Project<'a> {
    /// The project in this folder, built for release; none where there is no manifest.
    pub(crate) fn find(folder: &'a Path) -> Option<Self> {
        let found = folder.join("Cargo.toml").is_file();
        found.then_some(Self { folder, package: None, profile: "release" })
    }

    /// Builds the project and returns its wasm files. Cargo talks on stderr.
    pub(crate) fn build(&self, quiet: bool) -> Result<Vec<PathBuf>, Failure> {
        self.check_target()?;
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--target", TARGET, "--profile", self.profile]);
        cargo.args(["--message-format", "json-render-diagnostics"]);
        cargo.args(self.package.map(|package| format!("--package={package}")));
        cargo.args(quiet.then_some("--quiet"));
        let cargo = cargo.current_dir(self.folder).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = cargo.spawn().map_err(|error| tool_failure("cargo", error))?;
        let stdout = child.stdout.take().expect("the line above pipes it");
        let lines: io::Result<Vec<_>> = BufReader::new(stdout).lines().collect();
        let status = child.wait().context("wait for cargo")?;
        if !status.success() {
            let hint = "what cargo and the compiler say is above";
            return Err(Failure::text(Exit::Build, "cargo could not build the project").hint(hint));
        }
        let files = wasm_files(&lines.context("read what cargo built")?)?;
        if files.is_empty() {
            let refusal = format!("{} builds no wasm file", self.folder.display());
            let hint = "add to Cargo.toml: [lib] crate-type = [\"cdylib\", \"rlib\"]; or write a src/main.rs";
            return Err(Failure::text(Exit::Build, refusal).hint(hint));
        }
        Ok(files.into_iter().map(relative).collect())
    }

    /// Fails when Rust cannot compile for WebAssembly, before cargo says so in its own words.
    fn check_target(&self) -> Result<(), Failure> {
        let rustc = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(self.folder)
            .output()
            .map_err(|error| tool_failure("rustc", error))?;
        let libraries = String::from_utf8_lossy(&rustc.stdout).trim().to_owned();
        if rustc.status.success() && Path::new(&libraries).is_dir() {
            return Ok(());
        }
        let refusal = format!("the Rust target {TARGET} is not installed");
        Err(Failure::text(Exit::Build, refusal).hint(format!("rustup target add {TARGET}")))
    }
}

fn tool_failure(tool: &str, error: io::Error) -> Failure {
    let error = anyhow::Error::new(error).context(format!("start {tool}"));
    Failure::new(Exit::Build, error).hint("install Rust as https://rustup.rs says, then type the same again")
}

/// The part of cargo's messages that matters here.
#[derive(Debug, Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

impl Message {
    /// Whether the message is about something that was built from a folder, not from a registry.
    fn is_local_artifact(&self) -> bool {
        self.reason == "compiler-artifact" && self.package_id.starts_with("path+")
    }
}

/// The wasm files of the project's own packages; dependencies may have some too.
fn wasm_files(lines: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    // Whatever else a build prints to stdout is not ours to judge.
    for line in lines.iter().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).context("read a message of cargo")?;
        if message.is_local_artifact() {
            let wasm = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "wasm");
            files.extend(message.filenames.into_iter().filter(wasm));
        }
    }
    Ok(files)
}

/// The path as people would type it here.
fn relative(path: PathBuf) -> PathBuf {
    let below = env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    below.unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_project_s_own_wasm_files_count() {
        let message = |id: &str, file: &str| {
            format!(r#"{{"reason":"compiler-artifact","package_id":"{id}","target":{{}},"filenames":["{file}"]}}"#)
        };
        let lines = [
            "a build script's greeting".to_owned(),
            message("registry+https://example.com#dep@1.0.0", "/t/dep.wasm"),
            message("path+file:///p#0.1.0", "/t/libp.rlib"),
            message("path+file:///p#0.1.0", "/t/p.wasm"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        assert_eq!(wasm_files(&lines).unwrap(), [PathBuf::from("/t/p.wasm")]);
    }
}
