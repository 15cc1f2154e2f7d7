//! The commands that talk to a server.

mod trigger;
mod value;

pub(crate) use trigger::{CreateTriggerArgs, TriggerArgs, TriggerCommand, TriggersArgs};
pub(crate) use value::{AttributeArg, DependencyArg, Since};

use super::{EventArg, Format, Hook, NetworkArg, UserDataArg};
use crate::client::FunctionName;
use clap::{Args, Subcommand};
use fngraph_types::{AliasName, Handler, Memory, RequestId, VersionName};
use std::path::PathBuf;
use value::{HeaderArg, Weight, whole_seconds};

/// The commands that talk to a server.
#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    /// Create a function on a server, or update it
    ///
    /// What the code says (its handler, initializer and pre-stop) is taken from the code each time. What only you can
    /// say (memory, timeouts, user data …) stays as it is on the server unless it is given. The URN of what was deployed
    /// goes to standard output.
    #[command(after_help = "\
Examples:
  fngraph deploy greeter                              a cargo project, built first
  fngraph deploy greeter.wasm --name shop/hello       as `hello` in the package `shop`
  fngraph deploy greeter --memory 256 --timeout 10s --user-data STAGE=test
  fngraph deploy greeter --publish v2 --alias prod    a version, and the alias that leads to it")]
    Deploy(Box<DeployArgs>),
    /// Invoke a function on a server
    ///
    /// The result goes to standard output as it is, the log and the summary to standard error. The exit code tells how
    /// the function ended, as that of `run` does.
    #[command(after_help = "\
Examples:
  fngraph invoke greeter --event '{\"name\": \"Ada\"}'
  fngraph invoke greeter:v2 --event @order.json --tail
  fngraph invoke greeter@prod --async                 prints the id for `fngraph status greeter ID`")]
    Invoke(InvokeArgs),
    /// List the functions of a project
    #[command(after_help = "\
Examples:
  fngraph list
  fngraph list --package shop --output json")]
    List(ListArgs),
    /// Show what a function wrote
    ///
    /// The lines go to standard output, oldest first. With --output json each invocation is one line of JSON.
    #[command(after_help = "\
Examples:
  fngraph logs greeter --since 10m
  fngraph logs greeter@prod --follow
  fngraph logs greeter --request 960d089c-0000-4000-8000-00000000000a")]
    Logs(LogsArgs),
    /// List a function's versions, or publish one
    #[command(after_help = "\
Examples:
  fngraph versions greeter
  fngraph versions greeter --publish v2 --description 'faster'")]
    Versions(VersionsArgs),
    /// List, show, set or delete aliases: names that lead to versions
    #[command(after_help = "\
Examples:
  fngraph alias greeter                               all of them
  fngraph alias greeter prod v1                       `greeter@prod` is `greeter:v1`
  fngraph alias greeter prod v1 --weight v2=10        but one call in ten goes to v2
  fngraph alias greeter prod --delete")]
    Alias(AliasArgs),
    /// Keep instances ready, or list what is reserved
    ///
    /// Plans (tactics) that change the number stay as they are; 0 ends the reservation with its plans.
    #[command(after_help = "\
Examples:
  fngraph reserve                                     of all functions
  fngraph reserve greeter@prod 2
  fngraph reserve greeter@prod 0")]
    Reserve(ReserveArgs),
    /// Delete a function with all it has, or one version
    #[command(after_help = "\
Examples:
  fngraph delete greeter:v1
  fngraph delete greeter")]
    Delete(DeleteArgs),
    /// Write a function into a file: a zip with its configuration and code
    ///
    /// Values of encrypted user data are not in it.
    #[command(after_help = "\
Examples:
  fngraph export greeter                              greeter.zip
  fngraph export greeter:v1 backup.zip
  fngraph export greeter --aliases --triggers         with published versions that aliases lead to
  fngraph export greeter - --config-only              the YAML file, to standard output")]
    Export(ExportArgs),
    /// Create a function from a file that `export` has written
    ///
    /// All of it is created or nothing. The URN goes to standard output.
    #[command(after_help = "\
