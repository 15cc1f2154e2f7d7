//! `fngraph inspect`: tells what a package holds and what would be refused.

use crate::{
    args::{Format, InspectArgs},
    code::Code,
    config::Config,
    exit::{Exit, Failure},
    output::{Accent, Output},
    platform::Platform,
    units,
};
use fngraph_engine::{Artifact, Role};
use serde::Serialize;

/// Looks at every wasm file at the source; fails when one would be refused.
pub(crate) fn inspect(arguments: &InspectArgs, config: &Config) -> Result<(), Failure> {
    let codes = Code::find_all(&arguments.source, &config.output)?;
    let platform = Platform::start(config, 1)?;
    let reports: Vec<_> = codes.iter().flat_map(|code| reports(code, &platform)).collect();
    match arguments.output {
        Format::Text => config.output.line(text(&reports, &config.output).trim_end())?,
        Format::Json => config.output.json(&Document { files: &reports })?,
    }
    let refused = reports.iter().filter(|report| report.refused.is_some()).count();
    if refused == 0 {
        return Ok(());
    }
    let refusal = format!("{} of {} would be refused", refused, units::count(reports.len() as u64, "file"));
    Err(Failure::text(Exit::Refused, refusal)
        .hint("a Rust project that `fngraph new` starts compiles to a file that runs here"))
}

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document<'a> {
    files: &'a [Report],
}

/// What is known about one wasm file.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    facts: Option<Facts>,
    /// Why the file would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

/// What is known about a wasm file that runs.
#[derive(Debug, Serialize)]
struct Facts {
    kind: &'static str,
    entries: Vec<EntryFacts>,
    imports: Vec<String>,
    wasm_bytes: u64,
    compiled_bytes: u64,
}

/// An entry, as it is printed.
#[derive(Debug, Serialize)]
struct EntryFacts {
    name: String,
    role: &'static str,
}

fn reports(code: &Code, platform: &Platform) -> Vec<Report> {
    let report = |module: String| {
        let (facts, refused) = match platform.compile(&code.package, &module) {
            Ok(artifact) => (Some(Facts::of(&artifact)), None),
            Err(failure) => (None, Some(format!("{:#}", failure.error))),
        };
        Report { file: format!("{module}.wasm"), facts, refused }
    };
    code.package.modules().map(report).collect()
}

impl Facts {
    fn of(artifact: &Artifact) -> Self {
        let entry = |entry: &fngraph_engine::Entry| EntryFacts { name: entry.name.clone(), role: entry.role.as_str() };
        Self {
            kind: artifact.kind().as_str(),
            entries: artifact.entries().map(entry).collect(),
            imports: artifact.imports().to_vec(),
            wasm_bytes: artifact.wasm_bytes() as u64,
            compiled_bytes: artifact.compiled_bytes(),
        }
    }
}

/// The entries for people: `the handler order`, `the initializer start`.
pub(crate) fn entries(artifact: &Artifact) -> Vec<String> {
    let with_article = |entry: &fngraph_engine::Entry| match entry.role {
        Role::Handler => format!("the handler {}", entry.name),
        role => format!("the {} {}", role.as_str(), entry.name),
    };
    artifact.entries().map(with_article).collect()
}

fn text(reports: &[Report], output: &Output) -> String {
    let mut text = String::new();
    for report in reports {
        text.push_str(&format!("{}\n", report.file));
        match (&report.facts, &report.refused) {
            (Some(facts), _) => push_facts(&mut text, facts),
            (None, reason) => {
                let refused = output.paint(Accent::Error, "refused");
                text.push_str(&format!("  {refused}: {}\n", reason.as_deref().unwrap_or("unknown")));
            }
        }
        text.push('\n');
    }
    text
}

fn push_facts(text: &mut String, facts: &Facts) {
    text.push_str(&format!("  kind      {}\n", facts.kind));
    let sizes = (units::bytes(facts.wasm_bytes), units::bytes(facts.compiled_bytes));
    text.push_str(&format!("  size      {}, compiled {}\n", sizes.0, sizes.1));
    push_list(text, "entries", facts.entries.iter().map(|entry| format!("{} ({})", entry.name, entry.role)));
    push_list(text, "imports", facts.imports.iter().cloned());
}

fn push_list(text: &mut String, label: &str, items: impl Iterator<Item = String>) {
    for (index, item) in items.enumerate() {
        let label = if index == 0 { label } else { "" };
        text.push_str(&format!("  {label:<8}  {item}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let entry = |name: &str, role| EntryFacts { name: name.to_owned(), role };
        Report {
            file: "shop.wasm".to_owned(),
            facts: Some(Facts {
                kind: "event",
                entries: vec![entry("order", "handler"), entry("start", "initializer")],
                imports: vec!["fngraph:function/context@1.0.0".to_owned(), "wasi:io/poll@0.2.6".to_owned()],
                wasm_bytes: 120_832,
                compiled_bytes: 400_000,
            }),
            refused: None,
        }
    }

    fn refused() -> Report {
        Report { file: "old.wasm".to_owned(), facts: None, refused: Some("it exports nothing".to_owned()) }
    }

    #[test]
    fn the_text_names_kind_sizes_entries_and_imports() {
        let output = Output::new(Some(false), false);
        insta::assert_snapshot!(text(&[report(), refused()], &output), @r"
        shop.wasm
          kind      event
          size      118 KB, compiled 391 KB
          entries   order (handler)
                    start (initializer)
          imports   fngraph:function/context@1.0.0
                    wasi:io/poll@0.2.6

        old.wasm
          refused: it exports nothing
        ");
    }

    #[test]
    fn the_json_leaves_out_what_is_not_known() {
        let value = serde_json::to_value(Document { files: &[report(), refused()] }).unwrap();
        assert_eq!(value["files"][0]["entries"][1]["role"], "initializer");
        assert_eq!(value["files"][1], serde_json::json!({"file": "old.wasm", "refused": "it exports nothing"}));
    }
}
