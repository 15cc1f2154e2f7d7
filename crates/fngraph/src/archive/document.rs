//! The YAML file of an archive.
//!
//! The cloud documents that it is there, and not what stands in it. So these are the names of the API's own models,
//! where it has one (manual, 7.6.2, 7.7.2, 7.15.3); maps and lists stand as such and not as JSON in a text.

use super::{
    ArchiveError,
    alias::AliasDocument,
    asynchronous::AsyncDocument,
    seconds::{self, optional as optional_seconds},
    trigger::TriggerDocument,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_saphyr::{MergeKeyPolicy, Options, alias_limits, budget, options, ser_options};
use std::{collections::BTreeMap, time::Duration};

/// The largest YAML file, in bytes. Ours: 20 versions with 64 KiB of attributes each, and as much again for the rest.
pub(super) const YAML_BYTES: usize = 4 << 20;

/// What the file begins with.
const TITLE: &str = "# A function of FunctionGraph: its configuration, with the names of the API (manual, 7.6.2).\n";

/// A function, or, below `versions`, one published version of it, which has nothing of what belongs to the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The function's name. Import may choose another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) func_name: Option<String>,
    /// The package that groups it. Import may choose another. Default: `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) package: Option<String>,
    /// The version's name. Of the function itself it tells which version was exported, and changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// What its publisher said about the version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) version_description: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) description: String,
    /// `Custom` or `http`.
    pub(super) runtime: String,
    pub(super) handler: String,
    /// In MiB.
    pub(super) memory_size: u32,
    /// In seconds, with decimals where it is not a whole number of them.
    #[serde(with = "seconds")]
    pub(super) timeout: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) initializer_handler: Option<String>,
    /// In seconds. Default: 3.
    #[serde(default, with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub(super) initializer_timeout: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pre_stop_handler: Option<String>,
    /// In seconds. Default: 1.
    #[serde(default, with = "optional_seconds", skip_serializing_if = "Option::is_none")]
    pub(super) pre_stop_timeout: Option<Duration>,
    /// What `/tmp` holds, in MiB. Default: 512.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ephemeral_storage: Option<u64>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) enable_dynamic_memory: bool,
    /// Ours: whether the function reaches the network. Default: what `network_controller` among the attributes says,
    /// and without that, no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) network: Option<NetworkDocument>,
    /// Ours: what may be left in an instance from the invocation before. Default: everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) isolation: Option<IsolationDocument>,
    /// Ours: how many instances are kept prepared where each serves once. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) warm_pool: Option<u32>,
    /// How far the version scales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) strategy_config: Option<StrategyDocument>,
    /// Whether instances start from a snapshot (manual, 7.6.10). Default: no.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) enable_snapshot: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) user_data: BTreeMap<String, String>,
    /// The keys of encrypted user data. Their values are never exported; import is told them, or tells which it misses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) encrypted_user_data: Vec<String>,
    /// The versions of dependencies, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dependencies: Vec<DependencyDocument>,
    /// What else was configured, by the API's names: `xrole`, `func_vpc`, `log_config` …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attributes: BTreeMap<String, Value>,
    /// How asynchronous invocations are treated. Default: as of a function that was not configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) async_invoke_config: Option<AsyncDocument>,
    /// How the code was delivered: `inline`, `zip` or `obs`. Default: `zip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_type: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) code_url: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) code_filename: String,
    /// Ours: the file of the archive that is the code. Default: the only one beside the YAML file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code_file: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    /// The published versions that aliases lead to, in the order of their publication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) versions: Vec<Self>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) aliases: Vec<AliasDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) triggers: Vec<TriggerDocument>,
}

/// A version of a dependency, by what it is called in every project that has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DependencyDocument {
    pub(super) name: String,
    pub(super) version: u32,
}

/// Whether a function reaches the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NetworkDocument {
    Denied,
    Allowed,
}

/// What may be left in an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IsolationDocument {
    Reuse,
    Fresh,
}

/// How far a version scales.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StrategyDocument {
    /// The most instances: -1 (no limit) to 1000. Default: 400.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) concurrency: Option<i64>,
    /// How many requests one instance serves at a time. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) concurrent_num: Option<u32>,
}

impl Document {
    /// Reads a file, and not more of it than files of ours have.
    pub(super) fn read(yaml: &[u8]) -> Result<Self, ArchiveError> {
        let invalid = |reason: String| ArchiveError::Yaml { reason };
        let yaml = std::str::from_utf8(yaml).map_err(|_| invalid("it is no UTF-8 text".to_owned()))?;
        let document: Self = serde_saphyr::from_str_with_options(yaml, limits())
            .map_err(|error| invalid(shorten(&error.to_string())))?;
        for version in &document.versions {
            version.check_nested().map_err(|key| invalid(format!("a version below `versions` has {key}")))?;
        }
        Ok(document)
    }

    /// Writes the file.
    pub(super) fn write(&self) -> String {
        let options = ser_options! { prefer_block_scalars: false };
        let yaml = serde_saphyr::to_string_with_options(self, options);
        format!("{TITLE}{}", yaml.expect("its keys are texts and nothing in it refuses"))
    }

    /// Whether a version has nothing of what belongs to the whole function.
    fn check_nested(&self) -> Result<(), &'static str> {
        let nested = [
            (self.version.is_none(), "no key `version`"),
            (self.func_name.is_none(), "the key `func_name`, which belongs to the function"),
            (self.package.is_none(), "the key `package`, which belongs to the function"),
            (self.tags.is_empty(), "the key `tags`, which belongs to the function"),
            (self.versions.is_empty(), "the key `versions`, which belongs to the function"),
            (self.aliases.is_empty(), "the key `aliases`, which belongs to the function"),
            (self.triggers.is_empty(), "the key `triggers`, which belongs to the function"),
        ];
        let (missing, rest) = nested.split_first().expect("it is a list of seven");
        if missing.0 {
            return Err(missing.1);
        }
        rest.iter().find(|(fits, _)| !fits).map_or(Ok(()), |(_, key)| Err(key))
    }
}

/// What may stand in a file: enough for the largest of ours, and far too little for one that is to exhaust us.
fn limits() -> Options {
    options! {
        budget: budget! {
            max_documents: 1,
            // Attributes are JSON of any depth that serde_json reads, but hardly of this one.
            max_depth: 40,
            flow_nesting_limit: 40,
            max_events: 400_000,
            max_nodes: 200_000,
            max_total_scalar_bytes: YAML_BYTES,
            max_total_comment_bytes: YAML_BYTES,
            max_anchors: 100,
            max_aliases: 100,
            max_recorded_anchor_events: 10_000,
            max_recorded_anchor_bytes: 1 << 20,
            max_merge_keys: 0,
            max_inclusion_depth: 0,
        },
        alias_limits: alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 4,
            max_alias_expansions_per_anchor: 100,
        },
        // A key `<<` of somebody's attributes is a key like any other.
        merge_keys: MergeKeyPolicy::AsOrdinary,
        reject_unsupported_tags: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// What is wrong may quote what was sent, which may be long; its beginning tells enough.
fn shorten(text: &str) -> String {
    text.chars().take(400).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_false(value: &bool) -> bool {
    !value
}