Examples:
  fngraph import greeter.zip
  fngraph import greeter.zip shop/hello --encrypted-user-data PASSWORD=secret")]
    Import(ImportArgs),
    /// Publish a message to a topic
    ///
    /// The functions that are subscribed to it, by triggers, are called asynchronously. The message's id goes to standard
    /// output.
    #[command(after_help = "\
Examples:
  fngraph publish orders 'order 7 is paid'
  fngraph publish urn:smn:local:local:orders '{\"order\": 7}' --subject paid --attribute shop=berlin")]
    Publish(MessageArgs),
    /// Show how a function is doing, or where an asynchronous request stands
    #[command(after_help = "\
Examples:
  fngraph status greeter
  fngraph status greeter 960d089c-0000-4000-8000-00000000000a --wait")]
    Status(StatusArgs),
    /// List, create, delete, enable or disable triggers: what calls functions by itself
    #[command(subcommand)]
    Trigger(TriggerCommand),
}

/// Which server to ask, and how to print its answers.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct RemoteArgs {
    /// The server's address; no profile is used then, unless it is named [default: the profile's, else
    /// http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "FNGRAPH_ENDPOINT", hide_env_values = true)]
    pub(crate) endpoint: Option<String>,
    /// The project [default: the profile's, else `local`]
    #[arg(long, value_name = "ID", env = "FNGRAPH_PROJECT_ID", hide_env_values = true)]
    pub(crate) project_id: Option<String>,
    /// The profile with endpoint, project and credentials [default: the file's `default`]
    #[arg(long, value_name = "NAME", env = "FNGRAPH_PROFILE", hide_env_values = true)]
    pub(crate) profile: Option<String>,
    /// The file with the profiles [default: `fngraph/profiles.toml` in the user's configuration directory]
    #[arg(long, value_name = "FILE", env = "FNGRAPH_PROFILES", hide_env_values = true)]
    pub(crate) profiles: Option<PathBuf>,
    /// The form of the output
    #[arg(long, short, value_name = "FORM", default_value = "text")]
    pub(crate) output: Format,
}

/// Options of `fngraph deploy`.
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    /// A wasm file, a zip, a folder with wasm files, or a cargo project (which is built first)
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// What to call the function [default: the name of the wasm file that runs]
    #[arg(long, value_name = "[PACKAGE/]NAME")]
    pub(crate) name: Option<FunctionName>,
    /// Publish it as a version, which is called after the moment unless it is named
    #[arg(long, value_name = "VERSION", num_args = 0..=1)]
    pub(crate) publish: Option<Option<VersionName>>,
    /// Publish it, and let this alias lead to the version
    #[arg(long, value_name = "ALIAS")]
    pub(crate) alias: Option<AliasName>,
    /// How the function is set up.
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
    /// Where to.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// How a function on a server is set up. Absent, everything stays as it is.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Function")]
pub(crate) struct SettingsArgs {
    /// What to run [default: the only handler of the only file, or the one called `handler`]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) handler: Option<Handler>,
    /// What to run once in a new instance, or `none` [default: the only export of that type]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) initializer: Option<Hook>,
    /// What to run before an instance stops, or `none` [default: the only export of that type]
    #[arg(long, value_name = "FILE.ENTRY")]
    pub(crate) pre_stop: Option<Hook>,
    /// The function's user data, all of them; may be repeated
    #[arg(long, value_name = "KEY=VALUE|JSON|@FILE")]
    pub(crate) user_data: Vec<UserDataArg>,
    /// User data that the server keeps secret, all of them; may be repeated
    #[arg(long, value_name = "KEY=VALUE|JSON|@FILE")]
    pub(crate) encrypted_user_data: Vec<UserDataArg>,
    /// A dependency that the function uses, all of them in their order, or `none`; may be repeated. Where several have
    /// the same file, that of the last one counts [default version: the newest]
    #[arg(long, value_name = "NAME[:VERSION]")]
    pub(crate) dependency: Vec<DependencyArg>,
    /// The memory of an instance, in MiB [default of a new function: 128]
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<Memory>,
    /// How long an invocation may take [default of a new function: 3s]
    #[arg(long, value_name = "TIME", value_parser = whole_seconds)]
    pub(crate) timeout: Option<i64>,
    /// How long the initializer may take [default of a new function: 3s]
    #[arg(long, value_name = "TIME", value_parser = whole_seconds)]
    pub(crate) initializer_timeout: Option<i64>,
    /// How long the pre-stop may take [default of a new function: 1s]
    #[arg(long, value_name = "TIME", value_parser = whole_seconds)]
    pub(crate) pre_stop_timeout: Option<i64>,
    /// Whether the function reaches the network [default of a new function: deny]
    #[arg(long, value_name = "RULE")]
    pub(crate) network: Option<NetworkArg>,
    /// How many instances there may be: 1 to 1000, -1 for no limit, 0 to disable the function
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    pub(crate) max_instances: Option<i64>,
    /// Whether a caller may choose another memory (`invoke --memory`)
    #[arg(long, value_name = "BOOL")]
    pub(crate) dynamic_memory: Option<bool>,
    /// What people say about the function
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
}

