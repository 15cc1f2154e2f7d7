//! What functions and applications can be made from: the examples of this repository, each with its source, a sample
//! event and its compiled code.
//!
//! The program carries them, so that `fngraph new` and the API's templates need neither a network nor a compiler. What
//! is told about a template stands in its own manifest, as `[package.metadata.fngraph.template]`; a new example with
//! such a table is a new template. It is not for running functions, and knows no API.
//!
//! ```
//! let template = fngraph_templates::template("hello").expect("it is one of the examples");
//! assert_eq!(template.handler, "hello.handler");
//! assert!(template.project().iter().any(|file| file.path == "src/lib.rs"));
//! ```
//!
//! - [`Template`] is what a function can be made from, [`templates`] are all of them.
//! - [`Application`] is what an application can be made from: several functions with their triggers.
//! - [`sdk`] is the guests' crate, as a new project has it beside itself.

mod application;
#[cfg(test)]
#[path = "../build/manifest.rs"]
mod manifest;

pub use application::{
    Alias, Application, ApplicationError, Deployment, Function, Parameter, Resource, Trigger, applications,
};

use std::{
    fmt,
    io::{Cursor, Read as _},
};
use zip::ZipArchive;

mod embedded {
    use super::{Template, TriggerSample};

    include!(concat!(env!("OUT_DIR"), "/templates.rs"));
}

/// What a function can be made from.
#[non_exhaustive]
pub struct Template {
    /// Its name, which is the example's: `hello`.
    pub name: &'static str,
    /// Its id, a UUID that stays.
    pub id: &'static str,
    /// Its title, a few words.
    pub title: &'static str,
    /// What it shows, a sentence.
    pub description: &'static str,
    /// What it is good for: `web_service`.
    pub scene: &'static str,
    /// The cloud's service that calls it; `FunctionGraph` for anybody.
    pub service: &'static str,
    /// `Custom`, or `http` for one that answers HTTP requests.
    pub runtime: &'static str,
    /// The handler of its package.
    pub handler: &'static str,
    /// The initializer that it needs; empty for most.
    pub initializer: &'static str,
    /// What runs before an instance is stopped; empty for most.
    pub pre_stop: &'static str,
    /// The memory, in MiB.
    pub memory: u32,
    /// The timeout, in seconds.
    pub timeout: u32,
    /// The file with the sample event: `event.json`.
    pub event_file: &'static str,
    /// An event that it answers.
    pub event: &'static str,
    /// What it answers, in words.
    pub output: &'static str,
    /// What to know before; empty for most.
    pub warning: &'static str,
    /// The file with the user data; empty for most.
    pub user_data_file: &'static str,
    /// The user data that it needs: a JSON object of texts; empty for most.
    pub user_data: &'static str,
    /// What may call it.
    pub triggers: &'static [TriggerSample],
    /// The function's code: a zip with the wasm file, its source and the sample event.
    pub package: &'static [u8],
}

/// A trigger that a template is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TriggerSample {
    /// Its name.
    pub name: &'static str,
    /// Its type: `TIMER`.
    pub kind: &'static str,
    /// The code of its messages.
    pub event_type: &'static str,
    /// What is said about it: a JSON object, as the API has it.
    pub event_data: &'static str,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder, with slashes.
    pub path: String,
    /// What is in it.
    pub content: Vec<u8>,
}

/// All templates, by name.
#[must_use]
pub fn templates() -> &'static [Template] {
    embedded::TEMPLATES
}

/// The template of this name.
#[must_use]
pub fn template(name: &str) -> Option<&'static Template> {
    templates().iter().find(|template| template.name == name)
}

/// The guests' crate, as projects have it beside themselves. Its manifests stand alone.
#[must_use]
pub fn sdk() -> Vec<File> {
    unpack(embedded::SDK)
}

impl Template {
    /// The folder in which projects keep their copy of the SDK, and how their manifests name it.
    pub const SDK_FOLDER: &'static str = "fngraph-guest";

