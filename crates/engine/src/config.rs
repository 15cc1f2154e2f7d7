//! What a function is told and allowed.

use fngraph_types::{Handler, Identity, Memory, Secrets, limits};
use std::{collections::BTreeMap, fmt, time::Duration};

/// The settings of one function version: what [`crate::Artifact::prepare`] binds an artifact to.
///
/// [`FunctionConfig::new`] gives the defaults; the fields are there to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionConfig {
    /// Which function this is. Default: [`Identity::local`] with the name `function`.
    pub identity: Identity,
    /// The handler. Commands and HTTP functions have one entry only and ignore its name.
    pub handler: Handler,
    /// The initializer, run once in every new instance. Default: none.
    pub initializer: Option<Handler>,
    /// The pre-stop, run before an instance is stopped. Default: none.
    pub pre_stop: Option<Handler>,
    /// The limit over all memories and tables of an instance. Default: 128 MiB.
    pub memory: Memory,
    /// How long one invocation may take, up to 72 hours. Default: 3 s.
    pub timeout: Duration,
    /// How long the initializer may take, up to 72 hours. Default: 3 s.
    pub initializer_timeout: Duration,
    /// How long the pre-stop may take, up to 72 hours. Default: 1 s.
    pub pre_stop_timeout: Duration,
    /// The function's user data. Handlers read it from their context; commands and HTTP functions also find each key
    /// in their environment. Default: empty.
    pub user_data: BTreeMap<String, String>,
    /// User data that is secret (the cloud's `encrypted_user_data`): handlers read it as they read the other, and it
    /// wins over that of the same name. Default: empty.
    pub secrets: Secrets,
    /// The credentials of the function's agency. Default: none.
    pub agency: Option<Agency>,
    /// How many bytes `/tmp` of an instance holds. Default: 512 MiB.
    pub tmp_bytes: u64,
    /// Whether the function reaches the network. Default: denied.
    pub network: Network,
}

impl FunctionConfig {
    /// The defaults, for this handler.
    pub fn new(handler: Handler) -> Self {
        Self {
            identity: Identity::local("function"),
            handler,
            initializer: None,
            pre_stop: None,
            memory: Memory::DEFAULT,
            timeout: limits::DEFAULT_TIMEOUT,
            initializer_timeout: limits::DEFAULT_INITIALIZER_TIMEOUT,
            pre_stop_timeout: limits::DEFAULT_PRE_STOP_TIMEOUT,
            user_data: BTreeMap::new(),
            secrets: Secrets::default(),
            agency: None,
            tmp_bytes: limits::DEFAULT_TMP_BYTES,
            network: Network::Denied,
        }
    }

    /// The environment of the guest: the platform's variables, and for functions that have no context to ask also the
    /// user data. `RUNTIME_` names win over user data of the same name.
    pub(crate) fn environment(&self, with_user_data: bool) -> Vec<(String, String)> {
        let mut variables = BTreeMap::new();
        if with_user_data {
            variables.extend(self.all_user_data().map(|(key, value)| (key.clone(), value.clone())));
        }
        let user_data: BTreeMap<_, _> = self.all_user_data().collect();
        let user_data = serde_json::to_string(&user_data).expect("a map of strings is always JSON");
        let mut set = |name: &str, value: String| variables.insert(format!("RUNTIME_{name}"), value);
        set("PROJECT_ID", self.identity.project_id.clone());
        set("FUNC_NAME", self.identity.name.clone());
        set("FUNC_VERSION", self.identity.version.clone());
        set("PACKAGE", self.identity.package.clone());
        set("HANDLER", self.handler.to_string());
        set("TIMEOUT", self.timeout.as_secs().to_string());
        set("USERDATA", user_data);
        set("CPU", self.memory.millicores().to_string());
        set("MEMORY", self.memory.as_mib().to_string());
        set("CODE_ROOT", crate::host::CODE_ROOT.to_owned());
        set("MAX_RESP_BODY_SIZE", limits::RESULT_BYTES.to_string());
        if let Some(initializer) = &self.initializer {
            set("INITIALIZER_HANDLER", initializer.to_string());
            set("INITIALIZER_TIMEOUT", self.initializer_timeout.as_secs().to_string());
        }
        if let Some(pre_stop) = &self.pre_stop {
            set("PRESTOP_HANDLER", pre_stop.to_string());
        }
        variables.into_iter().collect()
    }

    /// All pairs of user data; of two with the same key the later one wins.
    fn all_user_data(&self) -> impl Iterator<Item = (&String, &String)> {
        self.user_data.iter().chain(self.secrets.iter())
    }
}

/// Whether a function reaches the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Network {
    /// No socket, no name lookup, no outgoing HTTP request.
    #[default]
    Denied,
    /// Everything the host itself reaches.
    Allowed,
}

/// Temporary credentials of a function's agency.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Agency {
    /// The access key (AK).
    pub access_key: String,
    /// The secret key (SK).
    pub secret_key: String,
    /// The token that makes the pair valid.
    pub security_token: String,
    /// The IAM token.
    pub token: String,
}

impl fmt::Debug for Agency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agency").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> FunctionConfig {
        let mut config = FunctionConfig::new("index.handler".parse().unwrap());
        config.user_data.insert("COLOUR".to_owned(), "red".to_owned());
        config.user_data.insert("RUNTIME_MEMORY".to_owned(), "9".to_owned());
        config
    }

    fn value<'a>(environment: &'a [(String, String)], name: &str) -> Option<&'a str> {
        environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn user_data_are_variables_only_where_asked_for() {
        assert_eq!(value(&config().environment(true), "COLOUR"), Some("red"));
        assert_eq!(value(&config().environment(false), "COLOUR"), None);
    }

    #[test]
    fn user_data_cannot_replace_what_the_platform_says() {
        assert_eq!(value(&config().environment(true), "RUNTIME_MEMORY"), Some("128"));
    }

    #[test]
    fn secret_user_data_are_told_like_the_other() {
        let mut config = config();
        config.secrets.insert("PASSWORD".to_owned(), "hush".to_owned());
        let environment = config.environment(true);
        assert_eq!(value(&environment, "PASSWORD"), Some("hush"));
        let expected = r#"{"COLOUR":"red","PASSWORD":"hush","RUNTIME_MEMORY":"9"}"#;
        assert_eq!(value(&environment, "RUNTIME_USERDATA"), Some(expected));
        assert_eq!(value(&config.environment(false), "PASSWORD"), None);
        assert!(!format!("{config:?}").contains("hush"));
    }

    #[test]
    fn secrets_are_not_printed() {
        let agency = Agency { secret_key: "hush".to_owned(), token: "hush".to_owned(), ..Agency::default() };
        assert!(!format!("{agency:?}").contains("hush"));
    }
}
