//! Versions are named in the workspace's table and nowhere else.
//!
//! Cargo's metadata does not tell where a version came from, so the manifests are read. They are read line by line:
//! a TOML parser would double the time it takes to build xtask.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::metadata;

pub(super) fn check(root: &Path, guests: &[&str]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for dir in ["."].iter().chain(guests) {
        for manifest in members(root, dir)? {
            let text = fs::read_to_string(&manifest).with_context(|| format!("read {}", manifest.display()))?;
            let shown = manifest.strip_prefix(root).unwrap_or(&manifest).display();
            let paths = if *dir == "." { Paths::InTable } else { Paths::Anywhere };
            findings.extend(pinned(&text, paths).map(|line| format!("{shown}: {line}: say `workspace = true`")));
        }
    }
    Ok(findings)
}

/// Where a dependency on a neighbour may name its path.
#[derive(Clone, Copy, PartialEq)]
enum Paths {
    InTable,
    Anywhere,
}

fn members(root: &Path, dir: &str) -> Result<Vec<PathBuf>> {
    let metadata = metadata(root, dir)?;
    let packages = metadata["packages"].as_array().context("find the packages in cargo's metadata")?;
    Ok(packages.iter().filter_map(|package| package["manifest_path"].as_str().map(PathBuf::from)).collect())
}

/// The dependencies that do not come from the workspace's table.
fn pinned(manifest: &str, paths: Paths) -> impl Iterator<Item = String> {
    let inherits = move |line: &str| {
        let plain: String = line.chars().filter(|c| !c.is_whitespace()).collect();
        let local = paths == Paths::Anywhere && plain.contains("path=") && !plain.contains("version=");
        plain.contains("workspace=true") || local
    };
    let mut found = Vec::new();
    for (header, lines) in sections(manifest) {
        // `[workspace.dependencies]` is the table itself.
        let header = header.strip_prefix("workspace.").map_or(header, |_| "");
        if header.ends_with("dependencies") {
            found.extend(lines.into_iter().filter(|line| !inherits(line)));
        } else if header.contains("dependencies.") && !lines.iter().any(|line| inherits(line)) {
            found.push(format!("[{header}]"));
        }
    }
    found.into_iter()
}

/// The sections of a manifest with their entries, an entry of several lines joined to one.
fn sections(manifest: &str) -> Vec<(&str, Vec<String>)> {
    let mut sections: Vec<(&str, Vec<String>)> = Vec::new();
    // How many brackets the entry has left open.
    let mut open = 0;
    for line in manifest.lines().map(|line| line.split(" #").next().unwrap_or_default().trim()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if open == 0 && line.starts_with('[') {
            sections.push((line.trim_matches(['[', ']']), Vec::new()));
            continue;
        }
        let Some((_, entries)) = sections.last_mut() else { continue };
        match entries.last_mut().filter(|_| open > 0) {
            Some(entry) => entry.push_str(line),
            None => entries.push(line.to_owned()),
        }
        open += line.matches(['[', '{']).count();
        open = open.saturating_sub(line.matches([']', '}']).count());
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
[package]
version = "0.1.0"

[workspace.dependencies]
inthetable = "1"

[dependencies]
inherited.workspace = true # as it should be
features = { workspace = true, features = [
  "a", "b",
] }
pinned = "1"
detailed = { version = "1", features = [
  "a",
] }
near = { path = "../near" }

[target.'cfg(unix)'.dev-dependencies]
alsopinned = { version = "2" }

[build-dependencies.sectioned]
version = "3"

[dependencies.good]
workspace = true
"#;

    #[test]
    fn only_dependencies_outside_the_table_are_found() {
        let names = |paths| -> Vec<String> {
            pinned(MANIFEST, paths).map(|line| line.split([' ', ']']).next().unwrap_or_default().to_owned()).collect()
        };
        let sectioned = "[build-dependencies.sectioned";
        assert_eq!(names(Paths::InTable), ["pinned", "detailed", "near", "alsopinned", sectioned]);
        assert_eq!(names(Paths::Anywhere), ["pinned", "detailed", "alsopinned", sectioned]);
    }
}
