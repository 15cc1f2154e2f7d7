//! Attempts over hours, in milliseconds.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario, instances};
use fngraph_store::RequestStatus;
use fngraph_types::ErrorCode;
use std::time::Duration;

/// When the attempts of a request began, counted from `BEGIN`, to a tenth of a second.
async fn attempts(scenario: &Scenario, event: &'static str, steps: u32) -> Vec<Duration> {
    let id = scenario.accept(event).await;
    let mut attempts = Vec::new();
    for _ in 0..steps {
        scenario.invoker.settle().await;
        let started = scenario.record(id).await.started_at.map_or(Duration::ZERO, |at| at.since(BEGIN));
        if attempts.last() != Some(&started) {
            attempts.push(started);
        }
        scenario.advance(Duration::from_millis(100)).await;
    }
    attempts
}

#[tokio::test]
async fn without_a_configuration_nothing_is_retried() {
    let scenario = Scenario::new().await;
    let id = scenario.accept("fail").await;
    scenario.advance(MINUTE * 60).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Fail, 1));
    assert_eq!(scenario.record(id).await.ended_at, Some(BEGIN));
}

#[tokio::test]
async fn a_failed_attempt_is_retried_as_often_as_configured() {
    for (retries, event, expected) in [
        (0, "fail", (RequestStatus::Fail, 1)),
        (1, "fail", (RequestStatus::Fail, 2)),
        (3, "fail", (RequestStatus::Fail, 4)),
        (3, "fail 2", (RequestStatus::Success, 3)),
        (1, "fail 2", (RequestStatus::Fail, 2)),
        (3, "trap", (RequestStatus::Fail, 4)),
        (3, "timeout", (RequestStatus::Fail, 4)),
    ] {
        let scenario = Scenario::new().await;
        scenario.configure(|config| config.max_retries = retries).await;
        let id = scenario.accept(event).await;
        scenario.advance(MINUTE).await;
        assert_eq!(scenario.status(id).await, expected, "{retries} retries of {event}");
        assert_eq!(scenario.invoker.vitals().async_requests, 0);
    }
}

#[tokio::test]
async fn an_attempt_knows_its_number() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 3).await;
    let id = scenario.accept("fail 3").await;
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 4));
}

#[tokio::test]
async fn pauses_double_and_vary_by_chance() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 3).await;
    let attempts = attempts(&scenario, "fail", 100).await;
    let pauses: Vec<_> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(pauses.len(), 3, "{attempts:?}");
    for (pause, longest) in pauses.iter().zip([SECOND, SECOND * 2, SECOND * 4]) {
        assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
    }
}

#[tokio::test]
async fn between_attempts_a_request_waits_and_tells_the_last_failure() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 1).await;
    let id = scenario.accept("fail").await;
    scenario.invoker.settle().await;
    let record = scenario.record(id).await;
    assert_eq!((record.status, record.attempts, record.ended_at), (RequestStatus::Wait, 1, None));
    assert_eq!(record.error_code, ErrorCode::FunctionFailed.number());
    assert_eq!(scenario.invoker.vitals().async_requests, 1);
    scenario.advance(SECOND * 2).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Fail, 2));
}

#[tokio::test]
async fn a_success_after_a_failure_has_no_error() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 1).await;
    let id = scenario.accept("fail 1").await;
    scenario.advance(SECOND * 2).await;
    let record = scenario.record(id).await;
    assert_eq!((record.status, record.error_code, record.error_message.as_str()), (RequestStatus::Success, 0, ""));
}

#[tokio::test]
async fn a_request_that_is_too_old_is_discarded() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_age = MINUTE).await;
    scenario.call("f", "hello").await.unwrap().result.unwrap();
    scenario.scale("f", instances(0)).await;
    let id = scenario.accept("hello").await;
    scenario.advance(MINUTE - SECOND).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Wait, 0), "throttled attempts do not count");
    scenario.advance(SECOND * 3).await;
    let record = scenario.record(id).await;
    assert_eq!(record.status, RequestStatus::Discard);
    assert_ne!(record.error_code, 0);
    assert!(record.error_message.contains("60s"), "{}", record.error_message);
    assert!(record.ended_at.is_some_and(|at| at >= BEGIN + MINUTE));
    assert_eq!(scenario.fake.history().len(), 2, "it never ran");
}

#[tokio::test]
async fn retries_end_when_the_request_is_too_old() {
    let scenario = Scenario::new().await;
    scenario
        .configure(|config| {
            config.max_age = SECOND * 2;
            config.max_retries = 3;
        })
        .await;
    let id = scenario.accept("fail").await;
    scenario.advance(MINUTE).await;
    let (status, attempts) = scenario.status(id).await;
    assert_eq!(status, RequestStatus::Discard);
    assert!(attempts < 5, "{attempts}");
}

#[tokio::test]
async fn a_throttled_request_runs_when_there_is_room_and_loses_no_attempt() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    scenario.configure(|config| config.max_retries = 1).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let id = scenario.accept("fail 1").await;
    scenario.advance(MINUTE).await;
    let record = scenario.record(id).await;
    assert_eq!((record.status, record.attempts), (RequestStatus::Wait, 0));
    assert_eq!(record.error_code, ErrorCode::TooManyRequests.number());
    scenario.fake.release("hold");
    running.await.unwrap().unwrap().result.unwrap();
    scenario.advance(SECOND * 5).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 2), "one failure, one success");
}

#[tokio::test]
async fn the_clock_stops_at_each_moment_on_its_way() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 3).await;
    let id = scenario.accept("fail").await;
    scenario.advance(MINUTE * 60 * 24).await;
    let ended = scenario.record(id).await.ended_at.unwrap();
    assert!(ended < BEGIN + SECOND * 8, "{ended:?}");
    assert_eq!(scenario.clock.now(), BEGIN + MINUTE * 60 * 24);
}
