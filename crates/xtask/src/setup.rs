//! `cargo xtask setup`: installs what building and testing need, and does nothing where it is all there.
//!
//! Rust's own targets go where rustup keeps them; everything else goes into `.cache/` in the repository, which git
//! ignores and which can be deleted at any time.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fngraph_guest_build::zig_python;

use crate::shell::{TOOLS, cargo, mask, say, stream, succeeds};

const TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-wasip2"];

/// Uses std, so that a target whose std is missing or of another compiler is found out.
const PROBE: &str = r#"fn main() { println!("{:?}", std::env::args().collect::<std::collections::HashSet<_>>()); }"#;

/// Between two attempts of rustup: long enough for a connection to recover, short enough to wait for.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// The C toolchain: the newest of the line with which the C example was measured.
const ZIGLANG: &str = "0.17.1";

/// A tool from the registry, compiled without optimisation: that takes about half a minute on two cores, and none
/// of them is ever waited for.
struct Tool {
    subcommand: &'static str,
    package: &'static str,
    version: &'static str,
    /// Features wanted in place of the default ones.
    features: Option<&'static str>,
}

const TOOLS_BUILD: &str = ".cache/tools-build";

const TOOLS_WANTED: [Tool; 3] = [
    // Its own updater is what the features leave out.
    Tool { subcommand: "nextest", package: "cargo-nextest", version: "0.9.151", features: Some("default-no-update") },
    Tool { subcommand: "deny", package: "cargo-deny", version: "0.20.2", features: None },
    Tool { subcommand: "machete", package: "cargo-machete", version: "0.9.2", features: None },
];

/// The release that `Cargo.lock` has of the library.
const WASMTIME: &str = "48.0.8";

/// What `wasmtime serve` needs to serve as fast as it can.
const WASMTIME_FEATURES: &str = "serve,run,cranelift,pooling-allocator,parallel-compilation,component-model-async";

pub(crate) fn run(root: &Path) -> Result<()> {
    for target in TARGETS {
        install_target(root, target)?;
    }
    install_c_toolchain(root)?;
    TOOLS_WANTED.iter().try_for_each(|tool| install_tool(root, tool))?;
    if root.join(TOOLS_BUILD).exists() {
        // What they were compiled from is ten times their size, and nobody compiles them twice.
        fs::remove_dir_all(root.join(TOOLS_BUILD)).context("remove what the tools were compiled in")?;
    }
    Ok(())
}

/// What `demo` needs: only what compiles its one guest.
pub(crate) fn targets(root: &Path) -> Result<()> {
    TARGETS.iter().try_for_each(|target| install_target(root, target))
}

fn install_target(root: &Path, target: &str) -> Result<()> {
    if target_works(root, target)? {
        say(&format!("setup: {target} works"));
        return Ok(());
    }
    for pause in PAUSES.into_iter().map(Some).chain([None]) {
        say(&format!("setup: {target} is missing: rustup target add {target}"));
        let added = stream(Command::new("rustup").args(["target", "add", target]).current_dir(root), |line| {
            say(&format!("  {}", mask(line)));
        });
        match added {
            Ok(()) if target_works(root, target)? => {
                say(&format!("setup: {target} works now"));
                return Ok(());
            }
            Ok(()) => say(&format!("setup: rustup is content, but a program for {target} still does not compile")),
            Err(error) => say(&format!("setup: {error:#}")),
        }
        if let Some(pause) = pause {
            say(&format!("setup: trying again in {} s", pause.as_secs()));
            wait(pause);
        }
    }
    bail!(
        "install {target}: rustup could not\n\
         hint: make `rustup target add {target}` work for the toolchain of rust-toolchain.toml (it needs rustup and a \
         network; what it said is above), then run cargo xtask setup again"
    )
}

