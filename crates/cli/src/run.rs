//! `fngraph run`: one cold invocation.

mod report;

use crate::{
    args::{Format, RunArgs},
    code::Code,
    config::{Config, Event, Settings},
    exit::Failure,
    function::Function,
    output::{Accent, Output},
    platform::Platform,
};
use fngraph_engine::{Invocation, Outcome};
use report::{Document, ReceiptReport};

/// Runs the function once and prints what came of it.
pub(crate) fn run(arguments: RunArgs, config: &Config) -> Result<(), Failure> {
    let settings = Settings::resolve(arguments.function)?;
    let event = Event::resolve(arguments.event.as_ref())?;
    let code = Code::find(&arguments.source, settings.handler.as_ref(), &config.output)?;
    let platform = Platform::start(config, 1)?;
    let function = Function::load(&platform, &code, &settings)?;

    let invocation = Invocation::new(event.bytes(function.artifact.kind()));
    let outcome = platform.block_on(function.prepared.run(invocation));
    let receipt = ReceiptReport::of(&outcome.receipt, &function.artifact);
    match arguments.output {
        Format::Text => print_text(&outcome, &receipt, &config.output)?,
        Format::Json => config.output.json(&Document::of(&outcome, receipt))?,
    }
    outcome.result.map(drop).map_err(Failure::invoke)
}

/// Log and receipt are talk; the result is the data, as it is.
fn print_text(outcome: &Outcome, receipt: &ReceiptReport, output: &Output) -> Result<(), Failure> {
    if outcome.log.dropped() > 0 {
        output.warning(format_args!("the log was full; its first {} lines are lost", outcome.log.dropped()));
    }
    for line in outcome.log.lines() {
        output.note(output.paint(Accent::Faint, &line.to_string()));
    }
    if let Ok(result) = &outcome.result {
        output.data(result)?;
    }
    output.note(receipt.text().trim_end());
    Ok(())
}