    /// The files of a cargo project: the example with a manifest that stands alone, under the example's own name.
    #[must_use]
    pub fn project(&self) -> Vec<File> {
        let is_compiled = |file: &File| file.path == format!("{}.wasm", self.crate_name());
        unpack(self.package).into_iter().filter(|file| !is_compiled(file)).collect()
    }

    /// The name that handlers and wasm files have it by: `order_pipeline`.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("name", &self.name).field("id", &self.id).finish_non_exhaustive()
    }
}

/// The files of a zip that this crate's build script made.
fn unpack(zip: &[u8]) -> Vec<File> {
    const OURS: &str = "the build script wrote the zip";
    let mut archive = ZipArchive::new(Cursor::new(zip)).expect(OURS);
    let files = (0..archive.len()).map(|at| {
        let mut entry = archive.by_index(at).expect(OURS);
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect(OURS);
        File { path: entry.name().expect(OURS).into_owned(), content }
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_ids_are_unique_and_ids_are_uuids() {
        let names: HashSet<_> = templates().iter().map(|template| template.name).collect();
        let ids: HashSet<_> = templates().iter().map(|template| template.id).collect();
        assert_eq!((names.len(), ids.len()), (templates().len(), templates().len()));
        for id in ids {
            let groups: Vec<_> = id.split('-').map(str::len).collect();
            let is_hex = id.chars().all(|c| c == '-' || c.is_ascii_hexdigit() && !c.is_ascii_uppercase());
            assert!(groups == [8, 4, 4, 4, 12] && is_hex, "{id}");
        }
    }

    #[test]
    fn what_fngraph_new_starts_with_is_there() {
        for name in ["event", "http", "command", "hello", "order-pipeline"] {
            assert!(template(name).is_some(), "{name}");
        }
        assert!(template("nothing").is_none());
    }

    #[test]
    fn a_project_builds_alone_and_carries_its_sample() {
        for template in templates() {
            let files = template.project();
            let text = |path: &str| {
                let file = files.iter().find(|file| file.path == path);
                let file = file.unwrap_or_else(|| panic!("{}: no {path}", template.name));
                String::from_utf8(file.content.clone()).unwrap()
            };
            let manifest = text("Cargo.toml");
            assert!(manifest.contains("[workspace]") && manifest.contains("[profile.release]"), "{manifest}");
            assert!(!manifest.contains("workspace = true") && !manifest.contains("template]"), "{manifest}");
            assert!(manifest.contains(&format!("name = \"{}\"", template.name)), "{manifest}");
            assert_eq!(text(template.event_file), template.event);
            assert!(!text("README.md").is_empty());
            assert!(files.iter().all(|file| !file.path.starts_with("target/") && !file.path.ends_with(".wasm")));
            if !template.user_data_file.is_empty() {
                assert_eq!(text(template.user_data_file), template.user_data);
            }
        }
    }

    #[test]
    fn samples_are_json_where_they_say_so() {
        for template in templates() {
            let samples = template.triggers.iter().map(|trigger| trigger.event_data);
            let event = template.event_file.ends_with(".json").then_some(template.event);
            let user_data = Some(template.user_data).filter(|text| !text.is_empty());
            for text in samples.chain(event).chain(user_data) {
                serde_json::from_str::<serde_json::Value>(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            }
        }
    }

    #[test]
    fn the_sdk_depends_on_no_workspace() {
        let manifests: Vec<_> = sdk().into_iter().filter(|file| file.path.ends_with("Cargo.toml")).collect();
        assert_eq!(manifests.len(), 2);
        for File { path, content } in manifests {
            let text = String::from_utf8(content).unwrap();
            assert!(!text.contains("workspace"), "{path}: {text}");
        }
        assert!(sdk().iter().any(|file| file.path.starts_with("wit/")));
    }
}
