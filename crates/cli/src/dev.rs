//! `fngraph dev`: serves a project's functions, and swaps in new code whenever the project changes.
//!
//! A turn builds ([`build`]) and swaps ([`swap`]); another one follows when something changed ([`inputs`], [`watch`]) and
//! then nothing for a moment ([`changes`]), also when that was during the turn before.

mod build;
mod changes;
mod inputs;
mod log;
mod swap;
mod watch;

use crate::{
    args::{DevArgs, GlobalArgs},
    config::{Config, Settings},
    exit::Failure,
    output::Output,
    platform,
    serve::{self, Server, Written},
};
use anyhow::Context as _;
use build::Source;
use changes::Changes;
use std::convert::Infallible;
use swap::Swapper;
use tokio::sync::oneshot;
use watch::Watch;

/// Serves until it is told to end.
pub(crate) fn dev(arguments: DevArgs, global: &GlobalArgs, output: &Output) -> Result<(), Failure> {
    let mut defaults = Written::default();
    // What the server does besides is not what people look for here.
    "warn".clone_into(&mut defaults.logging.filter);
    let mut written = serve::configure(&arguments.listen, global, defaults)?;
    crate::log(&written.logging.filter, written.logging.format, output)?;
    let settings = Settings::resolve(arguments.function)?;
    let source = Source::find(&arguments.source, arguments.package.as_deref(), &arguments.profile)?;

    // Nobody wants the experiments of yesterday, and the directory of `serve` may be in use.
    let folder = tempfile::tempdir().context("make a folder for the functions")?;
    let data_dir = written.data_dir.get_or_insert_with(|| folder.path().to_owned());
    // The engine of the functions keeps compiled code there: what one of the two compiled, the other one only loads.
    let config = Config { data_dir: data_dir.join("engine"), output: output.clone() };
    let threads = tokio::runtime::Runtime::new().context("start the threads")?;
    threads.block_on(async {
        let server = Server::bind(&written).await?;
        let engine = platform::engine(&config, 1)?;
        let changes = Changes::default();
        let watch = Watch::new(source.inputs()?, changes.clone())?;
        let announcement = server.announcement();
        let swapper = Swapper::new(engine, server.runtime().clone(), settings, server.url(), output.clone());
        let session = Session { source, watch, changes, swapper, announcement, output };
        run(server, session).await
    })
}

/// Serves and works until the process is told to end; then work stops at once, and calls may end.
async fn run(server: Server, session: Session<'_>) -> Result<(), Failure> {
    let runtime = server.runtime().clone();
    let follow = log::follow(&runtime, session.swapper.functions(), session.output);
    let (stop, stopped) = oneshot::channel::<Infallible>();
    let work = async {
        let ended = tokio::select! {
            () = serve::ended() => Ok(()),
            Err(failure) = Box::pin(session.run()) => Err(failure),
            never = follow => match never {},
        };
        drop(stop);
        ended
    };
    let serving = server.run(async {
        // It only ever ends by its sender's end.
        let _ = stopped.await;
    });
    let (ended, ()) = tokio::join!(work, Box::pin(serving));
    ended
}

/// One project that is worked on.
struct Session<'a> {
    source: Source<'a>,
    watch: Watch,
    changes: Changes,
    swapper: Swapper,
    announcement: String,
    output: &'a Output,
}

impl Session<'_> {
    async fn run(mut self) -> Result<Infallible, Failure> {
        self.watch.refresh().await?;
        self.turn().await;
        self.output.line(&self.announcement)?;
        loop {
            self.changes.settled().await;
            self.turn().await;
        }
    }

    /// Builds and swaps. What fails is shown, and the code from before goes on serving.
    async fn turn(&mut self) {
        if let Err(failure) = self.try_turn().await {
            self.output.failure(&failure);
            self.output.note(if self.swapper.has_functions() {
                "the code from before goes on serving"
            } else {
                "there is nothing to serve yet"
            });
        }
    }

    async fn try_turn(&mut self) -> Result<(), Failure> {
        // Folders that are new are watched before they are read, so that no change is missed.
        self.watch.refresh().await?;
        let built = self.source.build(self.output.is_quiet()).await?;
        self.watch.learn(&built).await?;
        let mut failed = None;
        for built in self.swapper.select(built)? {
            if let Err(failure) = self.swapper.swap(&built).await
                && let Some(earlier) = failed.replace(failure)
            {
                self.output.failure(&earlier);
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
