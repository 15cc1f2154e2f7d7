//! What happened, minute by minute.

use crate::{
    fake::{HANDLE, USED},
    scenario::{BEGIN, MINUTE, SECOND, Scenario, instances, text},
};
use fngraph_registry::Reservation;
use fngraph_store::{MinuteRecord, StatisticsQuery};
use fngraph_types::FunctionId;
use std::time::Duration;

/// What one handler adds, in microseconds.
const MICROS: u64 = HANDLE.subsec_nanos() as u64 / 1000;

async fn minutes(scenario: &Scenario) -> Vec<MinuteRecord> {
    let query = StatisticsQuery { from: 0, until: i64::MAX, ..StatisticsQuery::default() };
    scenario.invoker.statistics(query).await.unwrap()
}

/// The minutes that have invocations: which, counted from the beginning, and how many.
async fn counts(scenario: &Scenario) -> Vec<(i64, u64)> {
    let minutes = minutes(scenario).await;
    let counts = minutes.iter().map(|record| (record.minute - BEGIN.minute(), record.count));
    counts.filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn a_minute_sums_up_what_happened_in_it() {
    let scenario = Scenario::with(|options| options.queue_length = 0).await;
    scenario.scale("f", instances(2)).await;
    for event in ["hello", "fail", "timeout", "hello"] {
        let _ = scenario.call("f", event).await.unwrap();
    }
    let calls = [(); 2].map(|()| scenario.begin("f", "hold"));
    scenario.calls(2).await;
    assert!(scenario.call("f", "hello").await.is_err());
    for call in calls {
        scenario.fake.release("hold");
        text(call.await.unwrap());
    }
    let minutes = minutes(&scenario).await;
    let mut expected = MinuteRecord::new(FunctionId::local("f"), "latest".parse().unwrap(), BEGIN.minute());
    (expected.count, expected.handled) = (7, 6);
    expected.function_errors = 2;
    expected.rejects = 1;
    expected.cold_starts = 3;
    expected.duration_sum = 6 * MICROS;
    (expected.duration_min, expected.duration_max) = (MICROS, MICROS);
    // 2.5 ms are billed as 3.
    expected.billed_sum = 6 * 3;
    expected.memory_time = 6 * 3 * 128;
    expected.memory_max = USED;
    (expected.concurrency_max, expected.elastic_max) = (2, 2);
    assert_eq!(minutes, [expected]);
    let vitals = scenario.invoker.vitals();
    let sums = (vitals.invocations, vitals.function_errors, vitals.rejects, vitals.cold_starts);
    assert_eq!(sums, (7, 2, 1, 3));
}

#[tokio::test]
async fn a_call_belongs_to_the_minute_in_which_it_happened() {
    let scenario = Scenario::new().await;
    for (step, calls) in [(SECOND * 59, 1), (SECOND, 2), (MINUTE - Duration::from_millis(1), 3), (SECOND, 4)] {
        scenario.advance(step).await;
        for _ in 0..calls {
            text(scenario.call("f", "hello").await);
        }
    }
    assert_eq!(counts(&scenario).await, [(0, 1), (1, 5), (2, 4)]);
}

#[tokio::test]
async fn looking_in_the_middle_of_a_minute_changes_no_sum() {
    let scenario = Scenario::new().await;
    for _ in 0..3 {
        text(scenario.call("f", "hello").await);
        assert_eq!(scenario.invoker.vitals().function_errors, 0);
        minutes(&scenario).await;
        scenario.advance(SECOND * 10).await;
    }
    assert_eq!(counts(&scenario).await, [(0, 3)]);
    scenario.advance(MINUTE).await;
    assert_eq!(counts(&scenario).await, [(0, 3)]);
    assert_eq!(scenario.invoker.vitals().invocations, 3);
}

#[tokio::test]
async fn versions_and_functions_are_counted_apart_and_found_apart() {
    let scenario = Scenario::new().await;
    scenario.deploy("g").await;
    scenario.publish("v1").await;
    for urn in ["f", "local:default:f:v1", "local:default:f:v1", "g"] {
        text(scenario.call(urn, "hello").await);
    }
    let all = StatisticsQuery { from: 0, until: i64::MAX, ..StatisticsQuery::default() };
    let f = Some(FunctionId::local("f"));
    for (query, expected) in [
        (all.clone(), 4),
        (StatisticsQuery { function: f.clone(), ..all.clone() }, 3),
        (StatisticsQuery { function: f, version: Some("v1".parse().unwrap()), ..all.clone() }, 2),
        (StatisticsQuery { project_id: Some("local".to_owned()), ..all.clone() }, 4),
        (StatisticsQuery { project_id: Some("other".to_owned()), ..all.clone() }, 0),
        (StatisticsQuery { until: BEGIN.minute() - 1, ..all }, 0),
    ] {
        let records = scenario.invoker.statistics(query).await.unwrap();
        assert_eq!(records.iter().map(|record| record.count).sum::<u64>(), expected, "{records:?}");
    }
}

#[tokio::test]
async fn minutes_without_calls_tell_what_lives() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation::new(2, BEGIN)).await;
    scenario.invoker.settle().await;
    scenario.advance(MINUTE * 3).await;
    let minutes = minutes(&scenario).await;
    assert!(minutes.len() >= 3, "{minutes:?}");
    for record in &minutes {
        assert_eq!((record.count, record.reserved_max, record.elastic_max), (0, 2, 0));
        assert_eq!(record.duration_min, u64::MAX);
    }
}

