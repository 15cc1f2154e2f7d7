use super::*;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Uri;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the cloud's Python SDK 3.1.219 and Node SDK 3.1.211 sent to a server that wrote it down; of their headers
/// those that they signed.
#[derive(Deserialize)]
struct Captured {
    access_key: String,
    secret_key: String,
    requests: Vec<CapturedRequest>,
}

#[derive(Deserialize)]
struct CapturedRequest {
    name: String,
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    body_base64: String,
}

impl CapturedRequest {
    fn uri(&self) -> Uri {
        self.target.parse().unwrap()
    }

    fn headers(&self) -> HeaderMap {
        let header = |(name, value): (&String, &String)| {
            (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        };
        self.headers.iter().map(header).collect()
    }

    fn body(&self) -> Vec<u8> {
        [self.body.clone().into_bytes(), STANDARD.decode(&self.body_base64).unwrap()].concat()
    }
}

fn captured() -> Captured {
    serde_json::from_str(include_str!("captured.json")).unwrap()
}

#[test]
fn what_the_sdks_sign_is_accepted() {
    let captured = captured();
    for request in &captured.requests {
        let (uri, headers, body) = (request.uri(), request.headers(), request.body());
        let view = Request { method: &request.method, uri: &uri, headers: &headers, body: &body };
        let authorization = Authorization::read(&headers).unwrap();
        assert_eq!(authorization.access_key(), captured.access_key);
        assert_eq!(authorization.verify(&view, &captured.secret_key), Ok(()), "{}", request.name);
        assert_eq!(date(&headers).unwrap().as_millis() / 86_400_000, 20_780, "{}", request.name);
    }
}

#[test]
fn whatever_is_changed_is_noticed() {
    let captured = captured();
    for request in &captured.requests {
        let (uri, headers, body) = (request.uri(), request.headers(), request.body());
        let view = Request { method: &request.method, uri: &uri, headers: &headers, body: &body };
        let authorization = Authorization::read(&headers).unwrap();
        let check = |what: &str, view: Request<'_>, secret: &str| {
            assert_eq!(authorization.verify(&view, secret), Err(SignatureError::Mismatch), "{}: {what}", request.name);
        };

        check("secret", view, "another");
        check("method", Request { method: "PATCH", ..view }, &captured.secret_key);
        let longer = format!("{}{}z=1", request.target, if request.target.contains('?') { '&' } else { '?' });
        check("query", Request { uri: &longer.parse().unwrap(), ..view }, &captured.secret_key);
        let elsewhere = request.target.replacen("/v", "/w", 1);
        check("path", Request { uri: &elsewhere.parse().unwrap(), ..view }, &captured.secret_key);
        if headers.get(SDK_CONTENT_SHA256).is_none() {
            let body = [&body[..], b" "].concat();
            check("body", Request { body: &body, ..view }, &captured.secret_key);
        }
        for name in authorization.signed_headers() {
            let mut headers = headers.clone();
            headers.insert(name, HeaderValue::from_static("other"));
            check(name.as_str(), Request { headers: &headers, ..view }, &captured.secret_key);

            headers.append(name, HeaderValue::from_static("other"));
            let refused = authorization.verify(&Request { headers: &headers, ..view }, &captured.secret_key);
            assert_eq!(refused, Err(SignatureError::Repeated(name.clone())), "{}", request.name);

            headers.remove(name);
            let refused = authorization.verify(&Request { headers: &headers, ..view }, &captured.secret_key);
            assert_eq!(refused, Err(SignatureError::Missing(name.clone())), "{}", request.name);
        }
    }
}

#[test]
fn a_hash_that_is_only_claimed_is_not_believed() {
    let mut request = http::Request::post("http://h/f").body("right").unwrap();
    request.headers_mut().insert(SDK_CONTENT_SHA256, HeaderValue::from_str(&hash(b"right")).unwrap());
    let key = Key { access: "AK", secret: "SK" };
    sign(&mut request, key, Timestamp::EPOCH).unwrap();
    let authorization = Authorization::read(request.headers()).unwrap();
    let view = Request { method: "POST", uri: request.uri(), headers: request.headers(), body: b"right" };
    assert_eq!(authorization.verify(&view, "SK"), Ok(()));
    assert_eq!(authorization.verify(&Request { body: b"wrong", ..view }, "SK"), Err(SignatureError::Mismatch));
}

