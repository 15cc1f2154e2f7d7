//! An executor without WebAssembly. What a call does is its event, what a start does is scripted, and what hangs goes
//! on when the test says so: nothing depends on time.

use bytes::Bytes;
use fngraph_engine::{Exchange, FunctionError, Invocation, InvokeError, Log, Outcome, Receipt, StartError, Startup};
use fngraph_invoker::{Clock, Executor, InstanceLike, LoadError, Packages};
use fngraph_registry::Settings;
use fngraph_types::{Identity, Memory, RequestId};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// How long each handler took, as receipts say.
pub(crate) const HANDLE: Duration = Duration::from_micros(2500);

/// What each instance holds, as receipts say, in bytes.
pub(crate) const USED: u64 = 1000;

/// Does what events say:
/// - `hold …` waits until the test releases exactly this event;
/// - `fail` fails, `fail 2` only in its first two attempts, `trap` and `timeout` end the instance too;
/// - `who` answers the instance's number, `code` the function's package, `alias`, `attempt` and `trace` what the invocation says;
/// - anything else is answered as it is.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Stage>);

pub(crate) struct Stage {
    clock: Clock,
    counts: watch::Sender<Counts>,
    starts: Mutex<VecDeque<Starting>>,
    loads: Mutex<VecDeque<LoadError>>,
    snapshots: Mutex<VecDeque<Snapshotting>>,
    /// The snapshots that were made: name, version and package.
    kept: Mutex<HashSet<(String, String, Bytes)>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    history: Mutex<Vec<String>>,
}

/// What happens right now, and has happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) loaded: u32,
    /// Starts that have begun.
    pub(crate) starts: u32,
    pub(crate) starting: u32,
    pub(crate) live: u32,
    /// Calls that run.
    pub(crate) calls: u32,
    /// Instances that were stopped in order.
    pub(crate) stopped: u32,
    /// How often what nobody uses was removed.
    pub(crate) swept: u32,
}

/// What a start does.
#[derive(Debug)]
pub(crate) enum Starting {
    Fine,
    Fails(InvokeError),
    /// It waits until the test releases `start`.
    Hangs,
}

/// What becomes of a snapshot.
#[derive(Debug)]
pub(crate) enum Snapshotting {
    Fails(LoadError),
    /// It waits until the test releases `snapshot`, and is then made.
    Hangs,
}

pub(crate) struct Code {
    identity: Arc<Identity>,
    package: Bytes,
    /// What the history says of its starts.
    origin: &'static str,
}

pub(crate) struct Instance {
    stage: Arc<Stage>,
    code: (Arc<Identity>, Bytes),
    number: u32,
    memory: Memory,
    is_alive: bool,
    running: Arc<Mutex<Option<(RequestId, CancellationToken)>>>,
}

pub(crate) fn error() -> FunctionError {
    FunctionError { error_message: "as told".to_owned(), error_type: "Told".to_owned(), stack_trace: Vec::new() }
}

impl Fake {
    pub(crate) fn new(clock: Clock) -> Self {
        Self(Arc::new(Stage {
            clock,
            counts: watch::Sender::default(),
            starts: Mutex::default(),
            loads: Mutex::default(),
            snapshots: Mutex::default(),
            kept: Mutex::default(),
            gates: Mutex::default(),
            history: Mutex::default(),
        }))
    }

    /// Says what the next starts do; those after them are fine.
    pub(crate) fn script(&self, starts: impl IntoIterator<Item = Starting>) {
        self.0.starts.lock().extend(starts);
    }

    /// Has the next load fail.
    pub(crate) fn fail_load(&self, error: LoadError) {
        self.0.loads.lock().push_back(error);
    }

    /// Says what becomes of the next snapshots; those after them are made.
    pub(crate) fn script_snapshots(&self, snapshots: impl IntoIterator<Item = Snapshotting>) {
        self.0.snapshots.lock().extend(snapshots);
    }

    /// Has all snapshots lost.
    pub(crate) fn lose_snapshots(&self) {
        self.0.kept.lock().clear();
    }

