//! Functions that are traced (manual, 7.5), and the spans that a collector gets.

use crate::{
    deployed::deploy,
    otlp::{Collector, SERVER, attribute},
    support::{BEGIN, TestApp},
};
use axum::body::Body;
use fngraph::{Clock, Runtime, Scope};
use fngraph_server::{InvocationTraces, Options};
use fngraph_telemetry::{Traces, TracesOptions};
use http::{Method, Request};
use opentelemetry_proto::tonic::trace::v1::{Span, status::StatusCode};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const TRACING: &str = "/fgs/functions/f/tracing";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const LONG: Duration = Duration::from_secs(60);

/// An API with a collector.
struct Traced {
    app: TestApp,
    collector: Collector,
    traces: Arc<Traces>,
}

impl Traced {
    /// One function `f`, not traced yet.
    async fn new(entry: &str) -> Self {
        let collector = Collector::new().await;
        let mut options = TracesOptions::new(&collector.endpoint);
        options.headers.insert("x-team".to_owned(), "red".to_owned());
        options.service = "orders".to_owned();
        // What is sent is sent by `spans`.
        options.delay = LONG;
        let traces = Arc::new(Traces::open(options).unwrap());
        let watcher = InvocationTraces::new(Some(Arc::clone(&traces)), Clock::manual(BEGIN), &Scope::default());
        let app = TestApp::with(Runtime::builder().watcher(Arc::new(watcher)), Options::default()).await;
        deploy(&app, "f", entry).await;
        Self { app, collector, traces }
    }

    async fn on(self) -> Self {
        self.app.put(TRACING, json!({"tracing_ak": "ak", "tracing_sk": "sk"})).await.expect(200);
        self
    }

    /// What the function answers to a call in this trace.
    async fn call(&self, trace: &[(&str, &str)]) -> Value {
        let answer = self.app.send(request("invocations", trace)).await;
        answer.expect(200)
    }

    /// What was sent, all of it.
    async fn spans(&self) -> Vec<Span> {
        let traces = Arc::clone(&self.traces);
        assert!(tokio::task::spawn_blocking(move || traces.shutdown(LONG)).await.unwrap());
        self.collector.spans()
    }
}

