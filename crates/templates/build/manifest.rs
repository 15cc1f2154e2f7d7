//! Makes a manifest of a workspace's member stand alone.

use anyhow::{Context as _, Result, bail};
use std::path::Path;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// The sections that say what a package is built from.
const DEPENDENCIES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// The sections that only tests, benches and lints of the package itself need.
const DEVELOPMENT: [&str; 5] = ["dev-dependencies", "lints", "test", "bench", "example"];

/// The folder of a project's copy of the SDK.
const SDK: &str = "fngraph-guest";

/// The manifest of a library with everything it inherits from the workspace's manifest `root` written out, and without
/// what only its own development needs. `folder` is where the package stands, seen from the workspace's root.
pub(crate) fn library(manifest: &str, root: &str, folder: &Path) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse().context("parse the manifest")?;
    let root: DocumentMut = root.parse().context("parse the workspace's manifest")?;
    for section in DEVELOPMENT {
        manifest.remove(section);
    }
    if let Some(targets) = manifest.get_mut("target").and_then(Item::as_table_mut) {
        for (_, target) in targets.iter_mut() {
            target.as_table_mut().and_then(|target| target.remove("dev-dependencies"));
        }
        targets.retain(|_, target| target.as_table().is_none_or(|target| !target.is_empty()));
    }
    inherit(&mut manifest, &root, folder)?;
    Ok(manifest.to_string())
}

/// The manifest of an example as that of a project of its own, beside which a copy of the SDK stands. It has its tests,
/// and the workspace's profile; what it does not have is what the repository says about all of its packages.
pub(crate) fn project(manifest: &str, root: &str, name: &str) -> Result<String> {
    let mut manifest: DocumentMut = manifest.parse().context("parse the manifest")?;
    let mut root: DocumentMut = root.parse().context("parse the workspace's manifest")?;
    manifest.remove("lints");
    let package = manifest.get_mut("package").and_then(Item::as_table_mut).context("find [package]")?;
    for field in ["description", "license", "publish", "rust-version"] {
        package.remove(field);
    }
    if let Some(metadata) =
        package.get_mut("metadata").and_then(|it| it.get_mut("fngraph")).and_then(Item::as_table_mut)
    {
        metadata.remove("template");
    }
    let has_target = package.get("metadata").is_some_and(|metadata| metadata["fngraph"].get("target").is_some());
    if !has_target {
        package.remove("metadata");
    }
    let sdk = root.get_mut("workspace").and_then(|it| it.get_mut("dependencies")).and_then(|it| it.get_mut(SDK));
    let sdk = sdk.and_then(|sdk| sdk.get_mut("path")).context("find the SDK in the workspace's manifest")?;
    *sdk = toml_edit::value(SDK);
    inherit(&mut manifest, &root, Path::new(""))?;
    let uses_sdk = manifest.get("dependencies").is_some_and(|dependencies| dependencies.get(SDK).is_some());
    Ok(format!("{}\n{}{}", manifest.to_string().trim_end(), own_workspace(uses_sdk), profile(&root, name)?))
}

/// What keeps a project out of a workspace that it is made in. The SDK beside it is a package of its own.
fn own_workspace(uses_sdk: bool) -> String {
    let mut workspace = Table::new();
    if uses_sdk {
        workspace.insert("exclude", toml_edit::value(Array::from_iter([SDK])));
    }
    let mut document = DocumentMut::new();
    document.insert("workspace", Item::Table(workspace));
    format!("\n{document}")
}

/// The workspace's release profile, with the reasons that stand above it.
fn profile(root: &DocumentMut, name: &str) -> Result<String> {
    let release = root.get("profile").and_then(|profile| profile.get("release")).and_then(Item::as_table);
    let release = release.with_context(|| format!("find the release profile for {name}"))?;
    let mut document = DocumentMut::new();
    let mut profiles = Table::new();
    profiles.set_implicit(true);
    let mut release = release.clone();
    release.set_position(0);
    profiles.insert("release", Item::Table(release));
    document.insert("profile", Item::Table(profiles));
    Ok(document.to_string())
}

/// Writes out what a manifest inherits.
fn inherit(manifest: &mut DocumentMut, root: &DocumentMut, folder: &Path) -> Result<()> {
    let workspace = root.get("workspace").context("find [workspace]")?;
    if let Some(package) = manifest.get_mut("package").and_then(Item::as_table_mut) {
        inherit_fields(package, workspace)?;
    }
    inherit_sections(manifest.as_table_mut(), workspace, folder)?;
    if let Some(targets) = manifest.get_mut("target").and_then(Item::as_table_mut) {
        for (_, target) in targets.iter_mut() {
            let Some(target) = target.as_table_mut() else { continue };
            inherit_sections(target, workspace, folder)?;
        }
    }
    Ok(())
}

fn inherit_fields(package: &mut Table, workspace: &Item) -> Result<()> {
    for field in inheriting(package) {
        let value = workspace.get("package").and_then(|fields| fields.get(&field));
        let value = value.and_then(Item::as_value).with_context(|| format!("find workspace.package.{field}"))?;
        replace(package, &field, value.clone());
    }
    Ok(())
}

fn inherit_sections(parent: &mut Table, workspace: &Item, folder: &Path) -> Result<()> {
    for section in DEPENDENCIES {
        let Some(section) = parent.get_mut(section).and_then(Item::as_table_mut) else { continue };
        for name in inheriting(section) {
            let base = workspace.get("dependencies").and_then(|dependencies| dependencies.get(&name));
            let base = base.with_context(|| format!("find workspace.dependencies.{name}"))?;
            let member = section.get(&name).and_then(Item::as_table_like).context("read the dependency")?;
            let value = dependency(base, member, folder).with_context(|| format!("inherit {name}"))?;
            replace(section, &name, value);
        }
    }
    Ok(())
}

