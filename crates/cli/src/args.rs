//! The command line as it is typed. What it means is resolved in [`crate::config`].

mod bench;
mod client;
mod dev;
mod function;

pub(crate) use bench::{BenchArgs, LoadArgs, Mode, ReportArgs};
pub(crate) use client::{
    AliasArgs, AttributeArg, ClientCommand, CreateTriggerArgs, DeleteArgs, DependencyArg, DeployArgs, ExportArgs,
    ImportArgs, InvokeArgs, ListArgs, LogsArgs, MessageArgs, RemoteArgs, ReserveArgs, SettingsArgs, Since, StatusArgs,
    TriggerArgs, TriggerCommand, TriggersArgs, VersionsArgs,
};
pub(crate) use dev::DevArgs;
pub(crate) use function::{EventArg, FunctionArgs, Hook, NetworkArg, UserDataArg};

use crate::exit;
use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use fngraph_templates::{Template, template, templates};
use std::{net::SocketAddr, path::PathBuf};

/// Runs functions compiled to WebAssembly, compatible with Huawei Cloud FunctionGraph.
#[derive(Debug, Parser)]
#[command(name = "fngraph", version, after_help = exit::HELP, max_term_width = 100)]
pub(crate) struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct GlobalArgs {
    /// Where compiled code is kept, and a server's functions [default: `fngraph` in the user's cache directory; of a
    /// server, in the user's data directory]
    #[arg(long, global = true, env = "FNGRAPH_DATA_DIR", value_name = "DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,
    /// Print results, warnings and errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// What to tell about fngraph's own work, such as `debug` or `fngraph_engine=trace` [default: `warn`, and `info` of a
    /// server]
    #[arg(long, global = true, env = "FNGRAPH_LOG", value_name = "FILTER", hide_env_values = true)]
    pub(crate) log: Option<String>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a new function project in Rust
    New(NewArgs),
    /// Compile a project to WebAssembly
    ///
    /// The paths of the wasm files go to standard output, everything else to standard error.
    Build(BuildArgs),
    /// Serve the cloud's API on this machine
    ///
    /// Once it listens, it says so on standard output: `listening on http://127.0.0.1:8080`, and, with a gateway, on the
    /// next line `gateway on http://127.0.0.1:8081`. Its configuration comes
    /// from a file, the environment (`FNGRAPH_LIMITS__INSTANCES` is `limits.instances`) and these options.
    Serve(ServeArgs),
    /// Serve a project's functions, and swap in new code whenever the project changes
    ///
    /// The project is built and its functions are deployed; then one line on standard output tells the address, as with
    /// `serve`. From then on each change of the sources is built and swapped in. Calls that run end with the old code,
    /// and code that does not build or run changes nothing.
    Dev(Box<DevArgs>),
    /// Run a function once
    ///
    /// The result goes to standard output as it is; the log and the receipt go to standard error.
    Run(RunArgs),
    /// Tell what a wasm file, a zip or a folder holds, and what would be refused
    Inspect(InspectArgs),
    /// Measure how fast a function starts and answers
    ///
    /// A closed loop (the default) calls again as soon as the answer is there. An open loop (--rate) calls at fixed
    /// moments, whether or not earlier calls have come back, and measures from those moments.
    Bench(BenchArgs),
    /// What asks a server.
    #[command(flatten)]
    Client(ClientCommand),
}

/// Where and how to listen.
#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// Where to listen; port 0 takes any that is free [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the HTTP gateway listens, for functions with triggers of its kinds; port 0 takes any that is free
    /// [default: there is none]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) gateway: Option<SocketAddr>,
    /// The configuration file (TOML)
    #[arg(long, env = "FNGRAPH_CONFIG", value_name = "FILE", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
}

/// Options of `fngraph serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Where and how to listen.
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    /// Show the configuration as it is resolved, and end
    #[arg(long)]
    pub(crate) print_config: bool,
}

/// Options of `fngraph new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The new project's folder; its last part is the name of the function
    #[arg(value_name = "NAME", required_unless_present = "list")]
    pub(crate) path: Option<PathBuf>,
    /// What to start with
    #[arg(long, short, value_name = "TEMPLATE", default_value = "event", value_parser = template_parser())]
    pub(crate) template: &'static Template,
    /// Use the SDK in this folder instead of a copy in the project
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk_path: Option<PathBuf>,
    /// List the templates, and make nothing
    #[arg(long, conflicts_with_all = ["path", "template", "sdk_path"])]
    pub(crate) list: bool,
    /// The form of the list
    #[arg(long, short, value_name = "FORM", default_value = "text", requires = "list")]
    pub(crate) output: Format,
}

/// Reads the name of a template.
fn template_parser() -> impl TypedValueParser<Value = &'static Template> {
    let values = templates().iter().map(|template| PossibleValue::new(template.name).help(template.title));
    PossibleValuesParser::new(values).map(|name| template(&name).expect("only names of templates are possible"))
}

/// Options of `fngraph build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArgs {
    /// The project's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,
    /// Build this package of the project's workspace only
    #[arg(long, short, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The cargo profile to build with
    #[arg(long, value_name = "NAME", default_value = "release")]
    pub(crate) profile: String,
}

/// Options of `fngraph run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A wasm file, a zip, a folder with wasm files, or a cargo project (which is built first)
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// The event: a text, `@FILE`, or `-` for standard input [default: `{}`, or `GET /` for an HTTP function]
    #[arg(long, short, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) event: Option<EventArg>,
    /// How the function is set up.
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// The form of the output: `text` is the result alone, `json` one object with result, error, receipt and log
    #[arg(long, short, value_name = "FORM", default_value = "text")]
    pub(crate) output: Format,
}

/// Options of `fngraph inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// A wasm file, a zip, a folder with wasm files, or a cargo project (which is built first)
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// The form of the output
    #[arg(long, short, value_name = "FORM", default_value = "text")]
    pub(crate) output: Format,
}

/// For whom to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_documents_the_exit_codes() {
        assert!(Arguments::command().render_help().to_string().contains("Exit codes:"));
    }
}
