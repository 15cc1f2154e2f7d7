use super::*;
use fngraph::{FunctionId, Gateway, Source, Timestamp, Trigger};
use http::HeaderValue;
use proptest::prelude::*;
use serde_json::{Value, json};

fn endpoint(path: &str) -> Endpoint {
    let gateway = json!({
        "kind": "apig", "api_id": "a1", "api_name": "api", "path": path, "matching": "prefix", "method": "ANY",
        "protocol": "HTTP", "auth": "NONE", "timeout": 5000, "env_name": "RELEASE",
    });
    let gateway: Gateway = serde_json::from_value(gateway).unwrap();
    let trigger = Trigger::new("t1", Source::Gateway(gateway), Timestamp::EPOCH);
    Endpoint::of(&FunctionId::new("p1", "default", "f"), None, &trigger).unwrap()
}

fn described(endpoint: &Endpoint, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Value {
    let request = Described { request_id: "0123", method: &Method::POST, path, query, headers, body };
    serde_json::from_slice(&event(endpoint, &request)).unwrap()
}

#[test]
fn a_request_is_described_as_documented() {
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("h"));
    for (name, value) in [("accept", "a"), ("accept", "b"), ("cookie", "a=1"), ("cookie", "b=2")] {
        headers.append(name, HeaderValue::from_static(value));
    }
    let endpoint = endpoint("/shop/{id}/{proxy+}");
    let event = described(&endpoint, "/shop/a%20b/x/y%2F", "q=1+2&r=%C3%BC&r=&s", &headers, b"hello");
    let expected = json!({
        "body": "aGVsbG8=",
        "requestContext": { "apiId": "a1", "requestId": "0123", "stage": "RELEASE" },
        "queryStringParameters": { "q": "1 2", "r": ["ü", ""], "s": "" },
        "httpMethod": "POST",
        "pathParameters": { "id": "a b", "": "x/y/", "proxy": "x/y/" },
        "headers": { "host": "h", "accept": "a, b", "cookie": "a=1; b=2" },
        "path": "/shop/a%20b/x/y%2F",
        "isBase64Encoded": true,
    });
    assert_eq!(event, expected);
}

#[test]
fn what_is_not_there_is_empty() {
    let event = described(&endpoint("/"), "/", "", &HeaderMap::new(), b"");
    assert_eq!(
        (&event["body"], &event["queryStringParameters"], &event["pathParameters"]),
        (&json!(""), &json!({}), &json!({}))
    );
}

proptest! {
    #[test]
    fn any_request_can_be_described(
        path in "/[ -~]{0,40}", query in "[ -~]{0,60}", value in prop::collection::vec(32u8.., 0..20),
    ) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            headers.insert("x-any", value);
        }
        let event = described(&endpoint("/{a}/{b+}"), &path, &query, &headers, &value);
        prop_assert_eq!(event["body"].as_str().unwrap(), BASE64_STANDARD.encode(&value));
    }
}
