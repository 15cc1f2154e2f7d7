//! A disk that is full, a row that is damaged: what callers hear, and what happens later.

use crate::{
    faulty::Faulty,
    scenario::{BEGIN, MINUTE, SECOND, Scenario, all, text},
};
use fngraph_invoker::{MemoryDestinations, Rejection};
use fngraph_registry::Destination;
use fngraph_store::{RequestStatus, StatisticsQuery, StoreError};
use fngraph_types::{ErrorCode, RequestId};
use std::sync::Arc;

async fn faulty() -> (Scenario, Faulty, MemoryDestinations) {
    let mut faulty = None;
    let notices = MemoryDestinations::default();
    let store = |sqlite| Arc::new(faulty.insert(Faulty::new(sqlite)).clone()) as _;
    let scenario = Scenario::over(store, notices.clone()).await;
    (scenario, faulty.unwrap(), notices)
}

fn damaged() -> StoreError {
    StoreError::Damaged { what: "event", reason: "it is gone".to_owned() }
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_accepted() {
    let (scenario, store, _) = faulty().await;
    store.break_down("accept", StoreError::Full);
    let rejection = scenario.invoker.invoke_async("f", "hello", None).await.unwrap_err();
    assert!(matches!(&rejection, Rejection::Storage(reason) if reason.contains("full")), "{rejection}");
    assert_eq!(rejection.code(), ErrorCode::Internal);
    assert_eq!(scenario.invoker.vitals().async_requests, 0);
    assert_eq!(text(scenario.call("f", "hello").await), "hello", "callers who wait need no disk");
    store.mend();
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
    assert_eq!(scenario.invoker.requests(all()).await.unwrap().1, 1);
}

#[tokio::test]
async fn an_attempt_that_cannot_be_noted_is_not_made() {
    let (scenario, store, _) = faulty().await;
    store.break_down("begin", StoreError::Full);
    let id = scenario.accept("hello").await;
    scenario.advance(SECOND * 10).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Wait, 0));
    assert!(scenario.fake.history().is_empty());
    store.mend();
    scenario.advance(SECOND * 2).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
}

// Time of the machine, which stands still but for what nothing else is waited for.
#[tokio::test(start_paused = true)]
async fn an_outcome_that_cannot_be_noted_is_kept_until_it_can() {
    let (scenario, store, _) = faulty().await;
    store.break_down("finish", StoreError::Full);
    let id = scenario.accept("hold").await;
    scenario.calls(1).await;
    scenario.fake.release("hold");
    scenario.calls(0).await;
    tokio::time::sleep(MINUTE).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Running, 1));
    store.mend();
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
    assert_eq!(scenario.fake.history().len(), 2, "it ran once");
}

#[tokio::test]
async fn a_request_whose_event_is_damaged_fails_and_disturbs_no_other() {
    let (scenario, store, notices) = faulty().await;
    let topic = Destination::Smn { topic_urn: "topic".to_owned() };
    scenario.configure(|config| (config.max_retries, config.on_failure) = (3, Some(topic))).await;
    store.break_down("begin", damaged());
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    store.mend();
    let record = scenario.record(id).await;
    assert_eq!((record.status, record.error_code), (RequestStatus::Fail, ErrorCode::Internal.number()));
    assert!(record.error_message.contains("damaged"), "{}", record.error_message);
    assert_eq!(notices.notices().len(), 1);
    let other = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(other).await.0, RequestStatus::Success);
}

/// A request that ends while this operation is broken, and is told of after it was mended.
async fn check_delivery(operation: &'static str) {
    let (scenario, store, notices) = faulty().await;
    let topic = Destination::Smn { topic_urn: "topic".to_owned() };
    scenario.configure(|config| config.on_success = Some(topic)).await;
    store.break_down(operation, StoreError::Full);
    let id = scenario.accept("hello").await;
    scenario.advance(SECOND * 10).await;
    assert_eq!(scenario.status(id).await.0, RequestStatus::Success);
    store.mend();
    scenario.advance(MINUTE).await;
    let notices = notices.notices();
    assert!(!notices.is_empty(), "{operation}");
    let before = notices.len();
    scenario.advance(MINUTE * 60).await;
    assert_eq!(notices.len(), before, "{operation}: and then no more");
}

#[tokio::test]
async fn a_delivery_survives_a_store_that_fails() {
    for operation in ["deliveries", "settle"] {
        check_delivery(operation).await;
    }
}

#[tokio::test]
async fn logs_that_cannot_be_stored_fail_no_call() {
    let (scenario, store, _) = faulty().await;
    store.break_down("add_logs", StoreError::Full);
    let lost = scenario.call("f", "fail").await.unwrap().receipt.request_id;
    assert_eq!(scenario.invoker.log(lost).await.unwrap(), []);
    store.mend();
    let kept = scenario.call("f", "fail").await.unwrap().receipt.request_id;
    assert_eq!(scenario.invoker.log(kept).await.unwrap().len(), 1);
}

#[tokio::test]
async fn sums_that_cannot_be_stored_are_stored_later() {
    let (scenario, store, _) = faulty().await;
    store.break_down("add_minutes", StoreError::Full);
    text(scenario.call("f", "hello").await);
    let query = StatisticsQuery { from: 0, until: i64::MAX, ..StatisticsQuery::default() };
    assert!(matches!(scenario.invoker.statistics(query.clone()).await, Err(StoreError::Full)));
    text(scenario.call("f", "hello").await);
    scenario.advance(MINUTE).await;
    store.mend();
    let minutes = scenario.invoker.statistics(query).await.unwrap();
    assert_eq!((minutes[0].minute, minutes[0].count), (BEGIN.minute(), 2));
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_said_to_be_so() {
    let (scenario, store, _) = faulty().await;
    for operation in ["request", "requests", "log"] {
        store.break_down(operation, damaged());
    }
    let id = RequestId::from_u128(1);
    assert!(matches!(scenario.invoker.request(id).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(scenario.invoker.requests(all()).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(scenario.invoker.log(id).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(scenario.invoker.cancel(id).await, Err(StoreError::Damaged { .. })));
}

#[tokio::test]
async fn a_sweep_that_fails_is_done_the_next_time() {
    let (scenario, store, _) = faulty().await;
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    store.break_down("forget_logs", StoreError::Full);
    scenario.advance(MINUTE * 60 * 24 * 7 + MINUTE * 2).await;
    store.mend();
    scenario.advance(MINUTE * 2).await;
    assert_eq!(scenario.invoker.request(id).await.unwrap(), None);
}