#[test]
fn a_body_is_left_out_only_where_that_is_signed() {
    let mut request = http::Request::post("http://h/f").body("right").unwrap();
    sign(&mut request, Key { access: "AK", secret: "SK" }, Timestamp::EPOCH).unwrap();
    request.headers_mut().insert(SDK_CONTENT_SHA256, HeaderValue::from_static(UNSIGNED));
    let authorization = Authorization::read(request.headers()).unwrap();
    let view = Request { method: "POST", uri: request.uri(), headers: request.headers(), body: b"wrong" };
    assert_eq!(authorization.verify(&view, "SK"), Err(SignatureError::Mismatch));
}

#[test]
fn the_host_of_http_2_is_the_authority() {
    let mut request = http::Request::get("https://h:8443/f").body("").unwrap();
    sign(&mut request, Key { access: "AK", secret: "SK" }, Timestamp::EPOCH).unwrap();
    let authorization = Authorization::read(request.headers()).unwrap();
    request.headers_mut().remove(HOST);
    let view = Request { method: "GET", uri: request.uri(), headers: request.headers(), body: b"" };
    assert_eq!(authorization.verify(&view, "SK"), Ok(()));
    let other: Uri = "https://other:8443/f".parse().unwrap();
    assert_eq!(authorization.verify(&Request { uri: &other, ..view }, "SK"), Err(SignatureError::Mismatch));
}

#[test]
fn what_cannot_be_signed_is_said() {
    let key = Key { access: "AK", secret: "SK" };
    let mut nowhere = http::Request::get("/f").body("").unwrap();
    assert_eq!(sign(&mut nowhere, key, Timestamp::EPOCH), Err(SignatureError::Missing(HOST)));
    let mut request = http::Request::get("http://h/f").body("").unwrap();
    let line = Key { access: "A\nK", ..key };
    assert_eq!(sign(&mut request, line, Timestamp::EPOCH), Err(SignatureError::AccessKey));
    assert_eq!(format!("{key:?}"), r#"Key { access: "AK", .. }"#);
}

#[test]
fn only_dates_of_the_one_form_are_read() {
    let read = |text: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(SDK_DATE, HeaderValue::from_bytes(text.as_bytes()).unwrap());
        date(&headers)
    };
    assert_eq!(read("20261123T010203Z"), Ok(Timestamp::from_millis(1_795_395_723_000)));
    assert_eq!(read("19700101T000000Z"), Ok(Timestamp::EPOCH));
    for text in
        ["", "2026-11-23T01:02:03Z", "20261123T010203", "20261323T010203Z", "+2026112T010203Z", "20261123T0102é Z"]
    {
        assert_eq!(read(text), Err(SignatureError::Date), "{text}");
    }
    assert_eq!(date(&HeaderMap::new()), Err(SignatureError::Missing(SDK_DATE)));
}

proptest! {
    #[test]
    fn what_we_sign_is_accepted(
        path in "(/[a-zA-Z0-9:!%~ é]{0,12}){1,4}",
        query in prop::collection::vec(("[a-z&=+é ]{1,5}", ".{0,8}"), 0..4),
        header in "[ -~]{0,20}",
        body in any::<Vec<u8>>(),
        secret in ".{0,40}",
        seconds in 0..4_000_000_000_i64,
    ) {
        let path: String = percent_encoding::percent_encode(path.as_bytes(), percent_encoding::NON_ALPHANUMERIC).collect();
        let target = format!("http://user@h:80/{path}?{}", serde_urlencoded::to_string(query).unwrap());
        let mut request = http::Request::put(target).header("x-note", header).body(body).unwrap();
        let at = Timestamp::from_millis(seconds * 1000);
        sign(&mut request, Key { access: "AK", secret: &secret }, at).unwrap();
        prop_assert_eq!(date(request.headers()), Ok(at));
        prop_assert_eq!(request.headers()[HOST].as_bytes(), b"h:80");
        let view =
            Request { method: "PUT", uri: request.uri(), headers: request.headers(), body: request.body() };
        prop_assert_eq!(Authorization::read(request.headers()).unwrap().verify(&view, &secret), Ok(()));
    }

    #[test]
    fn any_date_is_read_or_refused(text in prop::collection::vec(32..127_u8, 0..20)) {
        let mut headers = HeaderMap::new();
        headers.insert(SDK_DATE, HeaderValue::from_bytes(&text).unwrap());
        let _ = date(&headers);
    }
}
