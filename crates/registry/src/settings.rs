//! How a version runs.

pub(crate) mod validate;

use crate::{
    Invalid,
    encoding::{mib, millis, optional_text, text},
};
use fngraph_types::{ErrorCode, Handler, Memory, Secrets, limits};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

/// How a version runs (manual, 7.6.2 and 7.6.7). With its code, what its instances are made from.
///
/// [`Settings::new`] gives the defaults; the fields are there to be changed. The registry checks them when they are
/// written, and so does [`Settings::validate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default = "Settings::of_old_documents")]
pub struct Settings {
    /// Which code runs.
    #[serde(with = "text")]
    pub handler: Handler,
    /// What kind of function it is. Default: custom.
    #[serde(with = "text")]
    pub runtime: Runtime,
    /// The memory of an instance. Default: 128 MiB.
    #[serde(with = "mib")]
    pub memory: Memory,
    /// How long an invocation may take, in whole milliseconds: 1 ms to 259 200 s. Default: 3 s. The cloud's shortest is
    /// 3 s and it counts in seconds, on which its API insists; embedders may want less.
    #[serde(with = "millis")]
    pub timeout: Duration,
    /// What runs once in a new instance, before its first invocation. Default: nothing.
    #[serde(with = "optional_text")]
    pub initializer: Option<Handler>,
    /// How long the initializer may take, in whole milliseconds: 1 ms to 259 200 s. Default: 3 s. The manual says 1 to
    /// 300 s; more is to be had on request.
    #[serde(with = "millis")]
    pub initializer_timeout: Duration,
    /// What runs before an instance is stopped. Default: nothing.
    #[serde(with = "optional_text")]
    pub pre_stop: Option<Handler>,
    /// How long the pre-stop may take, in whole milliseconds: 1 ms to 90 s. Default: 1 s.
    #[serde(with = "millis")]
    pub pre_stop_timeout: Duration,
    /// What the function reads by key: up to 20 pairs, 4096 characters together. A key has letters, digits and `_`,
    /// begins with a letter, and is none that the platform sets. Default: empty.
    pub user_data: BTreeMap<String, String>,
    /// User data that is secret (manual, 7.6.2, `encrypted_user_data`): the function reads it as it reads the other,
    /// and everything written of it is encrypted. The same rules hold, counted apart, and no key stands in both.
    /// Default: empty.
    #[serde(skip)]
    pub encrypted_user_data: Secrets,
    /// What `/tmp` of an instance holds, in bytes: 512 MiB or 10 240 MiB. Default: 512 MiB.
    pub tmp_bytes: u64,
    /// Whether the function reaches the network. Default: denied.
    pub network: Network,
    /// Whether a caller may choose another memory for one invocation. Default: no.
    pub dynamic_memory: bool,
    /// What may be left in an instance from the invocation before. Default: reuse.
    pub isolation: Isolation,
    /// With [`Isolation::Fresh`], how many instances are kept prepared: 0 to 100. Default: 1.
    pub warm_pool: u32,
    /// What people say about the function, up to 512 characters. Default: nothing.
    pub description: String,
    /// The ids of the versions of dependencies whose files stand beside those of the code: up to 20, each once. Where
    /// several have the same file, that of the last one counts; the code's own counts least. Default: none.
    pub dependencies: Vec<String>,
    /// What else belongs to the version and changes nothing of how it runs here (manual, 7.6.2 and 7.6.7: `xrole`,
    /// `func_vpc`, `mount_config`, `log_config` …), by the names that its owner chose: up to 64 KiB as JSON. It is
    /// stored, published and given back. Default: nothing.
    pub attributes: BTreeMap<String, Value>,
}

/// What kind of function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Runtime {
    /// It handles events: the cloud's `Custom`.
    #[default]
    Custom,
    /// It answers HTTP requests: the cloud's `http`.
    Http,
}

/// Whether a function reaches the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// It does not.
    #[default]
    Denied,
    /// It does.
    Allowed,
}

/// What may be left in an instance from the invocation before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// Everything: an instance serves many invocations, as in the cloud.
    #[default]
    Reuse,
    /// Nothing: each invocation has an instance to itself.
    Fresh,
}

impl Settings {
    /// The defaults, for this handler.
    pub fn new(handler: Handler) -> Self {
        Self {
            handler,
            runtime: Runtime::default(),
            memory: Memory::DEFAULT,
            timeout: limits::DEFAULT_TIMEOUT,
            initializer: None,
            initializer_timeout: limits::DEFAULT_INITIALIZER_TIMEOUT,
            pre_stop: None,
            pre_stop_timeout: limits::DEFAULT_PRE_STOP_TIMEOUT,
            user_data: BTreeMap::new(),
            encrypted_user_data: Secrets::default(),
            tmp_bytes: limits::DEFAULT_TMP_BYTES,
            network: Network::default(),
            dynamic_memory: false,
            isolation: Isolation::default(),
            warm_pool: 1,
            description: String::new(),
            dependencies: Vec::new(),
            attributes: BTreeMap::new(),
        }
    }

    /// Stands in for fields that a document was written without. The handler is not among them.
    fn of_old_documents() -> Self {
        Self::new("index.handler".parse().expect("the cloud's own default is a handler"))
    }
}

impl FromStr for Runtime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "Custom" => Ok(Self::Custom),
            "http" => Ok(Self::Http),
            other => {
                let rule = "`Custom`, or `http` for a function that answers HTTP requests";
                Err(Invalid::new(ErrorCode::InvalidRuntime, "runtime", other, rule))
            }
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom => "Custom",
            Self::Http => "http",
        })
    }
}
