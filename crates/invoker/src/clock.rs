//! The time that everything above the engine goes by: the machine's, or one that a test moves.

use fngraph_types::Timestamp;
use parking_lot::Mutex;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Tells the time. Cheap to clone; all clones tell the same.
///
/// The time never goes back: when the machine's clock is set back, it goes on by what passes, until that has caught up.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    /// The machine's clock.
    System(Mutex<Anchor>),
    /// Stands still until it is moved.
    Manual(watch::Sender<Timestamp>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        let (told, steady) = machine();
        Self(Arc::new(Source::System(Mutex::new(Anchor { told, steady }))))
    }

    /// A clock that stands at `now` until somebody moves it: with [`crate::Invoker::advance`], so that everything that
    /// is due in between happens.
    pub fn manual(now: Timestamp) -> Self {
        Self(Arc::new(Source::Manual(watch::Sender::new(now))))
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System(anchor) => {
                let (wall, steady) = machine();
                anchor.lock().tell(wall, steady)
            }
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

/// What a clock told last, and when that was by a clock that nobody sets.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    told: Timestamp,
    steady: Instant,
}

impl Anchor {
    /// The time, given what the machine's two clocks say: its wall clock, or, when that was set back, the time that
    /// has passed since.
    fn tell(&mut self, wall: Timestamp, steady: Instant) -> Timestamp {
        let passed = self.told + steady.saturating_duration_since(self.steady);
        if wall > passed {
            *self = Self { told: wall, steady };
        }
        wall.max(passed)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the machine's clocks")]
fn machine() -> (Timestamp, Instant) {
    (Timestamp::from(std::time::SystemTime::now()), Instant::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_back_goes_on_as_if_it_were_not() {
        let (_, begin) = machine();
        let at = Timestamp::from_millis;
        let after = |millis| begin + Duration::from_millis(millis);
        let mut anchor = Anchor { told: at(1000), steady: begin };
        assert_eq!(anchor.tell(at(1100), after(100)), at(1100));
        assert_eq!(anchor.tell(at(400), after(150)), at(1150), "set back, time passes like any other");
        assert_eq!(anchor.tell(at(450), after(200)), at(1200));
        assert_eq!(anchor.tell(at(9000), after(250)), at(9000), "set forward");
        assert_eq!(anchor.tell(at(1300), after(300)), at(9050), "and back again");
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
