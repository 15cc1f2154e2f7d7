//! What event functions see of requests.

use super::{Answer, Connection, TestGateway, gateway, piece, pieces};
use crate::support::BEGIN;
use fngraph::{Additional, Alias, Combine, HeaderRule, Matches, Routing, Settings};
use fngraph_test_support::guests;
use fngraph_types::limits;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_request_becomes_the_documented_event() {
    let gateway = TestGateway::new().await;
    gateway.event_function("f").await;
    gateway.api("f", "ANY /shop/{id}/{rest+}").await;
    let target = "/shop/a%20b/x/y?q=1&q=2&r=%C3%BC";
    let request = gateway.request("PATCH", target).header("X-One", "1").header("x-one", "2");
    let request =
        request.header("x-forwarded-for", "10.0.0.9").header("x-real-ip", "10.0.0.9").header("te", "trailers");
    let answer = gateway.send(request, "").await;
    let event = answer.event();
    let request_id = answer.header("x-request-id");
    assert_eq!(request_id.len(), 32);
    assert_eq!(answer.header("x-cff-request-id").replace('-', ""), request_id);
    assert_eq!(answer.header("x-func-err-code"), "0");
    assert!(answer.header("x-cff-invoke-summary").contains("Finish invoke request"));
    let host = gateway.address.to_string();
    let expected = json!({
        "body": "", "isBase64Encoded": true, "httpMethod": "PATCH", "path": "/shop/a%20b/x/y",
        "requestContext": { "apiId": "api-1", "requestId": request_id, "stage": "RELEASE" },
        "queryStringParameters": { "q": ["1", "2"], "r": "ü" },
        "pathParameters": { "id": "a b", "": "x/y", "rest": "x/y" },
        "headers": {
            "host": host, "x-one": "1, 2", "content-length": "0", "x-request-id": request_id,
            "x-forwarded-for": "10.0.0.9, 127.0.0.1", "x-real-ip": "127.0.0.1", "x-forwarded-proto": "http",
            "x-forwarded-host": host,
        },
    });
    let mut seen = event.clone();
    // An empty body may or may not say its length.
    seen["headers"]["content-length"] = json!("0");
    assert_eq!(seen, expected);
    gateway.stop().await;
}

#[tokio::test]
async fn head_is_answered_by_get_and_has_no_body() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "GET /get").await;
    test.api("f", "ANY /any").await;
    let whole = test.get("/get").await;
    assert_eq!(whole.event()["httpMethod"], "GET");
    let answer = test.send(test.request("HEAD", "/get"), "").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    let length = |text: &str| text.parse::<i64>().unwrap();
    let difference = length(answer.header("content-length")) - i64::try_from(whole.body.len()).unwrap();
    assert!(difference.abs() < 100, "{answer:?}");
    assert_eq!(test.send(test.request("HEAD", "/any"), "").await.body.len(), 0);
    test.send(test.request("POST", "/get"), "").await.refused(404, "APIG.0101");
}

#[tokio::test]
async fn aliases_choose_versions_by_the_requests_headers() {
    let test = TestGateway::new().await;
    for version in ["v1", "v2"] {
        let mut settings = Settings::new("index.gateway".parse().unwrap());
        settings.description = version.to_owned();
        test.deploy("f", guests::faults(), settings).await;
        test.runtime.publish("p1:default:f", Some(version)).await.unwrap();
    }
    let rule = HeaderRule { header: "X-Group".to_owned(), matches: Matches::Equals("beta".to_owned()) };
    let routing = Routing::Rules { combine: Combine::And, rules: vec![rule] };
    let alias = Alias {
        name: "prod".parse().unwrap(),
        version: "v1".parse().unwrap(),
        additional: Some(Additional { version: "v2".parse().unwrap(), routing }),
        description: String::new(),
        modified_at: BEGIN,
    };
    test.runtime.alias("p1:default:f", alias).await.unwrap();
    test.api_with("f", "GET /prod", |trigger| trigger.qualifier = "!prod".parse().unwrap()).await;
    test.api_with("f", "GET /v2", |trigger| trigger.qualifier = "v2".parse().unwrap()).await;
    test.api("f", "GET /latest").await;
    let versions = [("/prod", "", "v1"), ("/prod", "beta", "v2"), ("/v2", "", "v2"), ("/latest", "beta", "latest")];
    for (path, group, version) in versions {
        let answer = test.send(test.request("GET", path).header("x-group", group), "").await;
        answer.event();
        assert_eq!(answer.header("x-version"), version, "{path} {group}");
        assert_eq!(answer.headers.contains_key("x-alias"), path == "/prod", "{answer:?}");
    }
}

#[tokio::test]
async fn a_trace_goes_on_in_the_function() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "GET /").await;
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let answer = test.send(test.request("GET", "/").header("traceparent", parent), "").await;
    assert_eq!(answer.header("x-trace"), parent);
}

#[tokio::test]
async fn bodies_that_no_event_can_carry_are_refused_before_they_are_read() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "POST /").await;
    let most = limits::EVENT_BYTES / 4 * 3;
    // What is said is believed: not one byte of these bodies ever comes. Without a length it is read up to the limit.
    for length in [Some(limits::EVENT_BYTES + 1), Some(most + 1), None] {
        let (sender, body) = pieces();
        let mut request = test.request("POST", "/");
        match length {
            Some(length) => request = request.header("content-length", length),
            None => {
                sender.unbounded_send(piece(&"x".repeat(most))).unwrap();
                sender.unbounded_send(piece("y")).unwrap();
            }
        }
        let mut connection = Connection::open(test.address).await;
        let response = connection.send(request.body(body).unwrap()).await;
        Answer::read(response).await.refused(413, "APIG.0201");
        drop(sender);
    }
    // What fits and makes an event that does not is refused by the function's limit.
    test.answering("/", "x".repeat(most)).await.refused(413, "FSS.4140");
}

#[tokio::test]
async fn an_asynchronous_api_answers_at_once() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api_with("f", "POST /async", |trigger| gateway(trigger).is_async = true).await;
    let answer = test.answering("/async", r#"{"statusCode":200}"#).await;
    assert_eq!(answer.status.as_u16(), 202);
    let id = answer.json()["request_id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("x-cff-request-id"), id);
    test.runtime.advance(Duration::from_secs(1)).await;
    let request = test.runtime.status(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(request.status.as_str(), "SUCCESS");
    // Events of asynchronous invocations are smaller.
    test.answering("/async", "x".repeat(300_000)).await.refused(413, "FSS.4140");
}
