//! The command line of fngraph: starts projects, builds them, runs, inspects and measures functions, and serves them.
//!
//! Arguments are parsed ([`args`]), resolved ([`config`]), and then acted on, one module for each command. Data go to
//! stdout, talk goes to stderr ([`output`]), and each kind of failure has an exit code ([`exit`]).

mod args;
mod bench;
mod build;
mod client;
mod code;
mod config;
mod dev;
mod exit;
mod function;
mod inspect;
mod new;
mod output;
mod platform;
mod project;
mod run;
mod serve;
mod units;

use anyhow::Context as _;
use args::{Arguments, Command};
use clap::Parser as _;
use config::Config;
use exit::{Exit, Failure, OrExit as _};
use fngraph_telemetry::{Format, Log};
use output::Output;
use std::process::ExitCode;

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
    let Arguments { global, command } = arguments;
    let config = || {
        log(global.log.as_deref().unwrap_or("warn"), Format::Text, output)?;
        Config::resolve(&global, output.clone())
    };
    match command {
        Command::New(arguments) => new::new(&arguments, &config()?),
        Command::Build(arguments) => build::build(&arguments, &config()?),
        Command::Run(arguments) => run::run(arguments, &config()?),
        Command::Inspect(arguments) => inspect::inspect(&arguments, &config()?),
        Command::Bench(arguments) => bench::bench(arguments, &config()?),
        Command::Client(command) => client::run(command, &config()?),
        // What goes to its log is part of its configuration.
        Command::Serve(arguments) => serve::serve(&arguments, &global, output),
        Command::Dev(arguments) => dev::dev(*arguments, &global, output),
    }
}

/// Sets up what the program says about its own work.
fn log(filter: &str, format: Format, output: &Output) -> Result<(), Failure> {
    let log =
        Log::new(filter).context("read the filter of the log").or_exit(Exit::Usage, "--log debug shows everything")?;
    Ok(log.format(format).colour(output.has_colour()).install().context("set up the log")?)
}
