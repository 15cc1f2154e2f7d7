//! A collector in process, which speaks OTLP over HTTP and keeps what it gets.

use axum::{Router, extract::State, routing::post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse},
    common::v1::{KeyValue, any_value},
    trace::v1::Span,
};
use parking_lot::Mutex;
use prost::Message as _;
use std::sync::Arc;
use tokio_util::task::AbortOnDropHandle;

/// A collector, as long as it lives.
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    requests: Requests,
    _serving: AbortOnDropHandle<()>,
}

type Requests = Arc<Mutex<Vec<Export>>>;

/// One request: its headers and what it brought.
#[derive(Clone)]
pub(crate) struct Export {
    pub(crate) headers: HeaderMap,
    pub(crate) content: ExportTraceServiceRequest,
}

impl Collector {
    pub(crate) async fn new() -> Self {
        let requests = Requests::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&requests));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        let serving = AbortOnDropHandle::new(tokio::runtime::Handle::current().spawn(serving));
        Self { endpoint, requests, _serving: serving }
    }

    pub(crate) fn exports(&self) -> Vec<Export> {
        self.requests.lock().clone()
    }

    /// All spans, parents before those below them, and otherwise in the order of their beginnings.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let exports = self.exports().into_iter();
        let resources = exports.flat_map(|export| export.content.resource_spans);
        let mut spans: Vec<_> =
            resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect();
        let is_below = |span: &Span| span.kind != SERVER;
        spans.sort_by_key(|span| (is_below(span), span.start_time_unix_nano));
        spans
    }
}

/// The number of `SpanKind::Server`.
pub(crate) const SERVER: i32 = 2;

async fn take(State(requests): State<Requests>, headers: HeaderMap, body: Bytes) -> (StatusCode, Vec<u8>) {
    let content = ExportTraceServiceRequest::decode(body).unwrap();
    requests.lock().push(Export { headers, content });
    (StatusCode::OK, ExportTraceServiceResponse::default().encode_to_vec())
}

/// An attribute's value, as text.
pub(crate) fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    Some(match found.value.clone()?.value? {
        any_value::Value::StringValue(text) => text,
        any_value::Value::BoolValue(flag) => flag.to_string(),
        any_value::Value::IntValue(number) => number.to_string(),
        other => panic!("{key} is {other:?}"),
    })
}
