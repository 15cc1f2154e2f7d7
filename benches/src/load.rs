//! Callers that call again and again, and what they saw.

use hdrhistogram::Histogram;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// How many callers there are, and for how long. Each calls anew when it has its answer.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Callers at a time.
    pub callers: usize,
    /// What is not measured, so that instances, caches and the processor are at work when it begins.
    pub warm_up: Duration,
    /// What is measured.
    pub measured: Duration,
}

/// What all callers saw together.
#[derive(Debug)]
pub struct Calls {
    /// How long each call took, in nanoseconds; failed ones too.
    pub latency: Histogram<u64>,
    /// How many failed.
    pub errors: u64,
    /// From the first measured call to the last.
    pub elapsed: Duration,
}

impl Calls {
    /// What nobody saw.
    ///
    /// # Panics
    /// Never: two digits are allowed.
    pub fn none() -> Self {
        // To one percent, and so small that the callers' histograms leave the caches to what is measured.
        let latency = Histogram::new(2).expect("two digits are allowed");
        Self { latency, errors: 0, elapsed: Duration::ZERO }
    }

    /// Adds what others saw at the same time.
    fn add(&mut self, other: &Self) {
        self.latency.add(&other.latency).expect("histograms grow as they must");
        self.errors += other.errors;
        self.elapsed = self.elapsed.max(other.elapsed);
    }

    /// Adds what was seen later.
    ///
    /// # Panics
    /// Never: histograms grow as they must.
    pub fn append(&mut self, later: &Self) {
        let elapsed = self.elapsed + later.elapsed;
        self.add(later);
        self.elapsed = elapsed;
    }
}

impl Load {
    /// Lets the callers call. `call` is given the caller's number, and says whether the call succeeded.
    ///
    /// # Panics
    /// When a call does.
    pub async fn run<F>(self, call: impl Fn(usize) -> F + Send + Sync + 'static) -> Calls
    where
        F: Future<Output = bool> + Send,
    {
        let begin = now() + self.warm_up;
        let end = begin + self.measured;
        let call = Arc::new(call);
        let mut callers = JoinSet::new();
        for number in 0..self.callers {
            let call = Arc::clone(&call);
            callers.spawn(async move {
                let mut seen = Calls::none();
                loop {
                    let start = now();
                    if start >= end {
                        return seen;
                    }
                    let success = call(number).await;
                    let done = now();
                    if start >= begin {
                        seen.latency.record(nanoseconds(done - start)).expect("histograms grow as they must");
                        seen.errors += u64::from(!success);
                        seen.elapsed = done - begin;
                    }
                }
            });
        }
        let mut all = Calls::none();
        while let Some(seen) = callers.join_next().await {
            all.add(&seen.expect("callers do not panic"));
        }
        all
    }
}

/// Calls that are wanted at fixed moments, whether or not earlier ones have come back.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Connections, which take turns; a call waits for its connection.
    pub callers: u32,
    /// Calls a second, of all callers.
    pub per_second: f64,
    /// What is measured.
    pub measured: Duration,
}

impl Rate {
    /// Lets the callers call. A latency counts from the moment when the call is wanted. `call` is given the caller's
    /// number, and says whether the call succeeded.
    ///
    /// # Panics
    /// When a call does.
    pub async fn run<F>(self, call: impl Fn(usize) -> F + Send + Sync + 'static) -> Calls
    where
        F: Future<Output = bool> + Send,
    {
        let interval = Duration::from_secs_f64(f64::from(self.callers) / self.per_second);
        let begin = now();
        let call = Arc::new(call);
        let mut callers = JoinSet::new();
        for number in 0..self.callers {
            let call = Arc::clone(&call);
            callers.spawn(async move {
                let mut seen = Calls::none();
                // Callers do not all begin at once.
                let mut wanted = begin + interval * number / self.callers;
                while wanted < begin + self.measured {
                    tokio::time::sleep_until(wanted.into()).await;
                    let success = call(number as usize).await;
                    let done = now();
                    seen.latency.record(nanoseconds(done - wanted)).expect("histograms grow as they must");
                    seen.errors += u64::from(!success);
                    seen.elapsed = done - begin;
                    wanted += interval;
                }
                seen
            });
        }
        let mut all = Calls::none();
        while let Some(seen) = callers.join_next().await {
            all.add(&seen.expect("callers do not panic"));
        }
        all
    }
}

/// How many calls a case makes in its turn: about a millisecond, so that what disturbs one disturbs its neighbours too.
pub const TURN: usize = 1000;

/// Lets the cases take turns, so that all of them see the same machine, and answers nanoseconds per call of each turn.
/// The first turn of each, in which caches are filled and instances started, is not counted.
///
/// # Panics
/// When a case does.
pub fn in_turn<const N: usize>(turns: usize, mut cases: [&mut dyn FnMut(); N]) -> [Histogram<u64>; N] {
    let mut seen = [(); N].map(|()| Histogram::new(3).expect("three digits are allowed"));
    for turn in 0..=turns {
        for (case, latency) in cases.iter_mut().zip(&mut seen) {
            let start = now();
            case();
            let mean = nanoseconds(start.elapsed()) / TURN as u64;
            if turn > 0 {
                latency.record(mean).expect("histograms grow as they must");
            }
        }
    }
    seen
}

/// Real time, which a bench is about.
#[expect(clippy::disallowed_methods, reason = "a bench is about real time")]
pub fn now() -> Instant {
    Instant::now()
}

/// A duration as numbers are kept.
pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
