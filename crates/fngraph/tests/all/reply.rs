//! What a program that emulates the cloud answers.

use crate::support::{SHORT, deploy, deploy_with, runtime};
use fngraph::{Reply, Scaling};
use std::time::Duration;

#[tokio::test]
async fn a_success_has_its_facts() {
    let runtime = runtime().await;
    deploy(&runtime, "write_log").await;
    deploy(&runtime, "echo").await;
    let reply = Reply::from(runtime.invoke("echo", "hello").await);
    assert_eq!((reply.status, &reply.body[..]), (200, &b"hello"[..]));
    assert_eq!((reply.error_code.as_deref(), reply.is_function_error), (None, false));
    assert!(reply.billed >= Duration::from_millis(1));
    let id = reply.request_id.unwrap().to_string();
    assert!(reply.summary.contains(&id) && reply.summary.contains("billing duration"), "{}", reply.summary);
    let lines: Vec<String> = reply.log_tail().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 2, "a silent function has the platform's own lines: {lines:?}");
    assert!(lines[0].contains(" Start invoke request '") && lines[1].ends_with(&reply.summary), "{lines:?}");
    let reply = Reply::from(runtime.invoke("write-log", "said").await);
    assert!(
        reply.log_tail().contains("from stdout") && reply.log_tail().contains("ERROR said\n"),
        "{}",
        reply.log_tail()
    );
}

#[tokio::test]
async fn a_failure_of_the_function_is_its_own_words() {
    let runtime = runtime().await;
    deploy(&runtime, "fail").await;
    let reply = Reply::from(runtime.invoke("fail", "").await);
    assert_eq!((reply.status, reply.error_code.as_deref(), reply.is_function_error), (500, Some("FSS.4002"), true));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["errorType"], "OutOfTea");
    assert_eq!(body["errorMessage"], "no tea is left");
}

#[tokio::test]
async fn any_other_failure_is_its_code() {
    let runtime = runtime().await;
    deploy_with(&runtime, "spin", |settings| settings.timeout = SHORT).await;
    let reply = Reply::from(runtime.invoke("spin", "").await);
    assert_eq!((reply.status, reply.error_code.as_deref(), reply.is_function_error), (500, Some("FSS.4010"), true));
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["error_code"], "FSS.4010");
    assert!(reply.request_id.is_some() && reply.billed >= SHORT);
}

#[tokio::test]
async fn a_rejection_has_a_status_and_no_bill() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    let disabled = Scaling { max_instances: 0.try_into().unwrap(), concurrency: 1 };
    runtime.scale("echo", disabled).await.unwrap();
    for (urn, status, code) in [
        ("nobody", 404, "FSS.1051"),
        ("local:default:echo:v1", 404, "FSS.1052"),
        ("local:default:echo:!prod", 404, "FSS.1053"),
        ("a:b:c:d:e", 400, "FSS.0400"),
        ("echo", 429, "FSS.1429"),
    ] {
        let reply = Reply::from(runtime.invoke(urn, "").await);
        assert_eq!((reply.status, reply.error_code.as_deref()), (status, Some(code)), "{urn}");
        assert_eq!((reply.is_function_error, reply.billed, reply.request_id), (false, Duration::ZERO, None));
        assert_eq!((reply.summary.as_str(), reply.log_tail().as_str()), ("", ""));
        let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["error_code"], code);
        assert!(!body["error_msg"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn of_a_long_log_the_end_is_told() {
    let runtime = runtime().await;
    deploy(&runtime, "flood_log").await;
    let reply = Reply::from(runtime.invoke("flood-log", "10000").await);
    assert!(reply.log_tail().len() <= 2000 && reply.log_tail().contains("line 9999\n"), "{}", reply.log_tail());
    assert!(reply.log_tail().starts_with("20"), "whole lines, each with its time: {}", reply.log_tail());
}
