//! `cargo xtask lint`: what must hold besides the tests.

mod direction;
mod files;
mod versions;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use fngraph_guest_build::{WORKSPACES, target_dir};
use serde_json::Value;

use crate::setup;
use crate::shell::{cargo, read, run as run_command, say};
use crate::steps::Steps;

pub(crate) fn run(root: &Path) -> Result<()> {
    setup::run(root)?;
    let guests: Vec<&str> = WORKSPACES.into_iter().filter(|place| root.join(place).exists()).collect();
    let everywhere = || ["."].into_iter().chain(guests.iter().copied());
    let mut steps = Steps::new("lint");

    // The cheap ones first: a person who waits sees them soon.
    steps.step("format", || {
        everywhere().try_for_each(|dir| run_command(cargo(root, dir).args(["fmt", "--all", "--check"])))
    });
    steps.step("repository", || report(files::check(root)?));
    steps.step("versions", || report(versions::check(root, &guests)?));
    steps.step("dependency direction", || report(direction::check(root, &guests)?));
    steps.step("lock files", || {
        everywhere().try_for_each(|dir| run_command(cargo(root, dir).args(["fetch", "--quiet", "--locked"])))
    });
    // Advisories need a database from the network, so they are not for a check that must also work without one.
    steps.step("deny", || {
        everywhere().try_for_each(|dir| {
            let mut deny = cargo(root, dir);
            deny.args(["deny", "--offline", "--log-level=error", "--config"]).arg(root.join("deny.toml"));
            deny.args(["check", "bans", "licenses", "sources"]);
            run_command(&mut deny)
        })
    });
    steps.step("unused dependencies", || run_command(cargo(root, ".").args(["machete", "--with-metadata"])));
    steps.step("clippy", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--", "--deny=warnings"];
        run_command(cargo(root, ".").args(clippy))?;
        for place in &guests {
            run_command(cargo(root, place).args(clippy).env("CARGO_TARGET_DIR", target_dir(root)))
                .with_context(|| format!("check {place}"))?;
        }
        Ok(())
    });
    steps.step("documentation", || {
        let mut doc = cargo(root, ".");
        run_command(doc.args(["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "--deny=warnings"))
    });
    steps.finish()
}

/// Says what was found, and fails if anything was.
fn report(findings: Vec<String>) -> Result<()> {
    findings.iter().for_each(|finding| say(&format!("  {finding}")));
    ensure!(findings.is_empty(), "{} found, see above", findings.len());
    Ok(())
}

/// The packages of the workspace in the folder `dir`, without their dependencies' own.
fn metadata(root: &Path, dir: &str) -> Result<Value> {
    let answer = read(cargo(root, dir).args(["metadata", "--no-deps", "--format-version=1"]))?;
    serde_json::from_slice(&answer).context("parse cargo's metadata")
}
