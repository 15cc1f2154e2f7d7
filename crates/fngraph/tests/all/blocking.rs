//! For programs that are not asynchronous.

use crate::support::{BEGIN, MINUTE, builder, faults, settings};
use fngraph::{Blocking, BuildError, RequestStatus, Runtime};
use std::thread;

fn opened() -> Blocking {
    let runtime = Blocking::open(builder()).unwrap();
    runtime.run(runtime.deploy("echo", faults(), settings("index.echo"))).unwrap();
    runtime
}

#[test]
fn it_does_all_that_a_runtime_does() {
    let runtime = opened();
    let outcome = runtime.run(runtime.invoke("echo", "hello")).unwrap();
    assert_eq!(outcome.result.unwrap(), "hello");
    let id = runtime.run(runtime.invoke_async("echo", "hello")).unwrap();
    runtime.run(runtime.advance(MINUTE));
    let record = runtime.run(runtime.status(id)).unwrap().unwrap();
    assert_eq!((record.status, record.accepted_at), (RequestStatus::Success, BEGIN));
    assert_eq!(runtime.metrics().invocations, 2);
}

#[test]
fn threads_share_it() {
    let runtime = opened();
    thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|number| {
                let runtime = &runtime;
                scope.spawn(move || {
                    let event = format!("hello {number}");
                    let outcome = runtime.run(runtime.invoke("echo", event.clone())).unwrap();
                    assert_eq!(outcome.result.unwrap(), event);
                })
            })
            .collect();
        calls.into_iter().for_each(|call| call.join().unwrap());
    });
    assert_eq!(runtime.metrics().invocations, 4);
}

#[test]
fn when_it_is_dropped_its_directory_is_free() {
    let data = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let runtime = Blocking::open(builder().data_dir(data.path())).unwrap();
        runtime.run(runtime.deploy("echo", faults(), settings("index.echo"))).unwrap();
        let taken = Blocking::open(Runtime::builder().data_dir(data.path())).unwrap_err();
        assert!(matches!(taken, BuildError::Open(_)), "{taken}");
        assert!(taken.to_string().contains("in use"), "{taken}");
        runtime.run(runtime.invoke("echo", "hello")).unwrap().result.unwrap();
    }
}

#[test]
fn an_option_outside_its_range_is_refused() {
    for instances in [0, 10_001] {
        let error = Blocking::open(Runtime::builder().instances(instances)).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
}
