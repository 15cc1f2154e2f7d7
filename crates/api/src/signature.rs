//! Signatures of requests with an access key: `SDK-HMAC-SHA256` (manual, 4.2).
//!
//! The client takes an access key and its secret, the server looks the secret up; both compute the same code over one
//! form of the request (`canonical.rs`). Pure functions: whether the moment of a signature is a good one, and whether
//! it was seen before, is for the server to say.
//!
//! ```
//! use fngraph_api::signature::{self, Authorization, Key, Request};
//! use fngraph_types::Timestamp;
//!
//! let mut request = http::Request::get("http://127.0.0.1:8080/v2/p1/fgs/functions").body(b"").unwrap();
//! let key = Key { access: "AK", secret: "SK" };
//! signature::sign(&mut request, key, Timestamp::from_millis(1_795_395_723_000))?;
//!
//! let (method, uri, headers) = (request.method().as_str(), request.uri(), request.headers());
//! assert_eq!(signature::date(headers)?, Timestamp::from_millis(1_795_395_723_000));
//! let authorization = Authorization::read(headers)?;
//! assert_eq!(authorization.access_key(), "AK");
//! authorization.verify(&Request { method, uri, headers, body: b"" }, "SK")?;
//! # Ok::<(), signature::SignatureError>(())
//! ```

mod authorization;
mod canonical;
#[cfg(test)]
mod tests;

pub use authorization::Authorization;
pub use canonical::Request;

use crate::{
    headers::{SDK_CONTENT_SHA256, SDK_DATE},
    time,
};
use canonical::{code, hash};
use fngraph_types::Timestamp;
use hmac::Mac as _;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{AUTHORIZATION, HOST},
};
use std::fmt::Write as _;

/// What stands for the hash of a body that was not signed. The Python SDK leaves out all bodies but JSON and BSON.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// An access key and its secret.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// The access key (AK): says who signs.
    pub access: &'a str,
    /// Its secret key (SK): what they sign with.
    pub secret: &'a str,
}

impl std::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("access", &self.access).finish_non_exhaustive()
    }
}

/// Why a request cannot be signed, or its signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The header is not as it should be.
    #[error("`Authorization` is not of the form `SDK-HMAC-SHA256 Access=…, SignedHeaders=…, Signature=…`")]
    Malformed,
    /// Without this header the signature says too little.
    #[error("the signature must cover the header `{0}`")]
    NotCovered(HeaderName),
    /// The date cannot be read.
    #[error("`X-Sdk-Date` is not of the form 20261123T010203Z")]
    Date,
    /// The signature covers a header that is not there.
    #[error("the signature covers the header `{0}`, which the request does not have")]
    Missing(HeaderName),
    /// The signature covers a header that is there more than once, so that nobody knows which is meant.
    #[error("the signature covers the header `{0}`, which the request has more than once")]
    Repeated(HeaderName),
    /// The access key cannot stand in a header.
    #[error("the access key has characters that cannot be sent")]
    AccessKey,
    /// Something is not as it was signed, or it was signed with another secret.
    #[error("the signature is not that of this request: another secret key, or something was changed on the way")]
    Mismatch,
}

/// Signs a request, with all headers that it has, its host and its body. Adds `Host` (unless it is there),
/// `X-Sdk-Date` and `Authorization`; what is added later is not signed.
///
/// # Errors
/// When the request names no host, has a header more than once, or the access key cannot be sent.
pub fn sign<B: AsRef<[u8]>>(request: &mut http::Request<B>, key: Key<'_>, at: Timestamp) -> Result<(), SignatureError> {
    let date = HeaderValue::from_str(&write_date(at)).map_err(|_| SignatureError::Date)?;
    let host = match request.uri().authority() {
        Some(authority) => {
            let host = authority.as_str().rsplit('@').next().unwrap_or_default();
            Some(HeaderValue::from_str(host).map_err(|_| SignatureError::Missing(HOST))?)
        }
        None => None,
    };
    let headers = request.headers_mut();
    headers.remove(AUTHORIZATION);
    headers.insert(SDK_DATE, date);
    if let Some(host) = host
        && !headers.contains_key(HOST)
    {
        headers.insert(HOST, host);
    }
    if !headers.contains_key(HOST) {
        return Err(SignatureError::Missing(HOST));
    }

    let mut names: Vec<HeaderName> = headers.keys().cloned().collect();
    names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    let body = request.body().as_ref();
    let view = Request { method: request.method().as_str(), uri: request.uri(), headers: request.headers(), body };
    let signature = code(&view, &names, &hash(body), key.secret)?.finalize().into_bytes();
    let authorization = authorization::write(key.access, &names, &signature);
    let authorization = HeaderValue::from_str(&authorization).map_err(|_| SignatureError::AccessKey)?;
    request.headers_mut().insert(AUTHORIZATION, authorization);
    Ok(())
}

impl Authorization {
    /// Says whether this signature is that of a request. What [`Authorization::covers`] does not tell may have been
    /// changed; the method, the path, the query, and the body if its hash was signed, were not.
    ///
    /// # Errors
    /// When it is not, or covers a header that the request does not have.
    pub fn verify(&self, request: &Request<'_>, secret_key: &str) -> Result<(), SignatureError> {
        let matches = |payload: &str| -> Result<bool, SignatureError> {
            // Takes the same time however much of the two is equal.
            Ok(code(request, self.signed_headers(), payload, secret_key)?.verify_slice(self.signature()).is_ok())
        };
        let unsigned = self.covers(&SDK_CONTENT_SHA256)
            && request.headers.get(SDK_CONTENT_SHA256).is_some_and(|value| value == UNSIGNED);
        // For no body the Python SDK signs the hash of nothing, the Node SDK what the header says.
        let matches = if unsigned {
            matches(UNSIGNED)? || (request.body.is_empty() && matches(&hash(b""))?)
        } else {
            matches(&hash(request.body))?
        };
        if matches { Ok(()) } else { Err(SignatureError::Mismatch) }
    }
}

/// When a request was signed: its `X-Sdk-Date`, which is UTC and knows seconds.
///
/// # Errors
/// When it is missing, there more than once, or something else.
pub fn date(headers: &HeaderMap) -> Result<Timestamp, SignatureError> {
    let text = canonical::only(headers, &SDK_DATE)?.to_str().map_err(|_| SignatureError::Date)?;
    let digits = text.bytes().enumerate().all(|(place, byte)| matches!(place, 8 | 15) || byte.is_ascii_digit());
    if text.len() != 16 || !digits || &text[8..9] != "T" {
        return Err(SignatureError::Date);
    }
    let (year, month, day) = (&text[..4], &text[4..6], &text[6..8]);
    let (hour, minute, second) = (&text[9..11], &text[11..13], &text[13..15]);
    let text = match &text[15..] {
        "Z" => format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"),
        _ => return Err(SignatureError::Date),
    };
    time::parse(&text).ok_or(SignatureError::Date)
}

/// A moment as `X-Sdk-Date` has it.
fn write_date(at: Timestamp) -> String {
    time::format(at).replace(['-', ':'], "")
}

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
