//! The end, in order.

use crate::{
    fake::Starting,
    scenario::{BEGIN, SECOND, Scenario, code, instances, text},
};
use fngraph_invoker::{Clock, Rejection};
use fngraph_registry::Reservation;
use fngraph_store::{RequestStatus, StatisticsQuery, StatisticsStore as _};
use fngraph_types::ErrorCode;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

const LONG: Duration = Duration::from_secs(600);

fn shutdown(scenario: &Scenario, deadline: Duration) -> AbortOnDropHandle<bool> {
    let invoker = scenario.invoker.clone();
    AbortOnDropHandle::new(Handle::current().spawn(async move { invoker.shutdown(deadline).await }))
}

/// Begins the end, and waits until calls are refused.
async fn closing(scenario: &Scenario) -> AbortOnDropHandle<bool> {
    let ending = shutdown(scenario, LONG);
    while scenario.call("nobody", "hello").await.unwrap_err().code() != ErrorCode::Unavailable {
        tokio::task::yield_now().await;
    }
    ending
}

#[tokio::test]
async fn with_nothing_to_do_it_ends_at_once() {
    let scenario = Scenario::new().await;
    text(scenario.call("f", "hello").await);
    assert!(scenario.invoker.shutdown(LONG).await);
    assert_eq!((scenario.fake.counts().live, scenario.fake.counts().stopped), (0, 1), "stopped in order");
    assert!(scenario.invoker.shutdown(LONG).await, "twice is as good as once");
}

#[tokio::test]
async fn calls_that_run_end_and_new_ones_are_refused() {
    let scenario = Scenario::new().await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let ending = closing(&scenario).await;
    let rejection = scenario.call("f", "hello").await.unwrap_err();
    assert!(matches!(rejection, Rejection::ShuttingDown));
    let refused = scenario.invoker.invoke_async("f", "hello", None).await.unwrap_err();
    assert!(matches!(refused, Rejection::ShuttingDown));
    scenario.fake.release("hold");
    assert_eq!(text(running.await.unwrap()), "hold");
    assert!(ending.await.unwrap());
    assert_eq!(scenario.fake.counts().live, 0);
}

#[tokio::test]
async fn who_waits_is_served_before_the_end() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "hello");
    scenario.waiting(1).await;
    let ending = closing(&scenario).await;
    scenario.fake.release("hold");
    text(running.await.unwrap());
    assert_eq!(text(waiting.await.unwrap()), "hello");
    assert!(ending.await.unwrap());
}

#[tokio::test]
async fn calls_that_do_not_end_in_time_are_cancelled() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "hello");
    scenario.waiting(1).await;
    assert!(!scenario.invoker.shutdown(Duration::ZERO).await);
    assert_eq!(code(running.await.unwrap()), ErrorCode::Cancelled);
    assert_eq!(code(waiting.await.unwrap()), ErrorCode::Unavailable);
    scenario.live(0).await;
}

#[tokio::test]
async fn a_call_on_old_code_holds_up_the_end_as_any_other() {
    let scenario = Scenario::new().await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    scenario.update("f", "new code").await;
    assert!(!scenario.invoker.shutdown(Duration::ZERO).await);
    assert_eq!(code(running.await.unwrap()), ErrorCode::Cancelled);
}

#[tokio::test]
async fn a_call_whose_instance_is_being_started_does_not_hold_up_the_end() {
    let scenario = Scenario::new().await;
    scenario.fake.script([Starting::Hangs]);
    let starting = scenario.begin("f", "hello");
    scenario.fake.until(|counts| counts.starting == 1).await;
    assert!(!scenario.invoker.shutdown(Duration::ZERO).await);
    assert_eq!(code(starting.await.unwrap()), ErrorCode::Cancelled);
    scenario.live(0).await;
}

#[tokio::test]
async fn reserved_instances_are_stopped_and_not_replaced() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation::new(3, BEGIN)).await;
    scenario.invoker.settle().await;
    assert!(scenario.invoker.shutdown(LONG).await);
    let counts = scenario.fake.counts();
    assert_eq!((counts.live, counts.stopped, counts.starts), (0, 3, 3));
}

#[tokio::test]
async fn requests_that_wait_or_were_cut_off_are_there_for_the_next_invoker() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    let cut_off = scenario.accept("hold").await;
    scenario.calls(1).await;
    let waiting = scenario.accept("hello").await;
    assert!(!scenario.invoker.shutdown(Duration::ZERO).await);
    assert_eq!(scenario.status(cut_off).await.0, RequestStatus::Running);
    assert_eq!(scenario.status(waiting).await.0, RequestStatus::Wait);
    let next = Scenario::open(scenario.store.clone(), Clock::manual(BEGIN + SECOND), |_| ()).await;
    next.fake.release("hold");
    next.advance(SECOND).await;
    assert_eq!(next.status(cut_off).await, (RequestStatus::Success, 2));
    assert_eq!(next.status(waiting).await, (RequestStatus::Success, 1));
}

#[tokio::test]
async fn a_request_that_ends_in_time_has_ended() {
    let scenario = Scenario::new().await;
    let id = scenario.accept("hold").await;
    scenario.calls(1).await;
    let ending = closing(&scenario).await;
    scenario.fake.release("hold");
    assert!(ending.await.unwrap());
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
}

#[tokio::test]
async fn a_failed_attempt_before_the_end_is_retried_after_it() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 1).await;
    let id = scenario.accept("fail 1").await;
    scenario.invoker.settle().await;
    assert!(scenario.invoker.shutdown(LONG).await);
    let next = Scenario::open(scenario.store.clone(), Clock::manual(BEGIN + SECOND), |_| ()).await;
    next.advance(SECOND * 2).await;
    assert_eq!(next.status(id).await, (RequestStatus::Success, 2));
}

#[tokio::test]
async fn logs_and_sums_are_stored_before_the_end() {
    let scenario = Scenario::new().await;
    let outcome = scenario.call("f", "fail").await.unwrap();
    assert!(scenario.invoker.shutdown(LONG).await);
    assert_eq!(scenario.invoker.log(outcome.receipt.request_id).await.unwrap().len(), 1);
    let query = StatisticsQuery { from: 0, until: i64::MAX, ..StatisticsQuery::default() };
    assert_eq!(scenario.store.minutes(query).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_invoker_that_is_dropped_ends_its_instances_and_tasks() {
    let scenario = Scenario::new().await;
    text(scenario.call("f", "hello").await);
    let Scenario { invoker, fake, .. } = scenario;
    drop(invoker);
    fake.until(|counts| counts.live == 0).await;
}
