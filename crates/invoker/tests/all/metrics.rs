//! What whoever watches sees: metrics and spans.

use crate::{
    fake::{HANDLE, USED},
    scenario::{BEGIN, MINUTE, SECOND, Scenario, code, instances, text},
};
use fngraph_engine::Invocation;
use fngraph_registry::Reservation;
use fngraph_types::{ErrorCode, RequestId};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use parking_lot::Mutex;
use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::Arc,
};
use tracing_subscriber::fmt::format::FmtSpan;

/// Everything that was counted since this was last asked, except what is nothing: `name{label}` and the number; of a
/// histogram the sum.
fn counted(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let metrics = snapshotter.snapshot().into_vec().into_iter();
    let named = metrics.map(|(key, _, description, value)| {
        assert!(description.is_some_and(|text| !text.is_empty()), "{key:?} is not described");
        let key = key.key();
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        #[expect(clippy::cast_precision_loss, reason = "the numbers of a test are small")]
        let value = match value {
            DebugValue::Counter(count) => count as f64,
            DebugValue::Gauge(value) => value.into_inner(),
            DebugValue::Histogram(values) => values.into_iter().map(|value| value.into_inner()).sum(),
        };
        (format!("{}{{{}}}", key.name(), labels.join(",")), value)
    });
    named.filter(|(_, value)| *value != 0.0).collect()
}

fn expected<const N: usize>(expected: [(&str, f64); N]) -> BTreeMap<String, f64> {
    expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn invocations_are_counted_by_their_outcome_and_start() {
    let recorder = DebuggingRecorder::new();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let scenario = Scenario::with(|options| options.queue_length = 0).await;
    let snapshotter = recorder.snapshotter();
    for event in ["hello", "hello", "fail", "timeout"] {
        let _ = scenario.call("f", event).await.unwrap();
    }
    assert_eq!(code(scenario.call("nobody", "hello").await), ErrorCode::FunctionNotFound);
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    assert_eq!(code(scenario.call("f", "hello").await), ErrorCode::TooManyRequests);
    scenario.fake.release("hold");
    assert_eq!(text(running.await.unwrap()), "hold");
    let duration = HANDLE.as_secs_f64() * 5.0;
    let mut counted = counted(&snapshotter);
    let sum = counted.remove("fngraph_handler_duration_seconds{}").unwrap();
    assert!((sum - duration).abs() < 1e-9, "{sum}");
    assert_eq!(
        counted,
        expected([
            ("fngraph_invocations_total{outcome=success}", 3.0),
            ("fngraph_invocations_total{outcome=function_error}", 2.0),
            ("fngraph_invocations_total{outcome=caller_error}", 1.0),
            ("fngraph_invocations_total{outcome=rejected}", 1.0),
            ("fngraph_starts_total{start=cold}", 2.0),
            ("fngraph_starts_total{start=warm}", 3.0),
        ])
    );
}

#[tokio::test]
async fn gauges_tell_what_there_is() {
    let recorder = DebuggingRecorder::new();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let scenario = Scenario::new().await;
    let snapshotter = recorder.snapshotter();
    scenario.deploy("g").await;
    scenario
        .registry
        .update_scaling(
            &fngraph_types::FunctionId::local("g"),
            &fngraph_types::VersionName::latest(),
            instances(0),
            BEGIN,
        )
        .await
        .unwrap();
    scenario.reserve("latest", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    let calls = [(); 2].map(|()| scenario.begin("f", "hold"));
    scenario.calls(2).await;
    scenario.invoker.invoke_async("g", "hello", None).await.unwrap();
    scenario.invoker.settle().await;
    counted(&snapshotter);
    scenario.advance(SECOND * 30).await;
    #[expect(clippy::cast_precision_loss, reason = "the numbers of a test are small")]
    let memory = 2.0 * USED as f64;
    let mut gauges = counted(&snapshotter);
    gauges.retain(|name, _| !name.starts_with("fngraph_invocations_total"));
    assert_eq!(
        gauges,
        expected([
            ("fngraph_instances{kind=elastic}", 1.0),
            ("fngraph_instances{kind=reserved}", 1.0),
            ("fngraph_invocations_in_flight{}", 2.0),
            ("fngraph_instance_memory_bytes{}", memory),
            ("fngraph_async_requests{}", 1.0),
            ("fngraph_async_oldest_age_seconds{}", 30.0),
        ])
    );
    drop(calls);
}

#[tokio::test]
async fn requests_are_counted_by_how_they_ended() {
    let recorder = DebuggingRecorder::new();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let scenario = Scenario::new().await;
    for event in ["hello", "hello", "fail"] {
        scenario.accept(event).await;
    }
    scenario.invoker.settle().await;
    scenario.scale("f", instances(0)).await;
    scenario.accept("hello").await;
    scenario.advance(MINUTE * 61).await;
    let mut ended = counted(&recorder.snapshotter());
    ended.retain(|name, _| name.starts_with("fngraph_async_requests_ended_total"));
    assert_eq!(
        ended,
        expected([
            ("fngraph_async_requests_ended_total{status=success}", 2.0),
            ("fngraph_async_requests_ended_total{status=fail}", 1.0),
            ("fngraph_async_requests_ended_total{status=discard}", 1.0),
        ])
    );
}

/// Lines of a subscriber.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn install() -> (Self, tracing::subscriber::DefaultGuard) {
        let lines = Self::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        (lines, tracing::subscriber::set_default(subscriber))
    }

    /// The fields of the spans that were closed, in order.
    fn spans(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().clone()).unwrap();
        let spans = text.lines().filter_map(|line| line.split_once("invocation{")?.1.split_once('}'));
        spans.map(|(fields, _)| fields.to_owned()).collect()
    }
}

