//! Our calls and raw ones, warm and cold, in turn: ratios that hold even while the machine does something else.
#![allow(missing_docs, reason = "it is a program")]

use bytes::Bytes;
use fngraph::{Invocation, Isolation, Reservation, Runtime, Settings, Timestamp};
use fngraph_benches::{
    Guest, engine, event, functions,
    load::{TURN, in_turn},
    machine::Busy,
    raw,
    report::Report,
    runtime,
};
use std::hint::black_box;
use tokio::runtime::Runtime as Threads;

fn main() {
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    let threads = runtime();
    for guest in [Guest::tiny(), Guest::echo(), Guest::hello()] {
        warm(&report, &threads, &guest);
        cold(&report, &threads, &guest);
    }
}

fn warm(report: &Report, threads: &Threads, guest: &Guest) {
    let stage = format!("warm-in-turn/{}-128B", guest.name);
    if !report.wants(&stage) {
        return;
    }
    let event = event(128);
    let functions = functions(threads);
    threads.block_on(async {
        guest.deploy(&functions, "elastic", guest.settings()).await;
        guest.deploy(&functions, "reserved", guest.settings()).await;
        functions.reserve("reserved", Reservation::new(1, Timestamp::EPOCH)).await.expect("one may be reserved");
        functions.settle().await;
    });
    let prepared = guest.prepare(threads, &engine());
    let mut instance = threads.block_on(prepared.instantiate()).expect("guests start");
    let mut live = threads.block_on(raw::Raw::new(&raw::engine(), guest).instantiate());
    let busy = Busy::begin();
    let seen = in_turn(
        1000,
        [
            &mut || {
                threads.block_on(async {
                    for _ in 0..TURN {
                        black_box(live.call(event.clone()).await);
                    }
                });
            },
            &mut || {
                threads.block_on(async {
                    for _ in 0..TURN {
                        let outcome = instance.call(Invocation::new(event.clone())).await;
                        assert!(black_box(outcome).result.is_ok());
                    }
                });
            },
            &mut || threads.block_on(invoke(&functions, "elastic", &event)),
            &mut || threads.block_on(invoke(&functions, "reserved", &event)),
        ],
    );
    for (strategy, latency) in ["raw", "fngraph", "runtime", "runtime-reserved"].iter().zip(&seen) {
        report.latency(&format!("{stage}/{strategy}"), latency, busy);
    }
}

fn cold(report: &Report, threads: &Threads, guest: &Guest) {
    let stage = format!("cold-in-turn/{}-128B", guest.name);
    if !report.wants(&stage) {
        return;
    }
    let event = event(128);
    let functions = functions(threads);
    let settings = Settings { isolation: Isolation::Fresh, warm_pool: 0, ..guest.settings() };
    threads.block_on(guest.deploy(&functions, "fresh", settings));
    let prepared = guest.prepare(threads, &engine());
    let baseline = raw::Raw::new(&raw::engine(), guest);
    let busy = Busy::begin();
    let seen = in_turn(
        100,
        [
            &mut || {
                threads.block_on(async {
                    for _ in 0..TURN {
                        black_box(baseline.instantiate().await.call(event.clone()).await);
                    }
                });
            },
            &mut || {
                threads.block_on(async {
                    for _ in 0..TURN {
                        let outcome = prepared.run(Invocation::new(event.clone())).await;
                        assert!(black_box(outcome).result.is_ok());
                    }
                });
            },
            &mut || threads.block_on(invoke(&functions, "fresh", &event)),
        ],
    );
    for (strategy, latency) in ["raw", "fngraph", "runtime"].iter().zip(&seen) {
        report.latency(&format!("{stage}/{strategy}"), latency, busy);
    }
}

async fn invoke(functions: &Runtime, name: &str, event: &Bytes) {
    for _ in 0..TURN {
        let outcome = functions.invoke(name, event.clone()).await;
        assert!(black_box(outcome).is_ok_and(|outcome| outcome.result.is_ok()));
    }
}
