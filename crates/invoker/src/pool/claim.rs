//! A caller's right to an instance, from admission to the end of its call.

use super::{Pool, Slot, start::StartFailure};
use crate::{
    Rejection,
    call::Call,
    executor::{Executor, InstanceLike as _},
};
use fngraph_engine::{Outcome, Receipt, Start};
use fngraph_types::{ErrorCode, Memory};
use std::{sync::Arc, time::SystemTime};
use tokio::sync::oneshot;

use super::state::{Counted as _, Kind};

/// How many instances try to initialise for one invocation before it fails (the cloud's number).
const START_ATTEMPTS: usize = 3;

/// What a pool says to a caller. The pool comes back with it, since counting who shares it costs time on each call.
pub(crate) enum Admitted<E: Executor> {
    /// Call now.
    Now(Claim<E>),
    /// Wait for this. It is closed when the pool serves no more.
    Later(Arc<Pool<E>>, oneshot::Receiver<Claim<E>>),
    /// The pool was replaced; look the function up again.
    Elsewhere(Arc<Pool<E>>),
    /// No.
    Refused(Arc<Pool<E>>, Rejection),
}

/// A call that was admitted. When it is dropped, however far the call came, the pool goes on with what is left.
pub(crate) struct Claim<E: Executor> {
    /// The pool that is told how it ended; none when it need not know.
    pool: Option<Arc<Pool<E>>>,
    /// The instance; none until one was started, and when that failed.
    slot: Option<Box<Slot<E>>>,
    used: bool,
}

impl<E: Executor> Claim<E> {
    pub(super) fn new(pool: Arc<Pool<E>>, slot: Option<Box<Slot<E>>>) -> Self {
        Self { pool: Some(pool), slot, used: false }
    }

    /// The call was not made; gives up its instance without telling the pool.
    pub(super) fn dissolve(mut self) -> Option<Box<Slot<E>>> {
        self.pool = None;
        self.slot.take()
    }

    /// The instance, if there is one with this much memory. It is used from now on.
    pub(crate) fn ready(&mut self, memory: Memory) -> Option<&mut E::Instance> {
        let slot = self.slot.as_mut().filter(|slot| slot.memory == memory)?;
        self.used = true;
        Some(&mut slot.instance)
    }

    /// Ends the claim after its call: the pool counts it and goes on. It comes back for who has more to tell of it.
    pub(crate) fn finish(mut self, outcome: &mut Outcome) -> Arc<Pool<E>> {
        if self.slot.as_ref().is_some_and(|slot| slot.kind() == Kind::Reserved) {
            outcome.receipt.start = Start::Reserved;
        }
        let pool = self.pool.take().expect("a claim has its pool until it ends");
        pool.release(self.slot.take(), self.used, Some(&outcome.receipt));
        pool
    }

    /// Ends the claim of a call that was not made after all.
    pub(crate) fn give_up(mut self) -> Arc<Pool<E>> {
        let pool = self.pool.take().expect("a claim has its pool until it ends");
        pool.release(self.slot.take(), self.used, None);
        pool
    }

    /// Starts an instance and calls it.
    pub(crate) async fn start_and_call(&mut self, call: impl Call, memory: Memory) -> Result<Outcome, Rejection> {
        let pool = self.pool.clone().expect("a claim has its pool until it ends");
        if let Some(slot) = self.slot.take() {
            // It has another memory than this call asks for.
            pool.inner.lock().instances.exchange(slot.kind());
            pool.host.spawn(slot.stop());
        }
        let waiting = pool.host.waiters.enter(call.invocation().request_id);
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
                let invocation = call.invocation();
                let mut receipt = Receipt::new(invocation.request_id, Arc::clone(&pool.identity), memory, at);
                receipt.bytes_in = invocation.event.len();
                return Ok(failed.into_outcome(receipt));
            }
        };
        self.used = true;
        let cancel = slot.instance.canceller();
        let request_id = call.invocation().request_id;
        let mut outcome = {
            let mut call = Box::pin(call.run(&mut slot.instance));
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
            pool.release(self.slot.take(), self.used, None);
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
