//! One life of an environment's extensions: from the start of their processes to their end.

use super::{
    Shared, api, chain,
    environment::Facts,
    event,
    folder::{self, EXTENSION, Files, Folder, MOST},
    process::{Death, Process, Script},
    roster::{Lease, Refusal, Roster},
    subscription::{Subscription, Type},
    telemetry::Telemetry,
};
use crate::listen::{BindError, Bounds, Listener};
use bytes::Bytes;
use fngraph::{Outcome, RequestId};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long the first invocations wait for the extensions to register. A start of the slowest interpreters takes a
/// second; callers would not like more than ten.
pub(super) const REGISTRATION: Duration = Duration::from_secs(10);

/// How long the processes of an environment go on when nothing calls the function.
pub(super) const IDLE: Duration = Duration::from_secs(10 * 60);

/// How many invocations wait until an extension heard of those before.
const INVOKES: usize = 100;

/// How long extensions may take to hear of the last invocations and events before they are asked to end.
const FAREWELL: Duration = Duration::from_secs(1);

/// The most connections of the processes of an environment: ten extensions with a few threads each.
const CONNECTIONS: NonZeroU32 = NonZeroU32::new(32).expect("it is not zero");

/// One life of an environment's extensions.
pub(super) struct Session {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    id: u64,
    name: String,
    /// When calls no longer wait for extensions that have not registered.
    ready_by: Instant,
    state: Mutex<State>,
    telemetry: Telemetry,
    phase: watch::Sender<Phase>,
    end: OnceLock<End>,
    /// Something of the state changed.
    changed: Notify,
    /// Posts to the extensions that go on, and their end.
    deliveries: TaskTracker,
    cut: CancellationToken,
}

struct State {
    roster: Roster,
    /// The extensions that hear of invocations.
    hearers: HashMap<String, mpsc::Sender<Bytes>>,
    calls: u32,
    last_call: Instant,
    /// It ends with its last call.
    is_retired: bool,
    /// It takes no more calls.
    is_over: bool,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Extensions are awaited.
    Starting,
    /// No call waits any more.
    Ready,
    /// Everything has ended and is removed.
    Ended,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was not needed any more.
    Unused,
    /// The version has no extensions.
    Nothing,
    /// All extensions died, or none could be started.
    Failed,
}

