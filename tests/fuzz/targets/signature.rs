//! No `Authorization` header makes reading or verifying it panic, and none that was not made with the key is good.
#![no_main]

use fngraph_api::signature::{Authorization, Request};
use http::{HeaderMap, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &str, &[u8])| {
    let (authorization, target, header, body) = input;
    let mut headers = HeaderMap::new();
    for (name, text) in [("authorization", authorization), ("x-sdk-date", "20261123T010203Z"), ("host", header)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    let (Ok(authorization), Ok(uri)) = (Authorization::read(&headers), target.parse::<Uri>()) else { return };
    let request = Request { method: "POST", uri: &uri, headers: &headers, body };
    assert!(authorization.verify(&request, "a key that nobody knows").is_err());
});
