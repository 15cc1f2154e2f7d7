//! Requests and answers.

use serde_json::{Value, json};

use super::*;
use crate::event::testing::read;

#[test]
fn sample_is_read() {
    let event: ApigEvent = read(include_str!("../samples/apig.json"));
    assert_eq!(event.http_method, "POST");
    assert_eq!(event.path, "/shop/orders/7");
    assert_eq!(event.query("responseType"), Some("html"));
    assert_eq!(event.query("none"), None);
    assert_eq!(event.greedy_path(), Some("orders/7"));
    assert_eq!(event.request_context.stage, "RELEASE");
    assert_eq!(event.body().expect("the sample's body is Base64"), br#"{"name": "Ada"}"#);
    assert_eq!(event.json::<Value>().expect("the sample's body is JSON"), json!({ "name": "Ada" }));
}

#[test]
fn headers_are_found_in_any_case() {
    let event: ApigEvent = read(include_str!("../samples/apig.json"));
    assert_eq!(event.header("Content-Type"), Some("application/json"));
    assert_eq!(event.header("HOST"), Some("shop.example.com"));
    assert_eq!(event.header("accept"), None);
}

#[test]
fn body_that_is_not_base64_is_taken_as_it_is() {
    let template = r#"{"httpMethod": "GET", "body": "plain", "isBase64Encoded": false}"#;
    let event: ApigEvent = serde_json::from_str(template).expect("the console's template is an event");
    assert_eq!(event.body().expect("text needs no decoding"), b"plain");
}

#[test]
fn body_that_should_be_base64_and_is_not_is_an_error() {
    let event = ApigEvent { raw_body: "?".to_owned(), is_base64_encoded: true, ..ApigEvent::default() };
    assert_eq!(event.body().expect_err("a question mark is no Base64").kind(), "InvalidEvent");
}

#[test]
fn nulls_are_empty() {
    let nulls = r#"{"httpMethod": "GET", "body": null, "headers": null, "pathParameters": null,
        "queryStringParameters": null}"#;
    let event: ApigEvent = serde_json::from_str(nulls).expect("nulls are tolerated");
    assert_eq!(event, ApigEvent { http_method: "GET".to_owned(), ..ApigEvent::default() });
}

#[test]
fn repeated_parameters_come_as_an_array() {
    let repeated = r#"{"httpMethod": "GET", "queryStringParameters": {"tag": ["a", "b"]}}"#;
    let event: ApigEvent = serde_json::from_str(repeated).expect("an array is tolerated");
    assert_eq!(event.query("tag"), Some("a"));
    assert_eq!(event.query_string_parameters["tag"].all(), ["a", "b"]);
}

#[track_caller]
fn check(response: ApigResponse, expected: Value) {
    assert_eq!(serde_json::to_value(response).expect("a response is JSON"), expected);
}

#[test]
fn responses_have_the_shape_that_the_gateway_wants() {
    check(ApigResponse::new(204), json!({ "statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": false }));
    check(
        ApigResponse::text("hi").status(201),
        json!({
            "statusCode": 201,
            "headers": { "content-type": "text/plain; charset=utf-8" },
            "body": "hi",
            "isBase64Encoded": false,
        }),
    );
    check(
        ApigResponse::json(&json!({ "id": 7 })).expect("an object is JSON"),
        json!({
            "statusCode": 200,
            "headers": { "content-type": "application/json" },
            "body": "{\"id\":7}",
            "isBase64Encoded": false,
        }),
    );
    check(
        ApigResponse::bytes([0, 255]),
        json!({
            "statusCode": 200,
            "headers": { "content-type": "application/octet-stream" },
            "body": "AP8=",
            "isBase64Encoded": true,
        }),
    );
    check(
        ApigResponse::redirect("/elsewhere"),
        json!({ "statusCode": 302, "headers": { "location": "/elsewhere" }, "body": "", "isBase64Encoded": false }),
    );
}

#[test]
fn header_replaces_and_append_header_adds() {
    let response = ApigResponse::text("<p>").header("Content-Type", "text/html");
    assert_eq!(response.headers.len(), 1);
    assert_eq!(response.headers["Content-Type"], "text/html");

    let response = response.append_header("set-cookie", "a=1").append_header("Set-Cookie", "b=2");
    assert_eq!(response.headers["set-cookie"].all(), ["a=1", "b=2"]);
    let json = serde_json::to_value(&response).expect("a response is JSON");
    assert_eq!(json["headers"]["set-cookie"], json!(["a=1", "b=2"]));
    assert_eq!(serde_json::from_value::<ApigResponse>(json).expect("what was written is read"), response);
}

#[test]
fn response_of_an_http_function_is_read() {
    let captured =
        r#"{"body": "bmljZQ==", "headers": {"Content-Length": ["4"]}, "statusCode": 200, "isBase64Encoded": true}"#;
    let response: ApigResponse = serde_json::from_str(captured).expect("the captured shape is a response");
    assert_eq!(response.headers["Content-Length"], "4");
}

#[cfg(not(target_family = "wasm"))]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_survives(bytes: Vec<u8>) {
            let event = ApigEvent {
                raw_body: ApigResponse::bytes(&bytes).body,
                is_base64_encoded: true,
                ..ApigEvent::default()
            };
            prop_assert_eq!(event.body().expect("was encoded"), bytes);
        }

        #[test]
        fn any_values_survive(values: Vec<String>) {
            let values = Values::from(values);
            let json = serde_json::to_string(&values).expect("values are JSON");
            prop_assert_eq!(serde_json::from_str::<Values>(&json).expect("what was written is read"), values);
        }
    }
}
