//! The `Authorization` header of a signed request.

use super::{SignatureError, canonical::only, hex};
use crate::headers::{SDK_DATE, SIGNATURE_ALGORITHM};
use http::{
    HeaderMap, HeaderName,
    header::{AUTHORIZATION, HOST},
};
use std::str::FromStr;

/// The longest header that is read, in bytes. The SDKs' have about 300.
const BYTES: usize = 4096;

/// The most headers that a signature may cover. The SDKs' cover about ten.
const HEADERS: usize = 64;

/// The longest access key, in bytes. The cloud's have 20.
const ACCESS_KEY: usize = 128;

/// Who signed a request, what of it, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    access_key: String,
    signed_headers: Vec<HeaderName>,
    signature: [u8; 32],
}

impl Authorization {
    /// The one of a request with these headers.
    ///
    /// # Errors
    /// When it is missing, there more than once, malformed, or covers neither host nor date.
    pub fn read(headers: &HeaderMap) -> Result<Self, SignatureError> {
        only(headers, &AUTHORIZATION)?.to_str().map_err(|_| SignatureError::Malformed)?.parse()
    }

    /// The access key: who signed.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The signature, which two requests share only when they are equal in all that it covers.
    pub fn signature(&self) -> &[u8; 32] {
        &self.signature
    }

    /// Whether the signature covers this header.
    pub fn covers(&self, header: &HeaderName) -> bool {
        self.signed_headers.contains(header)
    }

    pub(super) fn signed_headers(&self) -> &[HeaderName] {
        &self.signed_headers
    }
}

impl FromStr for Authorization {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        if text.len() > BYTES {
            return Err(SignatureError::Malformed);
        }
        let parts = text.strip_prefix(SIGNATURE_ALGORITHM).and_then(|parts| parts.strip_prefix(' '));
        let (mut access_key, mut signed_headers, mut signature) = (None, None, None);
        for part in parts.ok_or(SignatureError::Malformed)?.split(',') {
            let (name, value) = part.trim().split_once('=').ok_or(SignatureError::Malformed)?;
            let before = match name {
                "Access" => access_key.replace(value),
                "SignedHeaders" => signed_headers.replace(value),
                "Signature" => signature.replace(value),
                _ => return Err(SignatureError::Malformed),
            };
            if before.is_some() {
                return Err(SignatureError::Malformed);
            }
        }
        let access_key = access_key.filter(|key| (1..=ACCESS_KEY).contains(&key.len()));
        let signed_headers = signed_headers.and_then(|names| {
            let names = names.split(';').map(|name| HeaderName::from_lowercase(name.as_bytes()).ok());
            names.take(HEADERS + 1).collect::<Option<Vec<_>>>().filter(|names| names.len() <= HEADERS)
        });
        let authorization = Self {
            access_key: access_key.ok_or(SignatureError::Malformed)?.to_owned(),
            signed_headers: signed_headers.ok_or(SignatureError::Malformed)?,
            signature: signature.and_then(unhex).ok_or(SignatureError::Malformed)?,
        };
        // Else it could be sent to another server, or at any time.
        for header in [HOST, SDK_DATE] {
            if !authorization.covers(&header) {
                return Err(SignatureError::NotCovered(header));
            }
        }
        Ok(authorization)
    }
}

/// The header's value.
pub(super) fn write(access_key: &str, signed_headers: &[HeaderName], signature: &[u8]) -> String {
    let names: Vec<_> = signed_headers.iter().map(HeaderName::as_str).collect();
    let (names, signature) = (names.join(";"), hex(signature));
    format!("{SIGNATURE_ALGORITHM} Access={access_key}, SignedHeaders={names}, Signature={signature}")
}

/// 32 bytes written in hexadecimal.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != bytes.len() * 2 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ZEROES: &str = "0000000000000000000000000000000000000000000000000000000000000000";

    fn check(text: &str) -> Result<Authorization, SignatureError> {
        text.replace('0', ZEROES).parse()
    }

    #[test]
    fn the_order_of_the_parts_does_not_matter() {
        let one = check("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0").unwrap();
        let other = check("SDK-HMAC-SHA256 Signature=0,SignedHeaders=host;x-sdk-date,Access=AK").unwrap();
        assert_eq!(one, other);
        assert_eq!(one.access_key(), "AK");
    }

    #[test]
    fn everything_else_is_malformed() {
        let many = format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date{}, Signature=0", ";a".repeat(63));
        let long = format!("SDK-HMAC-SHA256 Access={}, SignedHeaders=host;x-sdk-date, Signature=0", "A".repeat(129));
        for text in [
            "",
            "Basic QTpC",
            "SDK-HMAC-SM3 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256Access=AK, SignedHeaders=host;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date",
            "SDK-HMAC-SHA256 Access=, SignedHeaders=host;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256 Access=AK, Access=AK, SignedHeaders=host;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=Host;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;;x-sdk-date, Signature=0",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0g",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=é",
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0, More=1",
            &many,
            &long,
        ] {
            assert_eq!(check(text), Err(SignatureError::Malformed), "{text}");
        }
    }

    #[test]
    fn host_and_date_must_be_covered() {
        let without = |names| check(&format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders={names}, Signature=0"));
        assert_eq!(without("host"), Err(SignatureError::NotCovered(SDK_DATE)));
        assert_eq!(without("x-sdk-date"), Err(SignatureError::NotCovered(HOST)));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(SDK-HMAC-SHA256 )?.{0,200}") {
            let _ = text.parse::<Authorization>();
        }

        #[test]
        fn what_is_written_is_read(
            access_key in "[A-Za-z0-9/+]{1,40}",
            others in prop::collection::vec("[a-z][a-z0-9-]{0,20}", 0..10),
            signature in any::<[u8; 32]>(),
        ) {
            let others = others.iter().map(|name| HeaderName::from_lowercase(name.as_bytes()).unwrap());
            let names: Vec<_> = [HOST, SDK_DATE].into_iter().chain(others).collect();
            let read: Authorization = write(&access_key, &names, &signature).parse().unwrap();
            prop_assert_eq!(read.access_key(), access_key);
            prop_assert_eq!(read.signature(), &signature);
            prop_assert_eq!(read.signed_headers(), names);
        }
    }
}
