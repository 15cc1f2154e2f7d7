//! The path of an invocation, from a name to an outcome.

use crate::{
    Rejection,
    call::{Call, Service},
    executor::Executor,
    host::Host,
    pool::{Admitted, Claim, Pool},
    route::Target,
    watch::{self, Watch, Watches},
};
use bytes::Bytes;
use fngraph_engine::{Exchange, Invocation, Outcome};
use fngraph_types::{FunctionId, Memory, RequestId, TraceContext, UrnRef};
use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

/// How often a call that meets a pool which was just replaced looks the function up again.
const LOOKUPS: usize = 10;

/// A synchronous invocation.
#[derive(Clone)]
pub struct Request<'a> {
    /// The function: a URN of any length, with a version or alias.
    pub urn: &'a str,
    /// What a short URN leaves out, and the only project in which functions are found. Default: the options' scope, and
    /// every project.
    pub project: Option<&'a str>,
    /// The event and the request id.
    pub invocation: Invocation,
    /// The memory of this call, in MiB, as the caller wrote it. Only looked at when the function has dynamic memory.
    pub memory: Option<&'a str>,
    /// The headers of the call, for the rules of aliases.
    pub headers: Option<Headers<'a>>,
}

/// An asynchronous invocation.
#[derive(Clone)]
pub struct AsyncRequest<'a> {
    /// The function: a URN of any length, with a version or alias.
    pub urn: &'a str,
    /// The event.
    pub event: Bytes,
    /// What makes a second request within the function's maximum event age the same one. Default: none.
    pub idempotency_key: Option<String>,
    /// The trace that all attempts belong to. It is kept in memory only. Default: none.
    pub trace: Option<Arc<TraceContext>>,
}

impl<'a> AsyncRequest<'a> {
    /// An invocation of this function.
    pub fn new(urn: &'a str, event: impl Into<Bytes>) -> Self {
        Self { urn, event: event.into(), idempotency_key: None, trace: None }
    }
}

impl fmt::Debug for AsyncRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncRequest").field("urn", &self.urn).field("bytes", &self.event.len()).finish_non_exhaustive()
    }
}

/// Looks a header up by its name, whatever its case.
pub type Headers<'a> = &'a (dyn Fn(&str) -> Option<&'a str> + Sync);

impl<'a> Request<'a> {
    /// An invocation of this function.
    pub fn new(urn: &'a str, invocation: Invocation) -> Self {
        Self { urn, project: None, invocation, memory: None, headers: None }
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("urn", &self.urn)
            .field("request_id", &self.invocation.request_id)
            .finish_non_exhaustive()
    }
}

/// Whether a call waits when all instances are busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as the options say.
    Queue,
    /// Not at all: it has a queue of its own.
    None,
}

impl<E: Executor> Host<E> {
    /// Finds the function's pool, and runs the invocation there.
    pub(crate) fn invoke(self: &Arc<Self>, request: Request<'_>) -> impl Future<Output = Result<Outcome, Rejection>> {
        self.call(request, |invocation| invocation)
    }

    /// Finds the function's pool, and has an instance there answer an HTTP request.
    pub(crate) fn exchange(
        self: &Arc<Self>,
        request: Request<'_>,
        exchange: Exchange,
    ) -> impl Future<Output = Result<Outcome, Rejection>> {
        self.call(request, |invocation| Service { invocation, exchange })
    }

    async fn call<C: Call>(
        self: &Arc<Self>,
        request: Request<'_>,
        call: impl FnOnce(Invocation) -> C,
    ) -> Result<Outcome, Rejection> {
        let (target, memory) = self.find(&request).inspect_err(|rejection| self.metrics.rejected(rejection.code()))?;
        let Target { pool, alias, watches } = target;
        let mut call = call(request.invocation);
        call.invocation_mut().alias = alias;
        let span = span(&pool, call.invocation());
        // Boxed, so that nobody pays for spans and watches that are not there.
        match watches {
            Some(watches) => {
                let served = self.serve_watched(&watches, pool, call, memory, Patience::Queue);
                Box::pin(served.instrument(span)).await
            }
            None if span.is_disabled() => self.serve(pool, call, memory, Patience::Queue).await,
            None => Box::pin(self.serve(pool, call, memory, Patience::Queue).instrument(span)).await,
        }
    }

