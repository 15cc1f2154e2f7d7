//! A live function: what takes calls.

mod apig;
mod command;
mod event;
mod exchange;
mod failure;
mod http;

pub(crate) use event::{EventGuest, EventPlan};
pub use exchange::{Exchange, PendingResponse};
pub(crate) use failure::{Cancelled, OutOfTime};
pub use http::HttpBody;
pub(crate) use http::HttpGuest;

use crate::{
    Canceller, Invocation, InvokeError, Log, Outcome, Startup, cancel::Running, clock, function::Prepared, host::State,
};
use bytes::Bytes;
use failure::Ending;
use fngraph_types::{RequestId, limits};
use pin_project_lite::pin_project;
use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};
use wasmtime_wasi::p2::bindings::CommandPre;

/// A live function. One call at a time; dropping it ends it at once.
pub struct Instance {
    prepared: Arc<Prepared>,
    body: Body,
    startup: Startup,
    running: Arc<Running>,
    /// False while a call is running, and for good when one did not come back in order.
    alive: bool,
}

pub(crate) enum Body {
    Event(EventGuest),
    Http(HttpGuest),
    /// A command is made anew for each call.
    Command(CommandPre<State>),
}

/// A call that has begun.
struct Tracked {
    request_id: RequestId,
    bytes_in: usize,
    started: clock::Instant,
    at: SystemTime,
    /// The instance had ended before.
    refused: bool,
}

/// What came out of a guest.
struct Answer {
    result: Result<Bytes, InvokeError>,
    log: Log,
    memory_used: u64,
    /// Creating the instance, if that was part of the call.
    instantiate: Duration,
    /// Whether the guest can be called again.
    survived: bool,
}

impl Instance {
    pub(crate) fn new(prepared: Arc<Prepared>, body: Body, startup: Startup, running: Arc<Running>) -> Self {
        Self { prepared, body, startup, running, alive: true }
    }

    /// What it took to bring the instance up.
    pub fn startup(&self) -> Startup {
        self.startup
    }

