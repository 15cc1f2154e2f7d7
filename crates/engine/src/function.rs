//! An artifact bound to a function's settings, ready to make instances.

use crate::{
    FunctionConfig, Instance, Invocation, InvokeError, Kind, Log, Outcome, Receipt,
    cancel::Running,
    clock,
    engine::Shared,
    host::{self, Call, Files, Folders, LogSink, SinkStream, State},
    instance::{Body, Cancelled, EventGuest, EventPlan, HttpGuest, OutOfTime},
    log::{Output, Recorder},
};
use fngraph_types::{Identity, RequestId, limits};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, p2::bindings::CommandPre};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// What a guest may make the host copy in one call: a result of the allowed size, and room to see that it is larger.
const HOST_COPY_BYTES: usize = limits::RESULT_BYTES + 2 * 1024 * 1024;

/// A function that can be instantiated: an [`crate::Artifact`] and its settings. Cheap to clone.
#[derive(Clone)]
pub struct PreparedFunction(pub(crate) Arc<Prepared>);

pub(crate) struct Prepared {
    pub(crate) engine: Arc<Shared>,
    pub(crate) plan: Plan,
    /// What a command finds as its own name.
    pub(crate) program: String,
    pub(crate) folders: Arc<Folders>,
    pub(crate) load_time: Duration,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) config: Arc<FunctionConfig>,
}

/// How instances are made and called.
pub(crate) enum Plan {
    Event(EventPlan),
    Http(ProxyPre<State>),
    Command(CommandPre<State>),
}

/// What it took to bring up an instance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Startup {
    /// Compiling or loading the artifact, once for all instances of a function.
    pub load: Duration,
    /// Creating the instance, its start code included.
    pub instantiate: Duration,
    /// Running the initializer.
    pub initialize: Duration,
}

/// Why an instance did not come up, and what it had written until then.
#[derive(Debug, thiserror::Error)]
#[error("start an instance")]
#[non_exhaustive]
pub struct StartError {
    /// What went wrong.
    #[source]
    pub error: InvokeError,
    /// How long it took to get there.
    pub startup: Startup,
    /// What the initializer wrote.
    pub log: Log,
    /// What memories and tables held at most, in bytes.
    pub memory_used: u64,
}

impl PreparedFunction {
    pub(crate) fn new(prepared: Prepared) -> Self {
        Self(Arc::new(prepared))
    }

    /// What kind of function this is.
    pub fn kind(&self) -> Kind {
        match self.0.plan {
            Plan::Event(_) => Kind::Event,
            Plan::Http(_) => Kind::Http,
            Plan::Command(_) => Kind::Command,
        }
    }

    /// The function's settings.
    pub fn config(&self) -> &FunctionConfig {
        &self.0.config
    }

    /// Makes an instance and runs its initializer. Commands are made anew for each call, so theirs costs nothing yet.
    ///
    /// # Errors
    /// When the instance does not come up: no room, no time, not enough memory, or its code failed.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancel safety
    /// Dropping the future drops the unfinished instance.
    pub async fn instantiate(&self) -> Result<Instance, StartError> {
        let prepared = &self.0;
        let running = Arc::new(Running::default());
        let mut startup = Startup { load: prepared.load_time, ..Startup::default() };
        let body = match &prepared.plan {
            Plan::Event(plan) => Body::Event(EventGuest::start(prepared, plan, &running, &mut startup).await?),
            Plan::Http(pre) => Body::Http(HttpGuest::start(prepared, pre, &running, &mut startup).await?),
            Plan::Command(pre) => Body::Command(pre.clone()),
        };
        Ok(Instance::new(Arc::clone(prepared), body, startup, running))
    }

    /// One cold invocation: makes an instance, calls it, stops it. The log has what all three wrote.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    pub async fn run(&self, invocation: Invocation) -> Outcome {
        match self.instantiate().await {
            Ok(mut instance) => {
                let mut outcome = instance.call(invocation).await;
                outcome.receipt.make_cold(instance.startup());
                outcome.log.append(instance.stop().await);
                outcome
            }
            Err(failed) => {
                let at = self.0.engine.ticker.wall();
                failed.into_outcome(self.0.receipt(invocation.request_id, invocation.event.len(), at))
            }
        }
    }
}

