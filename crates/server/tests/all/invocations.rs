//! Invocations over HTTP (manual, 7.1).

use crate::{
    deployed::{deploy, deploy_with, publish},
    support::{Answer, BEGIN, TestApp},
};
use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{Reservation, Settings};
use fngraph_test_support::guests;
use http::Request;
use serde_json::{Value, json};
use std::time::Duration;

async fn invoke(app: &TestApp, urn: &str, headers: &[(&str, &str)], event: impl Into<Body>) -> Answer {
    let request = Request::post(format!("/v2/p1/fgs/functions/{urn}/invocations"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(event.into()).unwrap()).await
}

#[tokio::test]
async fn an_answer_is_the_result_as_it_is_with_its_facts_in_headers() {
    let app = TestApp::new().await;
    deploy(&app, "echo", "echo").await;
    let answer = invoke(&app, "echo", &[], r#"{"k": "v"}"#).await;
    assert_eq!((answer.status.as_u16(), &answer.bytes[..]), (200, &br#"{"k": "v"}"#[..]));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-cff-request-id"), answer.header("x-request-id"));
    assert_eq!((answer.header("x-func-err-code"), answer.header("x-is-func-err")), ("0", "false"));
    assert_eq!(answer.header("x-cff-response-version"), "v0");
    assert!(answer.header("x-cff-billing-duration").parse::<u64>().unwrap() >= 1);
    assert!(answer.header("x-cff-invoke-summary").contains(answer.header("x-cff-request-id")));
    assert!(!answer.headers.contains_key("x-cff-function-log"), "nobody asked for it");

    let answer = invoke(&app, "echo", &[], "plain").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn version_1_wraps_the_result_with_log_and_status() {
    let app = TestApp::new().await;
    deploy(&app, "log", "write_log").await;
    let headers = [("x-cff-request-version", "v1"), ("x-cff-log-type", "tail")];
    let answer = invoke(&app, "log", &headers, "said").await;
    let body = answer.expect(200);
    assert_eq!(body["status"], 200);
    assert_eq!(body["request_id"], answer.header("x-cff-request-id"));
    assert!(body["log"].as_str().unwrap().contains("said"), "{body}");
    let log = BASE64_STANDARD.decode(answer.header("x-cff-function-log")).unwrap();
    assert_eq!(body["log"], String::from_utf8(log).unwrap());
    assert_eq!(answer.header("x-cff-response-version"), "v1");
}

#[tokio::test]
async fn a_function_that_fails_is_told_from_a_platform_that_does() {
    let app = TestApp::new().await;
    deploy(&app, "fail", "fail").await;
    let answer = invoke(&app, "fail", &[], "{}").await;
    assert_eq!(answer.status.as_u16(), 500);
    assert!(answer.json()["errorMessage"].is_string(), "{answer:?}");
    assert_eq!((answer.header("x-func-err-code"), answer.header("x-is-func-err")), ("FSS.4002", "true"));

    // In version 1 the answer tells how the function ended; that the invocation went well, its status does.
    let body = invoke(&app, "fail", &[("x-cff-request-version", "v1")], "{}").await.expect(200);
    assert_eq!(body["status"], 500);
    let result: Value = serde_json::from_str(body["result"].as_str().unwrap()).unwrap();
    assert!(result["errorType"].is_string(), "{result}");

    deploy_with(&app, "spin", "spin", |settings| settings.timeout = Duration::from_millis(20)).await;
    invoke(&app, "spin", &[], "{}").await.refused(500, "FSS.4010");
}

#[tokio::test]
async fn refusals_have_their_codes() {
    let app = TestApp::new().await;
    deploy(&app, "echo", "echo").await;
    invoke(&app, "nobody", &[], "").await.refused(404, "FSS.1051");
    invoke(&app, "p1:default:echo:v9", &[], "").await.refused(404, "FSS.1052");
    invoke(&app, "p1:default:echo:!prod", &[], "").await.refused(404, "FSS.1053");
    invoke(&app, "a:b:c:d:e", &[], "").await.refused(400, "FSS.0400");
    invoke(&app, "echo", &[("x-cff-request-version", "v2")], "").await.refused(400, "FSS.0400");
    invoke(&app, "echo", &[], vec![b'x'; 6 * 1024 * 1024 + 1]).await.refused(500, "FSS.4140");
    let answer = invoke(&app, "nobody", &[], "").await;
    assert_eq!(answer.header("x-func-err-code"), "FSS.1051");
}

#[tokio::test]
async fn a_urn_is_of_the_project_in_the_path() {
    let app = TestApp::new().await;
    deploy(&app, "echo", "echo").await;
    for urn in [
        "echo",
        "default:echo",
        "p1:default:echo",
        "p1:default:echo:latest",
        "urn%3Afss%3Alocal%3Ap1%3Afunction%3Adefault%3Aecho%3Alatest",
        "urn:fss:cn-north-4:p1:function:default:echo",
    ] {
        assert_eq!(invoke(&app, urn, &[], "x").await.status.as_u16(), 200, "{urn}");
    }
    let code = std::fs::read(guests::faults()).unwrap();
    app.runtime.deploy("p2:default:theirs", code, Settings::new("index.echo".parse().unwrap())).await.unwrap();
    for urn in ["theirs", "p2:default:theirs", "urn:fss:local:p2:function:default:theirs:latest"] {
        invoke(&app, urn, &[], "x").await.refused(404, "FSS.1051");
    }
}

#[tokio::test]
async fn a_caller_chooses_the_memory_where_the_function_lets_them() {
    let app = TestApp::new().await;
    deploy(&app, "fixed", "context").await;
    deploy_with(&app, "dynamic", "context", |settings| settings.dynamic_memory = true).await;
    let memory = [("x-cff-instance-memory", "512")];
    let used = |answer: Answer| answer.header("x-cff-invoke-summary").rsplit(": ").next().unwrap().to_owned();
    assert_eq!(used(invoke(&app, "fixed", &memory, "").await), "128MB");
    assert_eq!(used(invoke(&app, "dynamic", &memory, "").await), "512MB");
    invoke(&app, "dynamic", &[("x-cff-instance-memory", "500")], "").await.refused(406, "FSS.0406");
}

#[tokio::test]
async fn headers_decide_where_an_alias_has_a_rule() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    publish(&app, "f", "v2").await;
    let rule = json!({ "v2": { "combine_type": "and", "rules": [
        { "rule_type": "Header", "param": "X-Tester", "op": "=", "value": "ada" }] } });
    let alias = json!({ "name": "prod", "version": "v1", "additional_version_strategy": rule });
    app.post("/fgs/functions/f/aliases", alias).await.expect(200);
    let version = |answer: Answer| answer.expect(200)["version"].as_str().unwrap().to_owned();
    assert_eq!(version(invoke(&app, "p1:default:f:!prod", &[], "").await), "v1");
    assert_eq!(version(invoke(&app, "p1:default:f:!prod", &[("x-tester", "ada")], "").await), "v2");
}

#[tokio::test]
async fn an_asynchronous_invocation_is_accepted_and_runs() {
    let app = TestApp::new().await;
    deploy(&app, "echo", "echo").await;
    let accepted = app.post("/fgs/functions/echo/invocations-async", json!({ "k": "v" })).await.expect(202);
    let id = accepted["request_id"].as_str().unwrap().parse().unwrap();
    app.runtime.advance(Duration::from_secs(1)).await;
    let request = app.runtime.status(id).await.unwrap().unwrap();
    assert_eq!(request.status.as_str(), "SUCCESS");

    app.post("/fgs/functions/nobody/invocations-async", json!({})).await.refused(404, "FSS.1051");
    let large = Value::String("x".repeat(256 * 1024));
    app.post("/fgs/functions/echo/invocations-async", large).await.refused(500, "FSS.4140");
}

#[tokio::test]
async fn an_invocation_of_reserved_instances_needs_some() {
    let app = TestApp::new().await;
    deploy(&app, "echo", "echo").await;
    let path = "/fgs/functions/echo/reserved-invocations";
    app.post(path, json!({})).await.refused(400, "FSS.0400");
    app.runtime.reserve("p1:default:echo", Reservation::new(1, BEGIN)).await.unwrap();
    let accepted = app.post(path, json!({})).await.expect(202);
    let id = accepted["instance_id"].as_str().unwrap().parse().unwrap();
    assert!(app.runtime.status(id).await.unwrap().is_some());
    app.post("/fgs/functions/nobody/reserved-invocations", json!({})).await.refused(404, "FSS.1051");
}
