//! Calls that are ended from elsewhere, or whose callers go away.

use crate::{
    fake::Starting,
    scenario::{Scenario, code, instances, text},
};
use fngraph_engine::{Invocation, Start};
use fngraph_invoker::Cancellation;
use fngraph_types::{ErrorCode, RequestId};

const ID: RequestId = RequestId::from_u128(7);

fn invocation(event: &'static str) -> Invocation {
    let mut invocation = Invocation::new(event);
    invocation.request_id = ID;
    invocation
}

async fn cancel(scenario: &Scenario, expected: Cancellation) {
    assert_eq!(scenario.invoker.cancel(ID).await.unwrap(), expected);
}

#[tokio::test]
async fn a_running_call_is_cancelled_with_its_instance() {
    for warm in [false, true] {
        let scenario = Scenario::new().await;
        if warm {
            scenario.answer("f", "hello").await;
        }
        let call = scenario.begin_with("f", invocation("hold"));
        scenario.calls(1).await;
        cancel(&scenario, Cancellation::Cancelled).await;
        assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
        cancel(&scenario, Cancellation::NotFound).await;
        scenario.live(0).await;
        scenario.assert_quiet();
    }
}

#[tokio::test]
async fn only_the_call_with_the_id_is_cancelled() {
    let scenario = Scenario::new().await;
    let other = scenario.begin("f", "hold");
    let call = scenario.begin_with("f", invocation("hold x"));
    scenario.calls(2).await;
    cancel(&scenario, Cancellation::Cancelled).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    scenario.fake.release("hold");
    assert_eq!(text(other.await.unwrap()), "hold");
}

#[tokio::test]
async fn a_waiting_call_is_cancelled_and_the_next_one_takes_its_turn() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let call = scenario.begin_with("f", invocation("a"));
    scenario.waiting(1).await;
    let next = scenario.begin("f", "b");
    scenario.waiting(2).await;
    cancel(&scenario, Cancellation::Cancelled).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    scenario.fake.release("hold");
    assert_eq!(text(next.await.unwrap()), "b");
    text(running.await.unwrap());
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_call_whose_instance_is_being_started_is_cancelled() {
    let scenario = Scenario::new().await;
    scenario.fake.script([Starting::Hangs]);
    let call = scenario.begin_with("f", invocation("a"));
    scenario.fake.until(|counts| counts.starting == 1).await;
    cancel(&scenario, Cancellation::Cancelled).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    scenario.live(0).await;
    scenario.assert_quiet();
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Cold);
}

#[tokio::test]
async fn a_call_that_waited_is_cancelled_when_it_runs() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let call = scenario.begin_with("f", invocation("hold x"));
    scenario.waiting(1).await;
    scenario.fake.release("hold");
    text(running.await.unwrap());
    scenario.calls(1).await;
    cancel(&scenario, Cancellation::Cancelled).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    scenario.live(0).await;
    scenario.assert_quiet();
}

#[tokio::test]
async fn an_unknown_id_is_not_found_and_an_ended_request_has_ended() {
    let scenario = Scenario::new().await;
    cancel(&scenario, Cancellation::NotFound).await;
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.invoker.cancel(id).await.unwrap(), Cancellation::Ended);
}

/// Drops a call in the middle of it; `until` waits until it is there.
async fn check_drop(scenario: &Scenario, event: &'static str, until: impl AsyncFnOnce(&Scenario)) {
    let call = scenario.begin("f", event);
    until(scenario).await;
    drop(call);
    scenario.fake.until(|counts| counts.starting == 0).await;
}

#[tokio::test]
async fn a_dropped_call_leaves_nothing_behind() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    check_drop(&scenario, "hold", async |scenario| scenario.calls(1).await).await;
    scenario.live(0).await;
    scenario.fake.script([Starting::Hangs]);
    check_drop(&scenario, "a", async |scenario| scenario.fake.until(|counts| counts.starting == 1).await).await;
    scenario.live(0).await;
    let running = scenario.begin("f", "hold x");
    scenario.calls(1).await;
    check_drop(&scenario, "a", async |scenario| scenario.waiting(1).await).await;
    let next = scenario.begin("f", "b");
    scenario.fake.release("hold x");
    text(running.await.unwrap());
    assert_eq!(text(next.await.unwrap()), "b", "who is gone blocks nobody");
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_running_call_that_is_dropped_gives_its_place_to_who_waits() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "who");
    scenario.waiting(1).await;
    drop(running);
    assert_eq!(text(waiting.await.unwrap()), "2");
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_dropped_call_gives_back_the_room_of_the_host() {
    let scenario = Scenario::with(|options| options.instances = 1).await;
    scenario.deploy("g").await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("g", "code");
    while scenario.invoker.vitals().in_flight < 2 {
        tokio::task::yield_now().await;
    }
    drop(running);
    assert_eq!(text(waiting.await.unwrap()), "code of g");
    scenario.assert_quiet();
}
