//! `fngraph serve`: the cloud's API on this machine.

mod config;
mod triggers;

pub(crate) use config::Written;

use crate::{
    args::{GlobalArgs, ListenArgs, ServeArgs},
    exit::{Exit, Failure, OrExit as _},
    output::Output,
};
use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use fngraph::{Clock, Limits, Options, Runtime, Scope};
use fngraph_server::{
    App, AppKeys, Auth, AuthOptions, Bounds, CodeSources, Drained, ExtensionOptions, Extensions, Gateway,
    InvocationTraces, Listener, Tls, may_listen,
};
use fngraph_telemetry::{Metrics, Traces, TracesOptions};
use fngraph_triggers::{Notices, Triggers};
use std::{
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{signal, sync::watch};

/// How long spans may take to be sent when the server ends.
const SEND: Duration = Duration::from_secs(5);

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
        // Whoever reads the announcement may end the server at once.
        let ended = ended();
        output.line(server.announcement())?;
        server.run(ended).await;
        Ok(())
    })
}

/// What is configured, in the order in which it counts: these defaults, the file, the environment, the flags.
pub(crate) fn configure(arguments: &ListenArgs, global: &GlobalArgs, defaults: Written) -> Result<Written, Failure> {
    let mut written = Written::read(arguments.config.as_deref(), defaults)?;
    written.listen = arguments.listen.unwrap_or(written.listen);
    written.gateway = arguments.gateway.or(written.gateway);
    written.data_dir = global.data_dir.clone().or(written.data_dir);
    written.logging.filter = global.log.clone().unwrap_or(written.logging.filter);
    Ok(written)
}

/// A server that has its port, and whose clients wait until it runs.
pub(crate) struct Server {
    app: App,
    runtime: Runtime,
    triggers: Triggers,
    extensions: Option<Extensions>,
    traces: Option<Arc<Traces>>,
    metrics: Arc<Metrics>,
    listener: Listener,
    gateway: Option<(Listener, Gateway)>,
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
        let traces = traces(&written.tracing, &written.region)?;
        let data_dir = written.data_dir.clone().map_or_else(data_dir, Ok)?;
        let notices = triggers::notices(written, &data_dir);
        let (runtime, extensions) = runtime(written, &data_dir, traces.clone(), notices.clone()).await?;
        let mut who = AuthOptions::default();
        who.credentials.clone_from(&written.credentials);
        who.users.clone_from(&written.users);
        who.skew = written.auth.clock_skew.0;
        who.repeats = written.auth.repeats.0;
        let auth = Auth::new(who, runtime.derive_secret("fngraph server tokens"))
            .context("read the credentials")
            .or_exit(Exit::Usage, "they are in the configuration file: [[credentials]] and [[users]]")?;
        for address in [Some(written.listen), written.gateway].into_iter().flatten() {
            may_listen(address, &auth)
                .context("listen")
                .or_exit(Exit::Usage, "set [[credentials]] or [[users]] in the configuration file")?;
        }
        let keys = AppKeys::new(written.apps.clone(), written.auth.clock_skew.0, written.auth.repeats.0)
            .context("read the applications")
            .or_exit(Exit::Usage, "they are in the configuration file: [[apps]]")?;

