//! HTTP components, through the gateway's events and directly.

use crate::support::{error, function_with, text};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph_engine::{
    Exchange, FunctionConfig, HttpBody, Invocation, InvokeError, Kind, Outcome, PendingResponse, PreparedFunction,
};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, RequestId, TraceContext};
use http_body_util::{BodyExt as _, Full};
use std::{sync::Arc, time::Duration};

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
async fn the_trace_of_the_invocation_takes_the_place_of_the_requests() {
    let mut instance = http(|_| ()).await.instantiate().await.unwrap();
    let event = serde_json::json!({
        "httpMethod": "GET", "path": "/headers", "headers": {"traceparent": "theirs", "tracestate": "theirs=1"},
    });
    let mut invocation = Invocation::new(event.to_string());
    let (_, headers) = answer(&instance.call(invocation.clone()).await);
    assert!(headers.contains("traceparent: theirs\n") && headers.contains("tracestate: theirs=1\n"), "{headers}");

    let ours = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    invocation.trace = TraceContext::parse(ours, None).map(Arc::new);
    let (_, headers) = answer(&instance.call(invocation).await);
    assert!(headers.contains(&format!("traceparent: {ours}\n")) && !headers.contains("theirs"), "{headers}");
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
    let (exchange, response) = Exchange::new(request);
    let serving = instance.serve(Invocation::new(""), exchange);
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
    let (exchange, _response) = Exchange::new(http::Request::new(body));
    let outcome = instance.serve(Invocation::new(""), exchange).await;
    assert!(matches!(error(&outcome), InvokeError::InvalidRequest(_)), "{outcome:?}");
}

/// A request without a body, and its response to be.
fn get_exchange(path: &str) -> (Exchange, PendingResponse) {
    let body: HttpBody = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    Exchange::new(http::Request::get(format!("http://localhost{path}")).body(body).unwrap())
}

#[tokio::test]
async fn an_exchange_ends_with_its_response_and_leaves_the_instance_in_order() {
    let mut instance = http(|_| ()).await.instantiate().await.unwrap();
    for expected in ["1", "2"] {
        let (exchange, response) = get_exchange("/count");
        let outcome = instance.serve(Invocation::new(""), exchange).await;
        assert_eq!((outcome.result.unwrap().len(), outcome.receipt.bytes_out), (0, 1));
        let body = response.await.unwrap().into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, expected);
    }
    let (bytes, echoed) = (
        Bytes::from(vec![b'x'; 100_000]),
        Exchange::new({
            let body: HttpBody =
                Full::new(Bytes::from(vec![b'x'; 100_000])).map_err(|never| match never {}).boxed_unsync();
            http::Request::post("http://localhost/echo").body(body).unwrap()
        }),
    );
    let (exchange, response) = echoed;
    let read = async { response.await.unwrap().into_body().collect().await.unwrap().to_bytes() };
    let (outcome, body) = futures::join!(instance.serve(Invocation::new(""), exchange), read);
    assert_eq!((body, outcome.receipt.bytes_in, outcome.receipt.bytes_out), (bytes, 100_000, 100_000));
}

#[tokio::test]
async fn a_response_that_nobody_reads_any_more_ends_the_call() {
    let function = http(|config| config.timeout = Duration::from_secs(60)).await;
    // Before there is one, and while it comes.
    for (path, waits) in [("/spin", false), ("/sleep-in-body", true)] {
        let mut instance = function.instantiate().await.unwrap();
        let (exchange, response) = get_exchange(path);
        let leave = async {
            if waits {
                let mut body = response.await.unwrap().into_body();
                body.frame().await.unwrap().unwrap();
            }
        };
        let (outcome, ()) = futures::join!(instance.serve(Invocation::new(""), exchange), leave);
        assert_eq!(error(&outcome).code(), ErrorCode::Cancelled, "{path}");
        assert!(!instance.is_alive());
    }
}

#[tokio::test]
async fn exchanges_fail_with_the_codes_of_all_calls() {
    let function = http(|config| config.timeout = Duration::from_millis(300)).await;
    for (path, code, is_whole) in [
        ("/panic", ErrorCode::FunctionFailed, false),
        ("/silent", ErrorCode::FunctionFailed, false),
        ("/unfinished", ErrorCode::FunctionFailed, false),
        ("/spin", ErrorCode::Timeout, false),
        ("/sleep-in-body", ErrorCode::Timeout, false),
        ("/big", ErrorCode::ResponseBodyTooLarge, false),
    ] {
        let mut instance = function.instantiate().await.unwrap();
        let (exchange, response) = get_exchange(path);
        let read = async {
            let Some(response) = response.await else { return false };
            response.into_body().collect().await.is_ok()
        };
        let (outcome, read) = futures::join!(instance.serve(Invocation::new(""), exchange), read);
        assert_eq!((error(&outcome).code(), read), (code, is_whole), "{path}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_reader_that_stalls_holds_no_instance_beyond_the_timeout() {
    let function = http(|config| config.timeout = Duration::from_millis(300)).await;
    let mut instance = function.instantiate().await.unwrap();
    let (exchange, response) = get_exchange("/big");
    let (outcome, response) = futures::join!(instance.serve(Invocation::new(""), exchange), response);
    assert_eq!(error(&outcome).code(), ErrorCode::Timeout, "{outcome:?}");
    assert!(response.unwrap().into_body().collect().await.is_err());
}
