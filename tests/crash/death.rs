//! How a process is to die.

use crash_plan::{Call, Place, Point};
use fastrand::Rng;
use std::time::Duration;

/// More requests than any process lives to see that is to die at a point: should it not come there, it is killed.
const MOST_ACCEPTED: usize = 300;

/// What is decided of a process before it starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Death {
    /// Where it kills itself.
    pub(crate) point: Option<Point>,
    /// After how many accepted requests it is killed otherwise.
    pub(crate) accepted: usize,
    /// And so much later, since requests are accepted together, and then always at the same step.
    pub(crate) delay: Duration,
}

impl Death {
    /// One of all the ways. `round` is how many died before in the same directory.
    pub(crate) fn choose(random: &mut Rng, round: u32) -> Self {
        match random.u32(..10) {
            // While it starts, or soon after.
            0 => Self { point: None, accepted: 0, delay: Duration::from_micros(random.u64(..60_000)) },
            1..=3 => {
                let (accepted, delay) = (random.usize(1..MOST_ACCEPTED), Duration::from_micros(random.u64(..8000)));
                Self { point: None, accepted, delay }
            }
            _ => Self { point: Some(point(random, round)), accepted: MOST_ACCEPTED, delay: Duration::ZERO },
        }
    }
}

fn point(random: &mut Rng, round: u32) -> Point {
    // Functions are written by the first processes only.
    let call = match random.u32(..12) {
        0..=5 if round < 2 => [Call::PutCode, Call::PutFunction][random.usize(..2)],
        0..=2 => Call::Accept,
        3..=5 => Call::Begin,
        6..=8 => Call::Finish,
        9 => Call::Postpone,
        10 => Call::Settle,
        _ => Call::Recover,
    };
    let most = match call {
        Call::Accept | Call::Begin | Call::Finish => 150,
        Call::Settle => 30,
        Call::Postpone | Call::PutFunction => 10,
        Call::PutCode => 6,
        // There is one in a process.
        Call::Recover => 1,
    };
    let place = match random.u32(..3) {
        0 => Place::Before,
        1 => Place::Amid(random.u32(..2000)),
        _ => Place::After,
    };
    Point { call, place, number: random.u32(1..=most) }
}
