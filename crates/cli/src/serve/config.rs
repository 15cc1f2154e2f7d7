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
use fngraph::Secrets;
use fngraph_server::{AppKey, Credentials, ExtensionPorts, User};
use fngraph_telemetry::Format;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{
    collections::BTreeMap,
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
    /// Where the HTTP gateway listens (triggers `APIG`, `DEDICATEDGATEWAY` and `APIC`). Default: there is none, and such
    /// triggers are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gateway: Option<SocketAddr>,
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
    /// The zone whose offset the events of timers show that name none, such as `Asia/Shanghai`; schedules without a zone
    /// go by UTC all the same. Default: UTC.
    pub(crate) timezone: String,
    /// The folder whose folders are the buckets of triggers and destinations. Default: `destinations/obs` in the data
    /// directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buckets: Option<PathBuf>,
    /// How much there may be.
    pub(crate) limits: Limits,
    /// What the server says about its own work.
    pub(crate) logging: Logging,
    /// How callers are known.
    pub(crate) auth: Auth,
    /// Whether functions may have extensions.
    pub(crate) extensions: Extensions,
    /// Where the spans of functions that are traced go.
    pub(crate) tracing: Tracing,
    /// The certificate; without one the server speaks plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls: Option<Tls>,
    /// Who may sign requests. Without credentials and users, everybody on this machine may do everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) credentials: Vec<Credentials>,
    /// Who may ask for tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) users: Vec<User>,
    /// The applications that may call APIs with the authentication `APP`. Default: none, and nobody may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) apps: Vec<AppKey>,
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

/// Whether functions may have extensions, and how those run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Extensions {
    /// Whether the extensions that functions have in their dependencies are started. They run outside of any sandbox, as
    /// the server's user: whoever may deploy a function may do whatever that user may. Default: no.
    pub(crate) enabled: bool,
    /// Where they listen: on the cloud's ports 8081 to 8090 (`fixed`), which one function can have at a time, or also on
    /// a port that each is told in `EXTENSION_PORT` (`assigned`). Default: `fixed`.
    pub(crate) ports: Ports,
    /// Where they find programs: their variable `PATH`. Default: the folders that all systems have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
}

/// Where extensions listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ports {
    /// On the cloud's ports.
    Fixed,
    /// There, or on ports that they are told.
    Assigned,
}

/// Where the spans of functions that are traced go (manual, 7.5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tracing {
    /// The address of a collector that speaks OTLP over HTTP, such as `http://127.0.0.1:4318`. Default: none, and
    /// functions that are to be traced are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// Headers of the requests to it, such as its token. An `authorization` here takes the place of the functions' keys.
    /// Default: none.
    #[serde(serialize_with = "names", deserialize_with = "pairs")]
    pub(crate) headers: Secrets,
    /// The resource's `service.name`. Default: `fngraph`.
    pub(crate) service: String,
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
            gateway: None,
            data_dir: None,
            region: "local".to_owned(),
            drain: Span::seconds(30),
            code_sources: Vec::new(),
            timezone: "UTC".to_owned(),
            buckets: None,
            limits: Limits::default(),
            logging: Logging::default(),
            auth: Auth::default(),
            extensions: Extensions::default(),
            tracing: Tracing::default(),
            tls: None,
            credentials: Vec::new(),
            users: Vec::new(),
            apps: Vec::new(),
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

impl Default for Extensions {
    fn default() -> Self {
        Self { enabled: false, ports: Ports::Fixed, path: None }
    }
}

impl Default for Tracing {
    fn default() -> Self {
        Self { endpoint: None, headers: Secrets::default(), service: "fngraph".to_owned() }
    }
}

impl From<Ports> for ExtensionPorts {
    fn from(ports: Ports) -> Self {
        match ports {
            Ports::Fixed => Self::Fixed,
            Ports::Assigned => Self::Assigned,
        }
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

/// Writes pairs without their values.
fn names<S: Serializer>(pairs: &Secrets, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.keys().map(|name| (name, "***")))
}

fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secrets, D::Error> {
    BTreeMap::<String, String>::deserialize(deserializer).map(Secrets::from)
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
            ("[extensions]\nports = 'any'", "any"),
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
                    [[users]]\nname = 'ada'\npassword = 'hush'\nproject_id = 'p1'\n\
                    [[apps]]\nkey = 'AK'\nsecret = 'hush'\ncode = 'hush'\n\
                    [tracing]\nheaders = { x-token = 'hush' }\n";
        let written = read(text).unwrap();
        let shown = format!("{written:?}{}", written.print().unwrap());
        assert!(shown.contains("AK") && shown.contains("x-token") && !shown.contains("hush"), "{shown}");
    }
}
