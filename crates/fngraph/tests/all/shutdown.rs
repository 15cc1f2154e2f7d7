//! The end, in order.

use crate::support::{BEGIN, MINUTE, answer, begin, code, deploy, deploy_with, runtime, runtime_in, status};
use fngraph::{ErrorCode, RequestStatus};
use std::time::Duration;

#[tokio::test]
async fn a_guest_that_never_ends_is_cancelled_at_the_deadline() {
    let runtime = runtime().await;
    for entry in ["spin", "doze"] {
        deploy_with(&runtime, entry, |settings| settings.timeout = MINUTE * 10).await;
    }
    let (_, spinning) = begin(&runtime, "spin", "").await;
    let (_, dozing) = begin(&runtime, "doze", "").await;
    while runtime.metrics().memory_bytes == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!runtime.shutdown(Duration::ZERO).await);
    for call in [spinning, dozing] {
        assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    }
    assert_eq!(code(runtime.invoke("spin", "").await), ErrorCode::Unavailable);
}

#[tokio::test]
async fn a_request_that_was_cut_off_runs_again_in_the_next_runtime() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_with(&runtime, "doze", |settings| settings.timeout = MINUTE * 10).await;
    deploy(&runtime, "echo").await;
    let id = runtime.invoke_async("doze", "hello").await.unwrap();
    while runtime.metrics().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!runtime.shutdown(Duration::ZERO).await);
    assert_eq!(status(&runtime, id).await.status, RequestStatus::Running);
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN).await;
    while runtime.metrics().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(status(&runtime, id).await.attempts, 2);
    runtime.cancel(id).await.unwrap();
    runtime.settle().await;
    assert_eq!(status(&runtime, id).await.status, RequestStatus::Fail);
    assert_eq!(answer(&runtime, "echo", "hello").await, "hello");
}

#[tokio::test]
async fn instances_are_stopped_in_order_and_nothing_is_left() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_with(&runtime, "use_tmp", |settings| {
        settings.pre_stop = Some("index.stop_logging".parse().unwrap());
    })
    .await;
    assert_eq!(answer(&runtime, "use-tmp", "kept").await, "");
    assert!(runtime.shutdown(MINUTE).await);
    assert_eq!((runtime.metrics().elastic_instances, runtime.metrics().memory_bytes), (0, 0));
}
