//! The clock that measures, as an argument, so that tests bring their own.

use std::time::Duration;
use tokio::{
    task,
    time::{self, Instant},
};

/// Tells the time since some fixed moment and waits for a moment to come.
pub(super) trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Duration;

    /// Returns at that moment, or at once when it has passed.
    fn sleep_until(&self, at: Duration) -> impl Future<Output = ()> + Send;
}

/// The machine's clock.
#[derive(Debug)]
pub(super) struct MachineClock {
    origin: Instant,
}

/// The runtime's timer wakes up to this much late, so the last stretch is waited for by asking the clock.
const TIMER_SLACK: Duration = Duration::from_millis(2);

impl MachineClock {
    /// A clock that starts now.
    pub(super) fn start() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep_until(&self, at: Duration) {
        if let Some(early) = at.checked_sub(TIMER_SLACK)
            && early > self.now()
        {
            time::sleep_until(self.origin + early).await;
        }
        while self.now() < at {
            task::yield_now().await;
        }
    }
}
