//! What an example's manifest tells about it as a template: `[package.metadata.fngraph.template]`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use fngraph_guest_build::Package;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Sample {
    /// A UUID, which stays.
    id: String,
    title: String,
    scene: String,
    #[serde(default = "service")]
    service: String,
    #[serde(default = "runtime")]
    runtime: String,
    handler: String,
    #[serde(default)]
    initializer: String,
    #[serde(default)]
    pre_stop: String,
    /// In MiB.
    #[serde(default = "memory")]
    memory: u32,
    /// In seconds.
    #[serde(default = "timeout")]
    timeout: u32,
    /// The file with the sample event.
    #[serde(default = "event")]
    event: String,
    output: String,
    #[serde(default)]
    warning: String,
    /// The file with the user data, if there are any.
    user_data: Option<String>,
    #[serde(default)]
    triggers: Vec<Trigger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Trigger {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    event_type: String,
    /// As the API has it.
    data: Value,
}

impl Sample {
    /// What a package's manifest says; nothing when it is no template.
    pub(crate) fn of(package: &Package) -> Result<Option<Self>> {
        let said = &package.metadata["metadata"]["fngraph"]["template"];
        if said.is_null() {
            return Ok(None);
        }
        let sample = serde_json::from_value(said.clone());
        sample.with_context(|| format!("read [package.metadata.fngraph.template] of {}", package.name)).map(Some)
    }

    /// Writes it as an item of the table.
    pub(crate) fn generate(&self, code: &mut String, package: &Package, zip: &Path) -> Result<()> {
        let read = |file: &str| {
            let path = package.dir.join(file);
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
        };
        let description = package.metadata["description"].as_str().unwrap_or_default();
        ensure!(!description.is_empty(), "describe {}: its manifest has no description", package.name);
        let event = read(&self.event)?;
        let user_data = self.user_data.as_deref().map(read).transpose()?.unwrap_or_default();
        writeln!(code, "    Template {{")?;
        for (field, value) in [
            ("name", package.name.as_str()),
            ("id", &self.id),
            ("title", &self.title),
            ("description", description),
            ("scene", &self.scene),
            ("service", &self.service),
            ("runtime", &self.runtime),
            ("handler", &self.handler),
            ("initializer", &self.initializer),
            ("pre_stop", &self.pre_stop),
            ("event_file", &self.event),
            ("event", &event),
            ("output", &self.output),
            ("warning", &self.warning),
            ("user_data_file", self.user_data.as_deref().unwrap_or_default()),
            ("user_data", &user_data),
        ] {
            writeln!(code, "        {field}: {value:?},")?;
        }
        writeln!(code, "        memory: {}, timeout: {},", self.memory, self.timeout)?;
        writeln!(code, "        triggers: &[")?;
        for Trigger { name, kind, event_type, data } in &self.triggers {
            let data = data.to_string();
            writeln!(code, "            TriggerSample {{ name: {name:?}, kind: {kind:?},")?;
            writeln!(code, "                event_type: {event_type:?}, event_data: {data:?} }},")?;
        }
        writeln!(code, "        ],\n        package: include_bytes!({zip:?}),\n    }},")?;
        Ok(())
    }
}

fn service() -> String {
    "FunctionGraph".to_owned()
}

fn runtime() -> String {
    "Custom".to_owned()
}

const fn memory() -> u32 {
    128
}

const fn timeout() -> u32 {
    3
}

fn event() -> String {
    "event.json".to_owned()
}
