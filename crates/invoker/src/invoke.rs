//! The path of an invocation, from a name to an outcome.

use crate::{
    Rejection,
    executor::Executor,
    host::Host,
    pool::{Admitted, Claim, Pool, Sample},
    route::Target,
};
use fngraph_engine::{Invocation, Outcome};
use fngraph_types::{Memory, RequestId, UrnRef};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;
use tracing::{Instrument as _, Span, field};

/// How often a call that meets a pool which was just replaced looks the function up again.
const LOOKUPS: usize = 10;

/// A synchronous invocation.
#[derive(Clone)]
pub struct Request<'a> {
    /// The function: a URN of any length, with a version or alias.
    pub urn: &'a str,
    /// The event and the request id.
    pub invocation: Invocation,
    /// The memory of this call, in MiB, as the caller wrote it. Only looked at when the function has dynamic memory.
    pub memory: Option<&'a str>,
    /// The headers of the call, for the rules of aliases.
    pub headers: Option<Headers<'a>>,
}

/// Looks a header up by its name, whatever its case.
pub type Headers<'a> = &'a (dyn Fn(&str) -> Option<&'a str> + Sync);

impl<'a> Request<'a> {
    /// An invocation of this function.
    pub fn new(urn: &'a str, invocation: Invocation) -> Self {
        Self { urn, invocation, memory: None, headers: None }
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
    pub(crate) async fn invoke(self: &Arc<Self>, request: Request<'_>) -> Result<Outcome, Rejection> {
        let (target, memory) = match self.find(&request) {
            Ok(found) => found,
            Err(rejection) => {
                self.metrics.rejected(rejection.code());
                return Err(rejection);
            }
        };
        let mut invocation = request.invocation;
        invocation.alias = target.alias;
        self.run(target.pool, invocation, memory, Patience::Queue).await
    }

    fn find(self: &Arc<Self>, request: &Request<'_>) -> Result<(Target<E>, Memory), Rejection> {
        if self.is_closed() {
            return Err(Rejection::ShuttingDown);
        }
        let urn = UrnRef::parse(request.urn, &self.options.scope)?;
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

    /// Admit, run, note: what every invocation goes through, whoever asked for it.
    pub(crate) async fn run(
        self: &Arc<Self>,
        pool: Arc<Pool<E>>,
        invocation: Invocation,
        memory: Memory,
        patience: Patience,
    ) -> Result<Outcome, Rejection> {
        let span = tracing::info_span!(
            "invocation",
            request_id = %invocation.request_id,
            function = %pool.function,
            version = %pool.version.name,
            start = field::Empty,
            outcome = field::Empty,
        );
        let noted = Span::clone(&span);
        async move {
            let (claim, queued) = match pool.admit(memory) {
                Ok(Admitted::Now(claim)) => (claim, Duration::ZERO),
                // Boxed, since waiting is rare and large.
                Ok(other) => Box::pin(self.wait(&pool, other, memory, invocation.request_id, patience)).await?,
                Err(rejection) => return Err(self.rejected(&pool, rejection)),
            };
            match claim.call(invocation, memory).await {
                Ok(mut outcome) => {
                    outcome.receipt.queue = queued;
                    self.note(&pool, &outcome, patience, &noted);
                    Ok(outcome)
                }
                Err(rejection) => Err(self.rejected(&pool, rejection)),
            }
        }
        .instrument(span)
        .await
    }

    /// Waits for an instance, in turn.
    async fn wait(
        self: &Arc<Self>,
        pool: &Arc<Pool<E>>,
        mut admitted: Admitted<E>,
        memory: Memory,
        request_id: RequestId,
        patience: Patience,
    ) -> Result<(Claim<E>, Duration), Rejection> {
        let waiting = self.waiters.enter(request_id);
        let began = now();
        let deadline = self.clock.now() + self.options.queue_timeout;
        let mut pool = Arc::clone(pool);
        for _ in 0..LOOKUPS {
            let rejection = match admitted {
                Admitted::Now(claim) => {
                    let queued = now() - began;
                    self.metrics.queue_time.record(queued);
                    return Ok((claim, queued));
                }
                Admitted::Later(_) if patience == Patience::None => Some(Rejection::QueueFull { waiting: 0 }),
                Admitted::Later(claim) => tokio::select! {
                    biased;
                    () = waiting.token.cancelled() => Some(Rejection::Cancelled),
                    claim = claim => match claim {
                        Ok(claim) => {
                            admitted = Admitted::Now(claim);
                            continue;
                        }
                        // The pool was closed, or the function disabled.
                        Err(_) => None,
                    },
                    () = self.clock.sleep_until(deadline) => Some(Rejection::QueueTimeout),
                },
                Admitted::Elsewhere => None,
            };
            if let Some(rejection) = rejection {
                return Err(self.rejected(&pool, rejection));
            }
            if self.is_closed() {
                return Err(self.rejected(&pool, Rejection::ShuttingDown));
            }
            pool = self.successor(&pool)?;
            admitted = pool.admit(memory).map_err(|rejection| self.rejected(&pool, rejection))?;
        }
        Err(self.rejected(&pool, Rejection::QueueTimeout))
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

    fn note(&self, pool: &Pool<E>, outcome: &Outcome, patience: Patience, span: &Span) {
        self.metrics.ended(&outcome.receipt);
        self.logs.keep(&pool.function, &pool.version.name, outcome, patience == Patience::None, &self.metrics);
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
        pool.reject(&Sample::rejected(self.clock.now(), code));
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

fn now() -> Instant {
    Instant::now()
}
