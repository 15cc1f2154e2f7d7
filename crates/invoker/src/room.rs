//! What all functions share: room for instances, and the calls that can be cancelled.

use fngraph_types::RequestId;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Room for one instance; given back when it is dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

/// How many instances may live at once, whatever function they are of.
#[derive(Debug)]
pub(crate) struct Room {
    permits: Arc<Semaphore>,
    /// How many starts wait for room.
    wanted: AtomicUsize,
}

impl Room {
    pub(crate) fn new(total: u32) -> Self {
        Self { permits: Arc::new(Semaphore::new(total as usize)), wanted: AtomicUsize::new(0) }
    }

    pub(crate) fn try_take(&self) -> Option<Permit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }

    /// Waits for room, in the order of asking.
    pub(crate) async fn take(&self) -> Permit {
        let _wanted = Wanted::new(&self.wanted);
        Arc::clone(&self.permits).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Whether somebody waits for room, so that an instance that is done should go rather than idle.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) > 0
    }
}

/// Counts while it lives, even if its future is dropped.
struct Wanted<'a>(&'a AtomicUsize);

impl<'a> Wanted<'a> {
    fn new(wanted: &'a AtomicUsize) -> Self {
        wanted.fetch_add(1, Ordering::Relaxed);
        Self(wanted)
    }
}

impl Drop for Wanted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends the call with an id, or any, if an instance runs it right now, and says whether it does.
pub(crate) type Canceller = Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync>;

/// All live instances, as far as cancelling goes. Instances come and go rarely; calls do not touch it.
#[derive(Default)]
pub(crate) struct Roster {
    instances: papaya::HashMap<u64, Canceller>,
    next: AtomicU64,
}

/// An instance's place in the roster.
#[derive(Debug)]
pub(crate) struct Enrolled {
    roster: Arc<Roster>,
    number: u64,
}

impl Drop for Enrolled {
    fn drop(&mut self) {
        self.roster.instances.pin().remove(&self.number);
    }
}

impl Roster {
    pub(crate) fn enrol(self: &Arc<Self>, canceller: Canceller) -> Enrolled {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.instances.pin().insert(number, canceller);
        Enrolled { roster: Arc::clone(self), number }
    }

    /// Cancels the call with this id if an instance runs it.
    pub(crate) fn cancel(&self, request_id: RequestId) -> bool {
        self.instances.pin().values().any(|cancel| cancel(Some(request_id)))
    }

    /// Cancels all calls.
    pub(crate) fn cancel_all(&self) {
        for cancel in self.instances.pin().values() {
            cancel(None);
        }
    }
}

impl std::fmt::Debug for Roster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Roster").field("instances", &self.instances.len()).finish()
    }
}

/// Calls that have no instance yet, or had to wait for one: what cancels them.
#[derive(Debug, Default)]
pub(crate) struct Waiters(Mutex<HashMap<RequestId, CancellationToken>>);

/// A call's place among the waiters.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    waiters: &'a Waiters,
    request_id: RequestId,
    /// Cancelled when the call is to end.
    pub(crate) token: CancellationToken,
}

impl Waiters {
    pub(crate) fn enter(&self, request_id: RequestId) -> Waiting<'_> {
        let token = CancellationToken::new();
        self.0.lock().insert(request_id, token.clone());
        Waiting { waiters: self, request_id, token }
    }

    /// Cancels all of them.
    pub(crate) fn cancel_all(&self) {
        self.0.lock().values().for_each(CancellationToken::cancel);
    }

    pub(crate) fn cancel(&self, request_id: RequestId) -> bool {
        let token = self.0.lock().get(&request_id).cloned();
        token.is_some_and(|token| {
            token.cancel();
            true
        })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waiters.0.lock().remove(&self.request_id);
    }
}
