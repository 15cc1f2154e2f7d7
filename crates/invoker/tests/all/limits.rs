//! How many calls of a function run at once, and what becomes of the others.

use crate::scenario::{SECOND, Scenario, code, instances, text};
use fngraph_invoker::Rejection;
use fngraph_registry::Scaling;
use fngraph_types::ErrorCode;

#[tokio::test]
async fn as_many_calls_run_as_instances_may_live() {
    for (max, concurrency, expected) in [(1, 1, 1), (2, 1, 2), (2, 3, 6)] {
        let scenario = Scenario::new().await;
        scenario.scale("f", Scaling { concurrency, ..instances(max) }).await;
        let calls: Vec<_> = (0..expected + 1).map(|_| scenario.begin("f", "hold")).collect();
        scenario.calls(expected).await;
        scenario.waiting(1).await;
        assert_eq!(scenario.census().in_flight, expected);
        for call in calls {
            scenario.fake.release("hold");
            drop(call);
        }
    }
}

#[tokio::test]
async fn without_a_limit_all_calls_run() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(-1)).await;
    let calls: Vec<_> = (0..500).map(|_| scenario.begin("f", "hold")).collect();
    scenario.calls(500).await;
    assert_eq!(scenario.census().elastic, 500);
    drop(calls);
}

#[tokio::test]
async fn a_disabled_function_refuses_at_once_and_serves_again_when_enabled() {
    let scenario = Scenario::new().await;
    scenario.answer("f", "hello").await;
    scenario.scale("f", instances(0)).await;
    let rejection = scenario.call("f", "hello").await.unwrap_err();
    assert!(matches!(rejection, Rejection::Disabled), "{rejection}");
    assert_eq!(rejection.code(), ErrorCode::TooManyRequests);
    scenario.scale("f", instances(1)).await;
    scenario.answer("f", "hello").await;
}

#[tokio::test]
async fn who_waits_is_served_in_the_order_of_asking() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let first = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let mut others = Vec::new();
    for (waiting, event) in [(1, "a"), (2, "b"), (3, "c")] {
        others.push(scenario.begin("f", event));
        scenario.waiting(waiting).await;
    }
    scenario.fake.release("hold");
    assert_eq!(text(first.await.unwrap()), "hold");
    for (call, expected) in others.into_iter().zip(["a", "b", "c"]) {
        assert_eq!(text(call.await.unwrap()), expected);
    }
    let history = scenario.fake.history();
    assert_eq!(history, ["start #1 f:latest 128", "call #1 hold", "call #1 a", "call #1 b", "call #1 c"]);
    scenario.assert_quiet();
}

#[tokio::test]
async fn beyond_the_queue_a_call_is_refused_at_once() {
    let scenario = Scenario::with(|options| options.queue_length = 2).await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = [scenario.begin("f", "a"), scenario.begin("f", "b")];
    scenario.waiting(2).await;
    let rejection = scenario.call("f", "c").await.unwrap_err();
    assert!(matches!(rejection, Rejection::QueueFull { waiting: 2 }), "{rejection}");
    assert_eq!(rejection.code(), ErrorCode::TooManyRequests);
    scenario.fake.release("hold");
    text(running.await.unwrap());
    for call in waiting {
        text(call.await.unwrap());
    }
    scenario.assert_quiet();
}

#[tokio::test]
async fn nobody_waits_longer_than_the_queue_allows() {
    let scenario = Scenario::with(|options| options.queue_timeout = SECOND * 5).await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let late = scenario.begin("f", "late");
    scenario.waiting(1).await;
    scenario.advance(SECOND * 4).await;
    let in_time = scenario.begin("f", "in time");
    scenario.waiting(2).await;
    scenario.advance(SECOND).await;
    let rejection = late.await.unwrap().unwrap_err();
    assert!(matches!(rejection, Rejection::QueueTimeout), "{rejection}");
    assert_eq!(rejection.code(), ErrorCode::TooManyRequests);
    scenario.fake.release("hold");
    text(running.await.unwrap());
    assert_eq!(text(in_time.await.unwrap()), "in time");
    scenario.assert_quiet();
}

#[tokio::test]
async fn who_gave_up_waiting_takes_no_place_in_the_queue() {
    let scenario = Scenario::with(|options| options.queue_length = 1).await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "a");
    scenario.waiting(1).await;
    scenario.advance(SECOND * 5).await;
    assert_eq!(code(waiting.await.unwrap()), ErrorCode::TooManyRequests);
    let next = scenario.begin("f", "b");
    scenario.fake.release("hold");
    text(running.await.unwrap());
    assert_eq!(text(next.await.unwrap()), "b");
}

#[tokio::test]
async fn a_raised_limit_serves_who_waits() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let calls: Vec<_> = (0..4).map(|_| scenario.begin("f", "hold")).collect();
    scenario.calls(1).await;
    scenario.waiting(3).await;
    scenario.scale("f", instances(3)).await;
    scenario.calls(3).await;
    scenario.waiting(1).await;
    for _ in 0..4 {
        scenario.fake.release("hold");
    }
    for call in calls {
        text(call.await.unwrap());
    }
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_lowered_limit_ends_no_call_and_holds_from_then_on() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(3)).await;
    let calls: Vec<_> = (0..3).map(|_| scenario.begin("f", "hold")).collect();
    scenario.calls(3).await;
    scenario.scale("f", instances(1)).await;
    let waiting = scenario.begin("f", "last");
    scenario.waiting(1).await;
    for left in [2, 1] {
        scenario.fake.release("hold");
        scenario.calls(left).await;
        scenario.waiting(1).await;
    }
    scenario.fake.release("hold");
    assert_eq!(text(waiting.await.unwrap()), "last");
    for call in calls {
        text(call.await.unwrap());
    }
}

#[tokio::test]
async fn disabling_sends_away_who_waits_and_ends_no_call() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "a");
    scenario.waiting(1).await;
    scenario.scale("f", instances(0)).await;
    let rejection = waiting.await.unwrap().unwrap_err();
    assert!(matches!(rejection, Rejection::Disabled), "{rejection}");
    scenario.fake.release("hold");
    assert_eq!(text(running.await.unwrap()), "hold");
}

#[tokio::test]
async fn what_a_call_waited_is_in_its_receipt() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let first = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let second = scenario.begin("f", "a");
    scenario.waiting(1).await;
    scenario.fake.release("hold");
    assert!(first.await.unwrap().unwrap().receipt.queue.is_zero());
    assert!(!second.await.unwrap().unwrap().receipt.queue.is_zero());
}
