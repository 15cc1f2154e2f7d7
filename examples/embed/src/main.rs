//! Runs a function inside another program: `embed FUNCTION.wasm [EVENT]`.

use anyhow::{Context as _, Result};
use fngraph_engine::{Engine, FunctionConfig, Invocation, Package};
use fngraph_types::{Handler, Memory};
use std::{env, io::Write as _, path::PathBuf, time::Duration};

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = env::args_os().skip(1);
    let path = PathBuf::from(args.next().context("usage: embed FUNCTION.wasm [EVENT]")?);
    let event = args.next().map_or_else(|| "{}".to_owned(), |event| event.to_string_lossy().into_owned());

    // Once per process: the engine. With `.data_dir(…)` it would keep compiled code for the next start.
    let engine = Engine::builder().build()?;

    // Once per function: code and settings. The handler's file is the name of the wasm file.
    let package = Package::read(&path)?;
    let file = package.modules().next().context("find the wasm file")?;
    let handler: Handler = format!("{file}.handler").parse()?;
    let artifact = engine.compile(&package, &handler).await?;
    let mut config = FunctionConfig::new(handler);
    config.memory = Memory::mib(256)?;
    config.timeout = Duration::from_secs(10);
    let function = artifact.prepare(config)?;

    // As often as there are events: an instance serves many calls.
    let mut instance = function.instantiate().await?;
    let outcome = instance.call(Invocation::new(event)).await;
    instance.stop().await;

    let mut stderr = std::io::stderr();
    for line in outcome.log.lines() {
        writeln!(stderr, "{line}")?;
    }
    writeln!(stderr, "{}", outcome.receipt)?;
    std::io::stdout().write_all(&outcome.result?)?;
    Ok(())
}
