//! Spans of the invocations of those functions that are traced (manual, 7.5), by OpenTelemetry's conventions for FaaS.

use fngraph::{
    Clock, Function, Invocation, Outcome, Qualifier, Receipt, Rejection, RequestId, Scope, Start, Timestamp,
    TraceContext, Urn, Version, Watch, Watched, Watcher,
};
use fngraph_telemetry::{Attribute, Keys, Span, Traces};
use futures::{
    FutureExt as _,
    future::{self, BoxFuture},
};
use http::{HeaderMap, HeaderName};
use std::{
    fmt,
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

/// Where the invocation stands in the caller's trace.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What the vendors of the trace say of it.
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The trace that a request belongs to; none when it does not say, or what it says is malformed.
pub(crate) fn trace_context(headers: &HeaderMap) -> Option<Arc<TraceContext>> {
    let mut parents = headers.get_all(&TRACEPARENT).iter();
    let (parent, None) = (parents.next()?, parents.next()) else { return None };
    let states: Option<Vec<_>> = headers.get_all(&TRACESTATE).iter().map(|state| state.to_str().ok()).collect();
    let state = states.map(|states| states.join(","));
    TraceContext::parse(parent.to_str().ok()?, state.as_deref()).map(Arc::new)
}

/// Watches the invocations of functions that have keys for tracing, and makes a span of each. The span is what the
/// function finds as its trace context.
#[derive(Clone)]
pub struct InvocationTraces(Arc<Parts>);

struct Parts {
    /// The way to the collector.
    traces: Option<Arc<Traces>>,
    clock: Clock,
    region: Arc<str>,
    has_warned: AtomicBool,
}

impl InvocationTraces {
    /// Spans go to these traces. Without any, functions that are to be traced are not; the log says so once.
    pub fn new(traces: Option<Arc<Traces>>, clock: Clock, scope: &Scope) -> Self {
        let (region, has_warned) = (Arc::clone(&scope.region), AtomicBool::new(false));
        Self(Arc::new(Parts { traces, clock, region, has_warned }))
    }
}

impl fmt::Debug for InvocationTraces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationTraces").field("traces", &self.0.traces).finish_non_exhaustive()
    }
}

impl Watcher for InvocationTraces {
    fn watch(&self, function: &Arc<Function>, version: &Arc<Version>) -> Option<Arc<dyn Watch>> {
        let tracing = function.tracing.as_ref()?;
        let parts = &self.0;
        let Some(traces) = &parts.traces else {
            if !parts.has_warned.swap(true, Ordering::Relaxed) {
                let function = &function.id;
                tracing::warn!(%function, "functions are to be traced, but `[tracing] endpoint` names no collector");
            }
            return None;
        };
        let qualifier = Some(Qualifier::Version(version.name.clone()));
        let urn = Urn { region: Arc::clone(&parts.region), function: function.id.clone(), qualifier };
        let attributes = vec![
            ("faas.name", Attribute::from(&*function.id.name)),
            ("faas.version", version.name.as_str().into()),
            ("faas.trigger", "other".into()),
            ("cloud.account.id", (&*function.id.project_id).into()),
            ("cloud.resource_id", urn.to_string().into()),
            ("fngraph.package", (&*function.id.package).into()),
        ];
        Some(Arc::new(Tracer(Arc::new(Traced {
            traces: Arc::clone(traces),
            clock: parts.clock.clone(),
            name: function.id.name.to_string(),
            attributes,
            keys: Keys { access_key: tracing.access_key.clone(), secret_key: tracing.secret_key.clone() },
        }))))
    }
}

/// Makes spans of the invocations of one version.
struct Tracer(Arc<Traced>);

