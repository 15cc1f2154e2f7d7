//! What a guest finds around it: the contract's imports, WASI by capability, and the limits on both.

mod context;
mod environment;
mod files;
mod outbound;
mod quota;
mod stdio;

pub(crate) use files::{Files, Folders};
pub(crate) use stdio::{LogSink, ResultSink, SinkStream};

use crate::{
    FunctionConfig, Invocation, Workflow, cancel::Running, clock, function::Prepared, log::Recorder,
    memory::MemoryMeter,
};
use files::{FilesView, HasFiles};
use fngraph_types::{RequestId, TraceContext};
use outbound::Outbound;
use std::{sync::Arc, time::Duration};
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView, p2};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Where a guest sees its package.
pub(crate) const CODE_ROOT: &str = "/opt/function/code";

/// The working directory of a guest: the parent of the code, as the cloud has it.
pub(crate) const WORKING_DIRECTORY: &str = "/opt/function";

/// How many resources (files, streams, requests) an instance may hold at once: the cloud's limit on open files.
const OPEN_RESOURCES: usize = 2048;

/// The contract, generated from its only copy.
pub(crate) mod bindings {
    #![allow(missing_docs, unreachable_pub, clippy::missing_errors_doc, reason = "generated code")]
    wasmtime::component::bindgen!({
        path: "../../guest-sdk/wit",
        world: "event-function",
    });
}

/// The state of one instance.
pub(crate) struct State {
    pub(crate) config: Arc<FunctionConfig>,
    pub(crate) call: Call,
    pub(crate) recorder: Recorder,
    pub(crate) memory: MemoryMeter,
    pub(crate) files: Files,
    pub(crate) running: Arc<Running>,
    /// What the guest has read that may be in no snapshot.
    pub(crate) secret_read: Option<&'static str>,
    instance_id: Option<RequestId>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    table: ResourceTable,
}

/// What the running invocation is.
pub(crate) struct Call {
    pub(crate) request_id: RequestId,
    pub(crate) attempt: u32,
    pub(crate) alias: Option<Arc<str>>,
    pub(crate) workflow: Option<Arc<Workflow>>,
    pub(crate) trace: Option<Arc<TraceContext>>,
    pub(crate) deadline: clock::Instant,
}

impl Call {
    /// A call that ends `timeout` from `now`.
    pub(crate) fn new(invocation: &Invocation, now: clock::Instant, timeout: Duration) -> Self {
        Self {
            request_id: invocation.request_id,
            attempt: invocation.attempt,
            alias: invocation.alias.clone(),
            workflow: invocation.workflow.clone(),
            trace: invocation.trace.clone(),
            deadline: now + timeout,
        }
    }

    /// The time before the first invocation: an id of zeros, and `timeout` from `now` to the end.
    pub(crate) fn start(now: clock::Instant, timeout: Duration) -> Self {
        Self {
            request_id: RequestId::from_u128(0),
            attempt: 0,
            alias: None,
            workflow: None,
            trace: None,
            deadline: now + timeout,
        }
    }
}

impl State {
    pub(crate) fn new(
        prepared: &Prepared,
        running: Arc<Running>,
        call: Call,
        recorder: Recorder,
        files: Files,
        wasi: WasiCtx,
    ) -> Self {
        let config = Arc::clone(&prepared.config);
        let mut table = ResourceTable::new();
        table.set_max_capacity(OPEN_RESOURCES);
        Self {
            call,
            recorder,
            memory: MemoryMeter::new(config.memory, Arc::clone(&prepared.engine.memory)),
            files,
            running,
            secret_read: None,
            instance_id: None,
            wasi,
            http: WasiHttpCtx::new(),
            outbound: Outbound(config.network),
            table,
            config,
        }
    }

    /// Begins a call. What the guest was refused in an earlier one, and got by without, is forgotten.
    pub(crate) fn begin(&mut self, call: Call) {
        self.call = call;
        self.memory.take_refused();
        self.files.take_refused();
    }

    /// Whether the guest holds something of the host's: folders, files, streams. Another instance would not have it.
    pub(crate) fn holds_resources(&self) -> bool {
        !self.table.is_empty()
    }

    fn files(&mut self) -> FilesView<'_> {
        FilesView { files: &mut self.files, table: &mut self.table }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.outbound, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Everything a guest may import.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    bindings::fngraph::function::context::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
    bindings::fngraph::function::logger::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
    // Our file system and environment take the place of WASI's.
    linker.allow_shadowing(true);
    p2::bindings::cli::environment::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
    p2::bindings::filesystem::types::add_to_linker::<_, HasFiles>(&mut linker, State::files)?;
    p2::bindings::filesystem::preopens::add_to_linker::<_, HasFiles>(&mut linker, State::files)?;
    linker.allow_shadowing(false);
    Ok(linker)
}
