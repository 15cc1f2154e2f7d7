//! A caller's right to an instance, from admission to the end of its call.

use super::{Pool, Sample, Slot, start::StartFailure};
use crate::{
    Rejection,
    executor::{Executor, InstanceLike as _},
};
use fngraph_engine::{Invocation, Outcome, Receipt, Start};
use fngraph_types::{ErrorCode, Memory};
use std::{sync::Arc, time::SystemTime};
use tokio::sync::oneshot;

use super::state::{Counted as _, Kind};

/// How many instances try to initialise for one invocation before it fails (the cloud's number).
const START_ATTEMPTS: usize = 3;

/// What a pool says to a caller.
pub(crate) enum Admitted<E: Executor> {
    /// Call now.
    Now(Claim<E>),
    /// Wait for this. It is closed when the pool serves no more.
    Later(oneshot::Receiver<Claim<E>>),
    /// The pool was replaced; look the function up again.
    Elsewhere,
}

/// A call that was admitted. When it is dropped, however far the call came, the pool goes on with what is left.
pub(crate) struct Claim<E: Executor> {
    /// The pool that is told how it ended; none when it need not know.
    pool: Option<Arc<Pool<E>>>,
    /// The instance; none until one was started, and when that failed.
    slot: Option<Box<Slot<E>>>,
    used: bool,
    sample: Option<Sample>,
}

impl<E: Executor> Claim<E> {
    pub(super) fn new(pool: &Arc<Pool<E>>, slot: Option<Box<Slot<E>>>) -> Self {
        Self { pool: Some(Arc::clone(pool)), slot, used: false, sample: None }
    }

    /// The call was not made; gives up its instance without telling the pool.
    pub(super) fn dissolve(mut self) -> Option<Box<Slot<E>>> {
        self.pool = None;
        self.slot.take()
    }

    /// Calls the function: at once if there is an instance, else on a new one.
    pub(crate) async fn call(mut self, invocation: Invocation, memory: Memory) -> Result<Outcome, Rejection> {
        let outcome = match &mut self.slot {
            Some(slot) if slot.memory == memory => {
                self.used = true;
                let mut outcome = slot.instance.call(invocation).await;
                if slot.kind() == Kind::Reserved {
                    outcome.receipt.start = Start::Reserved;
                }
                outcome
            }
            // Boxed, since a start is large and rare.
            _ => Box::pin(self.start_and_call(invocation, memory)).await?,
        };
        self.sample = Some(Sample::of(&outcome.receipt));
        Ok(outcome)
    }

    async fn start_and_call(&mut self, invocation: Invocation, memory: Memory) -> Result<Outcome, Rejection> {
        let pool = self.pool.clone().expect("a claim has its pool until it is dissolved");
        if let Some(slot) = self.slot.take() {
            // It has another memory than this call asks for.
            pool.inner.lock().instances.exchange(slot.kind());
            pool.host.spawn(slot.stop());
        }
        let waiting = pool.host.waiters.enter(invocation.request_id);
        let started = tokio::select! {
            biased;
            () = waiting.token.cancelled() => return Err(Rejection::Cancelled),
            started = pool.start_for_call(memory) => started,
        };
        let slot = match started {
            Ok(slot) => self.slot.insert(slot),
            Err(StartFailure::Rejected(rejection)) => return Err(rejection),
            Err(StartFailure::Failed(failed)) => {
                let at = SystemTime::from(pool.host.clock.now());
                let mut receipt = Receipt::new(invocation.request_id, Arc::clone(&pool.identity), memory, at);
                receipt.bytes_in = invocation.event.len();
                return Ok(failed.into_outcome(receipt));
            }
        };
        self.used = true;
        let cancel = slot.instance.canceller();
        let request_id = invocation.request_id;
        let mut outcome = {
            let mut call = Box::pin(slot.instance.call(invocation));
            tokio::select! {
                biased;
                outcome = &mut call => outcome,
                () = waiting.token.cancelled() => {
                    cancel(Some(request_id));
                    call.await
                }
            }
        };
        slot.instance.charge_start(&mut outcome);
        Ok(outcome)
    }
}

impl<E: Executor> Drop for Claim<E> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.take() {
            pool.release(self.slot.take(), self.used, self.sample.as_ref());
        }
    }
}

impl<E: Executor> Pool<E> {
    /// Starts an instance for a caller that waits. Initialisers that fail are tried on other instances.
    async fn start_for_call(&self, memory: Memory) -> Result<Box<Slot<E>>, StartFailure> {
        let mut attempts = 1;
        loop {
            match self.start(memory, Kind::Elastic).await {
                Err(StartFailure::Failed(failed))
                    if attempts < START_ATTEMPTS
                        && matches!(
                            failed.error.code(),
                            ErrorCode::InitializerFailed | ErrorCode::InitializerTimeout
                        ) =>
                {
                    attempts += 1;
                }
                started => return started,
            }
        }
    }
}
