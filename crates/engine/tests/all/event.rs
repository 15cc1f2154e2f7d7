//! Event components: results, errors, context, log, and the life of an instance.

use crate::support::{artifact, engine, error, faults, faults_with, handler, lines, run, text};
use fngraph_engine::{
    Agency, FunctionConfig, FunctionError, Instance, Invocation, InvokeError, Kind, Level, PrepareError,
    PreparedFunction, Role, Source, Start, Workflow,
};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, Identity, Memory, RequestId, TraceContext};
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn an_event_component_is_recognised_with_its_entries() {
    let artifact = artifact(&engine(), guests::faults()).await;
    assert_eq!(artifact.kind(), Kind::Event);
    let role = |name: &str| artifact.entries().find(|entry| entry.name == name).map(|entry| entry.role);
    assert_eq!(role("fill-tmp-with-files"), Some(Role::Handler));
    assert_eq!(role("start-failing"), Some(Role::Initializer));
    assert_eq!(role("stop-logging"), Some(Role::PreStop));
    assert!(artifact.imports().iter().any(|import| import.starts_with("fngraph:function/context@")));
}

#[tokio::test]
async fn the_result_of_the_handler_is_the_result_of_the_invocation() {
    let outcome = run(&faults("echo").await, "grüße").await;
    assert_eq!(text(&outcome), "grüße");
    let receipt = &outcome.receipt;
    assert_eq!((receipt.start, receipt.error), (Start::Cold, None));
    assert_eq!((receipt.bytes_in, receipt.bytes_out), (7, 7));
    assert!(receipt.memory_used >= 64 * 1024, "memory is measured: {receipt:?}");
}

#[tokio::test]
async fn an_instance_serves_many_calls_and_initialises_once() {
    let function =
        faults_with("count", |config| config.initializer = Some(handler("index.start_counting_at_ten"))).await;
    let mut instance = function.instantiate().await.unwrap();
    let first = instance.call(Invocation::new("")).await;
    assert_eq!(text(&first), "11");
    assert_eq!(lines(&first), ["initialised"]);
    let second = instance.call(Invocation::new("")).await;
    assert_eq!(text(&second), "12");
    assert_eq!(second.receipt.start, Start::Warm);
    assert!(instance.is_alive());
    assert_eq!(text(&run(&function, "").await), "11", "a new instance starts anew");
}

#[tokio::test]
async fn names_may_be_written_in_any_case() {
    for entry in ["use_tmp", "useTmp", "use-tmp", "UseTmp"] {
        assert_eq!(text(&run(&faults(entry).await, "").await), "");
    }
}

#[tokio::test]
async fn a_missing_entry_is_known_before_the_first_call() {
    let artifact = artifact(&engine(), guests::faults()).await;
    let error = artifact.prepare(FunctionConfig::new(handler("index.ehco"))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::EntryNotFound);
    let text = error.to_string();
    assert!(text.contains("no handler `ehco`") && text.contains("echo (handler)"), "{text}");
}

#[tokio::test]
async fn an_entry_of_another_role_is_no_handler() {
    let artifact = artifact(&engine(), guests::faults()).await;
    let error = artifact.prepare(FunctionConfig::new(handler("index.start_failing"))).unwrap_err();
    assert!(matches!(error, PrepareError::EntryNotFound { role: "handler", .. }), "{error:?}");
}

