//! The load generator: calls workers in a closed or an open loop and keeps every sample.
//!
//! In the open loop calls have fixed moments, and what is measured begins at the moment, not when a worker got to it.
//! A slow call therefore shows in the calls that had to wait for it (no coordinated omission).

use super::{clock::Clock, executor::Worker};
use crate::exit::Failure;
use anyhow::Context as _;
use fngraph_types::ErrorCode;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, task::JoinSet};

/// When calls begin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pace {
    /// As soon as a worker is free.
    Closed,
    /// At this many moments in each second, evenly spaced.
    Open(f64),
}

/// When a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// After this time.
    Time(Duration),
    /// After this many calls.
    Calls(u64),
}

/// One call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// When it was to begin, from the start of its round, in nanoseconds.
    pub(super) at: u64,
    /// How much later than that it began, in nanoseconds.
    pub(super) lateness: u64,
    /// From when it was to begin to its end, in nanoseconds.
    pub(super) latency: u64,
    /// Why it has no result.
    pub(super) error: Option<ErrorCode>,
}

/// What a round measured.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Every call, in the order of their beginnings.
    pub(super) samples: Vec<Sample>,
    /// From the first moment to the last answer.
    pub(super) elapsed: Duration,
    /// Calls of an open loop whose moment came and for which there was no worker until the round was over.
    pub(super) unserved: u64,
    /// Whether the round ended early because it had [`MAX_SAMPLES`].
    pub(super) truncated: bool,
}

/// The most samples of a round, so that a long bench of a fast function stays within some hundred megabytes.
pub(super) const MAX_SAMPLES: usize = 500_000;

/// Calls the workers until the round is over, and gives them back.
pub(super) async fn round<C: Clock, W: Worker>(
    clock: &Arc<C>,
    workers: Vec<W>,
    pace: Pace,
    extent: Extent,
) -> Result<(Vec<W>, Round), Failure> {
    let room = MAX_SAMPLES / workers.len().max(1);
    let schedule =
        Arc::new(Schedule { pace, extent, start: clock.now(), taken: AtomicU64::new(0), turn: Mutex::new(()) });
    let mut tasks = JoinSet::new();
    for worker in workers {
        let (clock, schedule) = (Arc::clone(clock), Arc::clone(&schedule));
        tasks.spawn(async move { work(&*clock, worker, &schedule, room).await });
    }
    let mut workers = Vec::new();
    let mut round = Round::default();
    while let Some(joined) = tasks.join_next().await {
        let (worker, samples) = joined.context("run a worker")??;
        round.truncated |= samples.len() >= room;
        round.samples.extend(samples);
        workers.push(worker);
    }
    round.samples.sort_unstable_by_key(|sample| sample.at);
    round.elapsed = clock.now().saturating_sub(schedule.start);
    if !round.truncated {
        round.unserved = schedule.unserved();
    }
    Ok((workers, round))
}

/// One worker's part of a round.
async fn work<C: Clock, W: Worker>(
    clock: &C,
    mut worker: W,
    schedule: &Schedule,
    room: usize,
) -> Result<(W, Vec<Sample>), Failure> {
    let mut samples = Vec::new();
    while samples.len() < room {
        worker.ready().await?;
        let Some(intended) = schedule.next(clock).await else { break };
        let begun = clock.now();
        let result = worker.call().await;
        let ended = clock.now();
        // In a closed loop a call begins when it begins.
        let from = if schedule.pace == Pace::Closed { begun } else { intended };
        samples.push(Sample {
            at: nanos(from.saturating_sub(schedule.start)),
            lateness: nanos(begun.saturating_sub(from)),
            latency: nanos(ended.saturating_sub(from)),
            error: result.err(),
        });
    }
    Ok((worker, samples))
}

/// Which calls a round has and when they begin.
#[derive(Debug)]
struct Schedule {
    pace: Pace,
    extent: Extent,
    start: Duration,
    taken: AtomicU64,
    /// Held by the one worker that waits for the next moment, so that waiting costs one core at most.
    turn: Mutex<()>,
}

impl Schedule {
    /// Waits for the next call's moment and returns it; none when the round is over.
    async fn next(&self, clock: &impl Clock) -> Option<Duration> {
        match self.pace {
            Pace::Closed => self.take(clock.now()),
            Pace::Open(rate) => {
                let _turn = self.turn.lock().await;
                let moment = self.moment(self.taken.load(Ordering::Relaxed), rate);
                if self.is_after_end(moment) {
                    return None;
                }
                // A moment that is long past is still served, unless the round is over.
                let now = clock.now();
                self.take(moment.max(now))?;
                clock.sleep_until(moment).await;
                Some(moment)
            }
        }
    }

    /// Takes one call, unless there are none left or it is too late.
    fn take(&self, now: Duration) -> Option<Duration> {
        if self.is_after_end(now) {
            return None;
        }
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        match self.extent {
            Extent::Calls(calls) if taken >= calls => None,
            _ => Some(now),
        }
    }

    fn is_after_end(&self, moment: Duration) -> bool {
        match self.extent {
            Extent::Time(time) => moment >= self.start + time,
            Extent::Calls(_) => false,
        }
    }

    /// When call number `index` begins.
    fn moment(&self, index: u64, rate: f64) -> Duration {
        // An index stays far below 2^52, where a float is exact.
        self.start + Duration::from_secs_f64(index as f64 / rate)
    }

    /// How many calls of an open loop had their moment and were never taken.
    fn unserved(&self) -> u64 {
        let (Pace::Open(rate), Extent::Time(_)) = (self.pace, self.extent) else { return 0 };
        let taken = self.taken.load(Ordering::Relaxed);
        (taken..).take_while(|index| !self.is_after_end(self.moment(*index, rate))).count() as u64
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