    fn find(self: &Arc<Self>, request: &Request<'_>) -> Result<(Target<E>, Memory), Rejection> {
        if self.is_closed() {
            return Err(Rejection::ShuttingDown);
        }
        let scope = &self.options.scope;
        let urn = UrnRef::parse_in(request.urn, &scope.region, request.project.unwrap_or(&scope.project_id))?;
        if request.project.is_some_and(|project| project != urn.project_id) {
            return Err(Rejection::FunctionNotFound(FunctionId::new(urn.project_id, urn.package, urn.name)));
        }
        let target = match request.headers {
            Some(headers) => self.resolve(&urn, headers),
            None => self.resolve(&urn, &|_| None),
        }?;
        let settings = &target.pool.version.settings;
        let memory = match request.memory {
            Some(text) if settings.dynamic_memory => {
                text.parse().map_err(|_| Rejection::Memory(text.chars().take(20).collect()))?
            }
            _ => settings.memory,
        };
        Ok((target, memory))
    }

    /// Runs an invocation that has a queue of its own: it does not wait for an instance.
    pub(crate) async fn run(
        self: &Arc<Self>,
        pool: Arc<Pool<E>>,
        watches: Watches,
        invocation: Invocation,
        memory: Memory,
    ) -> Result<Outcome, Rejection> {
        let span = span(&pool, &invocation);
        match watches {
            Some(watches) => {
                let served = self.serve_watched(&watches, pool, invocation, memory, Patience::None);
                Box::pin(served.instrument(span)).await
            }
            None => self.serve(pool, invocation, memory, Patience::None).instrument(span).await,
        }
    }

    /// [`Self::serve`] between the words to those that watch.
    async fn serve_watched(
        self: &Arc<Self>,
        watches: &[Arc<dyn Watch>],
        pool: Arc<Pool<E>>,
        mut call: impl Call,
        memory: Memory,
        patience: Patience,
    ) -> Result<Outcome, Rejection> {
        let mut watched = Vec::with_capacity(watches.len());
        let began = {
            let waiting = self.waiters.enter(call.invocation().request_id);
            tokio::select! {
                biased;
                () = waiting.token.cancelled() => Err(self.interrupted()),
                () = watch::begin(watches, call.invocation_mut(), &mut watched) => Ok(()),
            }
        };
        let served = match began {
            Ok(()) => self.serve(pool, call, memory, patience).await,
            Err(rejection) => Err(self.rejected(&pool, rejection)),
        };
        watch::end(watched, served.as_ref());
        served
    }

    /// Why a call that was cancelled before it ran does not run.
    fn interrupted(&self) -> Rejection {
        if self.is_closed() { Rejection::ShuttingDown } else { Rejection::Cancelled }
    }

    /// Admit, call, note.
    async fn serve(
        self: &Arc<Self>,
        pool: Arc<Pool<E>>,
        call: impl Call,
        memory: Memory,
        patience: Patience,
    ) -> Result<Outcome, Rejection> {
        let (mut claim, queued) = match pool.admit(memory, patience) {
            Admitted::Now(claim) => (claim, Duration::ZERO),
            // Boxed, as everything that is rare and large.
            later => Box::pin(self.wait(later, memory, call.invocation().request_id, patience)).await?,
        };
        let mut outcome = match claim.ready(memory) {
            Some(instance) => call.run(instance).await,
            None => match Box::pin(claim.start_and_call(call, memory)).await {
                Ok(outcome) => outcome,
                Err(rejection) => return Err(self.rejected(&claim.give_up(), rejection)),
            },
        };
        outcome.receipt.queue = queued;
        if self.clock.is_manual() {
            // The engine goes by the machine's clock; who moves another wants to see that.
            outcome.receipt.at = SystemTime::from(self.clock.now());
        }
        let pool = claim.finish(&mut outcome);
        self.note(&pool, &outcome, patience);
        Ok(outcome)
    }

