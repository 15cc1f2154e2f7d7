//! `fngraph serve`: the cloud's API on this machine.

mod config;

pub(crate) use config::Written;

use crate::{
    args::{GlobalArgs, ListenArgs, ServeArgs},
    exit::{Exit, Failure, OrExit as _},
    output::Output,
};
use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use fngraph::{Limits, Options, Runtime, Scope};
use fngraph_server::{App, Auth, AuthOptions, Bounds, CodeSources, Listener, Tls, may_listen};
use fngraph_telemetry::Metrics;
use std::{path::PathBuf, pin::pin, sync::Arc, time::Duration};
use tokio::signal;

/// Serves until it is told to end.
pub(crate) fn serve(arguments: &ServeArgs, global: &GlobalArgs, output: &Output) -> Result<(), Failure> {
    let written = configure(&arguments.listen, global, Written::default())?;
    if arguments.print_config {
        return Ok(output.data(written.print()?.as_bytes())?);
    }
    crate::log(&written.logging.filter, written.logging.format, output)?;
    let threads = tokio::runtime::Runtime::new().context("start the threads")?;
    threads.block_on(async {
        let server = Server::bind(&written).await?;
        output.line(server.announcement())?;
        server.run(ended()).await;
        Ok(())
    })
}

/// What is configured, in the order in which it counts: these defaults, the file, the environment, the flags.
pub(crate) fn configure(arguments: &ListenArgs, global: &GlobalArgs, defaults: Written) -> Result<Written, Failure> {
    let mut written = Written::read(arguments.config.as_deref(), defaults)?;
    written.listen = arguments.listen.unwrap_or(written.listen);
    written.data_dir = global.data_dir.clone().or(written.data_dir);
    written.logging.filter = global.log.clone().unwrap_or(written.logging.filter);
    Ok(written)
}

/// A server that has its port, and whose clients wait until it runs.
pub(crate) struct Server {
    app: App,
    runtime: Runtime,
    metrics: Arc<Metrics>,
    listener: Listener,
    drain: Duration,
}

impl Server {
    /// Makes everything that serves. What can be wrong is wrong before a port is bound.
    pub(crate) async fn bind(written: &Written) -> Result<Self, Failure> {
        let tls = written.tls.as_ref().map(|tls| Tls::load(&tls.certificate, &tls.key)).transpose();
        let tls = tls.context("read the certificate").or_exit(Exit::Usage, "both files are PEM")?;
        let sources = CodeSources::new(&written.code_sources)
            .context("read `code_sources`")
            .or_exit(Exit::Usage, "they are beginnings of URLs, such as file:///home/ada/packages/")?;
        let drain = written.drain.0;
        let bounds = Bounds { connections: written.limits.connections, drain, ..Bounds::default() };

        // First of all that do something, because they are asked for metrics.
        let metrics = Arc::new(Metrics::install().context("set up metrics")?);
        let runtime = runtime(written).await?;
        let mut who = AuthOptions::default();
        who.credentials.clone_from(&written.credentials);
        who.users.clone_from(&written.users);
        who.skew = written.auth.clock_skew.0;
        who.repeats = written.auth.repeats.0;
        let auth = Auth::new(who, runtime.derive_secret("fngraph server tokens"))
            .context("read the credentials")
            .or_exit(Exit::Usage, "they are in the configuration file: [[credentials]] and [[users]]")?;
        may_listen(written.listen, &auth)
            .context("listen")
            .or_exit(Exit::Usage, "set [[credentials]] or [[users]] in the configuration file")?;

        let mut options = fngraph_server::Options::default();
        options.body_bytes = written.limits.body_bytes;
        options.code_sources = sources;
        options.is_secure = tls.is_some();
        let rendered = Arc::clone(&metrics);
        options.metrics = Arc::new(move || rendered.render());
        let app = App::new(runtime.clone(), auth, options);
        let listener = Listener::bind(written.listen, tls, bounds)
            .await
            .context("listen")
            .or_exit(Exit::Platform, "--listen 127.0.0.1:0 takes any port that is free")?;
        Ok(Self { app, runtime, metrics, listener, drain })
    }

    /// The functions that it serves.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What a client on this machine types, such as `http://127.0.0.1:8080`.
    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// The line that tells programs where it listens.
    pub(crate) fn announcement(&self) -> String {
        format!("listening on {}", self.url())
    }

    /// Serves until `shutdown`, and lets end what runs then.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { app, runtime, metrics, listener, drain } = self;
        let draining = app.clone();
        let serving = listener.serve(fngraph_server::Api::new(app), async move {
            shutdown.await;
            draining.drain();
        });
        let mut serving = pin!(serving);
        let mut upkeep = tokio::time::interval(Metrics::UPKEEP);
        let drained = loop {
            tokio::select! {
                drained = &mut serving => break drained,
                _ = upkeep.tick() => metrics.upkeep(),
            }
        };
        let in_time = runtime.shutdown(drain).await;
        if !in_time || drained.requests_cut > 0 {
            tracing::warn!(requests = drained.requests_cut, "ended before all requests had");
        }
    }
}

async fn runtime(written: &Written) -> Result<Runtime, Failure> {
    let data_dir = match &written.data_dir {
        Some(dir) => dir.clone(),
        None => data_dir()?,
    };
    let limits = &written.limits;
    let mut options = Options::default();
    options.instances = limits.instances;
    options.queue_length = limits.queue_length;
    options.queue_timeout = limits.queue_timeout.0;
    options.async_depth = limits.async_depth;
    options.async_concurrency = limits.async_concurrency;
    options.log_retention = limits.log_retention.0;
    options.log_bytes = limits.log_bytes;
    options.scope = Scope { region: Arc::from(&*written.region), ..Scope::default() };
    let project = Limits {
        functions_per_project: limits.functions,
        code_bytes_per_project: limits.code_bytes,
        reserved_per_project: limits.reserved_instances,
    };
    let hint = format!("--data-dir DIR names another directory than {}", data_dir.display());
    Runtime::builder()
        .data_dir(&data_dir)
        .options(options)
        .memory(limits.memory_bytes)
        .limits(project)
        .build()
        .await
        .context("open the data directory")
        .or_exit(Exit::Platform, &hint)
}

/// Functions are data, not a cache.
fn data_dir() -> Result<PathBuf, Failure> {
    let dirs = etcetera::choose_base_strategy()
        .context("find the user's data directory")
        .or_exit(Exit::Platform, "--data-dir DIR or FNGRAPH_DATA_DIR names a directory to use")?;
    Ok(dirs.data_dir().join("fngraph"))
}

/// Ends when the process is told to end.
pub(crate) async fn ended() {
    let interrupted = async {
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match signal::unix::signal(signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
