//! The only place of the engine that reads the machine's clocks.
//!
//! Deadlines of guest code and durations in receipts are about real time by their nature, so these clocks are not
//! injected. What has to be tested against a moving clock (ages, schedules, reclaim) lives above the engine and takes
//! its clock as an argument.
#![expect(clippy::disallowed_methods, reason = "this is the one place that may")]

pub(crate) use std::time::Instant;
use std::time::SystemTime;

/// Now, for durations and deadlines.
pub(crate) fn monotonic() -> Instant {
    Instant::now()
}

/// Now, for people.
pub(crate) fn wall() -> SystemTime {
    SystemTime::now()
}
