//! Spans of invocations, for a collector that speaks OTLP.

mod export;

use export::{Access, Client, Exporter};
use fngraph_types::TraceContext;
use http::{HeaderName, HeaderValue, Uri, uri::Scheme};
use metrics::Counter;
use opentelemetry::{
    InstrumentationScope, KeyValue, StringValue, Value,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::{
    Resource,
    trace::{
        BatchConfigBuilder, BatchSpanProcessor, IdGenerator as _, RandomIdGenerator, SpanData, SpanEvents, SpanLinks,
        SpanProcessor as _,
    },
};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt,
    num::{NonZeroU64, NonZeroU128},
    str::FromStr as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};
use thiserror::Error;

/// What spans say about what made them.
const SCOPE: &str = "fngraph";

/// Where spans go, and how. [`TracesOptions::new`] has a default for everything but the collector.
#[derive(Clone)]
#[non_exhaustive]
pub struct TracesOptions {
    /// The collector's address, such as `http://127.0.0.1:4318`. Spans are posted to `/v1/traces` below it.
    pub endpoint: String,
    /// Headers of every request to the collector. Default: none.
    pub headers: BTreeMap<String, String>,
    /// The resource's `service.name`. Default: `fngraph`.
    pub service: String,
    /// More about the resource: names and values. Default: nothing.
    pub resource: Vec<(&'static str, String)>,
    /// How many spans may wait for being sent; those beyond are dropped, and counted. Default: 8192.
    pub queue: usize,
    /// How long spans wait for others to be sent along with. Default: 1 s.
    pub delay: Duration,
    /// How long one request to the collector may take. Default: 10 s.
    pub timeout: Duration,
}

impl TracesOptions {
    /// Defaults, for a collector at this address.
    pub fn new(endpoint: impl Into<String>) -> Self {
        Self {
            endpoint: endpoint.into(),
            headers: BTreeMap::new(),
            service: "fngraph".to_owned(),
            resource: Vec::new(),
            queue: 8192,
            delay: Duration::from_secs(1),
            timeout: Duration::from_secs(10),
        }
    }
}

/// Headers may be credentials.
impl fmt::Debug for TracesOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracesOptions")
            .field("endpoint", &self.endpoint)
            .field("headers", &self.headers.keys())
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// Why spans cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TracesError {
    /// The collector's address is no URL with a scheme and a host.
    #[error("the collector's address `{0}` is not like http://127.0.0.1:4318 or https://collector.example")]
    Endpoint(String),
    /// A header cannot be sent.
    #[error("the header `{0}` has characters that no header may have")]
    Header(String),
    /// The library refused it all.
    #[error("set up the exporter: {0}")]
    Exporter(String),
}

/// One span that has ended, with those below it.
#[derive(Debug, Clone)]
pub struct Span {
    /// What was done: the function's name.
    pub name: String,
    /// The span itself.
    pub context: TraceContext,
    /// The span that it is part of; none when it begins the trace.
    pub parent: Option<NonZeroU64>,
    /// When it began.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
    /// What is known about it. Names are OpenTelemetry's where it has some.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// The parts of it that took time, in their order, one after the other; they begin with the span.
    pub phases: Vec<(&'static str, Duration)>,
    /// What failed; none for a success.
    pub error: Option<String>,
    /// For whom the collector keeps it.
    pub keys: Option<Keys>,
}

/// Access to a collector: it is sent as `Authorization: Basic`, with the access key as the user's name.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key (AK).
    pub access_key: String,
    /// The secret key (SK).
    pub secret_key: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// The value of a span's attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Attribute {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Attribute {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Attribute {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Sends spans to a collector from a thread of its own, in batches. What it cannot send it drops, and counts: nobody
/// ever waits for it.
pub struct Traces {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
    ids: RandomIdGenerator,
    /// Spans that were handed over and not sent yet.
    pending: Arc<AtomicUsize>,
    queue: usize,
    overflowing: Counter,
}

impl Traces {
    /// Sets everything up. The collector need not be there yet.
    ///
    /// # Errors
    /// When the address or a header cannot be used.
    pub fn open(options: TracesOptions) -> Result<Self, TracesError> {
        let TracesOptions { endpoint, headers, service, resource, queue, delay, timeout } = options;
        let usable = |uri: &Uri| uri.host().is_some() && matches!(uri.scheme(), Some(s) if is_http(s));
        let uri =
            Uri::from_str(&endpoint).ok().filter(usable).ok_or_else(|| TracesError::Endpoint(endpoint.clone()))?;
        for (name, value) in &headers {
            if HeaderName::from_str(name).is_err() || HeaderValue::from_str(value).is_err() {
                return Err(TracesError::Header(name.clone()));
            }
        }
        let attributes = resource.into_iter().map(|(name, value)| KeyValue::new(name, value));
        let resource = Resource::builder_empty().with_service_name(service).with_attributes(attributes).build();
        let queue = queue.max(1);
        let pending = Arc::new(AtomicUsize::new(0));
        let client = Client::new(timeout);
        let address = format!("{}/v1/traces", uri.to_string().trim_end_matches('/'));
        let exporter = Exporter::new(address, headers, client, resource, Arc::clone(&pending));
        exporter.check().map_err(TracesError::Exporter)?;
        let config = BatchConfigBuilder::default()
            .with_max_queue_size(queue)
            .with_max_export_batch_size(queue.min(512))
            .with_scheduled_delay(delay)
            .build();
        Ok(Self {
            processor: BatchSpanProcessor::new(exporter, config),
            scope: InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION")).build(),
            ids: RandomIdGenerator::default(),
            pending,
            queue,
            overflowing: metrics::counter!("fngraph_spans_dropped_total", "reason" => "queue"),
        })
    }

