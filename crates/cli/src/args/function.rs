use crate::units;
use clap::{Args, ValueEnum};
use fngraph_types::{Handler, Memory};
use std::{convert::Infallible, path::PathBuf, str::FromStr, time::Duration};

/// How a function is set up.
#[derive(Debug, Args)]
#[command(next_help_heading = "Function")]
pub(crate) struct FunctionArgs {
    /// What to run [default: the only handler of the only file, or the one called `handler`]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) handler: Option<Handler>,
    /// What to run once in a new instance, or `none` [default: the only export of that type]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) initializer: Option<Hook>,
    /// What to run before an instance stops, or `none` [default: the only export of that type]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) pre_stop: Option<Hook>,
    /// The function's user data; commands and HTTP functions find them in their environment; may be repeated
    #[arg(long, value_name = "KEY=VALUE|JSON|@FILE")]
    pub(crate) user_data: Vec<UserDataArg>,
    /// The memory of an instance, in MiB
    #[arg(long, value_name = "MIB", default_value = "128")]
    pub(crate) memory: Memory,
    /// How long an invocation may take
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = units::parse_positive_duration)]
    pub(crate) timeout: Duration,
    /// How long the initializer may take
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = units::parse_positive_duration)]
    pub(crate) initializer_timeout: Duration,
    /// Whether the function reaches the network
    #[arg(long, value_name = "RULE", default_value = "deny")]
    pub(crate) network: NetworkArg,
}

/// Which entry a step of the lifecycle uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hook {
    /// None, although there may be one.
    None,
    /// This one: a file and an entry, or an entry alone.
    Entry(Handler),
}

impl FromStr for Hook {
    type Err = fngraph_types::ParseHandlerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::None) } else { text.parse().map(Self::Entry) }
    }
}

/// Where user data come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UserDataArg {
    /// One value.
    Pair(String, String),
    /// A JSON object of strings.
    Json(String),
    /// A file with a JSON object of strings.
    File(PathBuf),
}

impl FromStr for UserDataArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix('@') {
            return Ok(Self::File(path.into()));
        }
        if text.trim_start().starts_with('{') {
            return Ok(Self::Json(text.to_owned()));
        }
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self::Pair(key.to_owned(), value.to_owned())),
            _ => Err("write KEY=VALUE, a JSON object, or @FILE with one".to_owned()),
        }
    }
}

/// Where an event comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventArg {
    /// The argument itself.
    Text(String),
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl FromStr for EventArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.strip_prefix('@') {
            Some(path) => Self::File(path.into()),
            None if text == "-" => Self::Stdin,
            None => Self::Text(text.to_owned()),
        })
    }
}

/// Whether a function reaches the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkArg {
    /// No socket, no name lookup, no outgoing request.
    Deny,
    /// Whatever this machine reaches.
    Allow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_from_the_argument_a_file_or_standard_input() {
        assert_eq!("{}".parse(), Ok(EventArg::Text("{}".to_owned())));
        assert_eq!("@order.json".parse(), Ok(EventArg::File("order.json".into())));
        assert_eq!("-".parse(), Ok(EventArg::Stdin));
    }

    #[test]
    fn user_data_are_pairs_or_json() {
        let pair = UserDataArg::Pair("KEY".to_owned(), "a=b".to_owned());
        assert_eq!("KEY=a=b".parse(), Ok(pair));
        assert_eq!("@data.json".parse(), Ok(UserDataArg::File("data.json".into())));
        assert_eq!(r#"{"a":"b"}"#.parse(), Ok(UserDataArg::Json(r#"{"a":"b"}"#.to_owned())));
        assert!("KEY".parse::<UserDataArg>().unwrap_err().contains("KEY=VALUE"));
        assert!("=x".parse::<UserDataArg>().is_err());
    }

    #[test]
    fn a_hook_can_be_switched_off() {
        assert_eq!("none".parse(), Ok(Hook::None));
        assert_eq!("a.init".parse(), Ok(Hook::Entry("a.init".parse().unwrap())));
    }
}
