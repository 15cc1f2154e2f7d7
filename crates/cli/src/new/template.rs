//! The files of a new project: the templates and the SDK that the binary carries.

use super::{manifest, name::ProjectName};
use crate::args::Template;
use anyhow::{Context as _, Result};
use include_dir::{Dir, DirEntry, File, include_dir};
use std::path::{Path, PathBuf};

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");
static SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../guest-sdk");
const WORKSPACE_MANIFEST: &str = include_str!("../../../../Cargo.toml");

/// What the SDK's own folder is called in the workspace; its manifests' paths are relative to it.
const SDK_IN_WORKSPACE: &str = "guest-sdk";

/// Folders of the SDK that building a function does not need.
const NOT_COPIED: [&str; 4] = ["tests", "benches", "examples", "target"];

/// Cargo must not take a template for a package, so a template's files with placeholders end in this.
const PLACEHOLDER_ENDING: &str = "in";

type Files = Vec<(PathBuf, Vec<u8>)>;

/// The project's own files.
pub(super) fn files(template: Template, name: &ProjectName, sdk: &str) -> Result<Files> {
    let folder = match template {
        Template::Event => "event",
        Template::Http => "http",
        Template::Command => "command",
    };
    let folder = TEMPLATES.get_dir(folder).context("find the template")?;
    all_files(folder).map(|file| filled(file, folder.path(), name, sdk)).collect()
}

fn filled(file: &File<'_>, root: &Path, name: &ProjectName, sdk: &str) -> Result<(PathBuf, Vec<u8>)> {
    let path = file.path().strip_prefix(root)?;
    if path.extension().is_none_or(|ending| ending != PLACEHOLDER_ENDING) {
        return Ok((path.to_owned(), file.contents().to_owned()));
    }
    let text = file.contents_utf8().context("read the template")?;
    let text = text.replace("{{name}}", name.as_str()).replace("{{lib}}", &name.library()).replace("{{sdk}}", sdk);
    Ok((path.with_extension(""), text.into_bytes()))
}

/// The SDK, with manifests that stand alone.
pub(super) fn sdk_files() -> Result<Files> {
    all_files(&SDK).filter(|file| is_copied(file.path())).map(sdk_file).collect()
}

fn sdk_file(file: &File<'_>) -> Result<(PathBuf, Vec<u8>)> {
    let path = file.path().to_owned();
    if path.file_name().is_none_or(|name| name != "Cargo.toml") {
        return Ok((path, file.contents().to_owned()));
    }
    let text = file.contents_utf8().context("read the SDK's manifest")?;
    let folder = Path::new(SDK_IN_WORKSPACE).join(path.parent().unwrap_or_else(|| Path::new("")));
    let text = manifest::standalone(text, WORKSPACE_MANIFEST, &folder)
        .with_context(|| format!("prepare the SDK's {}", path.display()))?;
    Ok((path, text.into_bytes()))
}

fn is_copied(path: &Path) -> bool {
    !path.components().any(|part| NOT_COPIED.iter().any(|name| part.as_os_str() == *name))
}

fn all_files<'a>(folder: &'a Dir<'a>) -> Box<dyn Iterator<Item = &'a File<'a>> + 'a> {
    Box::new(folder.entries().iter().flat_map(|entry| match entry {
        DirEntry::Dir(folder) => all_files(folder),
        DirEntry::File(file) => Box::new(std::iter::once(file)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_a_manifest_a_source_and_a_readme() {
        let name = ProjectName::of(Path::new("my-orders")).unwrap();
        for template in [Template::Event, Template::Http, Template::Command] {
            let files = files(template, &name, "fngraph-guest").unwrap();
            let has = |path: &str| files.iter().any(|(file, _)| file == Path::new(path));
            assert!(has("Cargo.toml") && has("README.md") && has(".gitignore"), "{template:?}");
            assert!(has("src/lib.rs") || has("src/main.rs"), "{template:?}");
            for (path, content) in &files {
                assert!(!String::from_utf8_lossy(content).contains("{{name}}"), "{template:?}: {path:?}");
            }
        }
    }

    #[test]
    fn the_copied_sdk_depends_on_no_workspace() {
        let manifests: Vec<_> =
            sdk_files().unwrap().into_iter().filter(|(path, _)| path.ends_with("Cargo.toml")).collect();
        assert_eq!(manifests.len(), 2);
        for (path, content) in manifests {
            let text = String::from_utf8(content).unwrap();
            assert!(!text.contains("workspace"), "{path:?}: {text}");
        }
    }
}
