//! Which package may depend on which: the table of the architecture, checked against what cargo says.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::metadata;

/// A package, by its folder, and the folders of those of ours that it may use. `crates/types` is for all but those
/// that stand apart.
struct Row {
    dir: &'static str,
    may_use: &'static [&'static str],
    /// Knows no crate of ours besides the ones named, not even `crates/types`.
    apart: bool,
}

const fn row(dir: &'static str, may_use: &'static [&'static str]) -> Row {
    Row { dir, may_use, apart: false }
}

const fn apart(dir: &'static str, may_use: &'static [&'static str]) -> Row {
    Row { dir, may_use, apart: true }
}

/// The packages that may use whatever they try out or measure.
const OBSERVERS: [&str; 3] = ["benches", "tests", "tests/fuzz"];

const TABLE: [Row; 21] = [
    apart("crates/types", &[]),
    row("crates/api", &[]),
    row("crates/store", &[]),
    row("crates/telemetry", &[]),
    row("crates/engine", &[]),
    row("crates/schedule", &[]),
    row("crates/registry", &["crates/schedule", "crates/store"]),
    row("crates/invoker", &["crates/engine", "crates/registry", "crates/store"]),
    // They compile and embed the examples.
    apart("crates/guest-build", &[]),
    row("crates/templates", &["crates/guest-build"]),
    row("crates/workflow", &["crates/invoker"]),
    row("crates/triggers", &["crates/fngraph", "crates/schedule"]),
    // The server is a program around `fngraph`, as an embedder's would be.
    row(
        "crates/server",
        &["crates/api", "crates/fngraph", "crates/telemetry", "crates/templates", "crates/triggers", "crates/workflow"],
    ),
    row("crates/fngraph", &["crates/engine", "crates/invoker", "crates/registry", "crates/store"]),
    // `fngraph run` and `fngraph bench` call one function and need no server for it; the commands against a server need
    // its API only.
    row(
        "crates/cli",
        &[
            "crates/api",
            "crates/engine",
            "crates/fngraph",
            "crates/server",
            "crates/telemetry",
            "crates/templates",
            "crates/triggers",
        ],
    ),
    apart("crates/test-support", &["crates/guest-build"]),
    apart("crates/xtask", &["crates/guest-build"]),
    // A guest must compile without the host, and for WebAssembly.
    apart("guest-sdk", &["guest-sdk/macros"]),
    apart("guest-sdk/macros", &[]),
    row("examples/embed", &["crates/engine", "crates/fngraph"]),
    // A program that is not of the root workspace: a guest.
    apart("guest", &["guest-sdk"]),
];

/// Packages of others that only some of ours may name, whatever the kind of dependency: a prefix, and who may.
const OWNED: [(&str, &[&str]); 3] = [
    ("rusqlite", &["crates/store"]),
    ("wasmtime", &["crates/engine", "benches"]),
    ("axum", &["crates/server", "benches", "tests/fuzz"]),
];

pub(super) fn check(root: &Path, guests: &[&str]) -> Result<Vec<String>> {
    let mut findings = find(root, &metadata(root, ".")?, None)?;
    for place in guests {
        findings.extend(find(root, &metadata(root, place)?, Some(place))?);
    }
    Ok(findings)
}

/// Checks one workspace: the root one, or the guests' one at `guests`.
fn find(root: &Path, metadata: &Value, guests: Option<&str>) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().context("find the packages in cargo's metadata")? {
        let manifest = Path::new(package["manifest_path"].as_str().context("find the manifest's path")?);
        let dir = below(root, manifest.parent().context("find the package's folder")?)?;
        let row = TABLE.iter().find(|row| row.dir == if guests.is_some() { "guest" } else { dir });
        if row.is_none() && !OBSERVERS.contains(&dir) {
            findings.push(format!("{dir}: add a row to the table in crates/xtask/src/lint/direction.rs"));
            continue;
        }
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let name = dependency["name"].as_str().context("find the dependency's name")?;
            let is_dev = dependency["kind"] == "dev";
            let fault = match dependency["path"].as_str() {
                None => foreign_fault(dir, name),
                Some(path) => own_fault(row, dir, below(root, Path::new(path))?, is_dev, guests),
            };
            findings.extend(fault.map(|fault| format!("{dir} -> {name}: {fault}")));
        }
    }
    Ok(findings)
}

