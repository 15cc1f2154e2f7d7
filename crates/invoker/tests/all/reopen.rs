//! What an invoker finds that an earlier one left.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario, all};
use fngraph_invoker::Clock;
use fngraph_registry::{CronTactic, Destination, Reservation};
use fngraph_store::{NewRequest, RequestStatus, RequestStore as _, Sqlite};
use fngraph_types::{FunctionId, Qualifier, RequestId, Timestamp};
use std::time::Duration;

async fn store(store: &Sqlite, id: u128, event: &'static str, at: Timestamp) -> RequestId {
    let id = RequestId::from_u128(id);
    let request = NewRequest {
        id,
        function: FunctionId::local("f"),
        qualifier: Qualifier::latest(),
        event: event.into(),
        accepted_at: at,
        expires_at: at + MINUTE * 60,
        idempotency_key: None,
        duplicates_since: at,
    };
    store.accept(request).await.unwrap();
    id
}

/// The store of a scenario whose runtime ended in the middle.
async fn abandoned(prepare: impl AsyncFnOnce(&Scenario)) -> Sqlite {
    let scenario = Scenario::new().await;
    prepare(&scenario).await;
    scenario.store.clone()
}

async fn reopened(store: Sqlite, after: Duration) -> Scenario {
    Scenario::open(store, Clock::manual(BEGIN + after), |options| options.async_concurrency = 1).await
}

#[tokio::test]
async fn requests_that_waited_run_in_the_order_of_their_acceptance() {
    let left = abandoned(async |_| ()).await;
    for (id, event) in [(3, "a"), (1, "b"), (2, "c")] {
        let second = u32::from(event.as_bytes()[0] - b'a');
        store(&left, id, event, BEGIN + SECOND * second).await;
    }
    let scenario = reopened(left, MINUTE).await;
    scenario.advance(SECOND).await;
    let history = scenario.fake.history();
    assert_eq!(history[1..], ["call #1 a", "call #1 b", "call #1 c"]);
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_counts_and_runs_again() {
    let left = abandoned(async |_| ()).await;
    let id = store(&left, 1, "attempt", BEGIN).await;
    left.begin(id, BEGIN).await.unwrap().unwrap();
    let scenario = reopened(left, SECOND).await;
    assert_eq!(scenario.invoker.vitals().async_requests, 1);
    scenario.advance(SECOND).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 2), "at least once, and it knows");
}

#[tokio::test]
async fn a_runtime_that_is_dropped_in_the_middle_loses_nothing() {
    let mut ids = Vec::new();
    let left = abandoned(async |scenario| {
        for event in ["hold", "hold", "hold"] {
            ids.push(scenario.accept(event).await);
        }
        scenario.calls(3).await;
    })
    .await;
    let scenario = Scenario::open(left, Clock::manual(BEGIN + SECOND), |_| ()).await;
    scenario.calls(3).await;
    for id in ids {
        assert_eq!(scenario.status(id).await.0, RequestStatus::Running);
        scenario.fake.release("hold");
    }
    scenario.invoker.settle().await;
    assert_eq!(scenario.invoker.vitals().async_requests, 0);
    assert_eq!(scenario.invoker.requests(all()).await.unwrap().1, 3);
}

#[tokio::test]
async fn retries_go_on_with_the_attempts_that_are_left() {
    let mut id = None;
    let left = abandoned(async |scenario| {
        scenario.configure(|config| config.max_retries = 2).await;
        id = Some(scenario.accept("fail").await);
        scenario.invoker.settle().await;
        assert_eq!(scenario.status(id.unwrap()).await, (RequestStatus::Wait, 1));
    })
    .await;
    let scenario = reopened(left, MINUTE).await;
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.status(id.unwrap()).await, (RequestStatus::Fail, 3));
}

#[tokio::test]
async fn a_request_that_became_too_old_meanwhile_is_discarded() {
    let left = abandoned(async |_| ()).await;
    let id = store(&left, 1, "hello", BEGIN).await;
    let scenario = reopened(left, MINUTE * 61).await;
    scenario.advance(SECOND).await;
    assert_eq!(scenario.status(id).await.0, RequestStatus::Discard);
    assert!(scenario.fake.history().is_empty());
}

#[tokio::test]
async fn a_delivery_that_was_not_made_is_made() {
    let left = abandoned(async |scenario| {
        let topic = Destination::Smn { topic_urn: "topic".to_owned() };
        scenario.configure(|config| config.on_success = Some(topic)).await;
    })
    .await;
    let id = store(&left, 1, "hello", BEGIN).await;
    left.begin(id, BEGIN).await.unwrap().unwrap();
    let delivery = fngraph_store::NewDelivery {
        destination: r#"{"smn":{"topic_urn":"topic"}}"#.to_owned(),
        payload: "the notice".into(),
        expires_at: BEGIN + MINUTE,
    };
    let ending = fngraph_store::Ending::Final {
        status: RequestStatus::Success,
        at: BEGIN,
        error_code: 0,
        error_message: String::new(),
        delivery: Some(delivery),
    };
    left.finish(id, ending).await.unwrap();
    let scenario = reopened(left, SECOND).await;
    scenario.advance(SECOND).await;
    let notices = scenario.notices.notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].1, "the notice");
}

#[tokio::test]
async fn reservations_are_there_again_with_what_their_plans_say() {
    let tactic = CronTactic {
        name: "morning".to_owned(),
        schedule: "0 10 8 * * ?".parse().unwrap(),
        count: 3,
        start: BEGIN,
        expires: BEGIN + MINUTE * 60,
    };
    let left = abandoned(async |scenario| {
        let reservation = Reservation { cron: vec![tactic], ..Reservation::new(1, BEGIN) };
        scenario.reserve("latest", reservation).await;
        scenario.live(1).await;
    })
    .await;
    for (after, expected) in [(MINUTE, 1), (MINUTE * 20, 3), (MINUTE * 90, 1)] {
        let scenario = reopened(left.clone(), after).await;
        scenario.live(expected).await;
        assert_eq!((scenario.census().reserved, scenario.census().reserved_target), (expected, expected));
    }
}

#[tokio::test]
async fn a_clock_that_went_back_delays_nothing() {
    let left = abandoned(async |_| ()).await;
    // Written under a clock that was a day ahead.
    let id = store(&left, 1, "hello", BEGIN + MINUTE * 60 * 24).await;
    let scenario = reopened(left, Duration::ZERO).await;
    scenario.advance(SECOND).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
}

#[tokio::test]
async fn a_request_of_a_function_that_is_gone_fails() {
    let left = abandoned(async |scenario| {
        scenario.registry.delete(&FunctionId::local("f")).await.unwrap();
    })
    .await;
    let id = store(&left, 1, "hello", BEGIN).await;
    let scenario = reopened(left, SECOND).await;
    scenario.advance(SECOND).await;
    let record = scenario.record(id).await;
    assert_eq!((record.status, record.error_code), (RequestStatus::Fail, 1051));
}

#[tokio::test]
async fn a_key_is_known_to_the_next_runtime() {
    let mut first = None;
    let left = abandoned(async |scenario| {
        first = Some(scenario.invoker.invoke_async("f", "hello", Some("key".to_owned())).await.unwrap());
        scenario.invoker.settle().await;
    })
    .await;
    let scenario = reopened(left, SECOND).await;
    let again = scenario.invoker.invoke_async("f", "hello", Some("key".to_owned())).await.unwrap();
    assert_eq!(Some(again), first);
}