    /// A new span below this one, or, without one, of a new trace, which is recorded.
    pub fn begin(&self, parent: Option<&TraceContext>) -> TraceContext {
        let span = u64::from_be_bytes(self.ids.new_span_id().to_bytes());
        let span = NonZeroU64::new(span).unwrap_or(NonZeroU64::MIN);
        match parent {
            Some(parent) => parent.with_span(span),
            None => {
                let trace = u128::from_be_bytes(self.ids.new_trace_id().to_bytes());
                TraceContext::new(NonZeroU128::new(trace).unwrap_or(NonZeroU128::MIN), span, true)
            }
        }
    }

    /// Sends a span that has ended, some time later. One that is not recorded goes nowhere.
    pub fn end(&self, span: &Span) {
        if !span.context.is_sampled() {
            return;
        }
        let Some(context) = context(&span.context) else { return };
        let access = span.keys.as_ref().map(Access::of);
        let mut at = span.start;
        for (name, duration) in &span.phases {
            let id = self.ids.new_span_id();
            let state = context.trace_state().clone();
            let own = SpanContext::new(context.trace_id(), id, context.trace_flags(), false, state);
            let end = at + *duration;
            self.hand_over(SpanData {
                parent_span_id: context.span_id(),
                ..self.data(own, Cow::Borrowed(*name), SpanKind::Internal, (at, end), Vec::new(), access.as_ref())
            });
            at = end;
        }
        let attributes = span.attributes.iter().map(|(name, value)| KeyValue::new(*name, value.clone())).collect();
        let name = Cow::Owned(span.name.clone());
        let times = (span.start, span.end);
        self.hand_over(SpanData {
            parent_span_id: span.parent.map_or(SpanId::INVALID, |id| SpanId::from(id.get())),
            parent_span_is_remote: span.parent.is_some(),
            status: span.error.clone().map_or(Status::Unset, Status::error),
            ..self.data(context, name, SpanKind::Server, times, attributes, access.as_ref())
        });
    }

    fn data(
        &self,
        span_context: SpanContext,
        name: Cow<'static, str>,
        span_kind: SpanKind,
        (start_time, end_time): (SystemTime, SystemTime),
        mut attributes: Vec<KeyValue>,
        access: Option<&Access>,
    ) -> SpanData {
        attributes.extend(access.map(Access::attribute));
        SpanData {
            span_context,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind,
            name,
            start_time,
            end_time,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: self.scope.clone(),
        }
    }

    fn hand_over(&self, data: SpanData) {
        // Counted here, since the processor only tells in its log what it dropped.
        let taken = self.pending.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |pending| {
            (pending < self.queue).then_some(pending + 1)
        });
        match taken {
            Ok(_) => self.processor.on_end(data),
            Err(_) => self.overflowing.increment(1),
        }
    }

