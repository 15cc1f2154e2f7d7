//! Requests from pages of other origins (CORS), for APIs that leave them to the gateway.

use axum::{body::Body, response::Response};
use fngraph::GatewayMethod;
use fngraph_triggers::gateway::Endpoint;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
    },
};

/// How long browsers may remember the answer, in seconds: a day. They cut it to two hours or less themselves.
const MAX_AGE: HeaderValue = HeaderValue::from_static("86400");

/// All origins. Credentials are never allowed with it, so that a page gets what anybody would.
const ANY: HeaderValue = HeaderValue::from_static("*");

/// The method that a preflight request asks for; none when it is none.
pub(super) fn asked(method: &Method, headers: &HeaderMap) -> Option<Method> {
    if *method != Method::OPTIONS || !headers.contains_key(ORIGIN) {
        return None;
    }
    Method::from_bytes(headers.get(ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes()).ok()
}

/// Answers a preflight request.
pub(super) fn preflight(endpoint: &Endpoint, headers: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods(endpoint.gateway.method)));
    // What is asked for is allowed: a star would leave out `Authorization`.
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(ANY));
    answer.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    answer.insert(VARY, HeaderValue::from_static("access-control-request-headers, access-control-request-method"));
    response
}

/// Lets a page of another origin see an answer, unless the function has said who may.
pub(super) fn allow(response: &mut Response) {
    response.headers_mut().entry(ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(ANY);
}

fn methods(method: GatewayMethod) -> &'static str {
    match method {
        GatewayMethod::Any => "GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS",
        GatewayMethod::Get => "GET, HEAD",
        GatewayMethod::Post => "POST",
        GatewayMethod::Put => "PUT",
        GatewayMethod::Delete => "DELETE",
        GatewayMethod::Head => "HEAD",
        GatewayMethod::Patch => "PATCH",
        GatewayMethod::Options => "OPTIONS",
    }
}
