//! The files of a new project: those of a template, under the project's own name.

use super::name::ProjectName;
use anyhow::{Context as _, Result};
use fngraph_templates::{File, Template};

/// What a build leaves that is not to be kept.
const IGNORED: &str = "/target/\n";

/// Whether a template needs the SDK.
pub(super) fn uses_sdk(template: &Template) -> bool {
    let is_manifest = |file: &File| file.path == "Cargo.toml";
    let manifest = template.project().into_iter().find(is_manifest);
    manifest.is_some_and(|file| String::from_utf8_lossy(&file.content).contains(Template::SDK_FOLDER))
}

/// The project's own files. `sdk` is the path to the SDK, as TOML writes it.
pub(super) fn files(template: &Template, name: &ProjectName, sdk: &str) -> Result<Vec<File>> {
    let mut files = template.project();
    for File { path, content } in &mut files {
        let rename: fn(&Template, &ProjectName, &str, &str) -> String = match path.as_str() {
            "Cargo.toml" => manifest,
            "README.md" => readme,
            _ => continue,
        };
        let text = std::str::from_utf8(content).with_context(|| format!("read the template's {path}"))?;
        *content = rename(template, name, sdk, text).into_bytes();
    }
    files.push(File { path: ".gitignore".to_owned(), content: IGNORED.into() });
    Ok(files)
}

fn manifest(template: &Template, name: &ProjectName, sdk: &str, text: &str) -> String {
    let own = format!("name = \"{}\"", template.name);
    let copy = format!("path = \"{}\"", Template::SDK_FOLDER);
    text.replacen(&own, &format!("name = \"{}\"", name.as_str()), 1).replacen(&copy, &format!("path = \"{sdk}\""), 1)
}

/// The example's page, whose files are in the project's own folders.
fn readme(template: &Template, name: &ProjectName, _: &str, text: &str) -> String {
    let (crate_name, library) = (template.crate_name(), name.library());
    // Programs keep their dashes, libraries do not.
    let is_program = template.project().iter().any(|file| file.path == "src/main.rs");
    let (wasm, own) = if is_program { (template.name, name.as_str()) } else { (&*crate_name, &*library) };
    text.replacen(&format!("# {}\n", template.name), &format!("# {}\n", name.as_str()), 1)
        .replace("../target/", "target/")
        .replace(&format!("/{wasm}.wasm"), &format!("/{own}.wasm"))
        .replace(&format!("`{crate_name}."), &format!("`{library}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_templates::{template, templates};
    use std::path::Path;

    fn text(template: &Template, path: &str, sdk: &str) -> String {
        let name = ProjectName::of(Path::new("my-orders")).unwrap();
        let file = files(template, &name, sdk).unwrap().into_iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("{}: no {path}", template.name)).content).unwrap()
    }

    #[test]
    fn every_template_becomes_a_project_of_the_users_name() {
        for template in templates() {
            let manifest = text(template, "Cargo.toml", "fngraph-guest");
            assert!(manifest.contains("name = \"my-orders\"\n"), "{manifest}");
            assert!(!manifest.contains(&format!("name = \"{}\"", template.name)), "{manifest}");
            assert!(text(template, "README.md", "fngraph-guest").starts_with("# my-orders\n"), "{}", template.name);
            assert_eq!(text(template, ".gitignore", ""), "/target/\n");
        }
    }

    #[test]
    fn the_sdk_is_where_it_was_said_to_be() {
        assert!(uses_sdk(template("event").unwrap()) && !uses_sdk(template("http").unwrap()));
        let manifest = text(template("event").unwrap(), "Cargo.toml", "/sdk");
        assert!(manifest.contains("fngraph-guest = { path = \"/sdk\" }"), "{manifest}");
        let exclude = "exclude = [\"fngraph-guest\"]";
        assert!(manifest.contains(exclude), "{manifest}");
    }

    #[test]
    fn a_page_names_the_projects_own_files() {
        let page = text(template("event").unwrap(), "README.md", "fngraph-guest");
        assert!(page.contains("release/my_orders.wasm") && page.contains("`my_orders.handler`"), "{page}");
        let page = text(template("word-count").unwrap(), "README.md", "fngraph-guest");
        assert!(page.contains(" target/wasm32-wasip1/release/my-orders.wasm"), "{page}");
        let page = text(template("command").unwrap(), "README.md", "fngraph-guest");
        assert!(page.contains("target/wasm32-wasip2/release/my-orders.wasm"), "{page}");
    }
}
