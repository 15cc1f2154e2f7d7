//! The API gateway's shape of requests and responses, between JSON and HTTP.

use super::http::HttpBody;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header, response};
use http_body_util::{BodyExt as _, Full};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What may not stand in a path as it is.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// What may not stand in a name or value of a query as it is.
const QUERY: &AsciiSet = &PATH.add(b'&').add(b'=').add(b'+').add(b'%').add(b'\'');

/// A request as the gateway describes it. Only what makes the HTTP request is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    http_method: String,
    path: String,
    #[serde(default)]
    query_string_parameters: Option<BTreeMap<String, Values>>,
    #[serde(default)]
    headers: Option<BTreeMap<String, Values>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// One value or several of the same name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    fn iter(&self) -> impl Iterator<Item = &String> {
        match self {
            Self::One(value) => std::slice::from_ref(value).iter(),
            Self::Many(values) => values.iter(),
        }
    }
}

/// The HTTP request that an event describes. The error says what the event lacks.
pub(super) fn request(event: &[u8]) -> Result<Request<HttpBody>, String> {
    let event: Event = serde_json::from_slice(event).map_err(|error| {
        format!("{error}; send an object with httpMethod, path, queryStringParameters, headers and body")
    })?;
    let body = match event.body {
        Some(body) if event.is_base64_encoded => {
            BASE64_STANDARD.decode(body).map(Bytes::from).map_err(|error| format!("the body is not base64: {error}"))?
        }
        body => Bytes::from(body.unwrap_or_default()),
    };
    let method = Method::from_bytes(event.http_method.as_bytes())
        .map_err(|_| format!("`{}` is no HTTP method", event.http_method))?;
    let uri = uri(&event.path, &event.query_string_parameters.unwrap_or_default())?;
    let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    for (name, values) in event.headers.iter().flatten() {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("`{name}` is no header name"))?;
        for value in values.iter() {
            let value = HeaderValue::from_str(value)
                .map_err(|_| format!("the header `{name}` has a value with control characters"))?;
            headers.append(&header, value);
        }
    }
    headers.entry(header::HOST).or_insert(HeaderValue::from_static("localhost"));
    Ok(request)
}

fn uri(path: &str, query: &BTreeMap<String, Values>) -> Result<Uri, String> {
    let mut target = String::new();
    if !path.starts_with('/') {
        target.push('/');
    }
    target.extend(utf8_percent_encode(path, PATH));
    let pairs = query.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    for (index, (name, value)) in pairs.enumerate() {
        target.push(if index == 0 { '?' } else { '&' });
        target.extend(utf8_percent_encode(name, QUERY));
        target.push('=');
        target.extend(utf8_percent_encode(value, QUERY));
    }
    target.parse().map_err(|error| format!("the path and query make no URI: {error}"))
}

/// A response as the gateway expects it: header values in lists, the body always base64.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    body: String,
    headers: BTreeMap<String, Vec<String>>,
    status_code: u16,
    is_base64_encoded: bool,
}

/// The answer that a response becomes.
pub(super) fn response(parts: &response::Parts, body: &[u8]) -> Bytes {
    let mut headers = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(canonical(name.as_str())).or_default().push(value);
    }
    let answer = Answer {
        body: BASE64_STANDARD.encode(body),
        headers,
        status_code: parts.status.as_u16(),
        is_base64_encoded: true,
    };
    serde_json::to_vec(&answer).expect("strings and numbers are always JSON").into()
}

/// A header's name as the cloud spells it: `Content-Type`.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[tokio::test]
    async fn an_event_becomes_the_request_it_describes() {
        let event = r#"{"httpMethod":"POST","path":"/a b/ü","queryStringParameters":{"q":"1&2","r":["x","y"]},
            "headers":{"x-one":"1","x-two":["a","b"]},"body":"aGVsbG8=","isBase64Encoded":true,"pathParameters":{"":"x"}}"#;
        let request = request(event.as_bytes()).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "/a%20b/%C3%BC?q=1%262&r=x&r=y");
        assert_eq!(request.headers().get_all("x-two").iter().count(), 2);
        assert_eq!(request.headers()["host"], "localhost");
        let body = request.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "hello");
    }

    #[test]
    fn an_event_without_a_method_is_refused_with_what_to_send() {
        let error = request(b"{}").unwrap_err();
        assert!(error.contains("httpMethod"), "{error}");
    }

    #[test]
    fn a_response_is_folded_into_the_gateways_shape() {
        let (parts, ()) =
            http::Response::builder().status(201).header("content-type", "text/plain").body(()).unwrap().into_parts();
        let answer: serde_json::Value = serde_json::from_slice(&response(&parts, b"hi")).unwrap();
        let expected = serde_json::json!({
            "body": "aGk=", "headers": {"Content-Type": ["text/plain"]}, "statusCode": 201, "isBase64Encoded": true,
        });
        assert_eq!(answer, expected);
    }

    proptest! {
        #[test]
        fn any_path_and_query_make_a_request_or_an_error(path in "\\PC{0,30}", key in "\\PC{0,8}", value in "\\PC{0,8}") {
            let event = serde_json::json!({
                "httpMethod": "GET", "path": path, "queryStringParameters": {key: value}, "headers": null,
            });
            let _ = request(event.to_string().as_bytes());
        }
    }
}
