//! The time that everything above the engine goes by: the machine's, or one that a test moves.

use fngraph_types::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// Tells the time. Cheap to clone; all clones tell the same.
///
/// The time never goes back: when the machine's clock is set back, it stands still until that has caught up.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The machine's clock, and the latest time that it told.
    System(AtomicI64),
    /// Stands still until it is moved.
    Manual(watch::Sender<Timestamp>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System(AtomicI64::new(i64::MIN))))
    }

    /// A clock that stands at `now` until somebody moves it: with [`crate::Invoker::advance`], so that everything that
    /// is due in between happens.
    pub fn manual(now: Timestamp) -> Self {
        Self(Arc::new(Source::Manual(watch::Sender::new(now))))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System(latest) => not_before(latest, machine()),
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Whether this clock stands still until it is moved.
    pub fn is_manual(&self) -> bool {
        matches!(*self.0, Source::Manual(_))
    }

    /// Moves a manual clock forward; any other stays as it is, and no clock goes back.
    pub(crate) fn set(&self, to: Timestamp) {
        if let Source::Manual(now) = &*self.0 {
            now.send_if_modified(|now| {
                let later = to > *now;
                *now = to.max(*now);
                later
            });
        }
    }

    /// Waits until it is `until`.
    pub(crate) async fn sleep_until(&self, until: Timestamp) {
        match &*self.0 {
            // In slices, so that a clock that is set forward is noticed.
            Source::System(_) => loop {
                let left = until.since(self.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(Duration::from_secs(60))).await;
            },
            Source::Manual(now) => {
                let mut moves = now.subscribe();
                // The sender lives as long as this clock.
                let _ = moves.wait_for(|now| *now >= until).await;
            }
        }
    }
}

/// The later of `now` and the latest time that was told.
fn not_before(latest: &AtomicI64, now: Timestamp) -> Timestamp {
    let now = now.as_millis();
    Timestamp::from_millis(latest.fetch_max(now, Ordering::Relaxed).max(now))
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the machine's clock")]
fn machine() -> Timestamp {
    Timestamp::from(std::time::SystemTime::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_stands_still() {
        let latest = AtomicI64::new(i64::MIN);
        let at = Timestamp::from_millis;
        assert_eq!(not_before(&latest, at(1000)), at(1000));
        assert_eq!(not_before(&latest, at(400)), at(1000));
        assert_eq!(not_before(&latest, at(1001)), at(1001));
    }

    #[tokio::test]
    async fn a_manual_clock_only_moves_forward() {
        let clock = Clock::manual(Timestamp::from_millis(5));
        clock.set(Timestamp::from_millis(9));
        clock.set(Timestamp::from_millis(7));
        assert_eq!(clock.now(), Timestamp::from_millis(9));
        clock.sleep_until(Timestamp::from_millis(9)).await;
    }
}