        let mut options = fngraph_server::Options::default();
        options.body_bytes = written.limits.body_bytes;
        options.code_sources = sources;
        options.is_secure = tls.is_some();
        let rendered = Arc::clone(&metrics);
        options.metrics = Arc::new(move || rendered.render());
        // Triggers tell their URLs, so that the port has to be known.
        let gateway = match written.gateway {
            Some(address) => Some(
                Listener::bind(address, tls.clone(), bounds.clone())
                    .await
                    .context("listen for the gateway")
                    .or_exit(Exit::Platform, "--gateway 127.0.0.1:0 takes any port that is free")?,
            ),
            None => None,
        };
        let url = gateway.as_ref().map(Listener::url);
        let triggers = triggers::start(written, &data_dir, &runtime, notices, url).await?;
        options.triggers = Some(triggers.clone());
        let app = App::new(runtime.clone(), auth, options);
        let gateway = gateway.map(|listener| (listener, Gateway::new(app.clone(), triggers.clone(), keys)));
        let listener = Listener::bind(written.listen, tls, bounds)
            .await
            .context("listen")
            .or_exit(Exit::Platform, "--listen 127.0.0.1:0 takes any port that is free")?;
        Ok(Self { app, runtime, triggers, extensions, traces, metrics, listener, gateway, drain })
    }

    /// The functions that it serves.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// What a client on this machine types, such as `http://127.0.0.1:8080`.
    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// The line that tells programs where it listens, and one for the gateway if there is one.
    pub(crate) fn announcement(&self) -> String {
        let listening = format!("listening on {}", self.url());
        match &self.gateway {
            Some((gateway, _)) => format!("{listening}\ngateway on {}", gateway.url()),
            None => listening,
        }
    }

    /// Serves until `shutdown`, and lets end what runs then.
    pub(crate) async fn run(self, shutdown: impl Future<Output = ()>) {
        let Self { app, runtime, triggers, extensions, traces, metrics, listener, gateway, drain } = self;
        if let Err(error) = app.resume().await {
            tracing::error!(%error, "read the applications; those that were being made or removed wait for the next start");
        }
        let stop = watch::Sender::new(false);
        let stopped = || {
            let mut stop = stop.subscribe();
            // The sender lives as long as this function.
            async move { drop(stop.wait_for(|stop| *stop).await) }
        };
        let api = listener.serve(fngraph_server::Api::new(app.clone()), stopped());
        let gateway = async {
            match gateway {
                Some((listener, gateway)) => listener.serve(gateway, stopped()).await,
                None => Drained::default(),
            }
        };
        let (mut serving, mut shutdown) = (pin!(async { tokio::join!(api, gateway) }), pin!(shutdown));
        let mut upkeep = tokio::time::interval(Metrics::UPKEEP);
        let requests_cut = loop {
            tokio::select! {
                (api, gateway) = &mut serving => break api.requests_cut + gateway.requests_cut,
                () = &mut shutdown, if !*stop.borrow() => {
                    app.drain();
                    stop.send_replace(true);
                }
                _ = upkeep.tick() => metrics.upkeep(),
            }
        };
        app.settle().await;
        triggers.shutdown().await;
        let in_time = runtime.shutdown(drain).await;
        if let Some(extensions) = extensions {
            extensions.shutdown().await;
        }
        if let Some(traces) = traces {
            // It blocks until what waits is sent.
            let sent = tokio::task::spawn_blocking(move || traces.shutdown(SEND)).await;
            if !sent.unwrap_or(false) {
                tracing::warn!("ended before all spans were sent");
            }
        }
        if !in_time || requests_cut > 0 {
            tracing::warn!(requests = requests_cut, "ended before all requests had");
        }
    }
}

/// The way to the collector, if one is configured.
fn traces(written: &config::Tracing, region: &str) -> Result<Option<Arc<Traces>>, Failure> {
    let Some(endpoint) = &written.endpoint else { return Ok(None) };
    let mut options = TracesOptions::new(endpoint);
    options.headers.clone_from(&written.headers);
    options.service.clone_from(&written.service);
    options.resource = vec![("cloud.provider", "huawei_cloud".to_owned()), ("cloud.region", region.to_owned())];
    let traces = Traces::open(options)
        .context("read `tracing`")
        .or_exit(Exit::Usage, "`endpoint` is the address of an OTLP collector, such as http://127.0.0.1:4318")?;
    Ok(Some(Arc::new(traces)))
}

async fn runtime(
    written: &Written,
    data_dir: &Path,
    traces: Option<Arc<Traces>>,
    notices: Notices,
) -> Result<(Runtime, Option<Extensions>), Failure> {
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
    let extensions = written.extensions.enabled.then(|| {
        let mut how = ExtensionOptions::new(data_dir.join("extensions"));
        how.ports = written.extensions.ports.into();
        how.scope = options.scope.clone();
        if let Some(path) = &written.extensions.path {
            how.path = path.into();
        }
        Extensions::new(how, Clock::system())
    });
    // First, so that what hears after it knows the trace.
    let traces = InvocationTraces::new(traces, Clock::system(), &options.scope);
    let mut builder = Runtime::builder().watcher(Arc::new(traces));
    if let Some(extensions) = &extensions {
        builder = builder.watcher(Arc::new(extensions.clone()));
    }
    let runtime = builder
        .data_dir(data_dir)
        .destinations(notices)
        .options(options)
        .memory(limits.memory_bytes)
        .limits(project)
        .build()
        .await
        .context("open the data directory")
        .or_exit(Exit::Platform, &hint)?;
    if let Some(extensions) = &extensions {
        extensions.attach(Arc::new(runtime.clone()));
    }
    Ok((runtime, extensions))
}

/// Functions are data, not a cache.
fn data_dir() -> Result<PathBuf, Failure> {
    let dirs = etcetera::choose_base_strategy()
        .context("find the user's data directory")
        .or_exit(Exit::Platform, "--data-dir DIR or FNGRAPH_DATA_DIR names a directory to use")?;
    Ok(dirs.data_dir().join("fngraph"))
}

/// Ends when the process is told to end, which does not kill it any more once this was called.
#[cfg(unix)]
pub(crate) fn ended() -> impl Future<Output = ()> {
    use signal::unix::{SignalKind, signal};
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    std::future::poll_fn(move |context| {
        let came = signals.iter_mut().flatten().any(|signal| signal.poll_recv(context).is_ready());
        if came { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// Ends when the process is told to end.
#[cfg(not(unix))]
pub(crate) async fn ended() {
    if signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