/// The keys of a table whose values say `workspace = true`.
fn inheriting(table: &Table) -> Vec<String> {
    let inherits = |item: &Item| {
        item.as_table_like().and_then(|table| table.get("workspace")).is_some_and(|it| it.as_bool() == Some(true))
    };
    table.iter().filter(|(_, item)| inherits(item)).map(|(key, _)| key.to_owned()).collect()
}

/// What the workspace says about a dependency, and what the member adds to it.
fn dependency(base: &Item, member: &dyn TableLike, folder: &Path) -> Result<Value> {
    let mut merged = InlineTable::new();
    match base.as_table_like() {
        None => {
            merged.insert("version", base.as_value().context("read the version")?.clone());
        }
        Some(base) => {
            for (key, item) in base.iter() {
                merged.insert(key, item.as_value().context("read the workspace's dependency")?.clone());
            }
        }
    }
    if let Some(path) = merged.get("path").and_then(Value::as_str) {
        let Ok(below) = Path::new(path).strip_prefix(folder) else {
            bail!("`{path}` is outside the package's folder {}", folder.display());
        };
        let below = below.display().to_string();
        merged.insert("path", below.into());
    }
    for (key, item) in member.iter().filter(|(key, _)| *key != "workspace") {
        let value = item.as_value().context("read the member's dependency")?;
        match (merged.get_mut(key).and_then(Value::as_array_mut), value.as_array()) {
            (Some(features), Some(more)) => {
                features.extend(more.iter().cloned());
                features.fmt();
            }
            _ => {
                merged.insert(key, value.clone());
            }
        }
    }
    merged.fmt();
    match (merged.len(), merged.get("version")) {
        (1, Some(version)) => Ok(version.clone().decorated(" ", "")),
        _ => Ok(Value::InlineTable(merged)),
    }
}

/// Puts a value where something of several lines or dotted keys was.
fn replace(table: &mut Table, key: &str, value: Value) {
    table.remove(key);
    table.insert(key, Item::Value(value.decorated(" ", "")));
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = r#"
        [workspace.package]
        version = "0.3.0" # the next one
        edition = "2024"
        [workspace.dependencies]
        serde = { version = "1", features = ["derive"] }
        base64 = "0.22"
        macros = { path = "sdk/macros", version = "0.3.0" }
        outside = { path = "elsewhere" }
        [workspace.dependencies.wit]
        version = "0.61"
        default-features = false
    "#;

    fn check(manifest: &str, expected: &str) {
        let given: DocumentMut = library(manifest, ROOT, Path::new("sdk")).unwrap().parse().unwrap();
        assert_eq!(given.to_string().trim(), expected.trim());
    }

    #[test]
    fn fields_and_dependencies_are_written_out() {
        check(
            r#"[package]
name = "sdk"
version.workspace = true
edition = { workspace = true }

[dependencies]
base64.workspace = true
serde = { workspace = true, features = ["rc"], optional = true }
macros.workspace = true
other = "2"
"#,
            r#"[package]
name = "sdk"
version = "0.3.0"
edition = "2024"

[dependencies]
other = "2"
base64 = "0.22"
serde = { version = "1", features = ["derive", "rc"], optional = true }
macros = { path = "macros", version = "0.3.0" }"#,
        );
    }

    #[test]
    fn target_sections_inherit_too_and_development_is_left_out() {
        check(
            r#"[target.'cfg(target_family = "wasm")'.dependencies]
wit.workspace = true

[target.'cfg(unix)'.dev-dependencies]
proptest.workspace = true

[dev-dependencies]
insta.workspace = true

[lints]
workspace = true
"#,
            r#"[target.'cfg(target_family = "wasm")'.dependencies]
wit = { version = "0.61", default-features = false }"#,
        );
    }

    #[test]
    fn what_cannot_be_resolved_is_an_error() {
        for dependency in ["missing", "outside"] {
            let manifest = format!("[dependencies]\n{dependency}.workspace = true\n");
            assert!(library(&manifest, ROOT, Path::new("sdk")).is_err(), "{dependency}");
        }
    }

    #[test]
    fn an_example_becomes_a_project_of_its_own() {
        let manifest = r#"
            [package]
            name = "hello"
            description = "Says hello."
            version.workspace = true
            edition.workspace = true
            [dependencies]
            fngraph-guest.workspace = true
            [dev-dependencies]
            base64.workspace = true
            [lints]
            workspace = true
            [package.metadata.fngraph]
            target = "wasm32-wasip1"
            [package.metadata.fngraph.template]
            title = "Hello"
        "#;
        let root = format!(
            "{ROOT}\n[workspace.dependencies.fngraph-guest]\npath = \"../guest-sdk\"\n# Small.\n[profile.release]\nlto = true\n"
        );
        let project = project(manifest, &root, "hello").unwrap();
        let parsed: DocumentMut = project.parse().unwrap();
        assert_eq!(parsed["dependencies"]["fngraph-guest"]["path"].as_str(), Some("fngraph-guest"), "{project}");
        assert_eq!(parsed["dev-dependencies"]["base64"].as_str(), Some("0.22"), "{project}");
        assert_eq!(parsed["package"]["metadata"]["fngraph"]["target"].as_str(), Some("wasm32-wasip1"), "{project}");
        assert_eq!(parsed["profile"]["release"]["lto"].as_bool(), Some(true), "{project}");
        assert!(project.contains("# Small."), "{project}");
        assert!(!project.contains("lints") && !project.contains("template") && !project.contains("Says"), "{project}");
    }
}