/// Options of `fngraph invoke`.
#[derive(Debug, Args)]
pub(crate) struct InvokeArgs {
    /// The function, with a version (`greeter:v1`) or an alias (`greeter@prod`) if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// The event: a text, `@FILE`, or `-` for standard input [default: `{}`, or `GET /` for an HTTP function]
    #[arg(long, short, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) event: Option<EventArg>,
    /// Accept the event only, and print the id of the request
    #[arg(long = "async", conflicts_with_all = ["tail", "memory"])]
    pub(crate) is_async: bool,
    /// Show the end of what the function wrote
    #[arg(long)]
    pub(crate) tail: bool,
    /// The memory of the instance, in MiB, where the function allows callers to choose
    #[arg(long, value_name = "MIB")]
    pub(crate) memory: Option<Memory>,
    /// A header for an alias's rules; may be repeated
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<HeaderArg>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only functions of this package
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph logs`.
#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// The function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// From when on: a duration before now, or a moment such as 2026-11-23T01:02:03 (UTC)
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Since>,
    /// Of this invocation only
    #[arg(long, value_name = "ID")]
    pub(crate) request: Option<RequestId>,
    /// How many invocations at most, the latest ones: 1 to 1000
    #[arg(long, value_name = "COUNT", default_value = "100", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
    /// Changes of the status of asynchronous requests instead of what the function wrote
    #[arg(long)]
    pub(crate) async_status: bool,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph versions`.
#[derive(Debug, Args)]
pub(crate) struct VersionsArgs {
    /// The function
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// Publish `latest` as a version, which is called after the moment unless it is named
    #[arg(long, value_name = "VERSION", num_args = 0..=1)]
    pub(crate) publish: Option<Option<VersionName>>,
    /// What to say about the version
    #[arg(long, value_name = "TEXT", requires = "publish")]
    pub(crate) description: Option<String>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph alias`.
#[derive(Debug, Args)]
pub(crate) struct AliasArgs {
    /// The function
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// The alias
    #[arg(value_name = "ALIAS")]
    pub(crate) alias: Option<AliasName>,
    /// The version that it is to lead to
    #[arg(value_name = "VERSION", conflicts_with = "delete")]
    pub(crate) version: Option<VersionName>,
    /// Another version, and the percentage of calls that go to it
    #[arg(long, value_name = "VERSION=PERCENT", requires = "version")]
    pub(crate) weight: Option<Weight>,
    /// What to say about the alias
    #[arg(long, value_name = "TEXT", requires = "version")]
    pub(crate) description: Option<String>,
    /// Delete the alias
    #[arg(long, requires = "alias")]
    pub(crate) delete: bool,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph reserve`.
#[derive(Debug, Args)]
pub(crate) struct ReserveArgs {
    /// The function, with a version or an alias if you like [default of the list: all]
    #[arg(value_name = "NAME")]
    pub(crate) function: Option<FunctionName>,
    /// How many instances to keep ready; without it, what is reserved is listed
    #[arg(value_name = "COUNT")]
    pub(crate) count: Option<u32>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph delete`.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The function, or one version of it
    #[arg(value_name = "NAME[:VERSION]")]
    pub(crate) function: FunctionName,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// The file to write; `-` is standard output [default: `NAME.zip`, or `NAME.yaml`]
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Only the configuration, a YAML file
    #[arg(long)]
    pub(crate) config_only: bool,
    /// The aliases too, with the published versions that they lead to
    #[arg(long)]
    pub(crate) aliases: bool,
    /// The triggers too
    #[arg(long)]
    pub(crate) triggers: bool,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The archive
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What to call the function [default: as the archive says]
    #[arg(value_name = "[PACKAGE/]NAME")]
    pub(crate) name: Option<FunctionName>,
    /// Encrypted user data, whose values archives do not have; may be repeated
    #[arg(long, value_name = "KEY=VALUE|JSON|@FILE")]
    pub(crate) encrypted_user_data: Vec<UserDataArg>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph publish`.
#[derive(Debug, Args)]
pub(crate) struct MessageArgs {
    /// The topic: its name, or its URN
    #[arg(value_name = "TOPIC")]
    pub(crate) topic: String,
    /// What to say, up to 256 KiB
    #[arg(value_name = "MESSAGE")]
    pub(crate) message: String,
    /// What it is about, up to 512 bytes
    #[arg(long, value_name = "TEXT")]
    pub(crate) subject: Option<String>,
    /// What else to say; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) attribute: Vec<AttributeArg>,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

/// Options of `fngraph status`.
#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The function, with a version or an alias if you like
    #[arg(value_name = "NAME")]
    pub(crate) function: FunctionName,
    /// An asynchronous request of the function
    #[arg(value_name = "REQUEST_ID")]
    pub(crate) request: Option<RequestId>,
    /// Wait until the request has ended; the exit code tells how
    #[arg(long, requires = "request")]
    pub(crate) wait: bool,
    /// Where.
    #[command(flatten)]
    pub(crate) server: RemoteArgs,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arguments, Command};
    use clap::Parser as _;

