//! How asynchronous requests share what there is.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario, all, instances};
use fngraph_invoker::Rejection;
use fngraph_store::RequestStatus;
use fngraph_types::ErrorCode;

#[tokio::test]
async fn the_number_of_attempts_at_once_is_bounded() {
    for (of_all, of_one, expected) in [(3, 10, 3), (10, 2, 2)] {
        let scenario = Scenario::with(|options| {
            options.async_concurrency = of_all;
            options.async_concurrency_per_function = of_one;
        })
        .await;
        for _ in 0..6 {
            scenario.accept("hold").await;
        }
        scenario.calls(expected).await;
        assert_eq!(scenario.invoker.vitals().async_requests, 6);
        for _ in 0..6 {
            scenario.fake.release("hold");
        }
        scenario.invoker.settle().await;
        assert_eq!(scenario.fake.counts().live, expected, "never more than that ran at once");
        assert_eq!(scenario.invoker.vitals().async_requests, 0);
    }
}

#[tokio::test]
async fn a_function_that_hangs_does_not_stop_another() {
    let scenario = Scenario::with(|options| {
        options.async_concurrency = 3;
        options.async_concurrency_per_function = 2;
    })
    .await;
    scenario.deploy("g").await;
    for _ in 0..10 {
        scenario.accept("hold").await;
    }
    scenario.calls(2).await;
    let id = scenario.invoker.invoke_async("g", "hello", None).await.unwrap();
    while scenario.record(id).await.status != RequestStatus::Success {
        tokio::task::yield_now().await;
    }
    scenario.calls(2).await;
}

#[tokio::test]
async fn functions_take_turns_whatever_their_backlogs() {
    let scenario = Scenario::with(|options| options.async_concurrency = 1).await;
    scenario.deploy("g").await;
    scenario.accept("hold").await;
    scenario.calls(1).await;
    for _ in 0..3 {
        scenario.accept("of f").await;
    }
    for _ in 0..2 {
        scenario.invoker.invoke_async("g", "of g", None).await.unwrap();
    }
    scenario.fake.release("hold");
    scenario.invoker.settle().await;
    let mut history = scenario.fake.history();
    history.retain(|line| line.contains(" of "));
    let order: Vec<_> = history.iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(order, ["f", "g", "f", "g", "f"]);
}

#[tokio::test]
async fn beyond_its_depth_a_queue_refuses_and_others_do_not() {
    let scenario = Scenario::with(|options| {
        options.async_depth = 2;
        options.async_concurrency_per_function = 1;
    })
    .await;
    scenario.deploy("g").await;
    scenario.accept("hold").await;
    scenario.calls(1).await;
    scenario.accept("hello").await;
    scenario.accept("hello").await;
    let refused = scenario.invoker.invoke_async("f", "hello", None).await.unwrap_err();
    assert!(matches!(refused, Rejection::QueueFull { waiting: 2 }), "{refused}");
    assert_eq!(refused.code(), ErrorCode::TooManyRequests);
    scenario.invoker.invoke_async("g", "hello", None).await.unwrap();
    scenario.fake.release("hold");
    scenario.invoker.settle().await;
    scenario.accept("hello").await;
    assert_eq!(scenario.invoker.requests(all()).await.unwrap().1, 4, "the refused one is not stored");
}

#[tokio::test]
async fn requests_and_callers_share_the_instances() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(2)).await;
    for _ in 0..5 {
        scenario.accept("hold").await;
    }
    scenario.calls(2).await;
    let caller = scenario.begin("f", "hello");
    scenario.waiting(1).await;
    scenario.fake.release("hold");
    assert_eq!(crate::scenario::text(caller.await.unwrap()), "hello");
    for _ in 0..4 {
        scenario.fake.release("hold");
    }
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.invoker.vitals().async_requests, 0);
    assert!(scenario.fake.counts().starts <= 2 + 2, "{:?}", scenario.fake.counts());
}

#[tokio::test]
async fn the_age_of_the_oldest_waiting_request_is_known() {
    let scenario = Scenario::new().await;
    assert_eq!(scenario.invoker.vitals().oldest_event_age, None);
    scenario.scale("f", instances(0)).await;
    scenario.accept("hello").await;
    scenario.advance(SECOND * 30).await;
    scenario.accept("hello").await;
    scenario.advance(SECOND * 30).await;
    let vitals = scenario.invoker.vitals();
    assert_eq!((vitals.async_requests, vitals.oldest_event_age), (2, Some(MINUTE)));
    assert_eq!(scenario.clock.now(), BEGIN + MINUTE);
}
