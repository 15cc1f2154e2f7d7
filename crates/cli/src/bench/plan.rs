//! What a bench does in which order: modes one after the other, functions in turns, rounds after a warm-up.

use super::{
    clock::Clock,
    executor::{Start, Worker},
    load::{Extent, Pace, Round, round},
    stats,
};
use crate::{args::LoadArgs, exit::Failure};
use indicatif::ProgressBar;
use std::{sync::Arc, time::Duration};

/// How many rounds show whether the machine is steady.
const ROUNDS: u64 = 10;

/// How many rounds a comparison needs to tell small differences from noise.
const COMPARISON_ROUNDS: u64 = 20;

/// A round with fewer calls has a median that says little.
const CALLS_PER_ROUND: u64 = 5;

/// How a bench loads its functions.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Which starts are measured.
    pub(super) starts: &'static [Start],
    /// When calls begin.
    pub(super) pace: Pace,
    /// How long all rounds of a function take together.
    pub(super) extent: Extent,
    /// How long to call without measuring first.
    pub(super) warm_up: Duration,
    /// How many workers call at the same time.
    pub(super) concurrency: u16,
    /// How many rounds there are at most.
    pub(super) max_rounds: u64,
}

/// What one function in one mode came to.
#[derive(Debug)]
pub(super) struct Series {
    /// Which function.
    pub(super) function: usize,
    /// Which mode.
    pub(super) start: Start,
    /// What was measured.
    pub(super) rounds: Vec<Round>,
}

impl Plan {
    /// The plan that the arguments ask for on a machine with this many cores.
    pub(super) fn resolve(arguments: &LoadArgs, cores: u16) -> Self {
        let pace = arguments.rate.map_or(Pace::Closed, Pace::Open);
        let extent = match arguments.iterations {
            Some(iterations) => Extent::Calls(iterations.get()),
            None => Extent::Time(arguments.duration),
        };
        let usual = if pace == Pace::Closed { 1 } else { cores };
        Self {
            starts: Start::of(arguments.mode),
            pace,
            extent,
            warm_up: arguments.warm_up,
            concurrency: arguments.concurrency.unwrap_or(usual),
            max_rounds: if arguments.compare.is_some() { COMPARISON_ROUNDS } else { ROUNDS },
        }
    }

    /// The rounds of one function, when a call takes about this long.
    fn rounds(&self, call: Duration) -> Vec<Extent> {
        let calls = match (self.extent, self.pace) {
            (Extent::Calls(calls), _) => calls,
            (Extent::Time(time), Pace::Closed) => whole(time.as_secs_f64() / call.as_secs_f64()),
            (Extent::Time(time), Pace::Open(rate)) => whole(time.as_secs_f64() * rate),
        };
        let count = (calls / CALLS_PER_ROUND).clamp(1, self.max_rounds);
        match self.extent {
            Extent::Time(time) => vec![Extent::Time(time.div_f64(count as f64)); usize::try_from(count).unwrap_or(1)],
            // The first rounds take what does not divide evenly.
            Extent::Calls(calls) => {
                (0..count).map(|index| Extent::Calls(calls / count + u64::from(index < calls % count))).collect()
            }
        }
    }

    /// Runs the plan for this many functions; `make` makes a worker for one of them.
    pub(super) async fn measure<C: Clock, W: Worker>(
        &self,
        clock: &Arc<C>,
        functions: usize,
        make: impl Fn(usize, Start) -> W,
        progress: &ProgressBar,
    ) -> Result<Vec<Series>, Failure> {
        let mut all = Vec::new();
        for start in self.starts {
            let mut tracks = Vec::new();
            let mut slowest = Duration::ZERO;
            for function in 0..functions {
                progress.set_message(format!("{}, warming up", start.as_str()));
                let workers = (0..self.concurrency).map(|_| make(function, *start)).collect();
                let (workers, warm_up) = round(clock, workers, self.pace, Extent::Time(self.warm_up)).await?;
                slowest = slowest.max(median(warm_up));
                tracks.push((workers, Series { function, start: *start, rounds: Vec::new() }));
            }
            let rounds = self.rounds(slowest);
            for (index, extent) in rounds.iter().enumerate() {
                progress.set_message(format!("{}, round {} of {}", start.as_str(), index + 1, rounds.len()));
                // Now one goes first, now the other, so that what drifts during a round favours neither.
                tracks.rotate_left(usize::from(index > 0 && functions > 1));
                for (workers, series) in &mut tracks {
                    let (back, measured) = round(clock, std::mem::take(workers), self.pace, *extent).await?;
                    *workers = back;
                    series.rounds.push(measured);
                    progress.inc(progress.length().unwrap_or(0) / self.steps(functions, rounds.len()));
                }
            }
            tracks.sort_by_key(|(_, series)| series.function);
            for (workers, series) in tracks {
                for worker in workers {
                    worker.finish().await;
                }
                all.push(series);
            }
        }
        Ok(all)
    }