    /// Sends what waits, and waits for that: blocks up to `timeout`. Says whether all was sent. Spans that end later
    /// are dropped.
    pub fn shutdown(&self, timeout: Duration) -> bool {
        self.processor.shutdown_with_timeout(timeout).is_ok() && self.pending.load(Ordering::Relaxed) == 0
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").field("pending", &self.pending).field("queue", &self.queue).finish_non_exhaustive()
    }
}

impl From<Attribute> for Value {
    fn from(attribute: Attribute) -> Self {
        match attribute {
            Attribute::Text(text) => Self::String(StringValue::from(text)),
            Attribute::Number(number) => Self::I64(number),
            Attribute::Flag(flag) => Self::Bool(flag),
        }
    }
}

/// The library's form of a context.
fn context(context: &TraceContext) -> Option<SpanContext> {
    let trace = TraceId::from(context.trace_id().get());
    let span = SpanId::from(context.span_id().get());
    // The library reads what the vendors say by rules of its own; what it does not understand is left out of the span.
    let state = context.tracestate().and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
    let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, false, state);
    context.is_valid().then_some(context)
}

fn is_http(scheme: &Scheme) -> bool {
    *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn what_cannot_be_used_is_refused() {
        for endpoint in ["", "127.0.0.1:4318", "ftp://collector", "http://", "/v1/traces"] {
            let error = Traces::open(TracesOptions::new(endpoint)).unwrap_err();
            assert_eq!(error, TracesError::Endpoint(endpoint.to_owned()));
        }
        let mut options = TracesOptions::new("http://127.0.0.1:4318");
        options.headers.insert("x-key".to_owned(), "a\nb".to_owned());
        assert_eq!(Traces::open(options).unwrap_err(), TracesError::Header("x-key".to_owned()));
    }

    #[test]
    fn what_is_secret_is_not_shown() {
        let mut options = TracesOptions::new("http://127.0.0.1:4318");
        options.headers.insert("x-key".to_owned(), "hush".to_owned());
        let keys = Keys { access_key: "ak".to_owned(), secret_key: "hush".to_owned() };
        let shown = format!("{options:?} {keys:?}");
        assert!(shown.contains("x-key") && shown.contains("ak") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn what_is_not_sent_is_counted() {
        let recorder = crate::metrics::recorder();
        let counted = metrics::with_local_recorder(&recorder, || {
            // Nobody listens there.
            let mut options = TracesOptions::new("http://127.0.0.1:1");
            (options.queue, options.delay, options.timeout) = (2, DAY, Duration::from_millis(1));
            let traces = Traces::open(options).unwrap();
            let context = traces.begin(None);
            let mut span = Span {
                name: "f".to_owned(),
                context: TraceContext::new(context.trace_id(), context.span_id(), false),
                parent: None,
                start: SystemTime::UNIX_EPOCH,
                end: SystemTime::UNIX_EPOCH + DAY,
                attributes: Vec::new(),
                phases: vec![("load", DAY / 2), ("handle", DAY / 2)],
                error: None,
                keys: None,
            };
            traces.end(&span);
            assert_eq!(traces.pending.load(Ordering::Relaxed), 0, "it is not recorded");
            span.context = context;
            traces.end(&span);
            assert!(traces.shutdown(DAY), "what cannot be sent is not waited for");
            recorder.handle().render()
        });
        for (reason, count) in [("queue", 1), ("export", 2)] {
            let line = format!("fngraph_spans_dropped_total{{reason=\"{reason}\"}} {count}\n");
            assert!(counted.contains(&line), "{line} is not in {counted}");
        }
    }

    #[test]
    fn a_span_is_new_in_the_trace_of_its_parent_or_in_a_new_one() {
        let traces = Traces::open(TracesOptions::new("http://127.0.0.1:1")).unwrap();
        let root = traces.begin(None);
        let child = traces.begin(Some(&root));
        assert!(root.is_sampled() && child.is_sampled());
        assert_eq!(root.trace_id(), child.trace_id());
        assert_ne!(root.span_id(), child.span_id());
        assert_ne!(traces.begin(None).trace_id(), root.trace_id());
        let unsampled = TraceContext::new(root.trace_id(), root.span_id(), false);
        assert!(!traces.begin(Some(&unsampled)).is_sampled());
    }
}