/// Really compiles and links: right for every way in which a target may have come, and not fooled by half of one.
fn target_works(root: &Path, target: &str) -> Result<bool> {
    let dir = root.join(".cache/probe");
    fs::create_dir_all(&dir).context("create the probe's folder")?;
    let source = dir.join("probe.rs");
    fs::write(&source, PROBE).context("write the probe")?;
    let out = dir.join(target).with_extension("wasm");
    Ok(succeeds(
        Command::new("rustc")
            .args(["--edition=2024", "--target", target, "-o"])
            .args([&out, &source])
            .current_dir(root)
            // The person's flags are for other targets than this.
            .env_remove("RUSTFLAGS"),
    ))
}

fn install_c_toolchain(root: &Path) -> Result<()> {
    let python = zig_python(root);
    let works = || succeeds(Command::new(&python).args(["-c", &zig_check()]));
    if works() {
        say(&format!("setup: ziglang {ZIGLANG} is there"));
        return Ok(());
    }
    let dir = root.join(".cache/zig");
    if dir.exists() {
        fs::remove_dir_all(&dir).context("remove the old C toolchain")?;
    }
    say(&format!("setup: installing ziglang {ZIGLANG} into .cache/zig (a C compiler, about 100 MB)"));
    let masked = |line: &str| say(&format!("  {}", mask(line)));
    stream(Command::new("python3").args(["-m", "venv"]).arg(&dir), masked)
        .context("make a Python environment (python3 with its venv module is needed: on Debian, python3-venv)")?;
    let package = format!("ziglang=={ZIGLANG}");
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", &package]);
    stream(&mut pip, masked).with_context(|| format!("install {package} with pip"))?;
    ensure!(works(), "use the C toolchain: zig does not start or is not {ZIGLANG}; delete .cache/zig and try again");
    say(&format!("setup: ziglang {ZIGLANG} is there now"));
    Ok(())
}

fn zig_check() -> String {
    format!("import importlib.metadata as m, ziglang; assert m.version('ziglang') == '{ZIGLANG}'")
}

fn install_tool(root: &Path, tool: &Tool) -> Result<()> {
    let Tool { subcommand, package, version, features } = tool;
    let works = || succeeds(cargo(root, ".").args([subcommand, "--version"]));
    if works() {
        say(&format!("setup: {package} is there"));
        return Ok(());
    }
    say(&format!("setup: compiling {package} {version} into {TOOLS} (about a minute)"));
    install(root, package, version, *features, &["--debug", "--config", "profile.dev.debug=false"])?;
    ensure!(works(), "use {package}: it is installed in {TOOLS}, but cargo {subcommand} does not start");
    say(&format!("setup: {package} {version} is there now"));
    Ok(())
}

/// What `bench-report` compares the server with: the same wasmtime as ours, as fast as it comes.
pub(crate) fn wasmtime(root: &Path) -> Result<()> {
    let works = || succeeds(Command::new(root.join(TOOLS).join("bin/wasmtime")).arg("--version"));
    if !works() {
        say(&format!("setup: compiling wasmtime {WASMTIME} into {TOOLS} (about ten minutes)"));
        install(root, "wasmtime-cli", WASMTIME, Some(WASMTIME_FEATURES), &[])?;
        ensure!(works(), "use wasmtime: it is installed in {TOOLS}, but does not start");
    }
    Ok(())
}

fn install(root: &Path, package: &str, version: &str, features: Option<&str>, more: &[&str]) -> Result<()> {
    let mut install = cargo(root, ".");
    install.args(["install", package, "--version", version, "--locked", "--force"]).args(more);
    install.arg("--root").arg(root.join(TOOLS)).arg("--target-dir").arg(root.join(TOOLS_BUILD));
    if let Some(features) = features {
        install.args(["--no-default-features", "--features", features]);
    }
    // Cargo says little of use until it fails, and then all of it is.
    let mut said = Vec::new();
    let installed = stream(&mut install, |line| said.push(mask(line)));
    if installed.is_err() {
        said.iter().for_each(|line| say(&format!("  {line}")));
    }
    installed.with_context(|| format!("install {package} {version}"))
}

#[expect(clippy::disallowed_methods, reason = "there is no event to wait for: the other side has to recover")]
fn wait(pause: Duration) {
    std::thread::sleep(pause);
}