    fn steps(&self, functions: usize, rounds: usize) -> u64 {
        ((self.starts.len() * functions * rounds) as u64).max(1)
    }
}

fn median(round: Round) -> Duration {
    let median = stats::Percentiles::of(round.samples.iter().map(|sample| sample.latency)).p50;
    Duration::from_nanos(median)
}

/// The whole part of a positive number; a very large one for infinity.
fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are what is wanted here")]
    let whole = number as u64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_types::ErrorCode;
    use std::sync::Mutex;
    use tokio::time::{self, Instant};

    const MS: Duration = Duration::from_millis(1);

    fn plan(extent: Extent, pace: Pace) -> Plan {
        Plan { starts: &[Start::Warm], pace, extent, warm_up: MS, concurrency: 1, max_rounds: 4 }
    }

    #[test]
    fn rounds_add_up_to_the_whole() {
        let calls = plan(Extent::Calls(22), Pace::Closed).rounds(MS);
        assert_eq!(calls, [6, 6, 5, 5].map(Extent::Calls));
        assert_eq!(plan(Extent::Time(100 * MS), Pace::Closed).rounds(MS), [Extent::Time(25 * MS); 4]);
    }

    #[test]
    fn slow_functions_get_fewer_rounds() {
        assert_eq!(plan(Extent::Time(100 * MS), Pace::Closed).rounds(10 * MS), [Extent::Time(50 * MS); 2]);
        assert_eq!(plan(Extent::Time(100 * MS), Pace::Closed).rounds(90 * MS), [Extent::Time(100 * MS)]);
        assert_eq!(plan(Extent::Time(100 * MS), Pace::Open(100.0)).rounds(MS), [Extent::Time(50 * MS); 2]);
        assert_eq!(plan(Extent::Calls(3), Pace::Closed).rounds(MS), [Extent::Calls(3)]);
    }

    struct PausedClock(Instant);

    impl Clock for PausedClock {
        fn now(&self) -> Duration {
            self.0.elapsed()
        }

        async fn sleep_until(&self, at: Duration) {
            time::sleep_until(self.0 + at).await;
        }
    }

    /// Notes its name at each call.
    struct Scribe(char, Arc<Mutex<String>>);

    impl Worker for Scribe {
        async fn ready(&mut self) -> Result<(), Failure> {
            Ok(())
        }

        async fn call(&mut self) -> Result<(), ErrorCode> {
            self.1.lock().unwrap().push(self.0);
            time::sleep(MS).await;
            Ok(())
        }

        async fn finish(self) {
            self.1.lock().unwrap().push(self.0.to_ascii_uppercase());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn functions_are_measured_in_turns_after_a_warm_up() {
        let calls = Arc::new(Mutex::new(String::new()));
        let make = |function, _| Scribe(['a', 'b'][function], Arc::clone(&calls));
        let clock = Arc::new(PausedClock(Instant::now()));
        let plan = Plan { max_rounds: 3, ..plan(Extent::Calls(15), Pace::Closed) };
        let series = plan.measure(&clock, 2, make, &ProgressBar::hidden()).await.unwrap();
        assert_eq!(*calls.lock().unwrap(), "abaaaaabbbbbbbbbbaaaaaaaaaabbbbbAB");
        let counts: Vec<_> = series.iter().map(|series| (series.function, series.rounds.len())).collect();
        assert_eq!(counts, [(0, 3), (1, 3)]);
    }
}