/// Why extensions were not started.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("get the files of its dependencies: {0}")]
    Files(String),
    #[error("unpack the files of extensions")]
    Unpack(#[source] io::Error),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("find a port for an extension")]
    Port(#[source] io::Error),
}

impl Session {
    pub(super) fn new(shared: &Arc<Shared>, facts: &Arc<Facts>) -> Arc<Self> {
        let id = shared.next_id();
        let now = Instant::now();
        let state = State {
            roster: Roster::default(),
            hearers: HashMap::new(),
            calls: 0,
            last_call: now,
            is_retired: false,
            is_over: false,
        };
        Arc::new(Self {
            id,
            name: format!("{}-{}-{id}", facts.function.name, facts.version.name),
            ready_by: now + REGISTRATION,
            state: Mutex::new(state),
            telemetry: Telemetry::new(shared.metrics.clone()),
            phase: watch::Sender::new(Phase::Starting),
            end: OnceLock::new(),
            changed: Notify::new(),
            deliveries: TaskTracker::new(),
            cut: CancellationToken::new(),
            shared: Arc::clone(shared),
            facts: Arc::clone(facts),
        })
    }

    /// The environment's name: what the manual calls a pod.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Why it ended, from when it takes no more calls.
    pub(super) fn end(&self) -> Option<End> {
        self.end.get().copied()
    }

    /// A call begins, unless the session is over; [`Session::leave`] has to follow.
    pub(super) fn enter(&self) -> bool {
        let mut state = self.state.lock();
        if !state.is_over {
            state.calls += 1;
        }
        !state.is_over
    }

    /// A call ends.
    pub(super) fn leave(&self) {
        let mut state = self.state.lock();
        state.calls -= 1;
        state.last_call = Instant::now();
        let is_last = state.is_retired && state.calls == 0;
        drop(state);
        if is_last {
            self.changed.notify_one();
        }
    }

    /// Ends the session after its last call.
    pub(super) fn retire(&self) {
        self.state.lock().is_retired = true;
        self.changed.notify_one();
    }

    /// Waits until the extensions have registered, for a while.
    pub(super) async fn ready(&self) {
        let mut phase = self.phase.subscribe();
        // The sender lives as long as the session.
        let _ = timeout_at(self.ready_by, phase.wait_for(|phase| *phase != Phase::Starting)).await;
    }

    /// Tells the extensions of an invocation (manual, 6.1.4.1). One that does not keep up misses it.
    pub(super) fn invoke(&self, request_id: RequestId) {
        let id = request_id.to_string();
        let body = json!({"tracelId": id, "traceId": id, "invokedFunctionUrn": self.facts.urn});
        let body = Bytes::from(body.to_string());
        let state = self.state.lock();
        let missed = state.hearers.values().filter(|hearer| hearer.try_send(body.clone()).is_err()).count();
        drop(state);
        self.shared.metrics.lost_invokes.increment(missed as u64);
    }

    /// Tells the telemetry how an invocation went.
    pub(super) fn report(&self, outcome: &Outcome) {
        if self.telemetry.wants(&[Type::Platform, Type::Function]) {
            let has_initializer = self.facts.version.settings.initializer.is_some();
            self.telemetry.tell(event::of_outcome(outcome, event::Origin { pod: &self.name, has_initializer }));
        }
    }

    /// Registers an extension.
    pub(super) fn register(self: &Arc<Self>, name: &str, address: &str) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        let port = state.roster.register(name, address, &mut self.lease())?;
        let (hearer, invokes) = mpsc::channel(INVOKES);
        state.hearers.insert(name.to_owned(), hearer);
        drop(state);
        let (session, extension) = (Arc::clone(self), name.to_owned());
        self.deliver(async move { session.tell_invokes(&extension, port, invokes).await });
        tracing::debug!(environment = self.name, extension = name, port, "an extension registered");
        self.changed.notify_one();
        Ok(())
    }

    async fn tell_invokes(&self, extension: &str, port: u16, mut invokes: mpsc::Receiver<Bytes>) {
        while let Some(body) = invokes.recv().await {
            if let Err(error) = super::post::post(port, "/extension/invoke", body).await {
                tracing::debug!(environment = self.name, extension, %error, "tell an extension of an invocation");
                self.shared.metrics.lost_invokes.increment(1);
            }
        }
    }

    /// Lets a telemetry listener hear of events.
    pub(super) fn subscribe(&self, body: &[u8]) -> Result<(), Refusal> {
        let subscription = Subscription::parse(body)?;
        self.state.lock().roster.may_listen(subscription.port, &mut self.lease())?;
        let delivery = self.telemetry.subscribe(subscription)?;
        self.deliver(delivery.run());
        Ok(())
    }

    /// What answers to extensions say.
    pub(super) fn describe(&self, kind: &str, text: &str) -> Value {
        let Facts { function, version, .. } = &*self.facts;
        api::body(&function.name, version.name.as_str(), version.settings.handler.as_str(), (kind, text))
    }

    fn lease(&self) -> Lease<'_> {
        self.shared.ports.lease(self.id)
    }

    fn deliver(&self, posts: impl Future<Output = ()> + Send + 'static) {
        let cut = self.cut.clone();
        self.deliveries.spawn(async move { cut.run_until_cancelled(posts).await });
    }
}

/// The whole life of a session; `before` is the one whose place it takes.
pub(super) async fn run(session: Arc<Session>, before: Option<watch::Receiver<Phase>>) {
    if let Some(mut before) = before {
        // Two of a kind would want the same ports. That one ends within bounds; if it is gone, so much the better.
        let _ = before.wait_for(|phase| *phase == Phase::Ended).await;
    }
    let end = match session.live().await {
        Ok(end) => end,
        Err(error) => {
            tracing::warn!(environment = session.name, error = chain(&error), "start extensions");
            End::Failed
        }
    };
    session.over(end);
    session.shared.ports.release(session.id);
    session.phase.send_replace(Phase::Ended);
}

impl Session {
    async fn live(self: &Arc<Self>) -> Result<End, StartError> {
        let files = self.shared.files(&self.facts, self.ready_by).await.map_err(StartError::Files)?;
        let mut names = folder::extensions(&files);
        if names.is_empty() {
            return Ok(End::Nothing);
        }
        if names.len() > MOST {
            let surplus = names.split_off(MOST).join(", ");
            tracing::warn!(environment = self.name, surplus, "a function has more extensions than may be started");
        }
        let folder = self.unpack(files).await?;
        let end = self.live_in(&folder, names).await;
        // Whether it was removed is told there.
        let _ = tokio::task::spawn_blocking(move || folder.remove()).await;
        end
    }

    async fn unpack(&self, files: Files) -> Result<Folder, StartError> {
        let (shared, id) = (Arc::clone(&self.shared), self.id);
        let unpacked = tokio::task::spawn_blocking(move || shared.folders.unpack(id, &files)).await;
        unpacked.map_err(io::Error::other).and_then(|folder| folder).map_err(StartError::Unpack)
    }

