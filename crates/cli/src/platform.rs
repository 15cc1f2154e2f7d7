//! What functions run on: the engine and the threads under it.

use crate::{
    config::Config,
    exit::{Exit, Failure, OrExit as _},
    output::Output,
    units,
};
use anyhow::Context as _;
use fngraph_engine::{Artifact, CompileProgress, Engine, Package};
use fngraph_types::Handler;
use indicatif::ProgressBar;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Runtime;

/// The engine and the threads under it.
#[derive(Debug)]
pub(crate) struct Platform {
    engine: Engine,
    runtime: Runtime,
}

impl Platform {
    /// Starts an engine that holds at most this many instances at once.
    pub(crate) fn start(config: &Config, instances: u32) -> Result<Self, Failure> {
        let engine = engine(config, instances)?;
        let runtime = Runtime::new().context("start the runtime")?;
        Ok(Self { engine, runtime })
    }

    /// Runs a future to its end.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Compiles or loads one wasm file of a package.
    pub(crate) fn compile(&self, package: &Package, module: &str) -> Result<Artifact, Failure> {
        self.block_on(compile(&self.engine, package, module))
    }
}

/// An engine that holds at most this many instances at once, and shows on the terminal what it compiles.
pub(crate) fn engine(config: &Config, instances: u32) -> Result<Engine, Failure> {
    let hint = format!("--data-dir DIR names another directory than {}", config.data_dir.display());
    Engine::builder()
        .data_dir(&config.data_dir)
        .instances(instances)
        .on_compile(show_progress(&config.output))
        .build()
        .context("start the engine")
        .or_exit(Exit::Platform, &hint)
}

/// Compiles or loads one wasm file of a package.
pub(crate) async fn compile(engine: &Engine, package: &Package, module: &str) -> Result<Artifact, Failure> {
    let handler: Handler = format!("{module}.{}", Handler::DEFAULT_ENTRY)
        .parse()
        .with_context(|| format!("name a handler in {module}.wasm"))
        .or_exit(Exit::Refused, "rename the file: handlers have letters, digits, `_`, `-`, `.` and `/`")?;
    Ok(engine.compile(package, &handler).await?)
}

/// Shows a spinner while something compiles.
fn show_progress(output: &Output) -> impl Fn(CompileProgress) + Send + Sync + 'static {
    let output = output.clone();
    let spinner: Mutex<Option<ProgressBar>> = Mutex::new(None);
    move |progress| {
        let mut spinner = spinner.lock().unwrap_or_else(PoisonError::into_inner);
        if progress.done {
            if let Some(spinner) = spinner.take() {
                spinner.finish_and_clear();
            }
            return;
        }
        spinner.get_or_insert_with(|| {
            let spinner = output.spinner();
            let size = units::bytes(progress.bytes as u64);
            spinner.set_message(format!("compiling {} ({size})", progress.file));
            spinner
        });
    }
}
