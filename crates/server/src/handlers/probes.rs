//! What those ask who run the server: is it alive, is it ready, how does it fare, what does it offer.

use crate::app::App;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};

/// Alive: it answers.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// Ready: it takes calls. Not so once it was told to end.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    if app.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n").into_response();
    }
    "ready\n".into_response()
}

/// Metrics, as Prometheus reads them.
pub(crate) async fn metrics(State(app): State<App>) -> Response {
    typed("text/plain; version=0.0.4; charset=utf-8", app.metrics())
}

/// The OpenAPI document.
pub(crate) async fn openapi(State(app): State<App>) -> Response {
    typed("application/json", app.openapi())
}

fn typed(media: &'static str, text: String) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