#[tokio::test]
async fn the_context_tells_what_was_configured() {
    let function = faults_with("context", |config| {
        config.identity = Identity {
            project_id: "p1".to_owned(),
            package: "shop".to_owned(),
            name: "orders".to_owned(),
            version: "v3".to_owned(),
        };
        config.memory = Memory::mib(256).unwrap();
        config.timeout = Duration::from_secs(7);
        config.user_data.insert("COLOUR".to_owned(), "red".to_owned());
        config.agency = Some(Agency { access_key: "AK".to_owned(), ..Agency::default() });
    })
    .await;
    let mut invocation = Invocation::new("");
    invocation.request_id = RequestId::from_u128(7);
    invocation.attempt = 2;
    invocation.alias = Some("prod".into());
    let workflow = Workflow { workflow_id: "w".to_owned(), run_id: "run-1".to_owned(), state_id: "s".to_owned() };
    invocation.workflow = Some(Arc::new(workflow));
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    invocation.trace = TraceContext::parse(traceparent, Some("a=1")).map(Arc::new);
    let mut instance = function.instantiate().await.unwrap();
    let outcome = instance.call(invocation).await;
    let mut seen: serde_json::Value = serde_json::from_str(text(&outcome)).unwrap();
    let instance_id = seen["instance"].take();
    let expected = serde_json::json!({
        "request_id": "00000000-0000-0000-0000-000000000007", "attempt": 2, "remaining": true, "timeout": 7000,
        "function": "orders", "version": "v3", "alias": "prod", "package": "shop", "project": "p1",
        "handler": "index.context", "memory": 256, "cpu": 400, "instance": null, "colour": "red", "missing": null,
        "keys": ["COLOUR"], "access_key": "AK", "workflow": "run-1", "trace": [traceparent, "a=1"],
    });
    assert_eq!(seen, expected);

    let again: serde_json::Value = serde_json::from_str(text(&instance.call(Invocation::new("")).await)).unwrap();
    assert_eq!(again["instance"], instance_id, "one instance, one id");
    assert_eq!((&again["alias"], &again["attempt"]), (&serde_json::Value::Null, &serde_json::json!(0)));
    assert_eq!(again["trace"], serde_json::json!([null, null]), "the trace was the other call's");
}

