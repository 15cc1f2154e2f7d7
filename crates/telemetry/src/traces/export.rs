//! How spans get to the collector: one request for each of those whom it keeps them for, over a plain HTTP client.

use super::Keys;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{Request, Response, header::AUTHORIZATION};
use metrics::Counter;
use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The most exporters that are kept; each has the headers for one pair of keys.
const KEPT: usize = 256;

/// The most bytes of a collector's answer, which hardly says anything.
const ANSWER_BYTES: u64 = 64 * 1024;

/// The attribute in which a span carries its header on the way to the exporter. It is sent to nobody.
const ACCESS: Key = Key::from_static_str("fngraph.access");

/// The header with which the collector lets a span in.
pub(super) struct Access(String);

impl Access {
    pub(super) fn of(keys: &Keys) -> Self {
        Self(format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", keys.access_key, keys.secret_key))))
    }

    pub(super) fn attribute(&self) -> KeyValue {
        KeyValue::new(ACCESS, self.0.clone())
    }

    /// Takes the header off a span.
    fn take(span: &mut SpanData) -> String {
        let place = span.attributes.iter().position(|attribute| attribute.key == ACCESS);
        match place.map(|place| span.attributes.swap_remove(place).value) {
            Some(Value::String(header)) => header.into(),
            _ => String::new(),
        }
    }
}

/// Sends batches.
pub(super) struct Exporter {
    address: String,
    headers: BTreeMap<String, String>,
    client: Client,
    resource: Resource,
    pending: Arc<AtomicUsize>,
    /// By their header for access.
    exporters: Mutex<HashMap<String, Arc<Otlp>>>,
    is_failing: AtomicBool,
    sent: Counter,
    failed: Counter,
}

impl Exporter {
    pub(super) fn new(
        address: String,
        headers: BTreeMap<String, String>,
        client: Client,
        resource: Resource,
        pending: Arc<AtomicUsize>,
    ) -> Self {
        metrics::describe_counter!("fngraph_spans_exported_total", "Spans that the collector took.");
        metrics::describe_counter!("fngraph_spans_dropped_total", "Spans that were not sent, by reason.");
        Self {
            address,
            headers,
            client,
            resource,
            pending,
            exporters: Mutex::default(),
            is_failing: AtomicBool::new(false),
            sent: metrics::counter!("fngraph_spans_exported_total"),
            failed: metrics::counter!("fngraph_spans_dropped_total", "reason" => "export"),
        }
    }

    /// Whether an exporter can be made.
    pub(super) fn check(&self) -> Result<(), String> {
        self.exporter("").map(drop)
    }

    fn exporter(&self, access: &str) -> Result<Arc<Otlp>, String> {
        let mut exporters = self.exporters.lock();
        if let Some(exporter) = exporters.get(access) {
            return Ok(Arc::clone(exporter));
        }
        let mut headers: HashMap<String, String> = self.headers.clone().into_iter().collect();
        // What the configuration says is for the collector that it names; it knows better.
        if !access.is_empty() && !headers.keys().any(|name| name.eq_ignore_ascii_case(AUTHORIZATION.as_str())) {
            headers.insert(AUTHORIZATION.to_string(), access.to_owned());
        }
        let mut exporter = Otlp::builder()
            .with_http()
            .with_http_client(self.client.clone())
            .with_endpoint(&self.address)
            .with_timeout(self.client.timeout)
            .with_headers(headers)
            .build()
            .map_err(|error| error.to_string())?;
        exporter.set_resource(&self.resource);
        if exporters.len() >= KEPT {
            exporters.clear();
        }
        let exporter = Arc::new(exporter);
        exporters.insert(access.to_owned(), Arc::clone(&exporter));
        Ok(exporter)
    }

    async fn send(&self, access: &str, spans: Vec<SpanData>) {
        let count = spans.len();
        let sent = match self.exporter(access) {
            Ok(exporter) => exporter.export(spans).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        self.pending.fetch_sub(count, Ordering::Relaxed);
        let was_failing = self.is_failing.swap(sent.is_err(), Ordering::Relaxed);
        match sent {
            Ok(()) => self.sent.increment(count as u64),
            Err(error) => {
                self.failed.increment(count as u64);
                if was_failing {
                    tracing::debug!(%error, count, "spans were not sent");
                } else {
                    tracing::warn!(%error, count, endpoint = self.address, "spans were not sent; they are dropped");
                }
            }
        }
    }
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let mut groups: BTreeMap<String, Vec<SpanData>> = BTreeMap::new();
        for mut span in batch {
            groups.entry(Access::take(&mut span)).or_default().push(span);
        }
        for (access, spans) in groups {
            self.send(&access, spans).await;
        }
        // What failed is counted and told already.
        Ok(())
    }
}

/// Headers are credentials.
impl fmt::Debug for Exporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exporter").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The way to the collector. It blocks, which is what the processor's thread is for.
#[derive(Debug, Clone)]
pub(super) struct Client {
    agent: ureq::Agent,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(timeout: Duration) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self { agent: config.into(), timeout }
    }

    fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let response = self.agent.run(Request::from_parts(head, &*body))?;
        let (head, mut body) = response.into_parts();
        let answer = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, Bytes::from(answer)))
    }
}

impl HttpClient for Client {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        let sent = self.post(request);
        Box::pin(std::future::ready(sent))
    }
}
