//! From what ended a guest to what its caller is told.

use crate::{FunctionError, InvokeError, Log, Source, host::State, memory::Refused};
use fngraph_types::limits;
use std::time::Duration;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// The most frames of a stack that a caller is shown.
const FRAMES: usize = 16;

/// The guest's time was over while it was computing.
#[derive(Debug, thiserror::Error)]
#[error("the time is over")]
pub(crate) struct OutOfTime;

/// Its call was cancelled while the guest was computing.
#[derive(Debug, thiserror::Error)]
#[error("the call was cancelled")]
pub(crate) struct Cancelled;

/// What ended guest code early.
pub(super) enum Ending {
    /// A trap, an exit, or a refusal of the host.
    Error(wasmtime::Error),
    /// Its time was over while it was waiting.
    OutOfTime,
    /// Its call was cancelled while it was waiting.
    Cancelled,
}

/// What the guest was doing.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    /// Its own start code.
    Start,
    /// Its initializer.
    Initialize,
    /// Its handler.
    Handle,
}

impl Phase {
    fn timeout(self, limit: Duration, stack: Vec<String>) -> InvokeError {
        match self {
            Self::Start => InvokeError::LoadTimeout { limit },
            Self::Initialize => InvokeError::InitializerTimeout { limit, stack },
            Self::Handle => InvokeError::Timeout { limit, stack },
        }
    }

    pub(super) fn error(self, error: FunctionError) -> InvokeError {
        match self {
            Self::Start => InvokeError::Start(error),
            Self::Initialize => InvokeError::Initializer(error),
            Self::Handle => InvokeError::Function(error),
        }
    }
}

/// Says what an ending means for the caller. `limit` is the time that the phase had.
pub(super) fn explain(phase: Phase, limit: Duration, ending: Ending, state: &mut State, log: &Log) -> InvokeError {
    let error = match ending {
        Ending::OutOfTime => return phase.timeout(limit, Vec::new()),
        Ending::Cancelled => return InvokeError::Cancelled,
        Ending::Error(error) => error,
    };
    let stack = error.downcast_ref::<WasmBacktrace>().map(stack_of).unwrap_or_default();
    if error.is::<Cancelled>() {
        return InvokeError::Cancelled;
    }
    if error.is::<OutOfTime>() {
        return phase.timeout(limit, stack);
    }
    // A guest that is refused memory or disk mostly gives up with a trap of its own, so the refusal comes first.
    if let Some(refusal) = refusal(state) {
        return refusal;
    }
    if let Some(full) = error.downcast_ref::<PoolConcurrencyLimitError>() {
        return InvokeError::NoCapacity(full.to_string());
    }
    if is_copy_limit(&error) {
        return InvokeError::ResultTooLarge { limit: limits::RESULT_BYTES };
    }
    if let Some(I32Exit(status)) = error.downcast_ref() {
        return phase.error(exit(*status));
    }
    phase.error(match error.downcast_ref::<Trap>() {
        Some(trap) => trap_error(*trap, stack, log),
        None => FunctionError {
            error_type: "HostError".to_owned(),
            error_message: error.root_cause().to_string(),
            stack_trace: stack,
        },
    })
}

/// What the host refused the guest since this was last asked, if it refused something.
pub(super) fn refusal(state: &mut State) -> Option<InvokeError> {
    let disk = state.files.take_refused();
    match state.memory.take_refused() {
        Some(Refused::Instance { wanted }) => Some(InvokeError::Memory { wanted, limit: state.config.memory.bytes() }),
        Some(Refused::Host { limit }) => {
            Some(InvokeError::NoCapacity(format!("instances hold all of the {limit} bytes that the host gives them")))
        }
        None => disk.then_some(InvokeError::Disk { limit: state.config.tmp_bytes }),
    }
}

/// The error of a command that ended with this status.
pub(super) fn exit(status: i32) -> FunctionError {
    FunctionError {
        error_type: "Exit".to_owned(),
        error_message: format!("the command exited with status {status}"),
        stack_trace: Vec::new(),
    }
}

fn trap_error(trap: Trap, stack: Vec<String>, log: &Log) -> FunctionError {
    let (error_type, error_message) = match panic_message(log) {
        Some(message) if trap == Trap::UnreachableCodeReached => ("panic", message),
        _ => ("Trap", trap.to_string().trim_start_matches("wasm trap: ").to_owned()),
    };
    FunctionError { error_type: error_type.to_owned(), error_message, stack_trace: stack }
}

/// The message of the panic that a Rust guest printed before it trapped.
fn panic_message(log: &Log) -> Option<String> {
    let lines: Vec<&str> =
        log.lines().filter(|line| line.source == Source::Stderr).map(|line| line.text.as_str()).collect();
    let head = lines.iter().rposition(|line| line.contains(" panicked at "))?;
    let place = lines[head].split_once(" panicked at ")?.1.trim_end_matches(':');
    let message: Vec<&str> = lines[head + 1..].iter().copied().take_while(|line| !line.starts_with("note: ")).collect();
    Some(format!("{} (at {place})", message.join("\n")))
}

/// Whether the guest made the host copy more than it may in one call. wasmtime keeps the type to itself, so this goes
/// by its text; a test notices when that changes.
fn is_copy_limit(error: &wasmtime::Error) -> bool {
    error.root_cause().to_string().contains("fuel allocated for hostcalls has been exhausted")
}

/// The names of the frames, innermost first, without those that only print a panic.
fn stack_of(backtrace: &WasmBacktrace) -> Vec<String> {
    let names: Vec<_> = backtrace
        .frames()
        .iter()
        .map(|frame| match frame.func_name() {
            Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
            None => format!("wasm-function[{}]", frame.func_index()),
        })
        .collect();
    let panicking = names.iter().rposition(|name| name.starts_with("core::panicking::"));
    names.into_iter().skip(panicking.map_or(0, |last| last + 1)).take(FRAMES).collect()
}
