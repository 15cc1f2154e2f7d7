//! Reserved instances of real guests.

use crate::support::{BEGIN, MINUTE, SHORT, answer, code, deploy_as, runtime, runtime_in};
use fngraph::{ErrorCode, Reservation, Start};

#[tokio::test]
async fn the_initializer_has_run_before_the_first_call() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "count", |settings| {
        settings.initializer = Some("index.start_counting_at_ten".parse().unwrap());
    })
    .await;
    runtime.reserve("f", Reservation::new(1, BEGIN)).await.unwrap();
    runtime.settle().await;
    assert_eq!(runtime.metrics().reserved_instances, 1);
    let outcome = runtime.invoke("f", "").await.unwrap();
    assert_eq!(outcome.receipt.start, Start::Reserved);
    assert!(outcome.receipt.initialize.is_zero(), "nobody waited for it");
    assert_eq!(outcome.result.unwrap(), "11");
}

#[tokio::test]
async fn one_that_dies_is_replaced() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "spin", |settings| settings.timeout = SHORT).await;
    runtime.reserve("f", Reservation::new(2, BEGIN)).await.unwrap();
    runtime.settle().await;
    for _ in 0..2 {
        let outcome = runtime.invoke("f", "").await.unwrap();
        assert_eq!(outcome.receipt.start, Start::Reserved);
        assert_eq!(code(Ok(outcome)), ErrorCode::Timeout);
        runtime.settle().await;
        let census = &runtime.census("f").unwrap()[0];
        assert_eq!((census.reserved, census.reserved_target, census.elastic), (2, 2, 0));
    }
}

#[tokio::test]
async fn reservations_are_there_again_after_reopening() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    runtime.reserve("f", Reservation::new(2, BEGIN)).await.unwrap();
    runtime.settle().await;
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN + MINUTE).await;
    runtime.settle().await;
    assert_eq!(runtime.metrics().reserved_instances, 2);
    assert_eq!(answer(&runtime, "f", "hello").await, "hello");
    assert_eq!(runtime.metrics().cold_starts, 0);
}