#[tokio::test]
async fn the_environment_has_the_platforms_variables_but_no_user_data() {
    let function = faults_with("environment", |config| {
        config.user_data.insert("COLOUR".to_owned(), "red".to_owned());
    })
    .await;
    assert_eq!(text(&run(&function, "RUNTIME_MEMORY").await), "128");
    assert_eq!(text(&run(&function, "RUNTIME_USERDATA").await), r#"{"COLOUR":"red"}"#);
    assert_eq!(text(&run(&function, "COLOUR").await), "");
    assert_eq!(text(&run(&function, "PATH").await), "", "nothing of the host's environment is seen");
}

#[tokio::test]
async fn the_log_has_every_stream_in_order_with_levels() {
    let outcome = run(&faults("write_log").await, "two\nlines").await;
    let seen: Vec<_> = outcome.log.lines().map(|line| (line.source, line.text.as_str())).collect();
    assert_eq!(
        seen,
        [
            (Source::Stdout, "from stdout"),
            (Source::Stderr, "from stderr"),
            (Source::Logger(Level::Debug), "shown"),
            (Source::Logger(Level::Error), "two"),
            (Source::Logger(Level::Error), "lines"),
        ]
    );
    let lines = outcome.platform_log();
    assert!(lines.lines().rev().nth(1).unwrap().ends_with(" ERROR lines"), "{lines}");
}

#[tokio::test]
async fn a_returned_error_is_told_as_it_is_and_the_instance_lives_on() {
    let function = faults("fail").await;
    let mut instance = function.instantiate().await.unwrap();
    let outcome = instance.call(Invocation::new("")).await;
    let expected = FunctionError {
        error_type: "OutOfTea".to_owned(),
        error_message: "no tea is left".to_owned(),
        stack_trace: Vec::new(),
    };
    assert_eq!(error(&outcome), &InvokeError::Function(expected));
    assert_eq!(
        error(&outcome).to_json(),
        serde_json::json!({"errorType": "OutOfTea", "errorMessage": "no tea is left"})
    );
    assert_eq!(error(&outcome).code(), ErrorCode::FunctionFailed);
    assert!(instance.is_alive());
}

#[tokio::test]
async fn a_panic_is_told_with_its_message_and_a_stack_of_names() {
    let function = faults("boom").await;
    let mut instance = function.instantiate().await.unwrap();
    let outcome = instance.call(Invocation::new("")).await;
    let InvokeError::Function(failure) = error(&outcome) else { panic!("{outcome:?}") };
    assert_eq!(failure.error_type, "panic");
    assert!(failure.error_message.starts_with("the bottom is reached (at "), "{failure}");
    assert!(failure.stack_trace[0].contains("deeper"), "{:?}", failure.stack_trace);
    assert!(!instance.is_alive(), "a trap ends the instance");
    let next = instance.call(Invocation::new("")).await;
    assert_eq!(error(&next), &InvokeError::InstanceEnded);
}

#[tokio::test]
async fn a_trap_that_is_no_panic_is_told_by_its_name() {
    for (entry, message) in [("read_beyond", "out of bounds memory access"), ("recurse", "call stack exhausted")] {
        let outcome = run(&faults(entry).await, "").await;
        let InvokeError::Function(failure) = error(&outcome) else { panic!("{entry}: {outcome:?}") };
        assert_eq!((failure.error_type.as_str(), failure.error_message.as_str()), ("Trap", message));
    }
}

#[tokio::test]
async fn an_exit_is_a_failure_of_the_function() {
    let outcome = run(&faults("leave").await, "").await;
    let InvokeError::Function(failure) = error(&outcome) else { panic!("{outcome:?}") };
    assert_eq!(failure.error_type, "Exit");
}

#[tokio::test]
async fn a_failing_initializer_keeps_the_instance_from_starting() {
    for (entry, message) in [("start_failing", "nothing is configured"), ("start_trapping", "no way to start")] {
        let function =
            faults_with("echo", |config| config.initializer = Some(handler(&format!("index.{entry}")))).await;
        let failed = function.instantiate().await.unwrap_err();
        assert_eq!(failed.error.code(), ErrorCode::InitializerFailed);
        let InvokeError::Initializer(failure) = &failed.error else { panic!("{failed:?}") };
        assert!(failure.error_message.contains(message), "{failure}");
        assert!(failed.log.lines().len() > 0, "what it wrote is kept");

        let outcome = run(&function, "").await;
        assert_eq!(error(&outcome), &failed.error);
        assert!(outcome.receipt.initialize > Duration::ZERO);
    }
}

#[tokio::test]
async fn a_pre_stop_runs_when_an_instance_is_stopped() {
    let function = faults_with("echo", |config| config.pre_stop = Some(handler("index.stop_logging"))).await;
    let log = function.instantiate().await.unwrap().stop().await;
    assert_eq!(log.lines().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["stopped in order"]);
    assert_eq!(lines(&run(&function, "").await), ["stopped in order"]);
}

#[tokio::test]
async fn a_pre_stop_that_does_not_end_is_ended() {
    let function = faults_with("echo", |config| {
        config.pre_stop = Some(handler("index.stop_spinning"));
        config.pre_stop_timeout = Duration::from_millis(20);
    })
    .await;
    assert_eq!(text(&run(&function, "done").await), "done");
}

#[tokio::test]
async fn an_instance_that_has_ended_runs_no_pre_stop() {
    let function = faults_with("boom", |config| config.pre_stop = Some(handler("index.stop_logging"))).await;
    let mut instance = function.instantiate().await.unwrap();
    error(&instance.call(Invocation::new("")).await);
    assert_eq!(instance.stop().await.lines().len(), 0);
}

#[tokio::test]
async fn an_initializer_is_in_the_file_of_the_handler() {
    let artifact = artifact(&engine(), guests::faults()).await;
    let mut config = FunctionConfig::new(handler("index.echo"));
    config.initializer = Some(handler("other.start_failing"));
    let error = artifact.prepare(config).unwrap_err();
    assert!(matches!(error, PrepareError::Setting { setting: "initializer", .. }), "{error:?}");
}

#[tokio::test]
async fn a_timeout_of_nothing_or_of_forever_is_refused() {
    let artifact = artifact(&engine(), guests::faults()).await;
    for timeout in [Duration::ZERO, Duration::MAX] {
        let mut config = FunctionConfig::new(handler("index.echo"));
        config.timeout = timeout;
        let error = artifact.prepare(config).unwrap_err();
        assert!(matches!(error, PrepareError::Setting { setting: "timeout", .. }), "{error:?}");
    }
}

/// Servers run calls on many threads.
#[test]
fn what_runs_a_function_can_move_between_threads() {
    async fn calls(mut instance: Instance, function: PreparedFunction) {
        let _ = instance.call(Invocation::new("")).await;
        instance.stop().await;
        let _ = function.instantiate().await;
        let _ = function.run(Invocation::new("")).await;
    }
    fn is_send(_: &impl Send) {}
    let _ = |instance, function| is_send(&calls(instance, function));
}