#[tokio::test]
async fn attempts_of_requests_count_when_they_run() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 1).await;
    scenario.accept("fail").await;
    scenario.advance(MINUTE).await;
    assert_eq!(counts(&scenario).await, [(0, 2)]);
    assert_eq!(minutes(&scenario).await[0].function_errors, 2);
}

#[tokio::test]
async fn what_an_update_leaves_behind_is_counted_too() {
    let scenario = Scenario::new().await;
    text(scenario.call("f", "hello").await);
    scenario.update("f", "new code").await;
    text(scenario.call("f", "hello").await);
    assert_eq!(counts(&scenario).await, [(0, 2)]);
    text(scenario.call("f", "hello").await);
    scenario.registry.delete(&FunctionId::local("f")).await.unwrap();
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.invoker.vitals().invocations, 3);
}

#[tokio::test]
async fn a_call_that_outlives_an_update_is_counted() {
    let scenario = Scenario::new().await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    scenario.update("f", "new code").await;
    scenario.fake.release("hold");
    text(running.await.unwrap());
    scenario.live(0).await;
    scenario.advance(SECOND).await;
    assert_eq!(counts(&scenario).await, [(0, 1)]);
}

#[tokio::test]
async fn minutes_are_forgotten_after_their_time() {
    let scenario = Scenario::with(|options| options.statistics_retention = MINUTE * 10).await;
    text(scenario.call("f", "hello").await);
    scenario.advance(MINUTE * 9).await;
    assert_eq!(counts(&scenario).await, [(0, 1)]);
    scenario.advance(MINUTE * 3).await;
    assert_eq!(counts(&scenario).await, []);
}

#[tokio::test]
async fn a_function_that_nobody_calls_is_forgotten_and_its_sums_are_not() {
    let scenario = Scenario::new().await;
    text(scenario.call("f", "hello").await);
    assert_eq!(scenario.invoker.census(&FunctionId::local("f")).len(), 1);
    scenario.advance(MINUTE * 15).await;
    assert_eq!(scenario.invoker.census(&FunctionId::local("f")), []);
    text(scenario.call("f", "hello").await);
    assert_eq!(counts(&scenario).await, [(0, 1), (15, 1)]);
    assert_eq!(scenario.invoker.vitals().invocations, 2);
}
