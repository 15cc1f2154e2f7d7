//! What the tests share.

use fngraph::{
    Builder, Clock, ErrorCode, Invocation, Outcome, Rejection, Request, RequestId, RequestRecord, Runtime, Settings,
    Timestamp,
};
use fngraph_test_support::guests;
use std::{path::Path, time::Duration};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// When manual clocks begin: 2027-01-15, 08:00 UTC.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A timeout that a test can wait for.
pub(crate) const SHORT: Duration = Duration::from_millis(50);

/// A call that runs beside the test, and ends with it.
pub(crate) type Running = AbortOnDropHandle<Result<Outcome, Rejection>>;

pub(crate) fn settings(handler: &str) -> Settings {
    Settings::new(handler.parse().unwrap())
}

/// The guest `faults`, whose entries each do one thing.
pub(crate) fn faults() -> Vec<u8> {
    std::fs::read(guests::faults()).unwrap()
}

/// A runtime in memory whose clock stands still.
pub(crate) async fn runtime() -> Runtime {
    builder().build().await.unwrap()
}

pub(crate) fn builder() -> Builder {
    Runtime::builder().instances(50).clock(Clock::manual(BEGIN))
}

/// A runtime in a directory, at a moment. One that was there before may need some turns until it is gone.
pub(crate) async fn runtime_in(path: &Path, now: Timestamp) -> Runtime {
    loop {
        match Runtime::builder().instances(50).clock(Clock::manual(now)).data_dir(path).build().await {
            Ok(runtime) => return runtime,
            Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

/// Deploys the entry of `faults` under its own name, with `-` for `_`.
pub(crate) async fn deploy(runtime: &Runtime, entry: &str) {
    deploy_with(runtime, entry, |_| ()).await;
}

pub(crate) async fn deploy_with(runtime: &Runtime, entry: &str, configure: impl FnOnce(&mut Settings)) {
    deploy_as(runtime, &entry.replace('_', "-"), entry, configure).await;
}

pub(crate) async fn deploy_as(runtime: &Runtime, urn: &str, entry: &str, configure: impl FnOnce(&mut Settings)) {
    let mut settings = settings(&format!("index.{entry}"));
    configure(&mut settings);
    runtime.deploy(urn, faults(), settings).await.unwrap();
}

/// What a function answers, as text.
pub(crate) async fn answer(runtime: &Runtime, urn: &str, event: impl Into<bytes::Bytes>) -> String {
    let outcome = runtime.invoke(urn, event).await.unwrap();
    String::from_utf8(outcome.result.unwrap().to_vec()).unwrap()
}

/// The code of a failure, wherever it came about.
#[track_caller]
pub(crate) fn code(result: Result<Outcome, Rejection>) -> ErrorCode {
    match result {
        Ok(outcome) => {
            let code = outcome.result.unwrap_err().code();
            assert_eq!(outcome.receipt.error, Some(code), "the receipt has the failure's code");
            code
        }
        Err(rejection) => rejection.code(),
    }
}

/// Calls beside the test, and comes back when the call is admitted.
pub(crate) async fn begin(runtime: &Runtime, urn: &'static str, event: &'static str) -> (RequestId, Running) {
    let invocation = Invocation::new(event);
    let id = invocation.request_id;
    let in_flight = runtime.metrics().in_flight;
    let calling = runtime.clone();
    let call = async move { calling.invoke_with(Request::new(urn, invocation)).await };
    let call = AbortOnDropHandle::new(Handle::current().spawn(call));
    while runtime.metrics().in_flight == in_flight {
        tokio::task::yield_now().await;
    }
    (id, call)
}

pub(crate) async fn status(runtime: &Runtime, id: RequestId) -> RequestRecord {
    runtime.status(id).await.unwrap().unwrap()
}

/// Nothing runs or waits.
#[track_caller]
pub(crate) fn assert_quiet(runtime: &Runtime) {
    let metrics = runtime.metrics();
    assert_eq!((metrics.in_flight, metrics.waiting, metrics.async_requests), (0, 0, 0), "{metrics:?}");
}