    /// Waits for an instance, in turn.
    async fn wait(
        self: &Arc<Self>,
        mut admitted: Admitted<E>,
        memory: Memory,
        request_id: RequestId,
        patience: Patience,
    ) -> Result<(Claim<E>, Duration), Rejection> {
        let waiting = self.waiters.enter(request_id);
        let began = now();
        let deadline = self.clock.now() + self.options.queue_timeout;
        let mut lookups = 0;
        loop {
            let pool = match admitted {
                Admitted::Now(claim) => {
                    let queued = now() - began;
                    self.metrics.queue_time.record(queued);
                    return Ok((claim, queued));
                }
                Admitted::Refused(pool, rejection) => return Err(self.rejected(&pool, rejection)),
                Admitted::Elsewhere(pool) => pool,
                Admitted::Later(pool, claim) => tokio::select! {
                    biased;
                    () = waiting.token.cancelled() => {
                        return Err(self.rejected(&pool, self.interrupted()));
                    }
                    claim = claim => match claim {
                        Ok(claim) => {
                            admitted = Admitted::Now(claim);
                            continue;
                        }
                        // The pool was closed, or the function disabled.
                        Err(_) => pool,
                    },
                    () = self.clock.sleep_until(deadline) => {
                        return Err(self.rejected(&pool, Rejection::QueueTimeout));
                    }
                },
            };
            lookups += 1;
            if self.is_closed() {
                return Err(self.rejected(&pool, Rejection::ShuttingDown));
            }
            if lookups > LOOKUPS {
                return Err(self.rejected(&pool, Rejection::QueueTimeout));
            }
            admitted = self.successor(&pool)?.admit(memory, patience);
        }
    }

    /// The pool that took the place of one that was closed.
    fn successor(self: &Arc<Self>, pool: &Arc<Pool<E>>) -> Result<Arc<Pool<E>>, Rejection> {
        let urn = UrnRef {
            region: &self.options.scope.region,
            project_id: &pool.function.project_id,
            package: &pool.function.package,
            name: &pool.function.name,
            qualifier: Some(pool.version.name.as_str()),
        };
        Ok(self.resolve(&urn, &|_| None)?.pool)
    }

    fn note(&self, pool: &Pool<E>, outcome: &Outcome, patience: Patience) {
        self.metrics.ended(&outcome.receipt);
        self.logs.keep(&pool.function, &pool.version.name, outcome, patience == Patience::None, &self.metrics);
        let span = Span::current();
        if !span.is_disabled() {
            span.record("start", outcome.receipt.start.as_str());
            match outcome.receipt.error {
                None => span.record("outcome", "success"),
                Some(code) => span.record("outcome", field::display(code)),
            };
        }
    }

    fn rejected(&self, pool: &Pool<E>, rejection: Rejection) -> Rejection {
        let code = rejection.code();
        self.metrics.rejected(code);
        pool.reject(code);
        Span::current().record("outcome", field::display(code));
        tracing::debug!(%rejection, "rejected");
        rejection
    }

    /// Ends the call with this id, if it runs or waits.
    pub(crate) fn cancel(&self, request_id: RequestId) -> bool {
        // Both, since a call that had to wait stands among the waiters until it ends.
        let waiting = self.waiters.cancel(request_id);
        self.roster.cancel(request_id) || waiting
    }
}

/// What tells invocations apart for who traces them.
fn span<E: Executor>(pool: &Pool<E>, invocation: &Invocation) -> Span {
    tracing::info_span!(
        "invocation",
        request_id = %invocation.request_id,
        function = %pool.function,
        version = %pool.version.name,
        start = field::Empty,
        outcome = field::Empty,
    )
}

fn now() -> Instant {
    Instant::now()
}
