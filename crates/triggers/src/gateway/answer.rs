//! The answer that a function's result becomes (function model, 2.4).

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph::ErrorCode;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use std::{borrow::Cow, fmt, str};

/// What an event function wants the client to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status: 200 to 599.
    pub status: StatusCode,
    /// The headers, as the function gave them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Why a result is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It says no status.
    #[error("the result has no `statusCode`; return an object with statusCode, headers, body and isBase64Encoded")]
    StatusMissing,
    /// It says something that cannot be sent.
    #[error("the result is no answer: {0}; return an object with statusCode, headers, body and isBase64Encoded")]
    Invalid(String),
}

impl AnswerError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::StatusMissing => ErrorCode::StatusMissing,
            Self::Invalid(_) => ErrorCode::ResponseInvalid,
        }
    }
}

/// A result in the documented shape.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'a> {
    #[serde(default)]
    status_code: Option<u16>,
    #[serde(default)]
    headers: Option<Headers>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

impl Answer {
    /// Reads the result of a function.
    ///
    /// # Errors
    /// When it is no object, has no status, or something in it cannot be sent.
    pub fn read(result: &[u8]) -> Result<Self, AnswerError> {
        let invalid = |reason: &dyn fmt::Display| AnswerError::Invalid(reason.to_string());
        if result.trim_ascii_start().first() != Some(&b'{') {
            return Err(invalid(&"it is no JSON object"));
        }
        let shape: Shape<'_> = serde_json::from_slice(result).map_err(|error| invalid(&error))?;
        let status = shape.status_code.ok_or(AnswerError::StatusMissing)?;
        // What begins with 1 announces an answer, and is none.
        if !(200..=599).contains(&status) {
            return Err(invalid(&format_args!("the statusCode {status} is not 200 to 599")));
        }
        let status = StatusCode::from_u16(status).map_err(|error| invalid(&error))?;
        let text = shape.body.unwrap_or_default();
        let body = if shape.is_base64_encoded.unwrap_or_default() {
            let decoded = BASE64_STANDARD.decode(&*text);
            decoded.map_err(|error| invalid(&format_args!("its body is not base64: {error}")))?.into()
        } else {
            Bytes::from(text.into_owned())
        };
        Ok(Self { status, headers: shape.headers.unwrap_or_default().0, body })
    }
}

/// A map of headers, whose values are texts, numbers, booleans, or lists of them.
#[derive(Default)]
struct Headers(HeaderMap);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;

        impl<'de> Visitor<'de> for Map {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of headers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = HeaderMap::new();
                while let Some(Name(name)) = map.next_key()? {
                    let Values(values) = map.next_value()?;
                    for value in values {
                        // There are 32 768 at most; beyond that a map of headers would panic.
                        headers.try_append(&name, value).map_err(A::Error::custom)?;
                    }
                }
                Ok(Headers(headers))
            }
        }

        deserializer.deserialize_map(Map)
    }
}

struct Name(HeaderName);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let name = HeaderName::from_bytes(text.as_bytes());
        name.map(Self).map_err(|_| D::Error::custom(format_args!("`{}` is no header's name", short(&text))))
    }
}

struct Values(Vec<HeaderValue>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's value: a string, number or boolean, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Values, E> {
                let value = HeaderValue::from_str(text);
                let wrong = |_| E::custom(format_args!("`{}` cannot be sent in a header", short(text)));
                value.map(|value| Values(vec![value])).map_err(wrong)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Values, E> {
                Ok(Values(vec![HeaderValue::from_static(if value { "true" } else { "false" })]))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Values, E> {
                Ok(Values(vec![number.into()]))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Values, E> {
                Ok(Values(vec![number.into()]))
            }

            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Values, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
                let mut all = Vec::new();
                while let Some(Scalar(mut value)) = list.next_element()? {
                    all.append(&mut value);
                }
                Ok(Values(all))
            }
        }

        /// An element of a list, which is no list.
        struct Scalar(Vec<HeaderValue>);

        impl<'de> Deserialize<'de> for Scalar {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(deserializer)?;
                if value.is_array() {
                    return Err(D::Error::custom("a header's value is a list of lists"));
                }
                Values::deserialize(value).map(|Values(values)| Self(values)).map_err(D::Error::custom)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

/// So much of a text as an error may show.
fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests;
