//! A live function: what takes calls.

mod apig;
mod command;
mod event;
mod failure;
mod http;

pub(crate) use event::{EventGuest, EventPlan};
pub(crate) use failure::OutOfTime;
pub use http::HttpBody;
pub(crate) use http::HttpGuest;

use crate::{Invocation, InvokeError, Log, Outcome, Startup, clock, function::Prepared, host::State};
use bytes::Bytes;
use failure::Ending;
use fngraph_types::limits;
use std::{fmt, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};
use wasmtime_wasi::p2::bindings::CommandPre;

/// A live function. One call at a time; dropping it ends it at once.
pub struct Instance {
    prepared: Arc<Prepared>,
    body: Body,
    startup: Startup,
    /// False while a call is running, and for good when one did not come back in order.
    alive: bool,
}

pub(crate) enum Body {
    Event(EventGuest),
    Http(HttpGuest),
    /// A command is made anew for each call.
    Command(CommandPre<State>),
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
    pub(crate) fn new(prepared: Arc<Prepared>, body: Body, startup: Startup) -> Self {
        Self { prepared, body, startup, alive: true }
    }

    /// What it took to bring the instance up.
    pub fn startup(&self) -> Startup {
        self.startup
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
        self.track(invocation, async |prepared, body, invocation, started| {
            let bytes = invocation.event.len();
            if bytes > limits::EVENT_BYTES {
                let limit = limits::EVENT_BYTES;
                return Answer::untouched(InvokeError::RequestTooLarge { bytes, limit });
            }
            match body {
                Body::Event(guest) => guest.call(prepared, invocation, started).await,
                Body::Http(guest) => guest.call(prepared, invocation, started).await,
                Body::Command(pre) => command::call(prepared, pre, invocation, started).await,
            }
        })
        .await
    }

    /// Hands an HTTP request to an HTTP function without buffering: `respond` gets the response when its head is
    /// there, and its body streams while this future is polled. The invocation's event is not looked at.
    ///
    /// # Panics
    /// Outside of a tokio runtime with a timer.
    ///
    /// # Cancel safety
    /// Dropping the future stops the guest, truncates the response, and ends the instance.
    pub async fn serve(
        &mut self,
        invocation: Invocation,
        request: ::http::Request<HttpBody>,
        respond: impl FnOnce(::http::Response<HttpBody>) + Send + Sync + 'static,
    ) -> Outcome {
        self.track(invocation, async |prepared, body, invocation, started| match body {
            Body::Http(guest) => guest.serve(prepared, invocation, started, request, respond).await,
            Body::Event(_) | Body::Command(_) => {
                let reason = "only an HTTP function answers HTTP requests".to_owned();
                Answer::untouched(InvokeError::InvalidRequest(reason))
            }
        })
        .await
    }

    /// Measures one call and keeps book of whether the instance survives it.
    async fn track(
        &mut self,
        invocation: Invocation,
        call: impl AsyncFnOnce(&Prepared, &mut Body, Invocation, clock::Instant) -> Answer,
    ) -> Outcome {
        let mut receipt = self.prepared.receipt(&invocation);
        if !self.alive {
            receipt.error = Some(InvokeError::InstanceEnded.code());
            return Outcome { result: Err(InvokeError::InstanceEnded), receipt, log: Log::default() };
        }
        self.alive = false;
        let started = clock::monotonic();
        let answer = call(&self.prepared, &mut self.body, invocation, started).await;
        self.alive = answer.survived;
        receipt.handle = (clock::monotonic() - started).saturating_sub(answer.instantiate);
        receipt.instantiate = answer.instantiate;
        receipt.memory_used = answer.memory_used;
        match &answer.result {
            Ok(result) => receipt.bytes_out = result.len(),
            Err(error) => receipt.error = Some(error.code()),
        }
        Outcome { result: answer.result, receipt, log: answer.log }
    }

    /// Ends the instance on purpose: runs its pre-stop, if it has one and is alive. What comes of that is logged and
    /// changes nothing.
    pub async fn stop(self) {
        let Self { prepared, body, alive, .. } = self;
        if let (Body::Event(guest), true) = (body, alive)
            && let Err(error) = guest.stop(&prepared).await
        {
            tracing::warn!(function = %prepared.identity.name, error = ?error, "pre-stop failed");
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

/// Polls guest code until `deadline`. Code that computes is stopped by its own ticks; this is for code that waits, so
/// that a call which never waits never sets a timer.
async fn until<T>(deadline: clock::Instant, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T, Ending> {
    let mut work = pin!(work);
    let mut timer = None;
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(result.map_err(Ending::Error));
        }
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline.into())));
        timer.as_mut().poll(context).map(|()| Err(Ending::OutOfTime))
    })
    .await
}