/// What all spans of one version have.
struct Traced {
    traces: Arc<Traces>,
    clock: Clock,
    name: String,
    attributes: Vec<(&'static str, Attribute)>,
    keys: Keys,
}

impl Watch for Tracer {
    fn begin<'a>(&'a self, invocation: &'a mut Invocation) -> BoxFuture<'a, Box<dyn Watched>> {
        let parent = invocation.trace.take();
        let context = self.0.traces.begin(parent.as_deref());
        invocation.trace = Some(Arc::new(context.clone()));
        let recording: Box<dyn Watched> = Box::new(Recording {
            version: Arc::clone(&self.0),
            context,
            parent: parent.map(|parent| parent.span_id()),
            began: self.0.clock.now(),
            request_id: invocation.request_id,
            attempt: invocation.attempt,
            alias: invocation.alias.clone(),
        });
        future::ready(recording).boxed()
    }
}

/// One invocation that is traced.
struct Recording {
    version: Arc<Traced>,
    context: TraceContext,
    parent: Option<NonZeroU64>,
    began: Timestamp,
    request_id: RequestId,
    attempt: u32,
    alias: Option<Arc<str>>,
}

impl Watched for Recording {
    fn end(self: Box<Self>, end: Result<&Outcome, &Rejection>) {
        let Self { version, context, parent, began, request_id, attempt, alias } = *self;
        // Most traces are not recorded where only some are.
        if !context.is_sampled() {
            return;
        }
        let mut attributes = version.attributes.clone();
        attributes.push(("faas.invocation_id", request_id.to_string().into()));
        attributes.push(("fngraph.attempt", u64::from(attempt).into()));
        attributes.extend(alias.map(|alias| ("fngraph.alias", (&*alias).into())));
        let (start, end, phases, error) = match end {
            Ok(outcome) => {
                let receipt = &outcome.receipt;
                attributes.extend(cost(receipt));
                let (start, end) = times(receipt);
                (start, end, phases(receipt), receipt.error)
            }
            Err(rejection) => (began.into(), version.clock.now().into(), Vec::new(), Some(rejection.code())),
        };
        let error = error.map(|code| code.to_string());
        attributes.extend(error.iter().map(|code| ("error.type", code.as_str().into())));
        let (name, keys) = (version.name.clone(), Some(version.keys.clone()));
        version.traces.end(&Span { name, context, parent, start, end, attributes, phases, error, keys });
    }
}

/// What an invocation cost, as attributes.
fn cost(receipt: &Receipt) -> [(&'static str, Attribute); 7] {
    [
        ("faas.coldstart", (receipt.start == Start::Cold).into()),
        ("faas.max_memory", (u64::from(receipt.memory.as_mib()) << 20).into()),
        ("fngraph.start", receipt.start.as_str().into()),
        ("fngraph.memory_used", receipt.memory_used.into()),
        ("fngraph.billed_ms", u64::try_from(receipt.billed().as_millis()).unwrap_or(u64::MAX).into()),
        ("fngraph.bytes_in", (receipt.bytes_in as u64).into()),
        ("fngraph.bytes_out", (receipt.bytes_out as u64).into()),
    ]
}

/// From when to when an invocation took: the receipt tells the moment when the handler was called.
fn times(receipt: &Receipt) -> (SystemTime, SystemTime) {
    let before = receipt.total().saturating_sub(receipt.handle);
    (receipt.at.checked_sub(before).unwrap_or(receipt.at), receipt.at + receipt.handle)
}

/// What an invocation spent its time on, in this order; what took none is left out.
fn phases(receipt: &Receipt) -> Vec<(&'static str, Duration)> {
    let phases = [
        ("queue", receipt.queue),
        ("load", receipt.load),
        ("instantiate", receipt.instantiate),
        ("initialize", receipt.initialize),
        ("handle", receipt.handle),
    ];
    phases.into_iter().filter(|(_, duration)| !duration.is_zero()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn check(headers: &[(&'static str, &str)], expected: Option<(&str, Option<&str>)>) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let context = trace_context(&map);
        let seen = context.as_ref().map(|context| (context.traceparent(), context.tracestate()));
        assert_eq!(seen.as_ref().map(|(parent, state)| (parent.as_str(), *state)), expected, "{headers:?}");
    }

    #[test]
    fn the_trace_of_a_request_is_in_its_headers() {
        check(&[], None);
        check(&[("tracestate", "a=1")], None);
        check(&[("traceparent", "00-nonsense")], None);
        check(&[("traceparent", PARENT)], Some((PARENT, None)));
        check(&[("traceparent", PARENT), ("traceparent", PARENT)], None);
        let states = [("traceparent", PARENT), ("tracestate", "a=1"), ("tracestate", "b=2")];
        check(&states, Some((PARENT, Some("a=1,b=2"))));
        check(&[("traceparent", PARENT), ("tracestate", "no")], Some((PARENT, None)));
    }
}
