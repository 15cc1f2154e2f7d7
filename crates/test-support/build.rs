//! Compiles every guest program and generates one accessor for each, and macros that name them all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use fngraph_guest_build::{Guest, Languages, WORKSPACES, Workspace, zig_python};

/// The macro that names every guest of the workspace at the same place in `WORKSPACES`.
const MACROS: [&str; WORKSPACES.len()] = ["each_example", "each_test_guest"];

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

fn run() -> Result<()> {
    let manifest_dir = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("read the manifest's folder")?);
    let root = manifest_dir.ancestors().nth(2).context("find the root of the repository")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").context("read the output folder")?);
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");
    watch(&manifest_dir.join("build.rs"));
    watch(&root.join("guest-sdk"));
    // Installing the C toolchain must be enough for the next build to pass.
    watch(&zig_python(root));

    let mut code = String::new();
    let mut names = BTreeSet::new();
    for (place, macro_name) in WORKSPACES.into_iter().zip(MACROS) {
        let workspace = Workspace::read(&root.join(place))?;
        let guests = workspace.compile(root, Languages::All)?;
        watch(&root.join(place).join("Cargo.toml"));
        workspace.sources().for_each(watch);
        for guest in &guests {
            ensure!(names.insert(guest.name.clone()), "name the guests: two of them are called {}", guest.name);
        }
        generate(&mut code, place, macro_name, &guests)?;
    }
    fs::write(out.join("guests.rs"), code).context("write guests.rs")
}

fn generate(code: &mut String, place: &str, macro_name: &str, guests: &[Guest]) -> Result<()> {
    for Guest { name, wasm } in guests {
        let path = wasm.to_str().context("read a guest's path as UTF-8")?;
        writeln!(code, "/// `{name}` of `{place}`, compiled.")?;
        writeln!(code, "#[must_use]\npub fn {name}() -> &'static std::path::Path {{")?;
        writeln!(code, "    std::path::Path::new({path:?})\n}}")?;
    }
    writeln!(code, "/// Calls the macro it is given once for each program of `{place}`, with the program's name.")?;
    writeln!(code, "#[macro_export]\nmacro_rules! {macro_name} {{\n    ($check:ident) => {{")?;
    for Guest { name, .. } in guests {
        writeln!(code, "        $check!({name});")?;
    }
    writeln!(code, "    }};\n}}")?;
    Ok(())
}

fn watch(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