    fn parse(line: &str) -> Result<ClientCommand, String> {
        let words = ["fngraph"].into_iter().chain(line.split_whitespace());
        match Arguments::try_parse_from(words).map_err(|error| error.to_string())?.command {
            Command::Client(command) => Ok(command),
            other => panic!("{other:?} asks no server"),
        }
    }

    fn refused(line: &str, text: &str) {
        let error = parse(line).unwrap_err();
        assert!(error.contains(text), "{line}: {error}");
    }

    #[test]
    fn a_version_to_publish_may_be_named() {
        for (line, expected) in [
            ("deploy greeter", None),
            ("deploy greeter --publish", Some(None)),
            ("deploy greeter --publish v1", Some(Some("v1"))),
            ("deploy greeter --publish=v1 --alias prod", Some(Some("v1"))),
        ] {
            let Ok(ClientCommand::Deploy(arguments)) = parse(line) else { panic!("{line}") };
            let publish = arguments.publish.map(|name| name.map(|name| name.to_string()));
            assert_eq!(publish, expected.map(|name| name.map(str::to_owned)), "{line}");
            assert_eq!(arguments.source, PathBuf::from("greeter"), "{line}");
        }
    }

    #[test]
    fn settings_that_are_not_given_are_none() {
        let Ok(ClientCommand::Deploy(arguments)) = parse("deploy --max-instances -1 --timeout 2m") else { panic!() };
        let settings = arguments.settings;
        assert_eq!((settings.max_instances, settings.timeout), (Some(-1), Some(120)));
        assert_eq!((settings.memory, settings.network, settings.handler), (None, None, None));
    }

    #[test]
    fn what_makes_no_sense_together_is_refused() {
        refused("invoke greeter --async --tail", "cannot be used with");
        refused("alias greeter prod v1 --delete", "cannot be used with");
        refused("alias greeter prod --weight v2=10", "<VERSION>");
        refused("alias greeter --delete", "<ALIAS>");
        refused("status greeter --wait", "<REQUEST_ID>");
        refused("versions greeter --description text", "--publish");
        refused("deploy --timeout 1500ms", "whole seconds");
        refused("reserve greeter two", "two");
        refused("logs greeter --limit 1001", "1..=1000");
    }
}
