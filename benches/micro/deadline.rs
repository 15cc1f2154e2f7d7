//! How much longer than its timeout a function runs that never ends.
#![allow(missing_docs, reason = "criterion's macros generate undocumented functions")]

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use fngraph_benches::{Guest, engine, runtime};
use fngraph_engine::{FunctionConfig, Invocation, InvokeError};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_millis(10);

fn overshoot(criterion: &mut Criterion) {
    let runtime = runtime();
    let guest = Guest::spin();
    let mut config = FunctionConfig::new(guest.handler());
    config.timeout = TIMEOUT;
    let function = guest.artifact(&runtime, &engine()).prepare(config).expect("guests have their entries");
    let mut group = criterion.benchmark_group("timeout-overshoot");
    // One call a sample, so that the percentiles are those of single calls.
    group.sampling_mode(SamplingMode::Flat).sample_size(300).measurement_time(Duration::from_millis(100));
    group.bench_function("spin/fngraph", |bencher| {
        bencher.iter_custom(|iterations| {
            runtime.block_on(async {
                let mut total = Duration::ZERO;
                for _ in 0..iterations {
                    let mut instance = function.instantiate().await.expect("guests start");
                    let outcome = instance.call(Invocation::new("")).await;
                    assert!(matches!(outcome.result, Err(InvokeError::Timeout { .. })));
                    total += outcome.receipt.handle.saturating_sub(TIMEOUT);
                }
                total
            })
        });
    });
    group.finish();
}

criterion_group!(benches, overshoot);
criterion_main!(benches);
