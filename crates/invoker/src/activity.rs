//! Knowing when nothing goes on any more.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// Counts what runs beside the callers: attempts, deliveries, starts ahead. A clock that is moved by hand waits for
/// them before it moves on.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    running: AtomicUsize,
    quiet: Notify,
}

/// Something that goes on while this lives.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Activity>);

impl Activity {
    pub(crate) fn begin(self: &Arc<Self>) -> Busy {
        self.running.fetch_add(1, Ordering::SeqCst);
        Busy(Arc::clone(self))
    }

    /// Waits until nothing goes on.
    pub(crate) async fn settle(&self) {
        loop {
            let quiet = self.quiet.notified();
            if self.running.load(Ordering::SeqCst) == 0 {
                return;
            }
            quiet.await;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.quiet.notify_waiters();
        }
    }
}
