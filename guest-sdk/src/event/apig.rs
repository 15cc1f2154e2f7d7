//! Events of API gateways (`APIG`, `DEDICATEDGATEWAY` and `APIC`), and the answers to them.
//!
//! ```json
#![doc = include_str!("samples/apig.json")]
//! ```

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{encoding, lenient};
use crate::Error;

/// An HTTP request arrived at a gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApigEvent {
    /// The method, such as `GET`.
    pub http_method: String,
    /// The whole path of the request.
    #[serde(default)]
    pub path: String,
    /// The headers; a gateway sends their names in lower case. Mostly [`ApigEvent::header`] is what you want.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub headers: BTreeMap<String, Values>,
    /// The parameters after the question mark.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub query_string_parameters: BTreeMap<String, Values>,
    /// The parameters within the path, by name. The one that takes the rest of the path has the empty name:
    /// [`ApigEvent::greedy_path`].
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub path_parameters: BTreeMap<String, String>,
    /// Facts about the API.
    #[serde(default)]
    pub request_context: RequestContext,
    /// The body as it was sent. Mostly [`ApigEvent::body`] is what you want.
    #[serde(rename = "body", default, deserialize_with = "lenient::null_as_default")]
    pub raw_body: String,
    /// Whether the body was sent as Base64. A gateway always does; templates of the console do not.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

/// Facts about the API that was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RequestContext {
    /// The id of the API.
    pub api_id: String,
    /// The gateway's id of the request, which is also its header `x-request-id`.
    pub request_id: String,
    /// The environment of the API, such as `RELEASE`.
    pub stage: String,
}

impl ApigEvent {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, values) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        values.first()
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query_string_parameters.get(name)?.first()
    }

    /// A parameter within the path.
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.path_parameters.get(name).map(String::as_str)
    }

    /// The parameter that takes the rest of the path, of an API like `/shop/{proxy+}`.
    pub fn greedy_path(&self) -> Option<&str> {
        self.path_parameter("")
    }

    /// The body.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when the body is said to be Base64 and is not.
    pub fn body(&self) -> Result<Vec<u8>, Error> {
        if self.is_base64_encoded {
            encoding::from_base64("body", &self.raw_body)
        } else {
            Ok(self.raw_body.clone().into_bytes())
        }
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when the body is not the JSON of a `T`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        encoding::from_json("body", self.body()?)
    }
}

/// The answer to an HTTP request.
///
/// ```
/// use fngraph_guest::event::ApigResponse;
///
/// let response = ApigResponse::text("no such order").status(404).header("cache-control", "no-store");
/// let json = serde_json::to_value(&response).unwrap();
/// assert_eq!(json["statusCode"], 404);
/// assert_eq!(json["headers"]["cache-control"], "no-store");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApigResponse {
    /// The status of the answer.
    pub status_code: u16,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, Values>,
    /// The body, as text or as Base64.
    #[serde(default)]
    pub body: String,
    /// Whether the body is Base64, which the gateway decodes.
    #[serde(default)]
    pub is_base64_encoded: bool,
}

impl ApigResponse {
    /// An answer without a body.
    pub fn new(status: u16) -> Self {
        Self { status_code: status, headers: BTreeMap::new(), body: String::new(), is_base64_encoded: false }
    }

    /// A text, with status 200.
    pub fn text(text: impl Into<String>) -> Self {
        let response = Self { body: text.into(), ..Self::new(200) };
        response.header("content-type", "text/plain; charset=utf-8")
    }

    /// A value as JSON, with status 200.
    ///
    /// # Errors
    /// What JSON cannot express, such as a map whose keys are not text.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        let response = Self { body: serde_json::to_string(value)?, ..Self::new(200) };
        Ok(response.header("content-type", "application/json"))
    }

    /// Any bytes, with status 200.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        let body = encoding::to_base64(bytes.as_ref());
        let response = Self { body, is_base64_encoded: true, ..Self::new(200) };
        response.header("content-type", "application/octet-stream")
    }

    /// A redirection to another place, with status 302.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::new(302).header("location", location)
    }

    /// Changes the status.
    #[must_use = "this returns the changed answer"]
    pub fn status(mut self, status: u16) -> Self {
        self.status_code = status;
        self
    }

    /// Sets a header, in place of one whose name differs in case only.
    #[must_use = "this returns the changed answer"]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.headers.retain(|known, _| !known.eq_ignore_ascii_case(&name));
        self.headers.insert(name, Values::from(value.into()));
        self
    }

    /// Adds one more value to a header such as `set-cookie`.
    #[must_use = "this returns the changed answer"]
    pub fn append_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        let known = self.headers.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
        self.headers.entry(known.unwrap_or(name)).or_default().0.push(value.into());
        self
    }
}

/// The values of a header or of a query parameter: a text where there is one value, else an array.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "OneOrMany", into = "OneOrMany")]
pub struct Values(Vec<String>);

impl Values {
    /// The first value.
    pub fn first(&self) -> Option<&str> {
        self.0.first().map(String::as_str)
    }

    /// Every value.
    pub fn all(&self) -> &[String] {
        &self.0
    }
}

impl From<&str> for Values {
    fn from(value: &str) -> Self {
        Self(vec![value.to_owned()])
    }
}

impl From<String> for Values {
    fn from(value: String) -> Self {
        Self(vec![value])
    }
}

impl From<Vec<String>> for Values {
    fn from(values: Vec<String>) -> Self {
        Self(values)
    }
}

impl PartialEq<&str> for Values {
    /// Whether this is the one value.
    fn eq(&self, value: &&str) -> bool {
        self.0 == [*value]
    }
}

/// What [`Values`] is on the wire.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Values {
    fn from(values: OneOrMany) -> Self {
        match values {
            OneOrMany::One(value) => Self(vec![value]),
            OneOrMany::Many(values) => Self(values),
        }
    }
}

impl From<Values> for OneOrMany {
    fn from(Values(mut values): Values) -> Self {
        match values.pop() {
            Some(only) if values.is_empty() => Self::One(only),
            Some(last) => {
                values.push(last);
                Self::Many(values)
            }
            None => Self::Many(values),
        }
    }
}

#[cfg(test)]
mod tests;
