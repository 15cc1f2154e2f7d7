//! Ending a running call from elsewhere.

use fngraph_types::RequestId;
use futures::task::AtomicWaker;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering, fence},
    },
    task::Waker,
};

/// Ends the call that an instance runs. Cheap to clone; outlives its instance, and then ends nothing.
#[derive(Debug, Clone)]
pub struct Canceller(pub(crate) Arc<Running>);

impl Canceller {
    /// Ends the call with this id if the instance runs it right now, and says whether it does. The call answers
    /// [`crate::InvokeError::Cancelled`] at its next tick (about 1 ms) when it computes, at once when it waits, and
    /// the instance is gone.
    pub fn cancel(&self, request_id: RequestId) -> bool {
        self.0.cancel(Some(request_id))
    }

    /// Ends the call that the instance runs right now, whichever it is, and says whether there is one.
    pub fn cancel_any(&self) -> bool {
        self.0.cancel(None)
    }
}

/// Which call an instance runs, written by the instance and read by cancellers: a lock would cost each call more than
/// the few stores that it takes.
#[derive(Debug, Default)]
pub(crate) struct Running {
    /// Odd while a call is running; each call has a number of its own.
    call: AtomicU64,
    /// The id of the running call, in two halves. Written while `call` is even.
    id: [AtomicU64; 2],
    /// The number of the last call that was to be cancelled.
    cancelled: AtomicU64,
    /// Wakes a call that waits.
    waker: AtomicWaker,
}

impl Running {
    pub(crate) fn begin(&self, request_id: RequestId) {
        for (half, bits) in self.id.iter().zip(halves(request_id)) {
            half.store(bits, Ordering::Relaxed);
        }
        // Only the instance writes the number, so that a plain load and store do.
        self.call.store((self.call.load(Ordering::Relaxed) + 1) | 1, Ordering::Release);
    }

    pub(crate) fn end(&self) {
        self.call.store((self.call.load(Ordering::Relaxed) | 1) + 1, Ordering::Release);
    }

    /// Whether the running call is to end.
    pub(crate) fn is_cancelled(&self) -> bool {
        let call = self.call.load(Ordering::Relaxed);
        call % 2 == 1 && self.cancelled.load(Ordering::Acquire) == call
    }

    /// Has `waker` called when the running call is cancelled. Look at [`Running::is_cancelled`] afterwards.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    fn cancel(&self, request_id: Option<RequestId>) -> bool {
        let call = self.call.load(Ordering::Acquire);
        let id = self.id.each_ref().map(|half| half.load(Ordering::Relaxed));
        // What was read belongs together if the number is still the same.
        fence(Ordering::Acquire);
        let same = self.call.load(Ordering::Relaxed) == call;
        if call.is_multiple_of(2) || !same || request_id.is_some_and(|request_id| id != halves(request_id)) {
            return false;
        }
        // Should the call end right now, its number is gone and nothing else is cancelled.
        self.cancelled.store(call, Ordering::Release);
        self.waker.wake();
        true
    }
}

fn halves(request_id: RequestId) -> [u64; 2] {
    let bits = request_id.as_u128();
    #[expect(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
    [(bits >> 64) as u64, bits as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: RequestId = RequestId::from_u128(1 << 64 | 1);
    const TWO: RequestId = RequestId::from_u128(1 << 64 | 2);

    #[test]
    fn only_the_running_call_is_cancelled() {
        let running = Arc::new(Running::default());
        let canceller = Canceller(Arc::clone(&running));
        assert!(!canceller.cancel(ONE) && !running.is_cancelled());
        running.begin(ONE);
        assert!(!canceller.cancel(TWO) && !running.is_cancelled());
        assert!(canceller.cancel(ONE) && running.is_cancelled());
        running.end();
        assert!(!running.is_cancelled());
        running.begin(TWO);
        assert!(!running.is_cancelled() && !canceller.cancel(ONE) && !running.is_cancelled());
        assert!(canceller.cancel_any() && running.is_cancelled());
    }
}
