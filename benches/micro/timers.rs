//! What 10 000 timers cost: keeping them, and firing those of one second, beside a plain heap of the same moments.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use chrono_tz::Tz;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use fngraph::{FunctionId, Source, Timer, Timestamp, Timing, Trigger};
use fngraph_schedule::Schedule;
use fngraph_triggers::Timetable;
use std::{cmp::Reverse, collections::BinaryHeap, hint::black_box, time::Duration};

const TIMERS: u64 = 10_000;

/// As many as a version may have.
const EACH: u64 = 10;

const SECOND: Duration = Duration::from_secs(1);
const PERIOD: Duration = Duration::from_secs(60);

/// 2027-01-15, 08:00 UTC.
const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// When a timer was set. They are spread over their period, so that each second has as many of them.
fn since(number: u64) -> Timestamp {
    BEGIN + Duration::from_millis(number * 60_000 / TIMERS)
}

/// The triggers of all functions.
fn triggers(schedule: &str) -> Vec<(FunctionId, Vec<Trigger>)> {
    let schedule: Schedule = schedule.parse().expect("it is a schedule");
    let trigger = |number: u64| {
        let timing = Timing::Cron(schedule.clone());
        let timer = Timer { name: format!("timer-{number}"), timing, user_event: String::new() };
        Trigger::new(format!("id-{number}"), Source::Timer(timer), since(number))
    };
    let function = |function: u64| {
        let numbers = function * EACH..(function + 1) * EACH;
        (FunctionId::local(format!("f{function}")), numbers.map(trigger).collect())
    };
    (0..TIMERS / EACH).map(function).collect()
}

fn timetable(triggers: &[(FunctionId, Vec<Trigger>)]) -> Timetable {
    let mut table = Timetable::new(Tz::UTC);
    for (function, triggers) in triggers {
        table.changed(function, triggers, BEGIN, |_| Duration::ZERO);
    }
    table
}

fn heap() -> BinaryHeap<Reverse<(Timestamp, u64)>> {
    let mut heap = BinaryHeap::new();
    for number in 0..TIMERS {
        heap.push(Reverse((since(number) + PERIOD, number)));
    }
    heap
}

/// Taking over the timers of all functions, as when a server starts.
fn keep(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timers-keep");
    for (name, schedule) in [("interval", "@every 60s"), ("calendar", "CRON_TZ=Europe/Berlin 0 30 12 ? * MON-FRI")] {
        let triggers = triggers(schedule);
        group.bench_function(format!("{name}-10000/fngraph"), |bencher| {
            bencher.iter_batched(|| (), |()| timetable(&triggers), BatchSize::PerIteration);
        });
    }
    group.bench_function("interval-10000/raw", |bencher| {
        bencher.iter_batched(|| (), |()| heap(), BatchSize::PerIteration);
    });
    group.finish();
}

/// Going on by a second in which 166 or 167 of them fire.
fn fire(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timers-fire-second");
    let triggers = triggers("@every 60s");
    group.bench_function("interval-10000/fngraph", |bencher| {
        let (mut table, mut now) = (timetable(&triggers), BEGIN + PERIOD);
        bencher.iter(|| {
            now = now + SECOND;
            black_box(table.take(now)).len()
        });
    });
    group.bench_function("interval-10000/raw", |bencher| {
        let (mut heap, mut now) = (heap(), BEGIN + PERIOD);
        bencher.iter(|| {
            now = now + SECOND;
            let mut fired = Vec::new();
            while let Some(Reverse((due, number))) = heap.peek().copied().filter(|Reverse((due, _))| *due <= now) {
                heap.pop();
                heap.push(Reverse((due + PERIOD, number)));
                fired.push(number);
            }
            black_box(fired).len()
        });
    });
    group.finish();
}

criterion_group!(benches, keep, fire);
criterion_main!(benches);
