//! What of a request is signed: the one form that all its spellings share.

use super::{SignatureError, hex};
use crate::headers::{SDK_DATE, SIGNATURE_ALGORITHM};
use hmac::{Hmac, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header::HOST};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// All but RFC 3986's unreserved characters is escaped.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same for paths, whose slashes stay.
const ESCAPED_IN_PATHS: &AsciiSet = &ESCAPED.remove(b'/');

/// A request as its signature sees it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// The path and query as they came; with HTTP/2 the host, too.
    pub uri: &'a Uri,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
}

/// The code of authenticity over a request with these headers; `payload` stands for the body.
pub(super) fn code(
    request: &Request<'_>,
    names: &[HeaderName],
    payload: &str,
    secret_key: &str,
) -> Result<Hmac<Sha256>, SignatureError> {
    let mut digest = Sha256::new();
    let mut line = |text: &[u8]| {
        digest.update(text);
        digest.update(b"\n");
    };
    line(request.method.as_bytes());
    line(path(request.uri.path()).as_bytes());
    line(query(request.uri.query().unwrap_or_default()).as_bytes());
    for name in names {
        let value = value(request, name)?;
        line(&[name.as_str().as_bytes(), b":", value.trim_ascii()].concat());
    }
    line(b"");
    line(names.iter().map(HeaderName::as_str).collect::<Vec<_>>().join(";").as_bytes());
    digest.update(payload);

    let mut code = Hmac::new_from_slice(secret_key.as_bytes()).expect("HMAC takes keys of any length");
    let date = only(request.headers, &SDK_DATE)?;
    for part in [SIGNATURE_ALGORITHM.as_bytes(), b"\n", date.as_bytes(), b"\n"] {
        code.update(part);
    }
    code.update(hex(&digest.finalize()).as_bytes());
    Ok(code)
}

/// What stands for a body.
pub(super) fn hash(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

/// The value of a header that is there once.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a HeaderValue, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or_else(|| SignatureError::Missing(name.clone()))?;
    match values.next() {
        None => Ok(value),
        Some(_) => Err(SignatureError::Repeated(name.clone())),
    }
}

/// The value of a header. HTTP/2 has the host elsewhere.
fn value<'a>(request: &Request<'a>, name: &HeaderName) -> Result<&'a [u8], SignatureError> {
    match (only(request.headers, name), request.uri.authority()) {
        (Err(SignatureError::Missing(_)), Some(authority)) if name == HOST => Ok(authority.as_str().as_bytes()),
        (value, _) => value.map(HeaderValue::as_bytes),
    }
}

/// Decoded, encoded again, and with a slash at its end.
fn path(path: &str) -> String {
    let decoded: Cow<'_, [u8]> = percent_decode(path.as_bytes()).into();
    let mut path: String = percent_encode(&decoded, ESCAPED_IN_PATHS).collect();
    if !path.ends_with('/') {
        path.push('/');
    }
    path
}

/// The parameters, decoded, sorted, and encoded again.
fn query(query: &str) -> String {
    fn decode(text: &str) -> Vec<u8> {
        // Some clients write a space as a plus, which they sign as a space; none leaves a plus as it is.
        let text = text.replace('+', " ");
        percent_decode(text.as_bytes()).collect()
    }
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect();
    pairs.sort();
    let encode = |bytes: &[u8]| percent_encode(bytes, ESCAPED).to_string();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn paths_have_one_form() {
        for spelling in ["/f/urn:fss:!p r", "/f/urn%3Afss%3a!p%20r", "/f/%75rn%3Afss%3A%21p%20r/"] {
            assert_eq!(path(spelling), "/f/urn%3Afss%3A%21p%20r/", "{spelling}");
        }
        assert_eq!(path("/"), "/");
        assert_eq!(path("/a%2Fb//c+%zz%"), "/a/b//c%2B%25zz%25/");
    }

    #[test]
    fn queries_have_one_form() {
        for spelling in ["b=2&a=x+y&b=10&c", "&c=&b=10&&b=2&a=x%20y"] {
            assert_eq!(query(spelling), "a=x%20y&b=10&b=2&c=", "{spelling}");
        }
        assert_eq!(query(""), "");
        assert_eq!(query("a=b=c&~=*'"), "a=b%3Dc&~=%2A%27");
    }

    proptest! {
        #[test]
        fn the_one_form_is_its_own(text in "/.{0,60}", pairs in ".{0,60}") {
            let once = path(&text);
            prop_assert_eq!(&path(&once), &once);
            let once = query(&pairs);
            prop_assert_eq!(&query(&once), &once);
        }
    }
}