impl fmt::Debug for PreparedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedFunction")
            .field("identity", &self.0.identity)
            .field("kind", &self.kind())
            .finish_non_exhaustive()
    }
}

impl From<InvokeError> for StartError {
    fn from(error: InvokeError) -> Self {
        Self { error, startup: Startup::default(), log: Log::default(), memory_used: 0 }
    }
}

impl StartError {
    /// What an invocation gets that waited for the instance: its failure, charged with what starting took.
    pub fn into_outcome(self, mut receipt: Receipt) -> Outcome {
        receipt.make_cold(self.startup);
        receipt.memory_used = self.memory_used;
        receipt.error = Some(self.error.code());
        Outcome { result: Err(self.error), receipt, log: self.log }
    }

    /// Ends an unfinished instance; `explain` says why, from its state and its log.
    pub(crate) fn new(
        mut store: Store<State>,
        startup: Startup,
        explain: impl FnOnce(&mut State, &Log) -> InvokeError,
    ) -> Self {
        let state = store.data_mut();
        let log = state.recorder.take();
        Self { error: explain(state, &log), startup, log, memory_used: state.memory.used() }
    }
}

impl Prepared {
    /// The world of an instance that serves many calls: what it prints goes to the log of the running call.
    pub(crate) fn store(&self, running: &Arc<Running>) -> Store<State> {
        let recorder = Recorder::new(self.engine.options.log_limit);
        let mut wasi = self.wasi();
        wasi.stdout(SinkStream(LogSink { recorder: recorder.clone(), output: Output::Stdout }))
            .stderr(SinkStream(LogSink { recorder: recorder.clone(), output: Output::Stderr }));
        self.store_with(running, recorder, wasi.build())
    }

    /// The receipt of a warm invocation that has cost nothing yet.
    pub(crate) fn receipt(&self, request_id: RequestId, bytes_in: usize, at: SystemTime) -> Receipt {
        let mut receipt = Receipt::new(request_id, Arc::clone(&self.identity), self.config.memory, at);
        receipt.bytes_in = bytes_in;
        receipt
    }

    /// WASI with the function's environment, without streams.
    pub(crate) fn wasi(&self) -> WasiCtxBuilder {
        let mut wasi = WasiCtx::builder();
        if !self.environment.is_empty() {
            wasi.envs(&self.environment).initial_cwd(host::WORKING_DIRECTORY);
        }
        if self.config.network == crate::Network::Allowed {
            wasi.inherit_network().allow_tcp(true).allow_udp(true).allow_ip_name_lookup(true);
        }
        wasi
    }

    /// A store whose first call is the start of the instance, and has to end in the time for that.
    pub(crate) fn store_with(&self, running: &Arc<Running>, recorder: Recorder, wasi: WasiCtx) -> Store<State> {
        let files = Files::new(Arc::clone(&self.folders), self.config.tmp_bytes);
        let call = Call::start(clock::monotonic(), self.engine.options.start_timeout);
        let state = State::new(self, Arc::clone(running), call, recorder, files, wasi);
        let mut store = Store::new(&self.engine.wasmtime, state);
        store.set_epoch_deadline(1);
        store.set_hostcall_fuel(HOST_COPY_BYTES);
        store.limiter(|state| &mut state.memory);
        // At every tick running code ends if its time is over or its call cancelled, and lets other tasks run if it is not. A plain yield
        // would come straight back to this task.
        store.epoch_deadline_callback(|context| {
            let state = context.data();
            if state.running.is_cancelled() {
                return Err(wasmtime::Error::new(Cancelled));
            }
            if clock::monotonic() >= state.call.deadline {
                return Err(wasmtime::Error::new(OutOfTime));
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}
