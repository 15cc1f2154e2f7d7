//! Commands: WASI 0.1 and 0.2 programs with the event on stdin.

use crate::support::{artifact, engine, error, function_with, lines, run, text};
use fngraph_engine::{FunctionConfig, Invocation, InvokeError, Kind, PreparedFunction, Start};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, TraceContext, limits};
use std::{sync::Arc, time::Duration};

async fn command(configure: impl FnOnce(&mut FunctionConfig)) -> PreparedFunction {
    function_with(guests::faults_command(), "handler", configure).await
}

#[tokio::test]
async fn a_command_reads_the_event_and_writes_the_result() {
    assert_eq!(artifact(&engine(), guests::faults_command()).await.kind(), Kind::Command);
    let function = command(|config| {
        config.user_data.insert("COLOUR".to_owned(), "red".to_owned());
    })
    .await;
    let outcome = run(&function, "echo grüße").await;
    assert_eq!(text(&outcome), "grüße");
    assert_eq!(outcome.receipt.start, Start::Cold);
    assert!(outcome.receipt.memory_used > 0);
    assert_eq!(text(&run(&function, "env COLOUR").await), "red");
    assert_eq!(text(&run(&function, "env RUNTIME_CODE_ROOT").await), "/opt/function/code");
    assert_eq!(text(&run(&function, "program").await), "faults-command.wasm");
}

#[tokio::test]
async fn a_command_finds_its_trace_in_the_environment() {
    let mut instance = command(|_| ()).await.instantiate().await.unwrap();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace = TraceContext::parse(parent, Some("a=1")).map(Arc::new);
    for (name, trace, expected) in
        [("TRACEPARENT", &trace, parent), ("TRACESTATE", &trace, "a=1"), ("TRACEPARENT", &None, "")]
    {
        let mut invocation = Invocation::new(format!("env {name}"));
        invocation.trace.clone_from(trace);
        assert_eq!(text(&instance.call(invocation).await), expected, "{name}");
    }
}

#[tokio::test]
async fn a_command_serves_every_call_in_a_new_instance() {
    let function = command(|_| ()).await;
    let mut instance = function.instantiate().await.unwrap();
    for _ in 0..2 {
        let outcome = instance.call(fngraph_engine::Invocation::new("exit 1")).await;
        error(&outcome);
        assert!(instance.is_alive());
    }
}

#[tokio::test]
async fn stderr_is_the_log_and_not_the_result() {
    let outcome = run(&command(|_| ()).await, "log hello").await;
    assert_eq!(text(&outcome), "");
    assert_eq!(lines(&outcome), ["hello"]);
}

#[tokio::test]
async fn an_exit_with_another_status_than_zero_fails() {
    let function = command(|_| ()).await;
    assert_eq!(text(&run(&function, "exit 0").await), "");
    let outcome = run(&function, "exit 3").await;
    let InvokeError::Function(failure) = error(&outcome) else { panic!("{outcome:?}") };
    assert_eq!(failure.error_type, "Exit");
}

#[tokio::test]
async fn commands_have_the_limits_of_all_functions() {
    // What is to run into another limit has the time for it on a busy machine too.
    let (short, long) = (Duration::from_millis(200), Duration::from_secs(60));
    for (timeout, event, code) in [
        (long, "panic oh no", ErrorCode::FunctionFailed),
        (short, "spin", ErrorCode::Timeout),
        (short, "sleep", ErrorCode::Timeout),
        (long, "hog", ErrorCode::MemoryExceeded),
        (long, "fill", ErrorCode::DiskExceeded),
        (long, &format!("answer {}", limits::RESULT_BYTES + 1), ErrorCode::ResultTooLarge),
    ] {
        let function = command(|config| (config.timeout, config.tmp_bytes) = (timeout, 1024 * 1024)).await;
        assert_eq!(error(&run(&function, event).await).code(), code, "{event}");
    }
}
