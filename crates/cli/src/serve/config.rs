//! The server's configuration: as it is written ([`Written`]), from defaults, file, environment and flags, each of which
//! overrules the one before.

use crate::{
    exit::{Exit, Failure, OrExit as _},
    units,
};
use anyhow::Context as _;
use figment::{
    Figment,
    providers::{Env, Format as _, Serialized, Toml},
};
use fngraph_server::{Credentials, User};
use fngraph_telemetry::Format;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
    time::Duration,
};

/// Variables that begin as ours do and belong to other commands.
const OTHERS: [&str; 9] =
    ["config", "log", "endpoint", "profile", "profiles", "project_id", "access_key", "secret_key", "token"];

/// The server's configuration as it is written: `fngraph serve --print-config` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Written {
    /// Where to listen. Default: 127.0.0.1:8080. Port 0 takes any that is free.
    pub(crate) listen: SocketAddr,
    /// Where everything is kept. Default: `fngraph` in the user's data directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The region in URNs. Default: `local`.
    pub(crate) region: String,
    /// How long requests may go on after the server was told to end. Default: 30 s.
    pub(crate) drain: Span,
    /// Where the code of functions may be fetched from (`code_type` `obs`): beginnings of URLs, `file:`, `http:` or
    /// `https:`. Default: nowhere.
    pub(crate) code_sources: Vec<String>,
    /// How much there may be.
    pub(crate) limits: Limits,
    /// What the server says about its own work.
    pub(crate) logging: Logging,
    /// How callers are known.
    pub(crate) auth: Auth,
    /// The certificate; without one the server speaks plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<Tls>,
    /// Who may sign requests. Without credentials and users, everybody on this machine may do everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) credentials: Vec<Credentials>,
    /// Who may ask for tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) users: Vec<User>,
}

/// How much there may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    /// Connections at a time; more wait. Default: 1024.
    pub(crate) connections: NonZeroU32,
    /// The largest body of a request, in bytes. Default: 64 MiB.
    pub(crate) body_bytes: usize,
    /// Instances at a time, of all functions: 1 to 10 000. Default: 1000.
    pub(crate) instances: u32,
    /// What the memories of all instances may hold together, in bytes. Default: 16 GiB.
    pub(crate) memory_bytes: u64,
    /// Functions in a project. Default: 400.
    pub(crate) functions: u32,
    /// Code packages in a project, in bytes. Default: 10 GiB.
    pub(crate) code_bytes: u64,
    /// Reserved instances in a project. Default: 900.
    pub(crate) reserved_instances: u32,
    /// Callers that may wait for an instance of one function. Default: 1000.
    pub(crate) queue_length: usize,
    /// How long a caller waits for an instance. Default: 5 s.
    pub(crate) queue_timeout: Span,
    /// Asynchronous requests of one function that may wait. Default: 100 000.
    pub(crate) async_depth: usize,
    /// Asynchronous attempts at a time, of all functions. Default: 64.
    pub(crate) async_concurrency: u32,
    /// How long logs are kept. Default: 72 h.
    pub(crate) log_retention: Span,
    /// How much text of logs is kept, in bytes. Default: 256 MiB.
    pub(crate) log_bytes: u64,
}

/// What the server says about its own work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Logging {
    /// What to tell, such as `info,fngraph_engine=debug`. Default: `info`.
    pub(crate) filter: String,
    /// As text or as JSON lines. Default: text.
    pub(crate) format: Format,
}

/// How callers are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auth {
    /// How far a caller's clock may be off. Default: 15 min.
    pub(crate) clock_skew: Span,
    /// How long the same signature may come again. Default: 5 min.
    pub(crate) repeats: Span,
}

/// A certificate and its key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The chain, the server's own certificate first.
    pub(crate) certificate: PathBuf,
    /// The key.
    pub(crate) key: PathBuf,
}

/// A duration as people write it: `30s`, `5m`, `72h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl Default for Written {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: None,
            region: "local".to_owned(),
            drain: Span::seconds(30),
            code_sources: Vec::new(),
            limits: Limits::default(),
            logging: Logging::default(),
            auth: Auth::default(),
            tls: None,
            credentials: Vec::new(),
            users: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: NonZeroU32::new(1024).expect("it is not zero"),
            body_bytes: 64 << 20,
            instances: 1000,
            memory_bytes: 16 << 30,
            functions: 400,
            code_bytes: 10 << 30,
            reserved_instances: 900,
            queue_length: 1000,
            queue_timeout: Span::seconds(5),
            async_depth: 100_000,
            async_concurrency: 64,
            log_retention: Span::seconds(72 * 60 * 60),
            log_bytes: 256 << 20,
        }
    }
}

impl Default for Logging {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: Format::default() }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self { clock_skew: Span::seconds(15 * 60), repeats: Span::seconds(5 * 60) }
    }
}

impl Written {
    /// Reads the configuration: these defaults, the file, the environment. Flags come on top of it.
    pub(crate) fn read(file: Option<&Path>, defaults: Self) -> Result<Self, Failure> {
        let mut layers = Figment::from(Serialized::defaults(defaults));
        if let Some(file) = file {
            layers = layers.merge(Toml::file_exact(file));
        }
        layers = layers.merge(Env::prefixed("FNGRAPH_").ignore(&OTHERS).split("__"));
        let hint = "`fngraph serve --print-config` shows every key with its value; in the environment, `limits.instances` \
                    is FNGRAPH_LIMITS__INSTANCES";
        layers.extract().context("read the configuration").or_exit(Exit::Usage, hint)
    }

    /// As TOML, with secrets masked.
    pub(crate) fn print(&self) -> Result<String, Failure> {
        Ok(toml::to_string(self).context("write the configuration")?)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&units::duration_argument(self.0))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        units::parse_positive_duration(&text).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(text: &str) -> Result<Written, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fngraph.toml");
        fs::write(&file, text).unwrap();
        Written::read(Some(&file), Written::default())
    }

    #[test]
    fn what_is_printed_can_be_read() {
        let written = Written::default();
        assert_eq!(read(&written.print().unwrap()).unwrap(), written);
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_refused_by_name() {
        for (text, name) in [
            ("lisen = '127.0.0.1:1'", "lisen"),
            ("[limits]\ninstance = 3", "instance"),
            ("drain = 'soon'", "soon"),
            ("listen = 'localhost'", "listen"),
            ("[[credentials]]\naccess_key = 'a'", "secret_key"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err().error);
            assert!(error.contains(name), "{text}: {error}");
        }
        assert!(Written::read(Some(Path::new("/nowhere/fngraph.toml")), Written::default()).is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let text = "[[credentials]]\naccess_key = 'AK'\nsecret_key = 'hush'\n\
                    [[users]]\nname = 'ada'\npassword = 'hush'\nproject_id = 'p1'\n";
        let written = read(text).unwrap();
        let shown = format!("{written:?}{}", written.print().unwrap());
        assert!(shown.contains("AK") && shown.contains("ada") && !shown.contains("hush"), "{shown}");
    }
}
