//! Compiles guest programs: for the build scripts of what embeds or tries them, and for `cargo xtask`.
//!
//! What is embedded, what the tests run and what a person builds is built the same way. It is not for projects of users,
//! which `fngraph build` compiles.
//!
//! A nested cargo gets a target folder of its own, because the outer cargo holds the lock on its own one.
//!
//! ```no_run
//! use fngraph_guest_build::{Languages, WORKSPACES, Workspace};
//! use std::path::Path;
//!
//! # fn main() -> anyhow::Result<()> {
//! let root = Path::new(".");
//! for guest in Workspace::read(&root.join(WORKSPACES[0]))?.compile(root, Languages::Rust)? {
//!     assert!(guest.wasm.exists(), "{}", guest.name);
//! }
//! # Ok(())
//! # }
//! ```

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The workspaces that hold guests, below the root of the repository.
pub const WORKSPACES: [&str; 2] = ["examples/functions", "tests/guests"];

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

/// Which programs of a workspace to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Languages<'a> {
    /// All of them; those in C want the toolchain that `cargo xtask setup` installs.
    All,
    /// Those in Rust, which want nothing but Rust and its targets.
    Rust,
    /// The one of this package or folder.
    Only(&'a str),
}

/// One guest program, compiled.
#[derive(Debug)]
pub struct Guest {
    /// The program's crate name: an identifier.
    pub name: String,
    /// Where the program is.
    pub wasm: PathBuf,
}

/// A workspace of guests: its Rust packages and its C programs.
#[derive(Debug)]
pub struct Workspace {
    dir: PathBuf,
    packages: Vec<Package>,
    /// Folders that hold a `main.c` and no manifest.
    c_programs: Vec<PathBuf>,
}

/// A Rust package of a workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Where its manifest is.
    pub dir: PathBuf,
    /// What cargo tells about it.
    pub metadata: Value,
    id: String,
    target: String,
}

impl Package {
    /// The name of what it is compiled to: an identifier.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

impl Workspace {
    /// Reads the workspace in `dir`; one that is not there is an empty one.
    ///
    /// # Errors
    /// When cargo cannot read it.
    pub fn read(dir: &Path) -> Result<Self> {
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
                metadata: package.clone(),
                target: package["metadata"]["fngraph"]["target"].as_str().unwrap_or(DEFAULT_TARGET).to_owned(),
            });
        }
        for entry in fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))? {
            let path = entry?.path();
            if path.join("main.c").exists() && !path.join("Cargo.toml").exists() {
                workspace.c_programs.push(path);
            }
        }
        workspace.packages.sort_by(|a, b| a.name.cmp(&b.name));
        workspace.c_programs.sort();
        Ok(workspace)
    }

    /// The Rust packages, by name.
    #[must_use]
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Compiles guests for release.
    ///
    /// # Errors
    /// When a toolchain is missing, and says what to type then; when a program does not compile.
    pub fn compile(&self, root: &Path, languages: Languages<'_>) -> Result<Vec<Guest>> {
        let wanted = |name: &str| match languages {
            Languages::All | Languages::Rust => true,
            Languages::Only(only) => only == name,
        };
        let mut packages: Vec<&Package> = self.packages.iter().filter(|package| wanted(&package.name)).collect();
        packages.sort_by(|a, b| a.target.cmp(&b.target));
        let mut guests = Vec::new();
        for same_target in packages.chunk_by(|a, b| a.target == b.target) {
            self.compile_rust(root, same_target, &mut guests)?;
        }
        for dir in self.c_programs.iter().filter(|_| languages != Languages::Rust) {
            let folder = dir.file_name().and_then(OsStr::to_str).context("read the name of a C program's folder")?;
            if wanted(folder) {
                guests.push(compile_c(root, dir, folder)?);
            }
        }
        guests.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(guests)
    }

    /// The folders that hold the programs' sources: what to watch for changes.
    pub fn sources(&self) -> impl Iterator<Item = &Path> {
        self.packages.iter().map(|package| &package.dir).chain(&self.c_programs).map(PathBuf::as_path)
    }

    /// Whether Rust can compile for the target, before cargo says so in words that name no way out.
    fn check_target(&self, target: &str) -> Result<()> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let answer = Command::new(rustc)
            .args(["--print", "target-libdir", "--target", target])
            .current_dir(&self.dir)
            .output()
            .context("start rustc")?;
        let libraries = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        ensure!(
            answer.status.success() && Path::new(&libraries).is_dir(),
            "the Rust target {target} is not installed: rustup target add {target}"
        );
        Ok(())
    }

    fn compile_rust(&self, root: &Path, packages: &[&Package], guests: &mut Vec<Guest>) -> Result<()> {
        let target = packages[0].target.as_str();
        self.check_target(target)?;
        let mut build = cargo(&self.dir);
        build.args(["build", "--release", "--message-format=json-render-diagnostics", "--target", target]);
        build.arg("--target-dir").arg(target_dir(root));
        for package in packages {
            build.args(["--package", &package.name]);
        }
        let answer = build.stderr(Stdio::inherit()).output().context("start cargo build")?;
        ensure!(
            answer.status.success(),
            "compile the guests of {} for {target}: cargo build failed",
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
#[must_use]
pub fn target_dir(root: &Path) -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir)).join("guests")
}

/// The Python of the C toolchain that `cargo xtask setup` installs.
#[must_use]
pub fn zig_python(root: &Path) -> PathBuf {
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