    /// Lets one call with this event go on, or one start.
    pub(crate) fn release(&self, what: &str) {
        self.0.gate(what).add_permits(1);
    }

    pub(crate) fn counts(&self) -> Counts {
        *self.0.counts.borrow()
    }

    /// Waits until this holds.
    pub(crate) async fn until(&self, condition: impl Fn(&Counts) -> bool) {
        self.0.counts.subscribe().wait_for(condition).await.unwrap();
    }

    /// What happened since this was last asked: `snapshot f:latest`, `start #1 f:latest 128`, perhaps `from snapshot`,
    /// `call #1 hello`, `stop #1`.
    pub(crate) fn history(&self) -> Vec<String> {
        std::mem::take(&mut self.0.history.lock())
    }
}

impl Stage {
    fn gate(&self, what: &str) -> Arc<Semaphore> {
        Arc::clone(self.gates.lock().entry(what.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))))
    }

    async fn wait(&self, what: &str) {
        self.gate(what).acquire().await.unwrap().forget();
    }

    fn note(&self, line: String) {
        self.history.lock().push(line);
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        self.counts.send_modify(change);
    }

    /// Counts something as long as the guard lives, even if its future is dropped.
    fn during(&self, field: fn(&mut Counts) -> &mut u32) -> impl Drop {
        struct During<'a>(&'a Stage, fn(&mut Counts) -> &mut u32);
        impl Drop for During<'_> {
            fn drop(&mut self) {
                self.0.count(|counts| *(self.1)(counts) -= 1);
            }
        }
        self.count(|counts| *field(counts) += 1);
        During(self, field)
    }
}

impl Executor for Fake {
    type Function = Code;
    type Instance = Instance;

    async fn load(&self, identity: Identity, _: Settings, packages: Packages) -> Result<Code, LoadError> {
        self.0.count(|counts| counts.loaded += 1);
        match self.0.loads.lock().pop_front() {
            Some(error) => Err(error),
            None => Ok(Code { identity: Arc::new(identity), package: packages.code, origin: "" }),
        }
    }

    async fn snapshot(&self, identity: Identity, _: Settings, packages: Packages) -> Result<(), LoadError> {
        let Identity { name, version, .. } = identity;
        self.0.note(format!("snapshot {name}:{version}"));
        let script = self.0.snapshots.lock().pop_front();
        match script {
            None => {}
            Some(Snapshotting::Fails(error)) => return Err(error),
            Some(Snapshotting::Hangs) => self.0.wait("snapshot").await,
        }
        self.0.kept.lock().insert((name, version, packages.code));
        Ok(())
    }

    async fn load_snapshot(
        &self,
        identity: Identity,
        _: Settings,
        packages: Packages,
    ) -> Result<Option<Code>, LoadError> {
        let package = packages.code;
        let key = (identity.name.clone(), identity.version.clone(), package.clone());
        let is_kept = self.0.kept.lock().contains(&key);
        Ok(is_kept.then(|| Code { identity: Arc::new(identity), package, origin: " from snapshot" }))
    }

    async fn start(&self, code: &Code, memory: Memory) -> Result<Instance, StartError> {
        let stage = &self.0;
        stage.count(|counts| counts.starts += 1);
        let number = self.counts().starts;
        let starting = stage.during(|counts| &mut counts.starting);
        let Identity { name, version, .. } = &*code.identity;
        stage.note(format!("start #{number} {name}:{version} {}{}", memory.as_mib(), code.origin));
        let script = stage.starts.lock().pop_front();
        match script {
            None | Some(Starting::Fine) => {}
            Some(Starting::Fails(error)) => return Err(StartError::from(error)),
            Some(Starting::Hangs) => stage.wait("start").await,
        }
        drop(starting);
        stage.count(|counts| counts.live += 1);
        Ok(Instance {
            stage: Arc::clone(stage),
            code: (Arc::clone(&code.identity), code.package.clone()),
            number,
            memory,
            is_alive: true,
            running: Arc::default(),
        })
    }

