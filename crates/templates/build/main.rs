//! Compiles the examples and embeds them: for each template one zip with its wasm, its source and its sample event, and
//! a table of what its manifest tells about it.

mod manifest;
mod package;
mod sample;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use fngraph_guest_build::{Languages, Workspace};

/// The examples, below the root of the repository. Those in C have no manifest, and so are no templates: whoever
/// installs the program needs no C toolchain.
const EXAMPLES: &str = "examples/functions";

/// The templates of applications.
const APPLICATIONS: &str = "examples/applications";

/// The guests' crate, of which new projects have a copy.
const SDK: &str = "guest-sdk";

/// What all templates and the SDK may take in the program: more would be felt by everybody who installs it.
const MAX_BYTES: u64 = 3_000_000;

#[expect(clippy::print_stderr, reason = "cargo shows it when the script fails")]
fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the way to talk to cargo")]
fn run() -> Result<()> {
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("read the manifest's folder")?);
    let root = manifest_dir.ancestors().nth(2).context("find the root of the repository")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("read the output folder")?);
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");
    for path in ["Cargo.toml", EXAMPLES, APPLICATIONS, SDK] {
        // The examples' own target folder changes with every build of them.
        let path = root.join(path);
        if path.join("target").exists() { watch_entries(&path)? } else { watch(&path) }
    }
    watch(&manifest_dir.join("build"));

    let examples = Workspace::read(&root.join(EXAMPLES))?;
    let guests = examples.compile(root, Languages::Rust)?;
    let workspace = read(&root.join(EXAMPLES).join("Cargo.toml"))?;
    let mut bytes = 0;
    let mut code = "/// What the examples' manifests tell.\npub(crate) static TEMPLATES: &[Template] = &[\n".to_owned();
    for package in examples.packages() {
        let Some(sample) = sample::Sample::of(package)? else { continue };
        let guest = guests.iter().find(|guest| guest.name == package.crate_name());
        let wasm = &guest.with_context(|| format!("find the compiled {}", package.name))?.wasm;
        let zip = out.join(&package.name).with_extension("zip");
        let manifest = manifest::project(&read(&package.dir.join("Cargo.toml"))?, &workspace, &package.name)
            .with_context(|| format!("prepare the manifest of {}", package.name))?;
        bytes += package::write(&zip, &package.dir, &manifest, Some(wasm))?;
        sample.generate(&mut code, package, &zip)?;
    }
    code.push_str("];\n");

    let zip = out.join("sdk.zip");
    bytes += package::write_sdk(&zip, &root.join(SDK), &read(&root.join("Cargo.toml"))?)?;
    ensure!(bytes <= MAX_BYTES, "the templates take {bytes} bytes, more than {MAX_BYTES}; leave a large one out");
    writeln!(code, "/// The SDK.\npub(crate) static SDK: &[u8] = include_bytes!({zip:?});")?;
    applications(&mut code, &root.join(APPLICATIONS))?;
    fs::write(out.join("templates.rs"), code).context("write templates.rs")
}

/// The applications' files as they are: the crate reads them, and its tests see to it that it can.
fn applications(code: &mut String, dir: &Path) -> Result<()> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    writeln!(code, "/// The applications: their descriptions and pictures.")?;
    writeln!(code, "pub(crate) static APPLICATIONS: &[(&str, &[u8])] = &[")?;
    for folder in folders {
        let (toml, image) = (folder.join("application.toml"), folder.join("image.png"));
        writeln!(code, "    (include_str!({toml:?}), include_bytes!({image:?})),")?;
    }
    Ok(writeln!(code, "];")?)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

fn watch_entries(dir: &Path) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))? {
        let entry = entry?;
        if entry.file_name() != "target" {
            watch(&entry.path());
        }
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the way to talk to cargo")]
fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
