//! Many callers of one runtime: how many calls it serves, and how long each takes from when it is wanted.
#![allow(missing_docs, reason = "it is a program")]

use fngraph_benches::{Guest, event, functions, load::Load, machine::Busy, report::Report, threads};
use std::{sync::Arc, time::Duration};

/// How many callers there are, and how many functions they call: the same, or each its own.
const IDS: [(&str, usize, usize); 4] = [
    ("callers/hello/1", 1, 1),
    ("callers/hello/64", 64, 1),
    ("callers/hello/64-of-64", 64, 64),
    ("callers/hello/320", 320, 1),
];

fn main() {
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    let threads = threads();
    let functions = functions(&threads);
    let guest = Guest::hello();
    let names: Vec<String> = (0..64).map(|number| format!("hello-{number}")).collect();
    threads.block_on(async {
        for name in &names {
            guest.deploy(&functions, name, guest.settings()).await;
        }
    });
    let names = Arc::new(names);
    for (id, callers, called) in IDS.into_iter().filter(|(id, _, _)| report.wants(id)) {
        let load = Load { callers, warm_up: Duration::from_secs(1), measured: Duration::from_secs(5) };
        let (functions, names, event) = (functions.clone(), Arc::clone(&names), event(128));
        let busy = Busy::begin();
        let calls = threads.block_on(load.run(move |caller| {
            let (functions, names, event) = (functions.clone(), Arc::clone(&names), event.clone());
            async move {
                // A call goes to the end of the line for a thread, as one that has just come in does. Without it,
                // those callers would call all the time that have a thread.
                tokio::task::yield_now().await;
                let outcome = functions.invoke(&names[caller % called], event).await;
                outcome.is_ok_and(|outcome| outcome.result.is_ok())
            }
        }));
        report.calls(id, &calls, busy);
    }
}