    /// What ends a call of this instance from elsewhere.
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.running))
    }

    /// Whether the instance can take another call. A trap, a timeout, or a call that was dropped halfway ends it; an
    /// error that the handler returned does not.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Calls the function: events go to the handler, to a command's stdin, or, in the shape that the API gateway
    /// sends, to an HTTP function as a request.
    ///
    /// The outcome's receipt is that of a warm call; [`crate::PreparedFunction::run`] adds the start.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancel safety
    /// Dropping the future stops the guest at its next tick (about 1 ms) and ends the instance.
    pub async fn call(&mut self, invocation: Invocation) -> Outcome {
        let bytes = invocation.event.len();
        let tracked = self.begin(&invocation);
        let prepared = &*self.prepared;
        let answer = match &mut self.body {
            _ if tracked.refused => Answer::untouched(InvokeError::InstanceEnded),
            _ if bytes > limits::EVENT_BYTES => {
                Answer::untouched(InvokeError::RequestTooLarge { bytes, limit: limits::EVENT_BYTES })
            }
            Body::Event(guest) => {
                let handled = guest.call(prepared, &self.running, invocation, tracked.started).await;
                guest.answer(prepared, handled)
            }
            // Boxed, since their large futures would be copied around by every call of an event function.
            Body::Http(guest) => Box::pin(guest.call(prepared, invocation, tracked.started)).await,
            Body::Command(pre) => {
                Box::pin(command::call(prepared, pre, &self.running, invocation, tracked.started)).await
            }
        };
        self.end(tracked, answer)
    }

    /// Hands an HTTP request to an HTTP function without holding its body or that of the response: both stream while
    /// this future is polled. The invocation's event is not looked at, and the outcome has no result but its success.
    ///
    /// The call ends when the response has; when nobody reads that any more it answers [`InvokeError::Cancelled`], and
    /// a response of more than 6 MB is cut.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancel safety
    /// Dropping the future stops the guest, truncates the response, and ends the instance.
    pub async fn serve(&mut self, invocation: Invocation, exchange: Exchange) -> Outcome {
        let tracked = self.begin(&invocation);
        let mut carried = exchange::Carried::default();
        let answer = match &mut self.body {
            _ if tracked.refused => Answer::untouched(InvokeError::InstanceEnded),
            Body::Http(guest) => {
                let served =
                    exchange::serve(guest, &self.prepared, &self.running, invocation, tracked.started, exchange);
                let (answer, bytes) = Box::pin(served).await;
                carried = bytes;
                answer
            }
            Body::Event(_) | Body::Command(_) => {
                let reason = "only an HTTP function answers HTTP requests".to_owned();
                Answer::untouched(InvokeError::InvalidRequest(reason))
            }
        };
        let mut outcome = self.end(tracked, answer);
        (outcome.receipt.bytes_in, outcome.receipt.bytes_out) = (carried.bytes_in, carried.bytes_out);
        outcome
    }

    /// Notes that a call begins. Until it has ended in order the instance takes no other.
    fn begin(&mut self, invocation: &Invocation) -> Tracked {
        let alive = std::mem::replace(&mut self.alive, false);
        self.running.begin(invocation.request_id);
        Tracked {
            request_id: invocation.request_id,
            bytes_in: invocation.event.len(),
            started: clock::monotonic(),
            at: self.prepared.engine.ticker.wall(),
            refused: !alive,
        }
    }

    /// Notes how a call ended, and writes its receipt.
    fn end(&mut self, tracked: Tracked, answer: Answer) -> Outcome {
        let handle = clock::monotonic() - tracked.started;
        self.running.end();
        self.alive = answer.survived && !tracked.refused;
        let mut receipt = self.prepared.receipt(tracked.request_id, tracked.bytes_in, tracked.at);
        receipt.instantiate = answer.instantiate;
        receipt.handle = handle.saturating_sub(answer.instantiate);
        receipt.memory_used = answer.memory_used;
        match &answer.result {
            Ok(result) => receipt.bytes_out = result.len(),
            Err(error) => receipt.error = Some(error.code()),
        }
        Outcome { result: answer.result, receipt, log: answer.log }
    }

    /// Ends the instance on purpose: runs its pre-stop, if it has one and is alive. The log is what that wrote; how it
    /// ended changes nothing.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    pub async fn stop(self) -> Log {
        match self.body {
            Body::Event(guest) if self.alive => guest.stop(&self.prepared, &self.running).await,
            Body::Event(_) | Body::Http(_) | Body::Command(_) => Log::default(),
        }
    }
}

impl Answer {
    /// The answer to a call that never reached the guest.
    fn untouched(error: InvokeError) -> Self {
        Self { result: Err(error), log: Log::default(), memory_used: 0, instantiate: Duration::ZERO, survived: true }
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("identity", &self.prepared.identity)
            .field("alive", &self.alive)
            .finish_non_exhaustive()
    }
}

/// Polls guest code until `deadline`, or until its call is cancelled. Code that computes is stopped by its own ticks;
/// this is for code that waits, so that a call which never waits never sets a timer.
fn until<F: Future>(deadline: clock::Instant, running: &Running, work: F) -> Until<'_, F> {
    Until { work, deadline, running, timer: None }
}

pin_project! {
    /// What [`until`] returns: by hand, since an async function would hold the large future of the guest twice.
    #[must_use = "futures do nothing unless polled"]
    struct Until<'a, F> {
        #[pin]
        work: F,
        deadline: clock::Instant,
        running: &'a Running,
        timer: Option<Pin<Box<tokio::time::Sleep>>>,
    }
}

impl<T, F: Future<Output = wasmtime::Result<T>>> Future for Until<'_, F> {
    type Output = Result<T, Ending>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.work.poll(context) {
            return Poll::Ready(result.map_err(Ending::Error));
        }
        this.running.register(context.waker());
        if this.running.is_cancelled() {
            return Poll::Ready(Err(Ending::Cancelled));
        }
        let deadline = *this.deadline;
        let timer = this.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
        timer.as_mut().poll(context).map(|()| Err(Ending::OutOfTime))
    }
}
