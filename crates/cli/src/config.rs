//! The command line after its defaults, the environment and files are resolved.

use crate::{
    args::{Colour, EventArg, FunctionArgs, GlobalArgs, Hook, NetworkArg, UserDataArg},
    exit::{Exit, Failure, OrExit as _},
    output::Output,
};
use anyhow::Context as _;
use bytes::Bytes;
use etcetera::BaseStrategy as _;
use fngraph_engine::{FunctionConfig, Kind, Network};
use fngraph_types::Handler;
use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Read as _},
    path::PathBuf,
};

/// What every command needs.
#[derive(Debug)]
pub(crate) struct Config {
    /// Where compiled code is kept.
    pub(crate) data_dir: PathBuf,
    /// The program's streams.
    pub(crate) output: Output,
}

impl Config {
    /// Resolves the options of every command.
    pub(crate) fn resolve(arguments: &GlobalArgs, output: Output) -> Result<Self, Failure> {
        let data_dir = match &arguments.data_dir {
            Some(dir) => dir.clone(),
            None => etcetera::choose_base_strategy()
                .context("find the user's cache directory")
                .or_exit(Exit::Platform, "--data-dir DIR or FNGRAPH_DATA_DIR names a directory to use")?
                .cache_dir()
                .join("fngraph"),
        };
        Ok(Self { data_dir, output })
    }
}

/// Whether to use colours; none leaves it to the stream.
pub(crate) fn colour(choice: Colour) -> Option<bool> {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice {
        Colour::Always => Some(true),
        Colour::Never => Some(false),
        Colour::Auto if set("NO_COLOR") || env::var_os("TERM").is_some_and(|term| term == "dumb") => Some(false),
        Colour::Auto => None,
    }
}

/// How a function is set up, before its code is known.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The handler; none to choose by what the code exports.
    pub(crate) handler: Option<Handler>,
    /// The initializer; none to choose by what the code exports.
    pub(crate) initializer: Option<Hook>,
    /// The pre-stop; none to choose by what the code exports.
    pub(crate) pre_stop: Option<Hook>,
    user_data: BTreeMap<String, String>,
    function: FunctionArgs,
}

impl Settings {
    /// Resolves a function's options: reads the files they name.
    pub(crate) fn resolve(function: FunctionArgs) -> Result<Self, Failure> {
        Ok(Self {
            handler: function.handler.clone(),
            initializer: function.initializer.clone(),
            pre_stop: function.pre_stop.clone(),
            user_data: user_data(&function.user_data)?,
            function,
        })
    }

    /// The engine's configuration for this handler.
    pub(crate) fn function_config(&self, handler: Handler) -> FunctionConfig {
        let mut config = FunctionConfig::new(handler);
        if let Some(file) = config.handler.file() {
            config.identity.name = file.to_owned();
        }
        config.memory = self.function.memory;
        config.timeout = self.function.timeout;
        config.initializer_timeout = self.function.initializer_timeout;
        config.user_data = self.user_data.clone();
        config.network = match self.function.network {
            NetworkArg::Allow => Network::Allowed,
            NetworkArg::Deny => Network::Denied,
        };
        config
    }
}

/// User data of several arguments; later values win over earlier ones.
pub(crate) fn user_data(arguments: &[UserDataArg]) -> Result<BTreeMap<String, String>, Failure> {
    let mut data = BTreeMap::new();
    for argument in arguments {
        match argument {
            UserDataArg::Pair(key, value) => {
                data.insert(key.clone(), value.clone());
            }
            UserDataArg::Json(text) => data.extend(json_user_data(text)?),
            UserDataArg::File(path) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("read the user data from {}", path.display()))
                    .or_exit(Exit::Usage, "--user-data KEY=VALUE gives one value without a file")?;
                data.extend(json_user_data(&text)?);
            }
        }
    }
    Ok(data)
}

fn json_user_data(text: &str) -> Result<BTreeMap<String, String>, Failure> {
    serde_json::from_str(text)
        .context("read the user data")
        .or_exit(Exit::Usage, r#"user data are a JSON object of strings, such as {"STAGE": "test"}"#)
}

/// An event, with its default still open.
#[derive(Debug, Clone)]
pub(crate) struct Event(Option<Bytes>);

impl Event {
    /// Reads the event from where the argument says.
    pub(crate) fn resolve(argument: Option<&EventArg>) -> Result<Self, Failure> {
        let bytes = match argument {
            None => return Ok(Self(None)),
            Some(EventArg::Text(text)) => Bytes::from(text.clone()),
            Some(EventArg::File(path)) => fs::read(path)
                .with_context(|| format!("read the event from {}", path.display()))
                .or_exit(Exit::Usage, "--event @FILE reads a file, --event TEXT is the event itself")?
                .into(),
            Some(EventArg::Stdin) => read_stdin().context("read the event from standard input")?.into(),
        };
        Ok(Self(Some(bytes)))
    }

    /// The event's bytes: what was given, or the simplest event for this kind of function.
    pub(crate) fn bytes(&self, kind: Kind) -> Bytes {
        const GET: &str = r#"{"httpMethod":"GET","path":"/","headers":{},"queryStringParameters":{},"body":"","isBase64Encoded":false}"#;
        self.0.clone().unwrap_or_else(|| match kind {
            Kind::Http => Bytes::from_static(GET.as_bytes()),
            _ => Bytes::from_static(b"{}"),
        })
    }
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, Command};
    use clap::Parser as _;

    fn settings(arguments: &[&str]) -> Result<Settings, Failure> {
        let all = ["fngraph", "run", "f.wasm"].iter().chain(arguments);
        match Arguments::try_parse_from(all).unwrap().command {
            Command::Run(run) => Settings::resolve(run.function),
            other => panic!("{other:?} is not run"),
        }
    }

    fn handler() -> Handler {
        "f.handler".parse().unwrap()
    }

    #[test]
    fn without_options_the_function_model_s_defaults_hold() {
        let config = settings(&[]).unwrap().function_config(handler());
        let mut expected = FunctionConfig::new(handler());
        expected.identity.name = "f".to_owned();
        assert_eq!(config, expected);
    }

    #[test]
    fn later_user_data_win() {
        let settings = settings(&["--user-data", r#"{"A":"1","B":"2"}"#, "--user-data", "A=3"]).unwrap();
        let data = settings.function_config(handler()).user_data;
        assert_eq!(data.into_iter().map(|(key, value)| key + &value).collect::<Vec<_>>(), ["A3", "B2"]);
    }

    #[test]
    fn user_data_that_are_no_strings_are_refused_with_the_form() {
        let failure = settings(&["--user-data", r#"{"A": 1}"#]).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.hint.unwrap().contains("JSON object of strings"));
    }

    #[test]
    fn the_default_event_fits_the_kind() {
        let event = Event::resolve(None).unwrap();
        assert_eq!(event.bytes(Kind::Event).as_ref(), b"{}");
        assert!(serde_json::from_slice::<serde_json::Value>(&event.bytes(Kind::Http)).unwrap()["path"] == "/");
    }

    #[test]
    fn a_missing_event_file_is_named() {
        let failure = Event::resolve(Some(&EventArg::File("no/such.json".into()))).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(format!("{:#}", failure.error).contains("no/such.json"));
    }
}
