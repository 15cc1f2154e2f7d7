//! The commands that talk to a server: everything they do goes over the public API, so that any server of it will do.
//!
//! [`Target`] says which server, [`Client`] calls it, [`CallError`] is what may come back; then one module for each
//! command.

mod alias;
mod archive;
mod call;
mod delete;
mod deploy;
mod export;
mod import;
mod invoke;
mod list;
mod logs;
mod message;
mod name;
mod profile;
mod publish;
mod refusal;
mod reserve;
mod status;
mod table;
mod trigger;
mod versions;

pub(crate) use name::FunctionName;

use crate::{
    args::{ClientCommand, RemoteArgs},
    config::Config,
    exit::Failure,
    output::Output,
};
use call::Client;
use profile::{Target, Written};

/// Does what a command says.
pub(crate) fn run(command: ClientCommand, config: &Config) -> Result<(), Failure> {
    match command {
        ClientCommand::Deploy(arguments) => deploy::deploy(*arguments, config),
        ClientCommand::Invoke(arguments) => invoke::invoke(arguments, config),
        ClientCommand::List(arguments) => list::list(&arguments, config),
        ClientCommand::Logs(arguments) => logs::logs(&arguments, config),
        ClientCommand::Versions(arguments) => versions::versions(&arguments, config),
        ClientCommand::Alias(arguments) => alias::alias(&arguments, config),
        ClientCommand::Reserve(arguments) => reserve::reserve(&arguments, config),
        ClientCommand::Delete(arguments) => delete::delete(&arguments, config),
        ClientCommand::Export(arguments) => export::export(&arguments, config),
        ClientCommand::Import(arguments) => import::import(&arguments, config),
        ClientCommand::Publish(arguments) => message::publish(&arguments, config),
        ClientCommand::Status(arguments) => status::status(&arguments, config),
        ClientCommand::Trigger(command) => trigger::trigger(&command, config),
    }
}

/// A client of the server that is meant.
fn open(arguments: &RemoteArgs, output: &Output) -> Result<Client, Failure> {
    let target = Target::resolve(arguments, Written::in_environment())?;
    for warning in &target.warnings {
        output.warning(warning);
    }
    Client::new(target)
}
