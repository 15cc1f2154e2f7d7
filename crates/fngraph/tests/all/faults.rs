//! What functions do wrong, and the defined answer to each.

use crate::support::{MINUTE, SHORT, answer, assert_quiet, code, deploy, deploy_with, runtime, settings, status};
use fngraph::{ErrorCode, RequestStatus};

/// What goes wrong: the entry, its event, and the code that the caller gets.
const FAULTS: [(&str, &str, ErrorCode); 11] = [
    ("fail", "", ErrorCode::FunctionFailed),
    ("boom", "", ErrorCode::FunctionFailed),
    ("read_beyond", "", ErrorCode::FunctionFailed),
    ("recurse", "", ErrorCode::FunctionFailed),
    ("leave", "", ErrorCode::FunctionFailed),
    ("spin", "", ErrorCode::Timeout),
    ("doze", "", ErrorCode::Timeout),
    ("hog", "", ErrorCode::MemoryExceeded),
    ("answer", "7340032", ErrorCode::ResultTooLarge),
    ("fill_tmp_with_files", "", ErrorCode::DiskExceeded),
    ("dial", "127.0.0.1:1", ErrorCode::FunctionFailed),
];

#[tokio::test]
async fn each_fault_has_its_code_and_stops_nobody_else() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    for (entry, event, expected) in FAULTS {
        deploy_with(&runtime, entry, |settings| {
            // Time only for those that would take all of it; the others have plenty.
            settings.timeout = if expected == ErrorCode::Timeout { SHORT } else { MINUTE };
        })
        .await;
        let urn = entry.replace('_', "-");
        for _ in 0..2 {
            assert_eq!(code(runtime.invoke(&urn, event).await), expected, "{entry}");
        }
        assert_eq!(answer(&runtime, "echo", "still here").await, "still here", "after {entry}");
    }
    assert_quiet(&runtime);
}

#[tokio::test]
async fn each_fault_has_the_same_code_when_nobody_waits_for_it() {
    let runtime = runtime().await;
    for (entry, event, expected) in FAULTS {
        deploy_with(&runtime, entry, |settings| {
            settings.timeout = if expected == ErrorCode::Timeout { SHORT } else { MINUTE };
        })
        .await;
        let id = runtime.invoke_async(&entry.replace('_', "-"), event).await.unwrap();
        runtime.settle().await;
        let record = status(&runtime, id).await;
        assert_eq!((record.status, record.error_code), (RequestStatus::Fail, expected.number()), "{entry}");
    }
    assert_quiet(&runtime);
}

#[tokio::test]
async fn each_fault_of_an_initializer_has_its_code_after_three_instances() {
    let runtime = runtime().await;
    for (entry, expected) in [
        ("start_failing", ErrorCode::InitializerFailed),
        ("start_trapping", ErrorCode::InitializerFailed),
        ("start_spinning", ErrorCode::InitializerTimeout),
        ("start_sleeping", ErrorCode::InitializerTimeout),
    ] {
        deploy_with(&runtime, "echo", |settings| {
            settings.initializer = Some(format!("index.{entry}").parse().unwrap());
            settings.initializer_timeout = SHORT;
        })
        .await;
        assert_eq!(code(runtime.invoke("echo", "hello").await), expected, "{entry}");
        assert_eq!(runtime.metrics().elastic_instances, 0, "{entry}");
    }
    assert_quiet(&runtime);
}

#[tokio::test]
async fn a_pre_stop_that_never_ends_holds_up_nothing_for_long() {
    let runtime = runtime().await;
    deploy_with(&runtime, "echo", |settings| {
        settings.pre_stop = Some("index.stop_spinning".parse().unwrap());
        settings.pre_stop_timeout = SHORT;
    })
    .await;
    assert_eq!(answer(&runtime, "echo", "hello").await, "hello");
    runtime.advance(MINUTE * 3).await;
    assert_eq!((runtime.metrics().elastic_instances, runtime.metrics().memory_bytes), (0, 0));
}

#[tokio::test]
async fn a_function_that_copes_with_its_limits_succeeds() {
    let runtime = runtime().await;
    deploy(&runtime, "hog_politely").await;
    for _ in 0..2 {
        assert_eq!(answer(&runtime, "hog-politely", "").await, "I can live with that");
    }
    deploy(&runtime, "answer").await;
    assert_eq!(answer(&runtime, "answer", "6291456").await.len(), 6_291_456);
}

#[tokio::test]
async fn an_event_beyond_the_limit_reaches_no_function() {
    let runtime = runtime().await;
    deploy(&runtime, "count").await;
    assert_eq!(code(runtime.invoke("count", vec![b'x'; 6_291_457]).await), ErrorCode::RequestTooLarge);
    assert_eq!(answer(&runtime, "count", vec![b'x'; 6_291_456]).await, "1");
}

#[tokio::test]
async fn a_missing_entry_is_known_before_anything_is_called() {
    let runtime = runtime().await;
    let error = runtime.deploy("f", crate::support::faults(), settings("index.nothing")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidHandler);
    assert!(runtime.function("f").unwrap().is_none());
}
