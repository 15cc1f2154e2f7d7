//! What a runtime holds that does nothing, and what its reserved instances hold.
#![allow(missing_docs, reason = "it is a program")]

use fngraph::{Limits, Reservation, Runtime, Timestamp};
use fngraph_benches::{Guest, functions, machine::resident, report::Report, threads};
use std::time::Duration;

const IDLE: &str = "memory/none/idle";
const RESERVED: &str = "memory/hello/reserved";

const INSTANCES: u32 = 10_000;
/// One reservation has at most a thousand.
const FUNCTIONS: u32 = 10;
/// Far beyond what they hold: memories are counted by their size, not by what of it is resident.
const MEMORY: u64 = 1 << 40;

fn main() {
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    let threads = threads();
    if report.wants(IDLE) {
        let functions = functions(&threads);
        report.bytes(IDLE, resident());
        threads.block_on(functions.shutdown(Duration::from_secs(5)));
    }
    if report.wants(RESERVED) {
        let limits = Limits { reserved_per_project: INSTANCES, ..Limits::default() };
        let builder = Runtime::builder().instances(INSTANCES).memory(MEMORY).limits(limits);
        let functions = threads.block_on(builder.build()).expect("the limits are valid");
        let per_instance = threads.block_on(reserve(&functions));
        report.bytes(RESERVED, per_instance);
    }
}

/// What one reserved instance adds to the process.
async fn reserve(functions: &Runtime) -> u64 {
    let guest = Guest::hello();
    let names: Vec<String> = (0..FUNCTIONS).map(|number| format!("hello-{number}")).collect();
    for name in &names {
        guest.deploy(functions, name, guest.settings()).await;
    }
    let before = resident();
    let count = INSTANCES / FUNCTIONS;
    for name in &names {
        functions.reserve(name, Reservation::new(count, Timestamp::EPOCH)).await.expect("there is room");
    }
    functions.settle().await;
    for name in &names {
        let census = functions.census(name).expect("it is a name");
        assert_eq!(census.iter().map(|version| version.reserved).sum::<u32>(), count, "{name} has its instances");
    }
    (resident() - before) / u64::from(INSTANCES)
}
