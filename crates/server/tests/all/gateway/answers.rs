//! What clients get of functions' results.

use super::{TestGateway, gateway};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_result_becomes_an_answer() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "POST /*").await;
    let answer = json!({
        "statusCode": 418, "isBase64Encoded": true, "body": "AAEC/w==",
        "headers": {
            "content-type": "image/gif", "x-list": ["a", "b"], "x-number": 7, "content-length": "99", "connection": "x-hop",
            "x-hop": "1", "transfer-encoding": "chunked", "keep-alive": "5", "x-request-id": "mine",
        },
    });
    let answer = test.answering("/a", answer).await;
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (418, &[0, 1, 2, 255][..]));
    assert_eq!((answer.header("content-type"), answer.header("content-length")), ("image/gif", "4"));
    assert_eq!(answer.headers.get_all("x-list").iter().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(answer.header("x-number"), "7");
    assert_eq!(answer.header("x-request-id").len(), 32);
    for gone in ["connection", "x-hop", "transfer-encoding", "keep-alive"] {
        assert!(!answer.headers.contains_key(gone), "{gone}: {answer:?}");
    }
    let empty = test.answering("/a", json!({ "statusCode": 204, "body": "not sent" })).await;
    assert_eq!((empty.status.as_u16(), empty.body.len()), (204, 0));
}

#[tokio::test]
async fn results_that_are_no_answers_are_failures_of_the_function() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "POST /").await;
    test.answering("/", json!({ "message": "hello" })).await.refused(500, "FSS.1202");
    for result in [
        "hello".to_owned(),
        json!("hello").to_string(),
        json!({ "statusCode": "200" }).to_string(),
        json!({ "statusCode": 200, "body": { "a": 1 } }).to_string(),
        json!({ "statusCode": 200, "body": "?", "isBase64Encoded": true }).to_string(),
        json!({ "statusCode": 200, "headers": { "a": "b\nc" } }).to_string(),
        json!({ "statusCode": 101 }).to_string(),
    ] {
        let answer = test.answering("/", &result).await;
        answer.refused(500, "FSS.1206");
        assert_eq!(answer.header("x-is-func-err"), "true");
    }
}

#[tokio::test]
async fn functions_that_fail_say_their_code() {
    let test = TestGateway::new().await;
    for (name, code) in [("fail", "FSS.4002"), ("boom", "FSS.4002")] {
        test.entry(name, name).await;
        test.api(name, &format!("GET /{name}")).await;
        let answer = test.get(&format!("/{name}")).await;
        answer.refused(500, code);
        assert!(!answer.json().to_string().contains("stack"), "{answer:?}");
    }
    assert!(test.get("/fail").await.json()["error_msg"].as_str().unwrap().contains("no tea is left"));
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_ended() {
    let test = TestGateway::new().await;
    let short = |trigger: &mut fngraph::Trigger| gateway(trigger).timeout = Duration::from_millis(50);
    for name in ["doze", "spin"] {
        test.entry(name, name).await;
        test.api_with(name, &format!("GET /event/{name}"), short).await;
        test.get(&format!("/event/{name}")).await.refused(504, "APIG.0203");
    }
    test.http_function("http").await;
    test.api_with("http", "GET /spin", short).await;
    test.get("/spin").await.refused(504, "APIG.0203");
    // What they wrote is kept, for they were told to end.
    for name in ["doze", "spin", "http"] {
        assert_eq!(test.codes(name).await, [4208], "{name}");
    }
    test.stop().await;
}

#[tokio::test]
async fn a_function_without_room_is_said_to_be_busy() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api("f", "GET /").await;
    let scaling = fngraph::Scaling { max_instances: fngraph::MaxInstances::DISABLED, ..fngraph::Scaling::default() };
    test.runtime.scale("p1:default:f", scaling).await.unwrap();
    test.get("/").await.refused(429, "FSS.1429");
}
