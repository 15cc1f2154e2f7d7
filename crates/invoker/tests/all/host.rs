//! What all functions of a host share.

use crate::{
    fake::Starting,
    scenario::{SECOND, Scenario, code, text},
};
use fngraph_engine::{InvokeError, Start};
use fngraph_invoker::{Clock, Invoker, MemoryDestinations, OpenError, Options};
use fngraph_registry::Reservation;
use fngraph_types::{ErrorCode, Timestamp};
use std::sync::Arc;

async fn host_of(instances: u32) -> Scenario {
    let scenario = Scenario::with(|options| options.instances = instances).await;
    scenario.deploy("g").await;
    scenario
}

#[tokio::test]
async fn an_idle_instance_makes_room_for_another_function() {
    let scenario = host_of(1).await;
    for (urn, number) in [("f", "1"), ("g", "2"), ("f", "3")] {
        assert_eq!(scenario.answer(urn, "who").await, (number.to_owned(), Start::Cold));
        assert_eq!(scenario.fake.counts().live, 1);
    }
    assert_eq!(scenario.fake.counts().stopped, 2, "in order");
    scenario.assert_quiet();
}

#[tokio::test]
async fn the_function_that_was_idle_longest_makes_room() {
    let scenario = host_of(2).await;
    scenario.deploy("h").await;
    scenario.answer("f", "hello").await;
    scenario.advance(SECOND).await;
    scenario.answer("g", "hello").await;
    scenario.advance(SECOND).await;
    scenario.answer("h", "hello").await;
    assert_eq!(scenario.answer("g", "hello").await.1, Start::Warm);
    assert_eq!(scenario.answer("h", "hello").await.1, Start::Warm);
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Cold);
}

#[tokio::test]
async fn with_all_instances_busy_a_call_waits_for_room() {
    let scenario = host_of(1).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("g", "code");
    // It is admitted to its own pool, and waits for the host.
    while scenario.invoker.vitals().in_flight < 2 {
        tokio::task::yield_now().await;
    }
    scenario.fake.release("hold");
    text(running.await.unwrap());
    assert_eq!(text(waiting.await.unwrap()), "code of g");
    scenario.live(1).await;
    scenario.assert_quiet();
}

#[tokio::test]
async fn nobody_waits_for_room_longer_than_the_queue_allows() {
    let scenario = host_of(1).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("g", "hello");
    while scenario.invoker.vitals().in_flight < 2 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    scenario.advance(SECOND * 6).await;
    assert_eq!(code(waiting.await.unwrap()), ErrorCode::TooManyRequests);
    scenario.fake.release("hold");
    text(running.await.unwrap());
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Warm, "nobody waits for its room any more");
    assert_eq!(text(scenario.call("g", "code").await), "code of g");
    scenario.assert_quiet();
}

#[tokio::test]
async fn reserved_instances_make_no_room() {
    let scenario = host_of(1).await;
    scenario.reserve("latest", Reservation::new(1, scenario.clock.now())).await;
    scenario.live(1).await;
    let call = scenario.begin("g", "hello");
    while scenario.invoker.vitals().in_flight < 1 {
        tokio::task::yield_now().await;
    }
    tokio::task::yield_now().await;
    scenario.advance(SECOND * 6).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::TooManyRequests);
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Reserved);
}

#[tokio::test]
async fn for_want_of_memory_an_idle_instance_goes_and_the_start_is_tried_again() {
    let scenario = host_of(10).await;
    scenario.answer("f", "hello").await;
    scenario.fake.script([Starting::Fails(InvokeError::NoCapacity("memory".to_owned()))]);
    assert_eq!(text(scenario.call("g", "code").await), "code of g");
    let history = scenario.fake.history();
    let expected = ["start #2 g:latest 128", "stop #1", "start #3 g:latest 128", "call #3 code"];
    assert_eq!(history[2..], expected);
}

#[tokio::test]
async fn without_anything_to_give_up_there_is_no_room() {
    let scenario = host_of(10).await;
    scenario.fake.script([Starting::Fails(InvokeError::NoCapacity("memory".to_owned()))]);
    assert_eq!(code(scenario.call("g", "code").await), ErrorCode::TooManyRequests);
    assert_eq!(scenario.invoker.vitals().rejects, 1);
    scenario.assert_quiet();
}

#[tokio::test]
async fn the_number_of_instances_has_a_range() {
    let scenario = Scenario::new().await;
    for (instances, fine) in [(0, false), (1, true), (10_000, true), (10_001, false)] {
        let mut options = Options::default();
        options.instances = instances;
        let opened = Invoker::open(
            scenario.fake.clone(),
            scenario.registry.clone(),
            Arc::new(scenario.store.clone()),
            Arc::new(MemoryDestinations::default()),
            Clock::manual(Timestamp::EPOCH),
            options,
        );
        match opened.await {
            Ok(_) => assert!(fine, "{instances}"),
            Err(error) => {
                assert!(!fine && matches!(error, OpenError::Option { option: "instances", .. }), "{error}");
            }
        }
    }
}
