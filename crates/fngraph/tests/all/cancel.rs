//! Guests that do not end by themselves are ended by request id.

use crate::support::{MINUTE, answer, assert_quiet, begin, code, deploy, deploy_with, runtime, status};
use fngraph::{Cancellation, ErrorCode, RequestId, RequestStatus, Runtime};

async fn endless(runtime: &Runtime) {
    for entry in ["spin", "doze"] {
        deploy_with(runtime, entry, |settings| settings.timeout = MINUTE * 10).await;
    }
}

#[tokio::test]
async fn a_guest_that_spins_or_sleeps_is_cancelled() {
    let runtime = runtime().await;
    endless(&runtime).await;
    for urn in ["spin", "doze"] {
        let (id, call) = begin(&runtime, urn, "").await;
        assert_eq!(runtime.cancel(id).await.unwrap(), Cancellation::Cancelled);
        assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled, "{urn}");
        assert_eq!(runtime.cancel(id).await.unwrap(), Cancellation::NotFound);
    }
    assert_eq!(runtime.metrics().elastic_instances, 0);
    assert_quiet(&runtime);
}

#[tokio::test]
async fn a_request_whose_guest_spins_or_sleeps_is_cancelled() {
    let runtime = runtime().await;
    endless(&runtime).await;
    for urn in ["spin", "doze"] {
        let id = runtime.invoke_async(urn, "").await.unwrap();
        while runtime.metrics().in_flight == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(runtime.cancel(id).await.unwrap(), Cancellation::Cancelled);
        runtime.settle().await;
        let record = status(&runtime, id).await;
        assert_eq!((record.status, record.error_code), (RequestStatus::Fail, ErrorCode::Cancelled.number()));
        assert_eq!(runtime.cancel(id).await.unwrap(), Cancellation::Ended);
    }
    assert_quiet(&runtime);
}

#[tokio::test]
async fn a_guest_that_is_being_initialised_is_cancelled() {
    let runtime = runtime().await;
    deploy_with(&runtime, "echo", |settings| {
        settings.initializer = Some("index.start_spinning".parse().unwrap());
        settings.initializer_timeout = MINUTE * 10;
    })
    .await;
    let (id, call) = begin(&runtime, "echo", "").await;
    assert_eq!(runtime.cancel(id).await.unwrap(), Cancellation::Cancelled);
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    assert_quiet(&runtime);
    assert_eq!(runtime.metrics().memory_bytes, 0, "nothing of the unfinished instance is left");
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_guest() {
    let runtime = runtime().await;
    endless(&runtime).await;
    for urn in ["spin", "doze"] {
        let (_, call) = begin(&runtime, urn, "").await;
        drop(call);
        while runtime.metrics().in_flight > 0 || runtime.metrics().memory_bytes > 0 {
            tokio::task::yield_now().await;
        }
    }
    deploy(&runtime, "echo").await;
    assert_eq!(answer(&runtime, "echo", "hello").await, "hello");
}

#[tokio::test]
async fn an_unknown_id_is_not_found() {
    let runtime = runtime().await;
    assert_eq!(runtime.cancel(RequestId::random()).await.unwrap(), Cancellation::NotFound);
}
