//! `cargo xtask`: what CI runs is what people type.
//!
//! It knows none of our crates but the small one that compiles guests, and little of anybody else's, so that it is there seconds after a fresh clone; whatever
//! it has to know about them it asks cargo.

mod bench_report;
mod ci;
mod crash_test;
mod demo;
mod guests;
mod lint;
mod programs;
mod sdk;
mod setup;
mod shell;
mod steps;
mod test;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup         install what building and testing need; does nothing where it is all there
  guests        compile the example functions and the tests' guests to WebAssembly
  demo          run the thumbnail function on a real image
  test          run every test: workspace, documentation, guests
  crash-test    kill a process that works off asynchronous requests, again and again; nothing may be lost
                  --rounds N  how often, 1000 unless said
                  --seed S    what was printed by a run that is to be repeated
  lint          check format, clippy, documentation, dependencies and the repository's own rules
  ci            lint, then test
  bench-report  run the benches and rewrite the table in benches/README.md
                  --no-run  rewrite it from the last run";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root()?;
    match arguments[..] {
        ["setup"] => setup::run(&root).and_then(|()| sdk::install(&root)),
        ["guests"] => guests::run(&root),
        ["demo"] => demo::run(&root),
        ["test"] => test::run(&root),
        ["crash-test", ref options @ ..] => crash_test::run(&root, options),
        ["lint"] => lint::run(&root),
        ["ci"] => ci::run(&root),
        ["bench-report"] => bench_report::run(&root, bench_report::Source::FreshRun),
        ["bench-report", "--no-run"] => bench_report::run(&root, bench_report::Source::LastRun),
        [] | ["help" | "-h" | "--help"] => {
            shell::print(USAGE);
            Ok(())
        }
        _ => bail!("understand `{}`\n\n{USAGE}", arguments.join(" ")),
    }
}

/// The root of the repository this program was built from.
fn root() -> Result<PathBuf> {
    // Cargo says at run time where the package is, so that a moved or copied target folder still works.
    let package = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().nth(2).map(Path::to_owned).context("find the root of the repository")
}
