//! A cargo project: building it and finding what came out.

use crate::exit::{Exit, Failure};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
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

/// What came out of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Built {
    /// The package that it was built from.
    pub(crate) package: String,
    /// The wasm file.
    pub(crate) path: PathBuf,
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
        let output = self.cargo(quiet).output().map_err(|error| tool_failure("cargo", error))?;
        Ok(self.built(&output)?.into_iter().map(|built| built.path).collect())
    }

    /// The command that builds the project: it talks on stderr, and [`Project::built`] reads its output.
    pub(crate) fn cargo(&self, quiet: bool) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--target", TARGET, "--profile", self.profile]);
        cargo.args(["--message-format", "json-render-diagnostics"]);
        cargo.args(self.package.map(|package| format!("--package={package}")));
        cargo.args(quiet.then_some("--quiet"));
        cargo.current_dir(self.folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        cargo
    }

    /// What the command built.
    pub(crate) fn built(&self, output: &Output) -> Result<Vec<Built>, Failure> {
        if !output.status.success() {
            let hint = "what cargo and the compiler say is above";
            return Err(Failure::text(Exit::Build, "cargo could not build the project").hint(hint));
        }
        let mut built = wasm_files(&String::from_utf8_lossy(&output.stdout))?;
        if built.is_empty() {
            let refusal = format!("{} builds no wasm file", self.folder.display());
            let hint = "add to Cargo.toml: [lib] crate-type = [\"cdylib\", \"rlib\"]; or write a src/main.rs";
            return Err(Failure::text(Exit::Build, refusal).hint(hint));
        }
        for built in &mut built {
            built.path = relative(std::mem::take(&mut built.path));
        }
        Ok(built)
    }

    /// Fails when Rust cannot compile for WebAssembly, before cargo says so in its own words.
    pub(crate) fn check_target(&self) -> Result<(), Failure> {
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

/// Why a program of Rust's did not start.
pub(crate) fn tool_failure(tool: &str, error: io::Error) -> Failure {
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

    /// The package's name, which an id such as `path+file:///shop/orders#0.1.0` has in its path, unless it says another
    /// one: `path+file:///shop/orders#shop-orders@0.1.0`.
    fn package(&self) -> &str {
        let (path, fragment) = self.package_id.split_once('#').unwrap_or((&self.package_id, ""));
        fragment.split_once('@').map_or_else(|| path.rsplit('/').next().unwrap_or(path), |(name, _)| name)
    }
}

/// The wasm files of the project's own packages; dependencies may have some too.
fn wasm_files(messages: &str) -> Result<Vec<Built>> {
    let mut built = Vec::new();
    // Whatever else a build prints to stdout is not ours to judge.
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Message = serde_json::from_str(line).context("read a message of cargo")?;
        if message.is_local_artifact() {
            let package = message.package();
            let wasm = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "wasm");
            let files = message.filenames.iter().filter(|file| wasm(file));
            built.extend(files.map(|path| Built { package: package.to_owned(), path: path.clone() }));
        }
    }
    Ok(built)
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
            message("path+file:///w/p#0.1.0", "/t/libp.rlib"),
            message("path+file:///w/p#0.1.0", "/t/p.wasm"),
            message("path+file:///w/q#my-q@0.1.0", "/t/my_q.wasm"),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let built = |package: &str, path: &str| Built { package: package.to_owned(), path: path.into() };
        let expected = [built("p", "/t/p.wasm"), built("my-q", "/t/my_q.wasm")];
        assert_eq!(wasm_files(&lines.join("\n")).unwrap(), expected);
    }
}
