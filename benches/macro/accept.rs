//! Asynchronous invocations that are accepted: on the disk when the caller has its answer.
#![allow(missing_docs, reason = "it is a program")]

use fngraph::Options;
use fngraph_benches::{
    Guest, event,
    load::{Load, nanoseconds, now},
    machine::Busy,
    report::Report,
    threads,
};
use hdrhistogram::Histogram;
use std::{io::Write as _, path::Path, time::Duration};

/// Attempts at once while requests are accepted. With one, next to nothing is done but accept; 64 is the default, for
/// which there are four functions, as one may have 16 of them.
const IDS: [(&str, usize, u32); 4] = [
    ("accept/tiny/1", 1, 1),
    ("accept/tiny/64", 64, 1),
    ("accept/tiny/512", 512, 1),
    ("accept-and-run/tiny/64", 64, 64),
];
const FUNCTIONS: usize = 4;

const FLUSH: &str = "accept/disk/flush";
const FLUSHES: usize = 5000;

fn main() {
    let temporary = env!("CARGO_TARGET_TMPDIR");
    let report = Report::new(temporary);
    if report.wants(FLUSH) {
        flush(&report, Path::new(temporary));
    }
    for (id, callers, attempts) in IDS.into_iter().filter(|(id, _, _)| report.wants(id)) {
        let load = Load { callers, warm_up: Duration::from_secs(1), measured: Duration::from_secs(5) };
        accept(&report, id, load, attempts, Path::new(temporary));
    }
}

/// How long the disk takes to say that it has something: what no accept can be faster than, but many can share.
fn flush(report: &Report, temporary: &Path) {
    let mut file = tempfile::tempfile_in(temporary).expect("the target folder is writable");
    let mut latency = Histogram::<u64>::new(3).expect("three digits are allowed");
    let busy = Busy::begin();
    for _ in 0..FLUSHES {
        let start = now();
        file.write_all(&[0; 4096]).expect("there is room on the disk");
        file.sync_data().expect("the disk works");
        latency.record(nanoseconds(start.elapsed())).expect("histograms grow as they must");
    }
    report.latency(FLUSH, &latency, busy);
}

/// In a directory of its own each time, so that none finds what the one before left.
fn accept(report: &Report, id: &str, load: Load, attempts: u32, temporary: &Path) {
    let threads = threads();
    let data = tempfile::tempdir_in(temporary).expect("the target folder is writable");
    let mut options = Options::default();
    options.async_concurrency = attempts;
    // Nobody is to be refused.
    options.async_depth = usize::MAX;
    let functions = fngraph::Runtime::builder().options(options).data_dir(data.path()).build();
    let functions = threads.block_on(functions).expect("the options are valid");
    let guest = Guest::tiny();
    let names: Vec<String> = (0..FUNCTIONS).map(|number| format!("tiny-{number}")).collect();
    for name in &names {
        threads.block_on(guest.deploy(&functions, name, guest.settings()));
    }
    let event = event(128);
    let busy = Busy::begin();
    let calls = threads.block_on(load.run({
        let functions = functions.clone();
        move |caller| {
            let (functions, event, name) = (functions.clone(), event.clone(), names[caller % FUNCTIONS].clone());
            async move { functions.invoke_async(&name, event).await.is_ok() }
        }
    }));
    report.calls(id, &calls, busy);
    threads.block_on(functions.shutdown(Duration::from_secs(5)));
}
