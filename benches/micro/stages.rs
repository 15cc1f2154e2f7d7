//! Each step from a file to an instance.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fngraph_benches::{Guest, engine, raw, runtime};
use fngraph_engine::FunctionConfig;
use std::hint::black_box;

fn compile(criterion: &mut Criterion) {
    let runtime = runtime();
    let guest = Guest::hello();
    let (package, handler) = (guest.package(), guest.handler());
    let mut group = criterion.benchmark_group("compile");
    group.sample_size(10);
    let raw_engine = raw::engine();
    group.bench_function(BenchmarkId::new("hello", "raw"), |bencher| {
        bencher.iter(|| black_box(raw_engine.precompile_component(&guest.wasm).expect("guests compile")));
    });
    group.bench_function(BenchmarkId::new("hello", "fngraph"), |bencher| {
        // A new engine has an empty data directory, so that nothing is found there.
        bencher.iter_batched(
            engine,
            |engine| {
                let artifact = runtime.block_on(engine.compile(&package, &handler)).expect("guests compile");
                (artifact, engine)
            },
            criterion::BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    let guest = Guest::hello();
    let (package, handler) = (guest.package(), guest.handler());
    guest.artifact(&runtime, &engine);
    let raw_engine = raw::engine();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let compiled = folder.path().join("hello.cwasm");
    let bytes = raw_engine.precompile_component(&guest.wasm).expect("guests compile");
    std::fs::write(&compiled, bytes).expect("the folder is writable");
    criterion.bench_function("load/hello/raw", |bencher| {
        bencher.iter(|| black_box(raw::Raw::load(&raw_engine, &compiled, &guest)));
    });
    criterion.bench_function("load/hello/fngraph", |bencher| {
        bencher
            .to_async(&runtime)
            .iter(async || black_box(engine.compile(&package, &handler).await.expect("guests compile")));
    });
}

fn prepare(criterion: &mut Criterion) {
    let runtime = runtime();
    let guest = Guest::hello();
    let artifact = guest.artifact(&runtime, &engine());
    criterion.bench_function("prepare/hello/fngraph", |bencher| {
        bencher.iter(|| black_box(artifact.prepare(FunctionConfig::new(guest.handler())).expect("the entry is there")));
    });
}

fn instantiate(criterion: &mut Criterion) {
    let runtime = runtime();
    let engine = engine();
    let raw_engine = raw::engine();
    let mut group = criterion.benchmark_group("instantiate");
    for guest in [Guest::tiny(), Guest::hello()] {
        let baseline = raw::Raw::new(&raw_engine, &guest);
        group.bench_function(BenchmarkId::new(guest.name, "raw"), |bencher| {
            bencher.to_async(&runtime).iter(async || black_box(baseline.instantiate().await));
        });
        let function = guest.prepare(&runtime, &engine);
        group.bench_function(BenchmarkId::new(guest.name, "fngraph"), |bencher| {
            bencher.to_async(&runtime).iter(async || black_box(function.instantiate().await.expect("guests start")));
        });
    }
    group.finish();
}

criterion_group!(benches, compile, load, prepare, instantiate);
criterion_main!(benches);
