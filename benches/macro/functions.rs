//! What a call costs when there are many other functions.
#![allow(missing_docs, reason = "it is a program")]

use fngraph::{FunctionId, Limits, Runtime, Timestamp};
use fngraph_benches::{
    Guest, event,
    load::{TURN, in_turn},
    machine::Busy,
    raw,
    report::Report,
    runtime,
};
use fngraph_registry::NewFunction;
use tokio::runtime::Runtime as Threads;

const FEW: usize = 10;
const MANY: usize = 10_000;
/// So many have an instance: all that a runtime holds by default.
const LIVE: usize = TURN;

/// What is measured: of a runtime with so many functions, calls of the first so many, in turn.
const IDS: [(&str, usize, usize); 3] =
    [("functions/tiny/10", FEW, FEW), ("functions/tiny/10000", MANY, FEW), ("functions/tiny/10000-live", MANY, LIVE)];

/// As many instances without us, in turn: what it costs that caches do not hold them.
const RAW: &str = "functions/tiny/raw-live";

fn main() {
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    if !report.wants_any(&[IDS[0].0, IDS[1].0, IDS[2].0, RAW]) {
        return;
    }
    let threads = runtime();
    let runtimes = [deploy(&threads, FEW), deploy(&threads, MANY)];
    let names: Vec<String> = (0..LIVE).map(name).collect();
    let raw = raw::Raw::new(&raw::engine(), &Guest::tiny());
    let mut live: Vec<raw::Live> = (0..LIVE).map(|_| threads.block_on(raw.instantiate())).collect();
    let event = event(128);
    let busy = Busy::begin();
    let calls = |functions: &Runtime, names: &[String]| {
        threads.block_on(async {
            for name in names.iter().cycle().take(TURN) {
                let outcome = functions.invoke(name, event.clone()).await;
                assert!(outcome.is_ok_and(|outcome| outcome.result.is_ok()));
            }
        });
    };
    let mut cases = IDS.map(|(_, registered, called)| {
        let functions = &runtimes[usize::from(registered == MANY)];
        let (calls, names) = (&calls, &names[..called]);
        move || calls(functions, names)
    });
    let [few, many, all] = &mut cases;
    let mut without_us = || {
        threads.block_on(async {
            for live in &mut live {
                live.call(event.clone()).await;
            }
        });
    };
    let seen = in_turn(1000, [few, many, all, &mut without_us]);
    for (latency, id) in seen.iter().zip(IDS.map(|(id, _, _)| id).into_iter().chain([RAW])) {
        report.latency(id, latency, busy);
    }
}

fn name(number: usize) -> String {
    format!("function-{number}")
}

fn deploy(threads: &Threads, functions: usize) -> Runtime {
    let limits = Limits { functions_per_project: 1_000_000, ..Limits::default() };
    let runtime = threads.block_on(Runtime::builder().limits(limits).build()).expect("the limits are valid");
    let guest = Guest::tiny();
    let code = bytes::Bytes::from(guest.wasm.clone());
    threads.block_on(async {
        for number in 0..functions {
            let id = FunctionId::new("local", "default", name(number));
            let new = NewFunction::new(id, guest.settings(), code.clone(), Timestamp::EPOCH);
            runtime.registry().create(new).await.expect("there is room");
        }
    });
    runtime
}
