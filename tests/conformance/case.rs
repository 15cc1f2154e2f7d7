//! A file of cases, as it is written.

use serde::Deserialize;
use std::{collections::BTreeMap, fs};

/// A file: what is there before its cases, and the cases in their order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// The server's configuration file.
    #[serde(default)]
    pub(crate) config: String,
    /// The project that the paths name.
    #[serde(default = "default_project")]
    pub(crate) project: String,
    /// Functions that are created first, by name: `{name}` is the URN, without a version.
    #[serde(default)]
    pub(crate) functions: BTreeMap<String, Given>,
    /// What the server's log may complain about.
    #[serde(default)]
    pub(crate) expect_log: Vec<String>,
    /// The cases.
    #[serde(rename = "case")]
    pub(crate) cases: Vec<Case>,
}

/// A function that is there before the cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// The guest program, and the entry in it: `faults.echo`.
    pub(crate) handler: String,
    /// More of the body of its creation, as JSON.
    #[serde(default)]
    pub(crate) more: String,
}

/// A request and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows.
    pub(crate) name: String,
    /// The section of the manual that says so.
    pub(crate) section: String,
    /// Method and path. Paths that do not begin with `/v` are those of the project: `GET fgs/functions`.
    pub(crate) request: String,
    /// Headers of the request.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The body: sent as it stands, as JSON unless a header says otherwise.
    pub(crate) body: Option<String>,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The code of the error that the answer is.
    pub(crate) error_code: Option<String>,
    /// A pattern for the answer's body, in JSON. Without one, any body will do.
    pub(crate) answer: Option<String>,
    /// Patterns for headers of the answer.
    #[serde(default)]
    pub(crate) answer_headers: BTreeMap<String, String>,
    /// Placeholders for the cases that follow, from the answer's body by JSON pointer, or from a header by its name.
    #[serde(default)]
    pub(crate) save: BTreeMap<String, String>,
    /// Whether to ask until the answer is right: for what happens by and by.
    #[serde(default)]
    pub(crate) eventually: bool,
}

fn default_project() -> String {
    "0123456789abcdef0123456789abcdef".to_owned()
}

impl File {
    /// Reads the file of this name.
    #[track_caller]
    pub(crate) fn read(name: &str) -> Self {
        let path = crate::folder().join(name).with_extension("toml");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