    async fn live_in(self: &Arc<Self>, folder: &Folder, names: Vec<String>) -> Result<End, StartError> {
        let bounds = Bounds { connections: CONNECTIONS, drain: FAREWELL, ..Bounds::default() };
        let listener = Listener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), None, bounds).await?;
        let ports = self.shared.assign(names.len()).map_err(StartError::Port)?;
        let scripts: Vec<_> = names
            .into_iter()
            .zip(ports)
            .map(|(name, port)| Script {
                name,
                root: folder.path().to_owned(),
                folder: folder.path().join(EXTENSION),
                api: listener.address(),
                port,
                path: self.shared.options.path.clone(),
            })
            .collect();
        self.state.lock().roster = Roster::new(scripts.iter().map(|script| (script.name.clone(), script.port)));
        let (stop, closed) = (CancellationToken::new(), CancellationToken::new());
        let serving = listener.serve(api::Api(Arc::clone(self)), closed.clone().cancelled_owned());
        let living = async {
            let mut processes = JoinSet::new();
            for script in scripts {
                self.start(&mut processes, script, &stop).await;
            }
            let end = self.watch(&mut processes).await;
            self.over(end);
            self.farewell().await;
            stop.cancel();
            while processes.join_next().await.is_some() {}
            closed.cancel();
            end
        };
        let (_, end) = tokio::join!(serving, living);
        Ok(end)
    }

    /// Starts a process. One that cannot be started has ended.
    async fn start(self: &Arc<Self>, processes: &mut JoinSet<String>, script: Script, stop: &CancellationToken) {
        match script.start().await {
            Ok(process) => {
                let life = Arc::clone(self).look_after(process, script.name, stop.clone());
                processes.spawn(life);
            }
            Err(error) => {
                tracing::warn!(environment = self.name, extension = script.name, %error, "start an extension");
                self.state.lock().roster.end(&script.name);
            }
        }
    }

    /// Runs a process to its end, and answers its name.
    async fn look_after(self: Arc<Self>, process: Process, name: String, stop: CancellationToken) -> String {
        self.shared.metrics.processes.increment(1);
        let tell = |line: &str| {
            tracing::debug!(environment = self.name, extension = name, line, "an extension says");
            if self.telemetry.wants(&[Type::Extension]) {
                self.telemetry.tell(event::of_extension(self.shared.clock.now(), line));
            }
        };
        let death = process.run(&stop, tell).await;
        self.shared.metrics.processes.decrement(1);
        if let Death::Ended { status, tail } = death {
            let environment = &self.name;
            tracing::warn!(environment, extension = name, status, output = tail, "an extension ended by itself");
        }
        name
    }

    /// Watches the processes until they are not needed any more, or have all ended.
    async fn watch(&self, processes: &mut JoinSet<String>) -> End {
        let mut registration = std::pin::pin!(sleep_until(self.ready_by));
        let mut is_waiting = true;
        loop {
            let (idle_at, is_settled) = {
                let state = self.state.lock();
                if state.roster.is_over() {
                    return End::Failed;
                }
                let is_unused = state.is_retired || state.last_call + IDLE <= Instant::now();
                if state.calls == 0 && is_unused {
                    return End::Unused;
                }
                let idle_at = (state.calls == 0).then_some(state.last_call + IDLE);
                (idle_at.unwrap_or_else(|| Instant::now() + IDLE), state.roster.awaited().is_empty())
            };
            if is_settled {
                self.phase.send_if_modified(|phase| std::mem::replace(phase, Phase::Ready) != Phase::Ready);
            }
            tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => return End::Unused,
                () = &mut registration, if is_waiting => {
                    is_waiting = false;
                    self.wait_no_more();
                }
                Some(ended) = processes.join_next() => self.ended(ended.ok().as_deref()),
                () = self.changed.notified() => {}
                () = sleep_until(idle_at) => {}
            }
        }
    }

    /// The time of registration is over.
    fn wait_no_more(&self) {
        let late = self.state.lock().roster.awaited().join(", ");
        if !late.is_empty() {
            tracing::warn!(environment = self.name, extensions = late, "extensions have not registered in time");
        }
        self.telemetry.end_early();
        self.phase.send_replace(Phase::Ready);
    }

    /// A process has ended; one that panicked is not known, and missed.
    fn ended(&self, name: Option<&str>) {
        let mut state = self.state.lock();
        if let Some(name) = name {
            state.roster.end(name);
            state.hearers.remove(name);
        }
    }

    /// Takes no more calls.
    fn over(&self, end: End) {
        let _ = self.end.set(end);
        let mut state = self.state.lock();
        state.is_over = true;
        state.hearers.clear();
        drop(state);
        self.telemetry.close();
        self.phase.send_if_modified(|phase| {
            let is_waited_for = *phase == Phase::Starting;
            if is_waited_for {
                *phase = Phase::Ready;
            }
            is_waited_for
        });
    }

    /// Lets extensions hear of what was told, for a while.
    async fn farewell(&self) {
        self.deliveries.close();
        if timeout(FAREWELL, self.deliveries.wait()).await.is_err() {
            self.cut.cancel();
            self.deliveries.wait().await;
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("name", &self.name)
            .field("phase", &*self.phase.borrow())
            .finish_non_exhaustive()
    }
}