fn request(operation: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri(format!("/v2/p1/fgs/functions/f/{operation}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.header("content-type", "application/json").body(Body::from("{}")).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The trace context of a span, as the function saw it.
fn traceparent(span: &Span) -> String {
    format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.span_id))
}

#[tokio::test]
async fn a_call_becomes_a_span_below_its_callers_and_the_function_sees_it() {
    let traced = Traced::new("context").await.on().await;
    let seen = traced.call(&[("traceparent", PARENT), ("tracestate", "a=1")]).await;
    let spans = traced.spans().await;
    let span = &spans[0];
    assert_eq!((span.name.as_str(), span.kind), ("f", SERVER));
    assert_eq!((hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()), (&PARENT[3..35], &PARENT[36..52]));
    assert_eq!(span.trace_state, "a=1");
    assert_eq!(seen["trace"], json!([traceparent(span), "a=1"]), "the function calls others as this span");

    let expected = [
        ("faas.invocation_id", seen["request_id"].as_str().unwrap()),
        ("faas.name", "f"),
        ("faas.version", "latest"),
        ("faas.coldstart", "true"),
        ("faas.trigger", "other"),
        ("faas.max_memory", "134217728"),
        ("cloud.account.id", "p1"),
        ("cloud.resource_id", "urn:fss:local:p1:function:default:f:latest"),
        ("fngraph.start", "cold"),
        ("fngraph.attempt", "0"),
        ("fngraph.bytes_in", "2"),
    ];
    for (key, value) in expected {
        assert_eq!(attribute(&span.attributes, key).as_deref(), Some(value), "{key}");
    }
    assert_eq!(attribute(&span.attributes, "error.type"), None);

    let below: Vec<_> = spans[1..].iter().map(|span| span.name.as_str()).collect();
    assert_eq!(below, ["load", "instantiate", "handle"], "a cold start, without an initializer");
    assert_eq!(spans[1].start_time_unix_nano, span.start_time_unix_nano);
    assert_eq!(spans[3].end_time_unix_nano, span.end_time_unix_nano);
    for pair in spans[1..].windows(2) {
        assert_eq!(pair[0].end_time_unix_nano, pair[1].start_time_unix_nano, "one after the other");
    }
    for child in &spans[1..] {
        assert_eq!((&child.trace_id, &child.parent_span_id), (&span.trace_id, &span.span_id));
        assert!(child.attributes.is_empty(), "{child:?}");
    }
}

#[tokio::test]
async fn the_collector_is_told_who_sends_what() {
    let traced = Traced::new("echo").await.on().await;
    deploy(&traced.app, "g", "echo").await;
    let keys = json!({"tracing_ak": "other", "tracing_sk": "s:k"});
    traced.app.put("/fgs/functions/g/tracing", keys).await.expect(200);
    for function in ["f", "g"] {
        traced.app.post(&format!("/fgs/functions/{function}/invocations"), json!({})).await.expect(200);
    }
    let spans = traced.spans().await;
    assert!(spans.iter().all(|span| attribute(&span.attributes, "fngraph.access").is_none()), "{spans:?}");
    let exports = traced.collector.exports();
    let mut keys: Vec<_> = exports.iter().map(|export| export.headers["authorization"].to_str().unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["Basic YWs6c2s=", "Basic b3RoZXI6czpr"], "a request for each pair of keys");
    for export in &exports {
        assert_eq!(export.headers["x-team"], "red");
        assert_eq!(export.headers["content-type"], "application/x-protobuf");
        let resource = export.content.resource_spans[0].resource.as_ref().unwrap();
        assert_eq!(attribute(&resource.attributes, "service.name").as_deref(), Some("orders"));
    }
}

#[tokio::test]
async fn a_function_that_is_not_traced_passes_its_callers_trace_on() {
    let traced = Traced::new("context").await;
    assert_eq!(traced.call(&[]).await["trace"], json!([null, null]));
    assert_eq!(traced.call(&[("traceparent", PARENT)]).await["trace"], json!([PARENT, null]));
    assert_eq!(traced.call(&[("traceparent", "00-nonsense")]).await["trace"], json!([null, null]));
    // On, and off again.
    let traced = traced.on().await;
    traced.app.put(TRACING, json!({})).await.expect(200);
    assert_eq!(traced.call(&[("traceparent", PARENT)]).await["trace"], json!([PARENT, null]));
    assert!(traced.spans().await.is_empty());
}

#[tokio::test]
async fn a_call_without_a_trace_begins_one() {
    let traced = Traced::new("context").await.on().await;
    let seen = traced.call(&[("traceparent", "00-nonsense")]).await;
    let spans = traced.spans().await;
    assert_eq!(spans[0].parent_span_id, [0; 0]);
    assert_eq!(seen["trace"][0], traceparent(&spans[0]));
}

#[tokio::test]
async fn what_the_caller_does_not_record_is_not_sent_and_still_passed_on() {
    let traced = Traced::new("context").await.on().await;
    let parent = PARENT.replace("-01", "-00");
    let seen = traced.call(&[("traceparent", &parent)]).await;
    let seen = seen["trace"][0].as_str().unwrap();
    assert!(seen.starts_with(&PARENT[..36]) && seen.ends_with("-00") && seen != parent, "{seen}");
    assert!(traced.spans().await.is_empty());
}

#[tokio::test]
async fn each_attempt_of_an_asynchronous_call_is_a_span_of_its_callers_trace() {
    let traced = Traced::new("fail").await.on().await;
    let retried = json!({"max_async_retry_attempts": 1});
    traced.app.put("/fgs/functions/f/async-invoke-config", retried).await.expect(200);
    traced.app.send(request("invocations-async", &[("traceparent", PARENT)])).await.expect(202);
    traced.app.runtime.advance(LONG * 10).await;
    let spans: Vec<_> = traced.spans().await.into_iter().filter(|span| span.kind == SERVER).collect();
    let of = |span: &Span, key: &str| attribute(&span.attributes, key).unwrap();
    let mut attempts: Vec<_> = spans.iter().map(|span| of(span, "fngraph.attempt")).collect();
    attempts.sort();
    assert_eq!(attempts, ["0", "1"]);
    assert_eq!(of(&spans[0], "faas.invocation_id"), of(&spans[1], "faas.invocation_id"));
    for span in &spans {
        let parent = format!("00-{}-{}-01", hex(&span.trace_id), hex(&span.parent_span_id));
        assert_eq!(parent, PARENT);
        let status = span.status.as_ref().unwrap();
        assert_eq!((status.code(), status.message.as_str()), (StatusCode::Error, "FSS.4002"));
        assert_eq!(of(span, "error.type"), "FSS.4002");
    }
}

#[tokio::test]
async fn a_call_that_reaches_no_instance_is_a_span_too() {
    let traced = Traced::new("echo").await.on().await;
    let off = json!({"max_instance_num": 0});
    traced.app.put("/fgs/functions/f/config-max-instance", off).await.expect(200);
    let refused = traced.app.send(request("invocations", &[("traceparent", PARENT)])).await;
    let code = refused.json()["error_code"].as_str().unwrap().to_owned();
    let spans = traced.spans().await;
    assert_eq!(spans.len(), 1);
    assert_eq!(attribute(&spans[0].attributes, "error.type"), Some(code));
    let begin = u64::try_from(BEGIN.as_millis()).unwrap() * 1_000_000;
    assert_eq!((spans[0].start_time_unix_nano, spans[0].end_time_unix_nano), (begin, begin));
}

#[tokio::test]
async fn keys_are_shown_without_the_secret_one_and_can_be_taken_back() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let none = app.get(TRACING).await;
    none.refused(404, "FSS.0404");
    assert_eq!(none.json()["error_msg"], "can not find tracing aksk");
    let shown = |ak: &str| json!({"tracing_ak": ak, "tracing_sk": "*****"});
    assert_eq!(app.put(TRACING, json!({"tracing_ak": "ak", "tracing_sk": "hush"})).await.expect(200), Value::Null);
    assert_eq!(app.get(TRACING).await.expect(200), shown("ak"));
    // What was shown is sent back, with another access key.
    app.put(TRACING, shown("other")).await.expect(200);
    assert_eq!(app.get(TRACING).await.expect(200), shown("other"));
    let function = app.runtime.function("p1:default:f").unwrap().unwrap();
    assert_eq!(function.tracing.as_ref().unwrap().secret_key, "hush");
    for wrong in [
        json!({"tracing_ak": "ak"}),
        json!({"tracing_sk": "sk"}),
        json!({"tracing_ak": "ak", "tracing_sk": ""}),
        json!({"tracing_ak": "a k", "tracing_sk": "sk"}),
        json!({"tracing_ak": "a".repeat(129), "tracing_sk": "sk"}),
    ] {
        app.put(TRACING, wrong).await.refused(400, "FSS.0400");
    }
    app.put(TRACING, json!({"tracing_ak": "", "tracing_sk": ""})).await.expect(200);
    app.get(TRACING).await.refused(404, "FSS.0404");
    for path in ["/fgs/functions/nobody/tracing", "/fgs/functions/p2:default:f/tracing"] {
        app.get(path).await.refused(404, "FSS.1051");
        app.put(path, json!({"tracing_ak": "ak", "tracing_sk": "sk"})).await.refused(404, "FSS.1051");
    }
}

#[tokio::test]
async fn without_a_collector_tracing_is_configured_and_nothing_happens() {
    let watcher = InvocationTraces::new(None, Clock::manual(BEGIN), &Scope::default());
    let app = TestApp::with(Runtime::builder().watcher(Arc::new(watcher)), Options::default()).await;
    deploy(&app, "f", "context").await;
    app.put(TRACING, json!({"tracing_ak": "ak", "tracing_sk": "sk"})).await.expect(200);
    let seen = app.send(request("invocations", &[("traceparent", PARENT)])).await.expect(200);
    assert_eq!(seen["trace"], json!([PARENT, null]));
}
