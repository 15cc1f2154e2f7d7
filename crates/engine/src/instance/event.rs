//! Instances of event components.

use super::{
    Answer,
    failure::{Ending, Phase, explain, refusal},
    until,
};
use crate::{
    FunctionError, Invocation, InvokeError, Log, StartError, Startup,
    cancel::Running,
    clock,
    function::Prepared,
    host::{Call, State, bindings::fngraph::function::types},
    snapshot::Initialized,
};
use bytes::Bytes;
use fngraph_types::limits;
use std::{sync::Arc, time::Duration};
use wasmtime::{
    Store,
    component::{ComponentExportIndex, ComponentNamedList, Instance, InstancePre, Lift, Lower, TypedFunc},
};

/// What a handler returns.
pub(super) type Handled = (Result<Bytes, types::Error>,);
type Handler = TypedFunc<(Bytes,), Handled>;
type Initializer = TypedFunc<(), (Result<(), types::Error>,)>;
type PreStop = TypedFunc<(), ()>;

/// How instances of an event component are made.
pub(crate) struct EventPlan {
    pub(crate) pre: InstancePre<State>,
    pub(crate) handler: ComponentExportIndex,
    pub(crate) initializer: Option<ComponentExportIndex>,
    pub(crate) pre_stop: Option<ComponentExportIndex>,
    /// What the initializer left on the host's side, when the code is a snapshot.
    pub(crate) initialized: Option<Initialized>,
}

/// A live event component with its entries bound.
pub(crate) struct EventGuest {
    pub(crate) store: Store<State>,
    pub(crate) instance: Instance,
    handler: Handler,
    pre_stop: Option<PreStop>,
}

impl EventGuest {
    /// Instantiates and initialises.
    pub(crate) async fn start(
        prepared: &Prepared,
        plan: &EventPlan,
        running: &Arc<Running>,
        startup: &mut Startup,
    ) -> Result<Self, StartError> {
        let started = clock::monotonic();
        let mut store = prepared.store(running);
        let limit = prepared.engine.options.start_timeout;
        let instance = until(started + limit, running, plan.pre.instantiate_async(&mut store)).await;
        startup.instantiate = clock::monotonic() - started;
        let entries = instance.and_then(|instance| {
            let entries = Entries::bind(&mut store, &instance, plan).map_err(Ending::Error)?;
            Ok((instance, entries))
        });
        let (instance, Entries { handler, initializer, pre_stop }) = match entries {
            Ok(entries) => entries,
            Err(ending) => {
                return Err(StartError::new(store, *startup, |state, log| {
                    explain(Phase::Start, limit, ending, state, log)
                }));
            }
        };
        if let Some(initialized) = &plan.initialized {
            initialized.restore(store.data());
        }
        if let Some(initializer) = initializer {
            let started = clock::monotonic();
            let limit = prepared.config.initializer_timeout;
            let result = enter(&mut store, running, Call::start(started, limit), &initializer, ()).await;
            startup.initialize = clock::monotonic() - started;
            match result {
                Ok((Ok(()),)) => {}
                Ok((Err(error),)) => {
                    return Err(StartError::new(store, *startup, |state, _| reported(Phase::Initialize, error, state)));
                }
                Err(ending) => {
                    return Err(StartError::new(store, *startup, |state, log| {
                        explain(Phase::Initialize, limit, ending, state, log)
                    }));
                }
            }
        }
        Ok(Self { store, instance, handler, pre_stop })
    }

    /// Calls the handler. What comes out goes to [`EventGuest::answer`]: in two steps rather than in an asynchronous
    /// function, which would hold, and move, the large future of the guest once more.
    pub(super) fn call<'a>(
        &'a mut self,
        prepared: &Prepared,
        running: &'a Running,
        invocation: Invocation,
        started: clock::Instant,
    ) -> impl Future<Output = Result<Handled, Ending>> + Send + use<'a> {
        let call = Call::new(&invocation, started, prepared.config.timeout);
        enter(&mut self.store, running, call, &self.handler, (invocation.event,))
    }

    /// Makes an answer of what came out of the handler.
    pub(super) fn answer(&mut self, prepared: &Prepared, handled: Result<Handled, Ending>) -> Answer {
        let limit = prepared.config.timeout;
        let state = self.store.data_mut();
        let log = state.recorder.take();
        let survived = handled.is_ok();
        let result = match handled {
            Ok((Ok(bytes),)) if bytes.len() <= limits::RESULT_BYTES => Ok(bytes),
            Ok((Ok(_),)) => Err(InvokeError::ResultTooLarge { limit: limits::RESULT_BYTES }),
            Ok((Err(error),)) => Err(reported(Phase::Handle, error, state)),
            Err(ending) => Err(explain(Phase::Handle, limit, ending, state, &log)),
        };
        Answer { result, log, memory_used: state.memory.used(), instantiate: Duration::ZERO, survived }
    }

    /// Runs the pre-stop, if there is one.
    pub(super) async fn stop(mut self, prepared: &Prepared, running: &Running) -> Log {
        let Some(pre_stop) = self.pre_stop else { return Log::default() };
        let limit = prepared.config.pre_stop_timeout;
        let call = Call::start(clock::monotonic(), limit);
        let result = enter(&mut self.store, running, call, &pre_stop, ()).await;
        let state = self.store.data_mut();
        let log = state.recorder.take();
        if let Err(ending) = result {
            let error = explain(Phase::Handle, limit, ending, state, &log);
            tracing::warn!(function = %prepared.identity.name, ?error, "pre-stop failed");
        }
        log
    }
}

/// The entries of one instance.
struct Entries {
    handler: Handler,
    initializer: Option<Initializer>,
    pre_stop: Option<PreStop>,
}

impl Entries {
    fn bind(store: &mut Store<State>, instance: &Instance, plan: &EventPlan) -> wasmtime::Result<Self> {
        let handler = instance.get_typed_func(&mut *store, plan.handler)?;
        let initializer = plan.initializer.map(|index| instance.get_typed_func(&mut *store, index)).transpose()?;
        let pre_stop = plan.pre_stop.map(|index| instance.get_typed_func(&mut *store, index)).transpose()?;
        Ok(Self { handler, initializer, pre_stop })
    }
}

/// Calls into the guest, within the call's time.
fn enter<'a, Params, Results>(
    store: &'a mut Store<State>,
    running: &'a Running,
    call: Call,
    function: &'a TypedFunc<Params, Results>,
    params: Params,
) -> impl Future<Output = Result<Results, Ending>> + Send + 'a
where
    Params: ComponentNamedList + Lower + Send + Sync + 'static,
    Results: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let deadline = call.deadline;
    store.data_mut().begin(call);
    store.set_epoch_deadline(1);
    until(deadline, running, function.call_async(&mut *store, params))
}

/// An error that the function returned. One that came of a refusal is told as the refusal.
fn reported(phase: Phase, error: types::Error, state: &mut State) -> InvokeError {
    refusal(state).unwrap_or_else(|| {
        phase.error(FunctionError { error_type: error.kind, error_message: error.message, stack_trace: error.stack })
    })
}