#[tokio::test]
async fn each_invocation_has_one_span() {
    let (lines, _guard) = Lines::install();
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let id = RequestId::from_u128(7);
    for (urn, event) in [("f", "hello"), ("f", "fail"), ("local:default:f:v1", "hello")] {
        let mut invocation = Invocation::new(event);
        invocation.request_id = id;
        let _ = scenario.begin_with(urn, invocation).await.unwrap().unwrap();
    }
    scenario.scale("f", instances(0)).await;
    let mut invocation = Invocation::new("hello");
    invocation.request_id = id;
    let _ = scenario.begin_with("f", invocation).await.unwrap().unwrap_err();
    let span = |version, rest: &str| format!("request_id={id} function=local:default:f version={version}{rest}");
    assert_eq!(
        lines.spans(),
        [
            span("latest", " start=\"cold\" outcome=\"success\""),
            span("latest", " start=\"warm\" outcome=FSS.4002"),
            span("v1", " start=\"cold\" outcome=\"success\""),
            span("latest", " outcome=FSS.1429"),
        ]
    );
}

#[tokio::test]
async fn each_attempt_of_a_request_has_a_span_of_the_same_id() {
    let (lines, _guard) = Lines::install();
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 1).await;
    let id = scenario.accept("fail 1").await;
    scenario.advance(SECOND * 5).await;
    let spans = lines.spans();
    assert_eq!(spans.len(), 2);
    assert!(spans.iter().all(|span| span.contains(&id.to_string())), "{spans:?}");
    assert!(spans[0].ends_with("FSS.4002") && spans[1].ends_with("\"success\""), "{spans:?}");
}

#[tokio::test]
async fn a_reserved_instance_shows_in_the_span_and_the_counts() {
    let (lines, _guard) = Lines::install();
    let recorder = DebuggingRecorder::new();
    let _installed = metrics::set_default_local_recorder(&recorder);
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!(text(scenario.call("f", "hello").await), "hello");
    assert!(lines.spans()[0].contains("start=\"reserved\""));
    let counted = counted(&recorder.snapshotter());
    assert_eq!(counted.get("fngraph_starts_total{start=reserved}"), Some(&1.0));
}
