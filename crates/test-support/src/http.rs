//! Requests to a server under test, and its answers.

use serde_json::Value;
use std::time::Duration;
use ureq::{
    Agent,
    http::{HeaderMap, Response},
};

/// How long an answer may take: longer than any guest of the tests runs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The largest answer that is read: twice the largest result of a function.
const LARGEST_ANSWER: u64 = 12 * 1024 * 1024;

/// How much of a request's body a failed test shows, in characters: more than any that a person wrote.
const SHOWN: usize = 1000;

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    /// The request, for whoever reads a failed test.
    pub request: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null where there is none.
    ///
    /// # Panics
    ///
    /// Panics if it is something else.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// A header, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Fails unless the answer has this status.
    ///
    /// # Panics
    ///
    /// Panics if it has not.
    #[must_use]
    #[track_caller]
    pub fn success(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Fails unless the answer has this status and is an error with this code.
    ///
    /// # Panics
    ///
    /// Panics if it is not.
    #[track_caller]
    pub fn failure(self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status, body["error_code"].as_str()), (status, Some(code)), "{self}");
        assert!(body["error_msg"].as_str().is_some_and(|text| !text.is_empty()), "an error says what is wrong: {self}");
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}\nwas answered with {}", self.request, self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        write!(f, "\n{}", self.text())
    }
}

/// A client that takes every status as an answer and trusts no proxy of the machine.
pub(crate) fn agent() -> Agent {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).proxy(None);
    config.build().into()
}

/// Sends a request; without a body, none is sent.
pub(crate) fn send(agent: &Agent, method: &str, url: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
    let shown = body.map(String::from_utf8_lossy).unwrap_or_default();
    let request = format!("{method} {url}\n{}", shown.chars().take(SHOWN).collect::<String>());
    let answer = match method {
        "GET" => bodiless(agent.get(url), headers, body),
        "DELETE" => bodiless(agent.delete(url), headers, body),
        "HEAD" => bodiless(agent.head(url), headers, body),
        "POST" => bodied(agent.post(url), headers, body),
        "PUT" => bodied(agent.put(url), headers, body),
        "PATCH" => bodied(agent.patch(url), headers, body),
        other => panic!("the client knows no method {other}"),
    };
    let mut answer: Response<ureq::Body> = answer.unwrap_or_else(|error| panic!("{request}: {error}"));
    let content = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec();
    let content = content.unwrap_or_else(|error| panic!("{request}: the answer breaks off: {error}"));
    let (parts, _) = answer.into_parts();
    Answer { request, status: parts.status.as_u16(), headers: parts.headers, body: content }
}

type Sent = Result<Response<ureq::Body>, ureq::Error>;

fn bodiless(
    mut request: ureq::RequestBuilder<ureq::typestate::WithoutBody>,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Sent {
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        // The cloud's clients send one with DELETE (manual, 7.6.15).
        Some(body) => request.force_send_body().send(body),
        None => request.call(),
    }
}

fn bodied(
    mut request: ureq::RequestBuilder<ureq::typestate::WithBody>,
    headers: &[(&str, &str)],
    body: Option<&[u8]>,
) -> Sent {
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => request.send(body),
        None => request.send_empty(),
    }
}
