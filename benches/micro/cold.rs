//! Invocations that need a new instance.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use fngraph::{Isolation, Settings};
use fngraph_benches::{Guest, engine, event, functions, load::now, raw, runtime, threads};
use fngraph_engine::{Engine, FunctionConfig, Invocation};
use std::{hint::black_box, time::Duration};

fn loaded(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    let raw_engine = raw::engine();
    let event = event(128);
    let mut group = criterion.benchmark_group("cold");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    for guest in [Guest::tiny(), Guest::echo(), Guest::hello()] {
        let function = guest.prepare(&runtime, &engine);
        let baseline = raw::Raw::new(&raw_engine, &guest);
        let id = format!("{}-128B", guest.name);
        group.bench_function(BenchmarkId::new(&id, "raw"), |bencher| {
            bencher.to_async(&runtime).iter(async || {
                let mut live = baseline.instantiate().await;
                black_box(live.call(event.clone()).await)
            });
        });
        group.bench_function(BenchmarkId::new(&id, "fngraph"), |bencher| {
            bencher.to_async(&runtime).iter(async || {
                let outcome = function.run(Invocation::new(event.clone())).await;
                assert!(black_box(outcome).result.is_ok());
            });
        });
    }
    let functions = functions(&runtime);
    for guest in [Guest::tiny(), Guest::hello()] {
        let settings = Settings { isolation: Isolation::Fresh, warm_pool: 0, ..guest.settings() };
        runtime.block_on(guest.deploy(&functions, guest.name, settings));
        group.bench_function(BenchmarkId::new(format!("{}-128B", guest.name), "runtime"), |bencher| {
            bencher.to_async(&runtime).iter(async || invoke(&functions, guest.name, &event).await);
        });
    }
    let baseline = raw::Command::new(&raw_engine, &Guest::command());
    group.bench_function(BenchmarkId::new("command-128B", "raw"), |bencher| {
        bencher.to_async(&runtime).iter(async || black_box(baseline.run("echo hello".into()).await));
    });
    let command = Guest::command().prepare(&runtime, &engine);
    group.bench_function(BenchmarkId::new("command-128B", "fngraph"), |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let outcome = command.run(Invocation::new("echo hello")).await;
            assert!(black_box(outcome).result.is_ok());
        });
    });
    group.finish();
}

/// A fresh instance for each call, of those that are kept prepared.
fn prepared(criterion: &mut Criterion) {
    // Somebody else prepares them.
    let threads = threads();
    let functions = functions(&threads);
    let event = event(128);
    for guest in [Guest::tiny(), Guest::hello()] {
        let settings = Settings { isolation: Isolation::Fresh, warm_pool: 4, ..guest.settings() };
        threads.block_on(guest.deploy(&functions, guest.name, settings));
        criterion.bench_function(&format!("cold/{}-128B/runtime-warm-pool", guest.name), |bencher| {
            bencher.iter_custom(|iterations| {
                threads.block_on(async {
                    let mut total = Duration::ZERO;
                    for _ in 0..iterations {
                        // Calls that come faster than instances start are as cold as without the pool.
                        functions.settle().await;
                        let start = now();
                        invoke(&functions, guest.name, &event).await;
                        total += start.elapsed();
                    }
                    total
                })
            });
        });
    }
}

async fn invoke(functions: &fngraph::Runtime, name: &str, event: &Bytes) {
    let outcome = functions.invoke(name, event.clone()).await;
    assert!(black_box(outcome).is_ok_and(|outcome| outcome.result.is_ok()));
}

/// A function whose initializer works: in each instance, or once, before there was any.
fn initialized(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    let guest = Guest::table();
    let mut config = FunctionConfig::new(guest.handler());
    config.initializer = Some("index.start-building".parse().expect("the entry is a name"));
    let ordinary = guest.artifact(&runtime, &engine).prepare(config.clone()).expect("the guest has its entries");
    let snapshot = runtime.block_on(engine.snapshot(&guest.package(), &config)).expect("its initializer only computes");
    let mut group = criterion.benchmark_group("cold");
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    for (strategy, function) in [("initializer", ordinary), ("snapshot", snapshot)] {
        group.bench_function(BenchmarkId::new("table-30000", strategy), |bencher| {
            bencher.to_async(&runtime).iter(async || {
                let outcome = function.run(Invocation::new("21")).await;
                assert!(black_box(outcome).result.is_ok());
            });
        });
    }
    group.finish();
}

/// From the disk: nothing of the function is in this process yet.
fn from_disk(criterion: &mut Criterion) {
    let runtime = runtime();
    let data = tempfile::tempdir().expect("a temporary folder");
    let engine = Engine::builder().data_dir(data.path()).build().expect("the machine runs WebAssembly");
    let guest = Guest::hello();
    let (package, handler) = (guest.package(), guest.handler());
    guest.artifact(&runtime, &engine);
    let event = event(128);
    let mut group = criterion.benchmark_group("cold-from-disk");
    // One invocation a sample, so that the percentiles are those of single invocations.
    group.sampling_mode(SamplingMode::Flat).sample_size(1000).measurement_time(Duration::from_millis(100));
    group.bench_function(BenchmarkId::new("hello-128B", "fngraph"), |bencher| {
        bencher.to_async(&runtime).iter(async || {
            let artifact = engine.compile(&package, &handler).await.expect("guests compile");
            let function = artifact.prepare(FunctionConfig::new(handler.clone())).expect("guests have their entries");
            let outcome = function.run(Invocation::new(event.clone())).await;
            assert!(black_box(outcome).result.is_ok());
        });
    });
    group.finish();
}

criterion_group!(benches, loaded, prepared, initialized, from_disk);
criterion_main!(benches);
