//! The command line of fngraph: starts projects, builds them, and runs, inspects and measures functions.
//!
//! Arguments are parsed ([`args`]), resolved ([`config`]), and then acted on, one module for each command. Data go to
//! stdout, talk goes to stderr ([`output`]), and each kind of failure has an exit code ([`exit`]).

mod args;
mod bench;
mod build;
mod code;
mod config;
mod exit;
mod function;
mod inspect;
mod new;
mod output;
mod platform;
mod project;
mod run;
mod units;

use anyhow::Context as _;
use args::{Arguments, Command};
use clap::Parser as _;
use config::Config;
use exit::{Exit, Failure, OrExit as _};
use output::Output;
use std::{io, process::ExitCode};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let colour = config::colour(arguments.global.color);
    let output = Output::new(colour, arguments.global.quiet);
    match start(arguments, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn start(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&arguments.global.log)
        .context("read the filter of --log")
        .or_exit(Exit::Usage, "--log debug shows everything")?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(output.has_colour()).init();
    let config = Config::resolve(&arguments.global, output.clone())?;
    match arguments.command {
        Command::New(arguments) => new::new(&arguments, &config),
        Command::Build(arguments) => build::build(&arguments, &config),
        Command::Run(arguments) => run::run(arguments, &config),
        Command::Inspect(arguments) => inspect::inspect(&arguments, &config),
        Command::Bench(arguments) => bench::bench(arguments, &config),
    }
}