fn own_fault(row: Option<&Row>, dir: &str, used: &str, is_dev: bool, guests: Option<&str>) -> Option<&'static str> {
    if used == "crates/xtask" {
        return Some("xtask is used by nobody");
    }
    let row = row?;
    if guests.is_some_and(|guests| Path::new(used).starts_with(guests)) {
        return None;
    }
    if used == "crates/test-support" {
        return (!is_dev).then_some("test-support is a dev-dependency only");
    }
    // Its tests and examples may show a package together with those above it, but a guest's stay guests.
    let free = is_dev && row.dir != "guest" && dir != "guest-sdk";
    let allowed = row.may_use.contains(&used) || (!row.apart && used == "crates/types");
    (!allowed && !free).then_some("not in the table of crates/xtask/src/lint/direction.rs")
}

fn foreign_fault(dir: &str, name: &str) -> Option<&'static str> {
    let owned = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let (_, owners) = OWNED.iter().find(|(prefix, _)| owned(prefix))?;
    (!owners.contains(&dir)).then_some("only its owner may name it")
}

fn below<'a>(root: &Path, path: &'a Path) -> Result<&'a str> {
    let inside = path.strip_prefix(root).with_context(|| format!("find {} in the repository", path.display()))?;
    inside.to_str().context("read a path as UTF-8")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One package at `dir` that depends on `used`: a folder of ours, or the name of a foreign package.
    fn check(dir: &str, used: &str, kind: Option<&str>, guests: Option<&str>) -> Vec<String> {
        let path = used.contains('/').then(|| format!("/repo/{used}"));
        let metadata = json!({ "packages": [{
            "manifest_path": format!("/repo/{dir}/Cargo.toml"),
            "dependencies": [{ "name": used, "kind": kind, "path": path }],
        }]});
        find(Path::new("/repo"), &metadata, guests).expect("the metadata is complete")
    }

    #[test]
    fn what_the_table_names_is_allowed() {
        for (dir, used, kind) in [
            ("crates/engine", "crates/types", None),
            ("crates/engine", "wasmtime-wasi", None),
            ("crates/engine", "crates/test-support", Some("dev")),
            ("crates/invoker", "crates/engine", None),
            ("crates/server", "axum", None),
            ("guest-sdk", "guest-sdk/macros", None),
            ("benches", "wasmtime", None),
            ("benches", "crates/test-support", None),
            ("tests", "crates/cli", None),
            ("crates/types", "wasmtimer", None),
        ] {
            assert_eq!(check(dir, used, kind, None), [""; 0], "{dir} -> {used}");
        }
        assert_eq!(check("examples/functions/hello", "guest-sdk/", None, Some("examples/functions")), [""; 0]);
        let shared = check("tests/guests/a", "tests/guests/b", None, Some("tests/guests"));
        assert_eq!(shared, [""; 0]);
    }

    #[test]
    fn everything_else_is_found() {
        for (dir, used, kind) in [
            ("crates/types", "crates/engine", None),
            ("crates/types", "crates/engine", Some("build")),
            ("crates/cli", "wasmtime", None),
            ("crates/cli", "wasmtime", Some("dev")),
            ("crates/cli", "axum-core", None),
            ("crates/cli", "crates/xtask", Some("dev")),
            ("tests", "crates/xtask", None),
            ("crates/engine", "crates/test-support", None),
            ("crates/engine", "crates/invoker", None),
            ("guest-sdk", "crates/types", None),
            ("guest-sdk", "crates/types", Some("dev")),
            ("crates/new", "serde", None),
        ] {
            assert_eq!(check(dir, used, kind, None).len(), 1, "{dir} -> {used}");
        }
        assert_eq!(check("tests/guests/a", "crates/types", Some("dev"), Some("tests/guests")).len(), 1);
    }

    #[test]
    fn the_table_has_one_row_for_each_package_and_only_downward_ones() {
        for (place, row) in TABLE.iter().enumerate() {
            assert!(TABLE[..place].iter().all(|earlier| earlier.dir != row.dir), "{} is there twice", row.dir);
            for used in row.may_use {
                assert!(TABLE.iter().any(|other| other.dir == *used), "{} uses {used}, which has no row", row.dir);
            }
        }
    }
}
