//! Compiles the guest programs, for the build script beside this file and for `cargo xtask guests` and `demo`,
//! which take the file in with `#[path]`: what the tests run is built the way a person builds it.
//!
//! A nested cargo gets a target folder of its own, because the outer cargo holds the lock on its own one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The workspaces that hold guests, below the root of the repository.
pub(crate) const WORKSPACES: [&str; 2] = ["examples/functions", "tests/guests"];

/// The target of a package that asks for no other one in `[package.metadata.fngraph] target`.
const DEFAULT_TARGET: &str = "wasm32-wasip2";

/// What a build inside a build must not inherit: flags and wrappers (clippy's among them) are meant for the host,
/// and the rest describes the outer package.
const OUTER_BUILD: [&str; 7] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
];
const OUTER_BUILD_PREFIXES: [&str; 9] = [
    "CARGO_BIN_",
    "CARGO_BUILD_",
    "CARGO_CFG_",
    "CARGO_FEATURE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "DEP_",
];

/// One guest program, compiled.
#[derive(Debug)]
pub(crate) struct Guest {
    /// The program's crate name: an identifier.
    pub(crate) name: String,
    /// Where the program is.
    pub(crate) wasm: PathBuf,
}

/// A workspace of guests: its Rust packages and its C programs.
#[derive(Debug)]
pub(crate) struct Workspace {
    dir: PathBuf,
    packages: Vec<Package>,
    /// Folders that hold a `main.c` and no manifest.
    c_programs: Vec<PathBuf>,
}

#[derive(Debug)]
struct Package {
    id: String,
    name: String,
    dir: PathBuf,
    target: String,
}

impl Workspace {
    /// Reads the workspace in `dir`; one that is not there is an empty one.
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        let mut workspace = Self { dir: dir.to_owned(), packages: Vec::new(), c_programs: Vec::new() };
        if !dir.join("Cargo.toml").exists() {
            return Ok(workspace);
        }
        let answer = cargo(dir)
            .args(["metadata", "--no-deps", "--format-version=1"])
            .stderr(Stdio::inherit())
            .output()
            .context("start cargo metadata")?;
        ensure!(answer.status.success(), "read the workspace {}: cargo metadata failed", dir.display());
        let metadata: Value = serde_json::from_slice(&answer.stdout).context("parse cargo's metadata")?;
        for package in metadata["packages"].as_array().context("find the packages in cargo's metadata")? {
            let manifest = PathBuf::from(text(package, "manifest_path")?);
            workspace.packages.push(Package {
                id: text(package, "id")?.to_owned(),
                name: text(package, "name")?.to_owned(),
                dir: manifest.parent().context("find the package's folder")?.to_owned(),
                target: package["metadata"]["fngraph"]["target"].as_str().unwrap_or(DEFAULT_TARGET).to_owned(),
            });
        }
        for entry in fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))? {
            let path = entry?.path();
            if path.join("main.c").exists() && !path.join("Cargo.toml").exists() {
                workspace.c_programs.push(path);
            }
        }
        workspace.c_programs.sort();
        Ok(workspace)
    }

    /// Compiles every guest, or the one package called `only`, for release.
    pub(crate) fn compile(&self, root: &Path, only: Option<&str>) -> Result<Vec<Guest>> {
        let wanted = |name: &str| only.is_none_or(|only| only == name);
        let mut packages: Vec<&Package> = self.packages.iter().filter(|package| wanted(&package.name)).collect();
        packages.sort_by(|a, b| a.target.cmp(&b.target));
        let mut guests = Vec::new();
        for same_target in packages.chunk_by(|a, b| a.target == b.target) {
            self.compile_rust(root, same_target, &mut guests)?;
        }
        for dir in &self.c_programs {
            let folder = dir.file_name().and_then(OsStr::to_str).context("read the name of a C program's folder")?;
            if wanted(folder) {
                guests.push(compile_c(root, dir, folder)?);
            }
        }
        guests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(guests)
    }

    /// The folders that hold the programs' sources: what to watch for changes.
    #[allow(dead_code, reason = "only the build script has to watch them")]
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().map(|package| &package.dir).chain(&self.c_programs).map(PathBuf::as_path)
    }

    fn compile_rust(&self, root: &Path, packages: &[&Package], guests: &mut Vec<Guest>) -> Result<()> {
        let target = packages[0].target.as_str();
        let mut build = cargo(&self.dir);
        build.args(["build", "--release", "--message-format=json-render-diagnostics", "--target", target]);
        build.arg("--target-dir").arg(target_dir(root));
        for package in packages {
            build.args(["--package", &package.name]);
        }
        let answer = build.stderr(Stdio::inherit()).output().context("start cargo build")?;
        ensure!(
            answer.status.success(),
            "compile the guests of {} for {target}: cargo build failed (is the target missing? cargo xtask setup)",
            self.dir.display()
        );
        for line in answer.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let message: Value = serde_json::from_slice(line).context("parse cargo's message")?;
            let ours = packages.iter().any(|package| message["package_id"] == package.id.as_str());
            if message["reason"] != "compiler-artifact" || !ours {
                continue;
            }
            for file in message["filenames"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if file.ends_with(".wasm") {
                    let name = text(&message["target"], "name")?.replace('-', "_");
                    guests.push(Guest { name, wasm: file.into() });
                }
            }
        }
        Ok(())
    }
}

/// Where the guests are built: inside the root workspace's target folder, but under a lock of its own.
pub(crate) fn target_dir(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir)).join("guests")
}

/// The Python of the C toolchain that `cargo xtask setup` installs.
pub(crate) fn zig_python(root: &Path) -> PathBuf {
    root.join(".cache/zig/bin/python")
}

fn compile_c(root: &Path, dir: &Path, folder: &str) -> Result<Guest> {
    let python = zig_python(root);
    if !python.exists() {
        bail!("compile {}: there is no C toolchain in .cache/zig; run cargo xtask setup", dir.display());
    }
    let name = folder.replace('-', "_");
    let out = target_dir(root).join("c");
    fs::create_dir_all(&out).with_context(|| format!("create {}", out.display()))?;
    let wasm = out.join(&name).with_extension("wasm");
    let status = Command::new(python)
        .args(["-m", "ziglang", "cc", "--target=wasm32-wasi", "-Os", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&wasm, &dir.join("main.c")])
        .env("ZIG_GLOBAL_CACHE_DIR", root.join(".cache/zig-cache"))
        .env("ZIG_LOCAL_CACHE_DIR", out.join("cache"))
        .status()
        .context("start zig cc")?;
    ensure!(status.success(), "compile {}: zig cc failed", dir.display());
    Ok(Guest { name, wasm })
}

fn cargo(dir: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(dir);
    for (name, _) in env::vars_os() {
        let Some(known) = name.to_str() else { continue };
        if OUTER_BUILD.contains(&known) || OUTER_BUILD_PREFIXES.iter().any(|prefix| known.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("find {field} in what cargo said"))
}
