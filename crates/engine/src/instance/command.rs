//! Commands: the event on stdin, the result on stdout, stderr to the log, a new instance for every call.

use super::{
    Answer,
    failure::{Ending, Phase, exit, explain, refusal},
    until,
};
use crate::{
    Invocation, InvokeError,
    cancel::Running,
    clock,
    function::Prepared,
    host::{Call, LogSink, ResultSink, SinkStream, State},
    log::{Output, Recorder},
};
use bytes::Bytes;
use fngraph_types::limits;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime_wasi::{
    I32Exit,
    p2::{bindings::CommandPre, pipe::MemoryInputPipe},
};

pub(super) async fn call(
    prepared: &Prepared,
    pre: &CommandPre<State>,
    running: &Arc<Running>,
    invocation: Invocation,
    started: clock::Instant,
) -> Answer {
    let stdout = ResultSink::new(limits::RESULT_BYTES);
    let mut store = store(prepared, running, &invocation, &stdout);
    let start_limit = prepared.engine.options.start_timeout;
    let command = until(started + start_limit, running, pre.instantiate_async(&mut store)).await;
    let instantiated = clock::monotonic();
    let ran = match command {
        Ok(command) => {
            let limit = prepared.config.timeout;
            let call = Call::new(&invocation, instantiated, limit);
            let deadline = call.deadline;
            store.data_mut().begin(call);
            store.set_epoch_deadline(1);
            let run = until(deadline, running, command.wasi_cli_run().call_run(&mut store)).await;
            status(run).map_err(|ending| (Phase::Handle, limit, ending))
        }
        Err(ending) => Err((Phase::Start, start_limit, ending)),
    };
    let state = store.data_mut();
    let log = state.recorder.take();
    let result = match ran {
        Ok(0) => stdout.take().ok_or(InvokeError::ResultTooLarge { limit: limits::RESULT_BYTES }),
        Ok(status) => Err(refusal(state).unwrap_or_else(|| InvokeError::Function(exit(status)))),
        Err((phase, limit, ending)) => Err(explain(phase, limit, ending, state, &log)),
    };
    let memory_used = state.memory.used();
    Answer { result, log, memory_used, instantiate: instantiated - started, survived: true }
}

fn store(prepared: &Prepared, running: &Arc<Running>, invocation: &Invocation, stdout: &ResultSink) -> Store<State> {
    let recorder = Recorder::new(prepared.engine.options.log_limit);
    let mut wasi = prepared.wasi();
    wasi.arg(&prepared.program)
        .stdin(MemoryInputPipe::new(Bytes::clone(&invocation.event)))
        .stdout(SinkStream(stdout.clone()))
        .stderr(SinkStream(LogSink { recorder: recorder.clone(), output: Output::Stderr }));
    if let Some(trace) = &invocation.trace {
        wasi.env("TRACEPARENT", trace.traceparent());
        if let Some(state) = trace.tracestate() {
            wasi.env("TRACESTATE", state);
        }
    }
    prepared.store_with(running, recorder, wasi.build())
}

/// The exit status of a command that ended by itself, however it did.
fn status(run: Result<Result<(), ()>, Ending>) -> Result<i32, Ending> {
    match run {
        Ok(Ok(())) => Ok(0),
        Ok(Err(())) => Ok(1),
        Err(Ending::Error(error)) => match error.downcast_ref() {
            Some(I32Exit(status)) => Ok(*status),
            None => Err(Ending::Error(error)),
        },
        Err(ending @ (Ending::OutOfTime | Ending::Cancelled)) => Err(ending),
    }
}