    async fn sweep(&self, unused: Duration) -> Result<u64, LoadError> {
        assert!(unused > Duration::from_secs(24 * 3600), "who is just compiling loses nothing");
        self.0.count(|counts| counts.swept += 1);
        Ok(1)
    }

    fn memory_used(&self) -> u64 {
        u64::from(self.counts().live) * USED
    }
}

impl Instance {
    /// Does what the event says, and tells whether the instance survives it.
    async fn act(&self, invocation: &Invocation) -> (Result<Bytes, InvokeError>, bool) {
        let failed = || Err(InvokeError::Function(error()));
        let event = String::from_utf8_lossy(&invocation.event);
        let text = |text: String| Ok(Bytes::from(text));
        match event.split_once(' ').unwrap_or((&event, "")) {
            ("hold", _) => {
                self.stage.wait(&event).await;
                (Ok(invocation.event.clone()), true)
            }
            ("fail", "") => (failed(), true),
            ("fail", times) if invocation.attempt < times.parse().unwrap() => (failed(), true),
            ("trap", _) => (failed(), false),
            ("timeout", _) => (Err(InvokeError::Timeout { limit: Duration::from_secs(3), stack: Vec::new() }), false),
            ("who", _) => (text(self.number.to_string()), true),
            ("code", _) => (Ok(self.code.1.clone()), true),
            ("alias", _) => (text(invocation.alias.as_deref().unwrap_or("none").to_owned()), true),
            ("attempt", _) => (text(invocation.attempt.to_string()), true),
            ("trace", _) => {
                let parent = invocation.trace.as_ref().map(|trace| trace.traceparent());
                (text(parent.unwrap_or_else(|| "none".to_owned())), true)
            }
            _ => (Ok(invocation.event.clone()), true),
        }
    }
}

impl InstanceLike for Instance {
    async fn call(&mut self, invocation: Invocation) -> Outcome {
        let stage = Arc::clone(&self.stage);
        let _during = stage.during(|counts| &mut counts.calls);
        stage.note(format!("call #{} {}", self.number, String::from_utf8_lossy(&invocation.event)));
        let token = CancellationToken::new();
        *self.running.lock() = Some((invocation.request_id, token.clone()));
        let at = SystemTime::from(stage.clock.now());
        // Until the call has ended by itself: a future that is dropped leaves an instance that has ended.
        self.is_alive = false;
        let (result, survives) = tokio::select! {
            biased;
            () = token.cancelled() => (Err(InvokeError::Cancelled), false),
            acted = self.act(&invocation) => acted,
        };
        *self.running.lock() = None;
        self.is_alive = survives;
        let mut receipt = Receipt::new(invocation.request_id, Arc::clone(&self.code.0), self.memory, at);
        receipt.handle = HANDLE;
        receipt.memory_used = USED;
        receipt.bytes_in = invocation.event.len();
        receipt.error = result.as_ref().err().map(InvokeError::code);
        Outcome { result, receipt, log: Log::default() }
    }

    /// Does what the event says all the same; there is no response.
    async fn serve(&mut self, invocation: Invocation, exchange: Exchange) -> Outcome {
        self.stage.note(format!("serve {exchange:?}"));
        self.call(invocation).await
    }

    async fn stop(self) -> Log {
        self.stage.note(format!("stop #{}", self.number));
        self.stage.count(|counts| counts.stopped += 1);
        Log::default()
    }

    fn charge_start(&self, outcome: &mut Outcome) {
        let mut startup = Startup::default();
        startup.instantiate = Duration::from_millis(1);
        outcome.receipt.make_cold(startup);
    }

    fn is_alive(&self) -> bool {
        self.is_alive
    }

    fn canceller(&self) -> Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync> {
        let running = Arc::clone(&self.running);
        Box::new(move |id| match &*running.lock() {
            Some((running, token)) if id.is_none_or(|id| id == *running) => {
                token.cancel();
                true
            }
            _ => false,
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.stage.count(|counts| counts.live -= 1);
    }
}
