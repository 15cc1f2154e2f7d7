//! The event that a request becomes (function model, 3.2).

use super::endpoint::Endpoint;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, header};
use percent_encoding::percent_decode_str;
use serde::{Serialize, Serializer, ser::SerializeMap as _};
use std::{borrow::Cow, collections::BTreeMap};

/// A request, as it is described to an event function.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// The gateway's id of the request: 32 hexadecimal digits.
    pub request_id: &'a str,
    /// The method.
    pub method: &'a Method,
    /// The whole path, as it was sent.
    pub path: &'a str,
    /// What was sent behind the question mark; empty for nothing.
    pub query: &'a str,
    /// The headers, those that the gateway adds included.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}

/// The event for a function.
///
/// The body is always base64. Values of the same header are joined, since the cloud's event types have one text for
/// each; values of the same parameter of the query become a list, which is the only way not to lose some.
pub fn event(endpoint: &Endpoint, request: &Described<'_>) -> Bytes {
    let parameters = endpoint.parameters(request.path).into_iter();
    let event = Event {
        body: BASE64_STANDARD.encode(request.body),
        request_context: Context {
            api_id: &endpoint.gateway.api_id,
            request_id: request.request_id,
            stage: &endpoint.gateway.env_name,
        },
        query_string_parameters: query(request.query),
        http_method: request.method.as_str(),
        path_parameters: parameters.map(|(name, value)| (name, decode(value))).collect(),
        headers: Headers(request.headers),
        path: request.path,
        is_base64_encoded: true,
    };
    event.write()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    body: String,
    request_context: Context<'a>,
    query_string_parameters: BTreeMap<Cow<'a, str>, Values<'a>>,
    http_method: &'a str,
    path_parameters: BTreeMap<&'a str, Cow<'a, str>>,
    headers: Headers<'a>,
    path: &'a str,
    is_base64_encoded: bool,
}

impl Event<'_> {
    fn write(&self) -> Bytes {
        // The body, and about as much else as most requests have.
        let mut bytes = Vec::with_capacity(self.body.len() + 1024);
        serde_json::to_writer(&mut bytes, self).expect("texts and maps of texts are always JSON");
        bytes.into()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    api_id: &'a str,
    request_id: &'a str,
    stage: &'a str,
}

/// One value, or several of the same name.
#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    One(Cow<'a, str>),
    Many(Vec<Cow<'a, str>>),
}

struct Headers<'a>(&'a HeaderMap);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.keys_len()))?;
        for name in self.0.keys() {
            map.serialize_entry(name.as_str(), &joined(self.0, name))?;
        }
        map.end()
    }
}

/// All values of a header, as one text.
fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Cow<'a, str> {
    let mut values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let first = values.next().unwrap_or_default();
    // Cookies have a list of their own (RFC 9113, 8.2.3).
    let between = if *name == header::COOKIE { "; " } else { ", " };
    values.fold(first, |mut all, value| {
        let text = all.to_mut();
        text.push_str(between);
        text.push_str(&value);
        all
    })
}

fn query(text: &str) -> BTreeMap<Cow<'_, str>, Values<'_>> {
    let mut parameters = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode_plus(value);
        match parameters.entry(decode_plus(name)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(Values::One(value));
            }
            std::collections::btree_map::Entry::Occupied(mut place) => match place.get_mut() {
                Values::Many(values) => values.push(value),
                Values::One(first) => {
                    let first = std::mem::take(first);
                    place.insert(Values::Many(vec![first, value]));
                }
            },
        }
    }
    parameters
}

fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// As forms have it: a plus is a space.
fn decode_plus(text: &str) -> Cow<'_, str> {
    if text.contains('+') { Cow::Owned(decode(&text.replace('+', " ")).into_owned()) } else { decode(text) }
}

#[cfg(test)]
mod tests;
