//! HTTP components, through the gateway's events and directly.

use crate::support::{error, function_with, text};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph_engine::{FunctionConfig, HttpBody, Invocation, InvokeError, Kind, Outcome, PreparedFunction};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, RequestId};
use http_body_util::{BodyExt as _, Full};
use std::time::Duration;
use tokio::sync::oneshot;

async fn http(configure: impl FnOnce(&mut FunctionConfig)) -> PreparedFunction {
    function_with(guests::faults_http(), "handler", configure).await
}

fn get(path: &str) -> Invocation {
    Invocation::new(serde_json::json!({"httpMethod": "GET", "path": path}).to_string())
}

/// The status and the decoded body of an answer in the gateway's shape.
fn answer(outcome: &Outcome) -> (u64, String) {
    let answer: serde_json::Value = serde_json::from_str(text(outcome)).unwrap();
    assert_eq!(answer["isBase64Encoded"], true);
    let body = BASE64_STANDARD.decode(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_u64().unwrap(), String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn an_event_of_the_gateway_is_answered_in_its_shape() {
    let function = http(|_| ()).await;
    assert_eq!(function.kind(), Kind::Http);
    let event = serde_json::json!({
        "httpMethod": "POST", "path": "/echo", "body": "aGVsbG8=", "isBase64Encoded": true,
    });
    let outcome = function.run(Invocation::new(event.to_string())).await;
    assert_eq!(answer(&outcome), (200, "hello".to_owned()));
}

#[tokio::test]
async fn an_http_function_keeps_its_state_between_calls() {
    let mut instance = http(|_| ()).await.instantiate().await.unwrap();
    for expected in ["1", "2"] {
        assert_eq!(answer(&instance.call(get("/count")).await).1, expected);
    }
}

#[tokio::test]
async fn the_request_carries_the_facts_of_the_invocation() {
    let function = http(|config| "orders".clone_into(&mut config.identity.name)).await;
    let mut invocation = get("/headers");
    invocation.request_id = RequestId::from_u128(7);
    let (_, headers) = answer(&function.run(invocation).await);
    for line in [
        "x-cff-request-id: 00000000-0000-0000-0000-000000000007",
        "x-cff-func-name: orders",
        "x-cff-func-version: latest",
        "x-cff-memory: 128",
        "x-cff-timeout: 3",
    ] {
        assert!(headers.lines().any(|header| header == line), "{line} is not in {headers}");
    }
}

#[tokio::test]
async fn an_event_that_is_no_request_never_reaches_the_function() {
    let mut instance = http(|_| ()).await.instantiate().await.unwrap();
    let outcome = instance.call(Invocation::new("{}")).await;
    assert!(error(&outcome).to_string().contains("httpMethod"), "{outcome:?}");
    assert!(instance.is_alive());
}

#[tokio::test]
async fn http_functions_fail_with_the_codes_of_all_functions() {
    let function = http(|config| config.timeout = Duration::from_millis(200)).await;
    for (path, code) in [
        ("/panic", ErrorCode::FunctionFailed),
        ("/silent", ErrorCode::FunctionFailed),
        ("/unfinished", ErrorCode::FunctionFailed),
        ("/spin", ErrorCode::Timeout),
        ("/sleep-in-body", ErrorCode::Timeout),
        ("/big", ErrorCode::ResponseBodyTooLarge),
    ] {
        let outcome = function.run(get(path)).await;
        assert_eq!(error(&outcome).code(), code, "{path}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_function_that_gives_up_answers_500() {
    assert_eq!(answer(&http(|_| ()).await.run(get("/refuse")).await).0, 500);
}

#[tokio::test]
async fn a_response_streams_while_the_function_still_runs() {
    let function = http(|config| config.timeout = Duration::from_secs(60)).await;
    let mut instance = function.instantiate().await.unwrap();
    let body: HttpBody = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    let request = http::Request::get("http://localhost/sleep-in-body").body(body).unwrap();
    let (respond, response) = oneshot::channel();
    let serving = instance.serve(Invocation::new(""), request, |response| drop(respond.send(response)));
    let reading = async {
        let mut body = response.await.unwrap().into_body();
        body.frame().await.unwrap().unwrap().into_data().unwrap()
    };
    tokio::select! {
        outcome = serving => panic!("it sleeps: {outcome:?}"),
        first = reading => assert_eq!(first, "wait for it"),
    }
}

#[tokio::test]
async fn only_http_functions_answer_requests() {
    let function = function_with(guests::faults(), "echo", |_| ()).await;
    let mut instance = function.instantiate().await.unwrap();
    let body: HttpBody = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    let outcome = instance.serve(Invocation::new(""), http::Request::new(body), |_| ()).await;
    assert!(matches!(error(&outcome), InvokeError::InvalidRequest(_)), "{outcome:?}");
}
