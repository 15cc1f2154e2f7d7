//! What the sources wrap their values in: Base64, JSON inside of text, and URL encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;
use crate::codec::INVALID_EVENT;

pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes the field called `name`.
pub(super) fn from_base64(name: &str, text: &str) -> Result<Vec<u8>, Error> {
    STANDARD.decode(text).map_err(|error| Error::new(INVALID_EVENT, format!("{name} is no Base64: {error}")))
}

/// Reads the JSON in the field called `name`.
pub(super) fn from_json<T: DeserializeOwned>(name: &str, text: impl AsRef<[u8]>) -> Result<T, Error> {
    serde_json::from_slice(text.as_ref()).map_err(|error| unexpected(name, &error))
}

/// Reads the JSON value of the field called `name`.
pub(super) fn from_value<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, Error> {
    T::deserialize(value).map_err(|error| unexpected(name, &error))
}

fn unexpected(name: &str, error: &serde_json::Error) -> Error {
    Error::new(INVALID_EVENT, format!("{name} is not the JSON that was expected: {error}"))
}

/// Decodes a URL-encoded object key: `%2F` is a slash and `+` a space, since a plus sign itself is sent as `%2B`.
/// What is no escape stays as it is, and what is not UTF-8 becomes U+FFFD.
pub(super) fn from_url(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_escapes_are_decoded_and_the_rest_stays() {
        let cases = [
            ("a%2Fb%2fc", "a/b/c"),
            ("sun+set.png", "sun set.png"),
            ("1%2B1", "1+1"),
            ("%E5%9B%BE.png", "图.png"),
            ("100%", "100%"),
            ("%2", "%2"),
            ("%zz%2", "%zz%2"),
            ("%FF", "\u{fffd}"),
        ];
        for (encoded, decoded) in cases {
            assert_eq!(from_url(encoded), decoded, "{encoded}");
        }
    }

    #[test]
    fn messages_name_the_field() {
        let error = from_base64("body", "?").expect_err("a question mark is no Base64");
        assert_eq!(error.kind(), "InvalidEvent");
        assert!(error.message().starts_with("body is no Base64"));
    }

    #[cfg(not(target_family = "wasm"))]
    mod properties {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            #[test]
            fn any_key_survives_url_encoding(key in ".*") {
                let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
                prop_assert_eq!(from_url(&encoded), key);
            }

            #[test]
            fn no_text_is_too_odd_to_decode(text in "[%+0-9a-fA-F\\PC]*") {
                from_url(&text);
            }

            #[test]
            fn any_bytes_survive_base64(bytes: Vec<u8>) {
                prop_assert_eq!(from_base64("data", &to_base64(&bytes)).expect("was encoded"), bytes);
            }
        }
    }
}
