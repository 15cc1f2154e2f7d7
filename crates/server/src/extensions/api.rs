//! What the extensions of one environment ask for: to be registered, and to hear of telemetry (manual, 6.1.4 and
//! 6.2.1.2).

use super::{roster::Refusal, session::Session};
use crate::respond::{RequestBody, Responder};
use axum::{body::Body, response::Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};
use std::sync::Arc;

/// The header with an extension's name.
const NAME: &str = "FunctionGraph-Extension-Name";

/// The header with the address where an extension hears of invocations.
const ADDRESS: &str = "FunctionGraph-Extension-Address";

/// The most bytes of a subscription: some hundred are needed.
const BODY_BYTES: usize = 16 * 1024;

/// Answers the extensions of one environment.
#[derive(Debug, Clone)]
pub(super) struct Api(pub(super) Arc<Session>);

impl Responder for Api {
    async fn respond<B: RequestBody>(&self, request: Request<B>) -> Response {
        let (head, body) = request.into_parts();
        let known = ["/extension/register", "/telemetry"].contains(&head.uri.path());
        if !known {
            let text = format!("there is nothing at `{}`", head.uri.path().chars().take(100).collect::<String>());
            return answer(StatusCode::NOT_FOUND, &self.0.describe("NotFound", &text));
        }
        if head.method != Method::POST {
            let mut answer =
                answer(StatusCode::METHOD_NOT_ALLOWED, &self.0.describe("MethodNotAllowed", "it is a POST"));
            answer.headers_mut().insert(header::ALLOW, const { HeaderValue::from_static("POST") });
            return answer;
        }
        let done = if head.uri.path() == "/telemetry" {
            match Limited::new(body, BODY_BYTES).collect().await {
                Ok(body) => self.0.subscribe(&body.to_bytes()),
                Err(_) => Err(Refusal::Subscription(format!("it has more than {BODY_BYTES} bytes, or no end"))),
            }
        } else {
            // The body of a registration is not looked at, says the manual.
            let text = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            match (text(NAME), text(ADDRESS)) {
                (Some(name), Some(address)) => self.0.register(name, address),
                (None, _) => Err(Refusal::Header(NAME)),
                (Some(_), None) => Err(Refusal::Header(ADDRESS)),
            }
        };
        match done {
            Ok(()) => answer(StatusCode::OK, &self.0.describe("", "")),
            Err(refusal) => {
                tracing::debug!(environment = self.0.name(), %refusal, "refuse an extension's request");
                answer(StatusCode::BAD_REQUEST, &self.0.describe(refusal.kind(), &refusal.to_string()))
            }
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
    response
}

/// What every answer has: whose environment it is, and what was wrong.
pub(super) fn body(function: &str, version: &str, handler: &str, error: (&str, &str)) -> Value {
    let (kind, text) = error;
    json!({
        "functionName": function,
        "functionVersion": version,
        "handler": handler,
        "errorInfo": {"errorType": kind, "errorMessage": text},
    })
}
