use super::{FunctionArgs, ListenArgs};
use clap::Args;
use std::path::PathBuf;

/// Options of `fngraph dev`.
#[derive(Debug, Args)]
pub(crate) struct DevArgs {
    /// A cargo project, a wasm file, a zip, or a folder with wasm files: each wasm file is a function
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    pub(crate) source: PathBuf,
    /// Build this package of the project's workspace only
    #[arg(long, short, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// The cargo profile to build with
    #[arg(long, value_name = "NAME", default_value = "release")]
    pub(crate) profile: String,
    /// Where and how to listen.
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    /// How the functions are set up.
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
}
