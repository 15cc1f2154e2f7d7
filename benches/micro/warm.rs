//! Calls of an instance that is already there.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fngraph::{Reservation, Start, Timestamp};
use fngraph_benches::{Guest, engine, event, functions, load::now, raw, runtime};
use fngraph_engine::{Invocation, PreparedFunction};
use fngraph_types::RequestId;
use std::{hint::black_box, time::Duration};

const SIZES: [(&str, usize); 3] = [("128B", 128), ("16KB", 16 << 10), ("1MB", 1 << 20)];

fn events(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    let raw_engine = raw::engine();
    let functions = functions(&runtime);
    let mut group = criterion.benchmark_group("warm");
    // There are many, and each of them is a loop of calls that is warm at once.
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    for guest in [Guest::tiny(), Guest::echo(), Guest::hello()] {
        let function = guest.prepare(&runtime, &engine);
        let baseline = raw::Raw::new(&raw_engine, &guest);
        runtime.block_on(guest.deploy(&functions, guest.name, guest.settings()));
        for (size, bytes) in SIZES {
            let event = event(bytes);
            let id = format!("{}-{size}", guest.name);
            group.throughput(Throughput::Elements(1));
            group.bench_function(BenchmarkId::new(&id, "raw"), |bencher| {
                bencher.iter_custom(|iterations| {
                    runtime.block_on(async {
                        let mut live = baseline.instantiate().await;
                        let start = now();
                        for _ in 0..iterations {
                            black_box(live.call(event.clone()).await);
                        }
                        start.elapsed()
                    })
                });
            });
            group.bench_function(BenchmarkId::new(&id, "fngraph"), |bencher| {
                bencher.iter_custom(|iterations| runtime.block_on(calls(&function, &event, iterations)));
            });
            if size == "1MB" {
                // Nothing but the event grows.
                continue;
            }
            group.bench_function(BenchmarkId::new(&id, "runtime"), |bencher| {
                bencher.iter_custom(|iterations| {
                    runtime.block_on(invocations(&functions, guest.name, &event, iterations))
                });
            });
        }
    }
    group.finish();
}

/// An instance that was reserved rather than started by a call.
fn reserved(criterion: &mut Criterion) {
    let runtime = runtime();
    let functions = functions(&runtime);
    let (guest, event) = (Guest::tiny(), event(128));
    runtime.block_on(async {
        guest.deploy(&functions, guest.name, guest.settings()).await;
        functions.reserve(guest.name, Reservation::new(1, Timestamp::EPOCH)).await.expect("one may be reserved");
        functions.settle().await;
        let outcome = functions.invoke(guest.name, event.clone()).await.expect("there is an instance");
        assert_eq!(outcome.receipt.start, Start::Reserved);
    });
    criterion.bench_function("warm/tiny-128B/runtime-reserved", |bencher| {
        bencher.iter_custom(|iterations| runtime.block_on(invocations(&functions, guest.name, &event, iterations)));
    });
}

fn request_ids(criterion: &mut Criterion) {
    criterion.bench_function("request-id/random/fngraph", |bencher| bencher.iter(RequestId::random));
}

/// What a path without async would be worth: only a guest that imports nothing can be called like this.
fn without_async(criterion: &mut Criterion) {
    let runtime = runtime();
    let baseline = raw::Raw::new(&raw::engine(), &Guest::tiny());
    let event = event(128);
    criterion.bench_function("warm/tiny-128B/raw-sync", |bencher| {
        let mut live = runtime.block_on(baseline.instantiate());
        bencher.iter(|| black_box(live.call_sync(event.clone())));
    });
}

fn http(criterion: &mut Criterion) {
    let runtime = runtime();
    let guest = Guest::http();
    let baseline = raw::Raw::new(&raw::engine(), &guest);
    criterion.bench_function("warm/http-echo/raw", |bencher| {
        bencher.iter_custom(|iterations| {
            runtime.block_on(async {
                let mut live = raw::Http::start(&baseline).await;
                let start = now();
                for _ in 0..iterations {
                    black_box(live.post("/echo", "hello".into()).await);
                }
                start.elapsed()
            })
        });
    });
    let function = guest.prepare(&runtime, &engine());
    let event = serde_json::json!({"httpMethod": "POST", "path": "/echo", "body": "hello"});
    let event = Bytes::from(event.to_string());
    criterion.bench_function("warm/http-echo/fngraph", |bencher| {
        bencher.iter_custom(|iterations| runtime.block_on(calls(&function, &event, iterations)));
    });
}

/// How long so many calls of one instance take.
async fn calls(function: &PreparedFunction, event: &Bytes, iterations: u64) -> Duration {
    let mut instance = function.instantiate().await.expect("guests start");
    let start = now();
    for _ in 0..iterations {
        let outcome = instance.call(Invocation::new(event.clone())).await;
        assert!(black_box(outcome).result.is_ok());
    }
    start.elapsed()
}

/// How long so many calls by name take, after one that starts the instance.
async fn invocations(functions: &fngraph::Runtime, name: &str, event: &Bytes, iterations: u64) -> Duration {
    let warm = functions.invoke(name, event.clone()).await;
    assert!(warm.is_ok_and(|outcome| outcome.result.is_ok()));
    let start = now();
    for _ in 0..iterations {
        let outcome = functions.invoke(name, event.clone()).await;
        assert!(black_box(outcome).is_ok_and(|outcome| outcome.result.is_ok()));
    }
    start.elapsed()
}

criterion_group!(benches, events, reserved, without_async, request_ids, http);
criterion_main!(benches);
