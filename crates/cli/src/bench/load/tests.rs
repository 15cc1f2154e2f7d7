use super::*;
use tokio::time::{self, Instant};

const MS: Duration = Duration::from_millis(1);

/// Time that passes only while everybody waits: the runtime's, paused.
struct PausedClock(Instant);

impl PausedClock {
    fn start() -> Arc<Self> {
        Arc::new(Self(Instant::now()))
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep_until(&self, at: Duration) {
        time::sleep_until(self.0 + at).await;
    }
}

/// Takes a fixed time for a call; call number `slow` takes longer, and number `failing` fails.
#[derive(Default)]
struct FakeWorker {
    takes: Duration,
    slow: Option<(u64, Duration)>,
    failing: Option<u64>,
    prepared: u64,
    calls: u64,
}

impl Worker for FakeWorker {
    async fn ready(&mut self) -> Result<(), Failure> {
        self.prepared += 1;
        Ok(())
    }

    async fn call(&mut self) -> Result<(), ErrorCode> {
        let number = self.calls;
        self.calls += 1;
        let takes = self.slow.filter(|(slow, _)| *slow == number).map_or(self.takes, |(_, takes)| takes);
        time::sleep(takes).await;
        if self.failing == Some(number) { Err(ErrorCode::FunctionFailed) } else { Ok(()) }
    }

    async fn finish(self) {}
}

fn workers(count: usize, takes: Duration) -> Vec<FakeWorker> {
    (0..count).map(|_| FakeWorker { takes, ..FakeWorker::default() }).collect()
}

async fn run(workers: Vec<FakeWorker>, pace: Pace, extent: Extent) -> Round {
    round(&PausedClock::start(), workers, pace, extent).await.unwrap().1
}

fn millis(samples: &[Sample], field: impl Fn(&Sample) -> u64) -> Vec<u64> {
    samples.iter().map(|sample| field(sample) / 1_000_000).collect()
}

#[tokio::test(start_paused = true)]
async fn a_closed_loop_calls_again_as_soon_as_the_answer_is_there() {
    let round = run(workers(1, 10 * MS), Pace::Closed, Extent::Time(45 * MS)).await;
    assert_eq!(millis(&round.samples, |sample| sample.at), [0, 10, 20, 30, 40]);
    assert_eq!(millis(&round.samples, |sample| sample.latency), [10; 5]);
    assert_eq!((round.elapsed, round.unserved), (50 * MS, 0));
}

#[tokio::test(start_paused = true)]
async fn workers_share_a_number_of_calls() {
    let round = run(workers(4, 10 * MS), Pace::Closed, Extent::Calls(10)).await;
    assert_eq!(round.samples.len(), 10);
    assert_eq!(round.elapsed, 30 * MS);
}

#[tokio::test(start_paused = true)]
async fn an_open_loop_keeps_its_moments() {
    let round = run(workers(2, 15 * MS), Pace::Open(100.0), Extent::Time(50 * MS)).await;
    assert_eq!(millis(&round.samples, |sample| sample.at), [0, 10, 20, 30, 40]);
    assert_eq!(millis(&round.samples, |sample| sample.latency), [15; 5]);
    assert_eq!(millis(&round.samples, |sample| sample.lateness), [0; 5]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_call_shows_in_the_calls_that_waited_for_it() {
    let worker = FakeWorker { takes: 2 * MS, slow: Some((1, 35 * MS)), ..FakeWorker::default() };
    let round = run(vec![worker], Pace::Open(100.0), Extent::Calls(6)).await;
    assert_eq!(millis(&round.samples, |sample| sample.at), [0, 10, 20, 30, 40, 50]);
    assert_eq!(millis(&round.samples, |sample| sample.lateness), [0, 0, 25, 17, 9, 1]);
    assert_eq!(millis(&round.samples, |sample| sample.latency), [2, 35, 27, 19, 11, 3]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_no_worker_got_to_are_counted() {
    let round = run(workers(1, 30 * MS), Pace::Open(100.0), Extent::Time(100 * MS)).await;
    assert_eq!((round.samples.len(), round.unserved), (4, 6));
}

#[tokio::test(start_paused = true)]
async fn failed_calls_are_kept_with_their_code() {
    let worker = FakeWorker { takes: MS, failing: Some(1), ..FakeWorker::default() };
    let round = run(vec![worker], Pace::Closed, Extent::Calls(3)).await;
    let errors: Vec<_> = round.samples.iter().map(|sample| sample.error).collect();
    assert_eq!(errors, [None, Some(ErrorCode::FunctionFailed), None]);
}

#[tokio::test(start_paused = true)]
async fn workers_are_made_ready_before_each_call_and_come_back() {
    let clock = PausedClock::start();
    let (back, _) = round(&clock, workers(1, MS), Pace::Closed, Extent::Calls(3)).await.unwrap();
    assert_eq!((back.len(), back[0].calls), (1, 3));
    assert!(back[0].prepared >= 3);
}
