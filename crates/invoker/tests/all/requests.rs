//! The life of an asynchronous request, and how it is looked at.

use crate::{
    fake::error,
    scenario::{BEGIN, MINUTE, SECOND, Scenario, all},
};
use fngraph_engine::InvokeError;
use fngraph_invoker::{Cancellation, Rejection};
use fngraph_registry::{AsyncConfig, Destination};
use fngraph_store::{LogPageQuery, LogStream, RequestQuery, RequestStatus};
use fngraph_types::{ErrorCode, FunctionId, Qualifier, RequestId, limits};
use std::{collections::HashSet, sync::Arc};

#[tokio::test]
async fn a_request_waits_runs_and_succeeds() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    let first = scenario.accept("hold").await;
    scenario.calls(1).await;
    let second = scenario.accept("hello").await;
    let running = scenario.record(first).await;
    assert_eq!((running.status, running.attempts), (RequestStatus::Running, 1));
    assert_eq!((running.accepted_at, running.started_at, running.ended_at), (BEGIN, Some(BEGIN), None));
    let waiting = scenario.record(second).await;
    assert_eq!((waiting.status, waiting.attempts, waiting.started_at), (RequestStatus::Wait, 0, None));
    scenario.fake.release("hold");
    scenario.invoker.settle().await;
    for id in [first, second] {
        let record = scenario.record(id).await;
        assert_eq!((record.status, record.attempts), (RequestStatus::Success, 1));
        assert_eq!((record.error_code, record.error_message.as_str()), (0, ""));
        assert_eq!(record.ended_at, Some(BEGIN));
        assert_eq!((record.function, record.qualifier), (FunctionId::local("f"), Qualifier::latest()));
    }
    assert_eq!(scenario.invoker.vitals().async_requests, 0);
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_failure_tells_its_code_and_what_went_wrong() {
    for (event, expected, words) in [
        ("fail", ErrorCode::FunctionFailed, "Told: as told"),
        ("trap", ErrorCode::FunctionFailed, "Told: as told"),
        ("timeout", ErrorCode::Timeout, "did not finish within 3s"),
    ] {
        let scenario = Scenario::new().await;
        let id = scenario.accept(event).await;
        scenario.invoker.settle().await;
        let record = scenario.record(id).await;
        assert_eq!((record.status, record.attempts), (RequestStatus::Fail, 1), "{event}");
        assert_eq!(record.error_code, expected.number(), "{event}");
        assert!(record.error_message.contains(words), "{event}: {}", record.error_message);
        assert_eq!(record.ended_at, Some(BEGIN));
    }
}

#[tokio::test]
async fn a_version_that_does_not_start_fails_at_once_whatever_the_retries() {
    for failure in [InvokeError::Initializer(error()), InvokeError::Start(error())] {
        let scenario = Scenario::new().await;
        scenario.configure(|config| config.max_retries = 3).await;
        scenario.fake.script((0..9).map(|_| crate::fake::Starting::Fails(failure.clone())));
        let id = scenario.accept("hello").await;
        scenario.invoker.settle().await;
        assert_eq!(scenario.status(id).await, (RequestStatus::Fail, 1), "{failure}");
        assert_eq!(scenario.record(id).await.error_code, failure.code().number());
    }
}

#[tokio::test]
async fn the_requests_of_a_function_go_with_it() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    let running = scenario.accept("hold").await;
    let waiting = scenario.accept("hello").await;
    scenario.calls(1).await;
    scenario.registry.delete(&FunctionId::local("f")).await.unwrap();
    scenario.fake.release("hold");
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.history().len(), 2, "one start, one call: what runs ends, what waits never begins");
    assert_eq!(scenario.invoker.vitals().async_requests, 0);
    for id in [running, waiting] {
        assert_eq!(scenario.invoker.request(id).await.unwrap(), None);
        assert_eq!(scenario.invoker.cancel(id).await.unwrap(), Cancellation::NotFound);
    }
}

#[tokio::test]
async fn which_version_an_alias_means_is_decided_at_each_attempt() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    scenario.publish("v1").await;
    scenario.alias("prod", "v1", None).await;
    let id = scenario.invoker.invoke_async("local:default:f:!prod", "alias", None).await.unwrap();
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(id).await.0, RequestStatus::Success);
    assert_eq!(scenario.fake.history(), ["start #1 f:v1 128", "call #1 alias"]);
    assert_eq!(scenario.record(id).await.qualifier, "!prod".parse().unwrap());
}

#[tokio::test]
async fn an_event_of_the_limit_is_accepted_and_one_byte_more_is_not() {
    let scenario = Scenario::new().await;
    let event = vec![b'x'; limits::ASYNC_EVENT_BYTES];
    scenario.invoker.invoke_async("f", event.clone(), None).await.unwrap();
    let refused = scenario.invoker.invoke_async("f", [event, vec![b'x']].concat(), None).await.unwrap_err();
    assert!(matches!(refused, Rejection::EventTooLarge { .. }));
    assert_eq!(refused.code(), ErrorCode::RequestTooLarge);
}

async fn ids(scenario: &Scenario, query: RequestQuery) -> (Vec<RequestId>, u64) {
    let (records, count) = scenario.invoker.requests(query).await.unwrap();
    (records.into_iter().map(|record| record.id).collect(), count)
}

#[tokio::test]
async fn requests_are_listed_by_what_is_asked_for() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    scenario.publish("v1").await;
    scenario.deploy("g").await;
    let good = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    scenario.advance(SECOND).await;
    let bad = scenario.invoker.invoke_async("local:default:f:v1", "fail", None).await.unwrap();
    scenario.invoker.settle().await;
    scenario.advance(SECOND).await;
    let running = scenario.accept("hold").await;
    scenario.calls(1).await;
    let waiting = scenario.accept("hello").await;
    scenario.invoker.invoke_async("g", "hello", None).await.unwrap();
    // Within a millisecond requests are in no order.
    let mut active = vec![running, waiting];
    active.sort();
    let everything = [&[good, bad], &active[..]].concat();
    let v1 = Some("v1".parse().unwrap());
    for (query, expected) in [
        (all(), everything.clone()),
        (RequestQuery { status: Some(RequestStatus::Success), ..all() }, vec![good]),
        (RequestQuery { status: Some(RequestStatus::Fail), ..all() }, vec![bad]),
        (RequestQuery { status: Some(RequestStatus::Running), ..all() }, vec![running]),
        (RequestQuery { status: Some(RequestStatus::Wait), ..all() }, vec![waiting]),
        (RequestQuery { status: Some(RequestStatus::Discard), ..all() }, vec![]),
        (RequestQuery { active: true, ..all() }, active),
        (RequestQuery { qualifier: v1, ..all() }, vec![bad]),
        (RequestQuery { ids: vec![good, running], ..all() }, vec![good, running]),
        (RequestQuery { until: BEGIN, ..all() }, vec![good]),
        (RequestQuery { from: BEGIN + SECOND, until: BEGIN + SECOND, ..all() }, vec![bad]),
    ] {
        let count = expected.len() as u64;
        assert_eq!(ids(&scenario, query.clone()).await, (expected, count), "{query:?}");
    }
    for (offset, limit, expected) in [(0, 3, &everything[..3]), (3, 3, &everything[3..]), (4, 3, &[])] {
        assert_eq!(ids(&scenario, RequestQuery { offset, limit, ..all() }).await, (expected.to_vec(), 4));
    }
}

#[tokio::test]
async fn ended_requests_are_forgotten_after_their_time_and_others_are_not() {
    let scenario = Scenario::with(|options| options.request_retention = MINUTE * 10).await;
    scenario.configure(|config| config.max_age = MINUTE * 60).await;
    let ended = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    scenario.advance(MINUTE * 9).await;
    assert_eq!(scenario.status(ended).await.0, RequestStatus::Success);
    scenario.scale("f", crate::scenario::instances(0)).await;
    let waiting = scenario.accept("hello").await;
    scenario.advance(MINUTE * 12).await;
    assert_eq!(scenario.invoker.request(ended).await.unwrap(), None);
    assert_eq!(scenario.status(waiting).await, (RequestStatus::Wait, 0));
}

#[tokio::test]
async fn a_key_makes_two_requests_one_within_the_maximum_age() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_age = MINUTE).await;
    scenario.deploy("g").await;
    let accept =
        async |urn: &str, key: &str| scenario.invoker.invoke_async(urn, "hello", Some(key.to_owned())).await.unwrap();
    let first = accept("f", "a").await;
    scenario.invoker.settle().await;
    assert_eq!(accept("f", "a").await, first, "even when it has ended");
    assert_ne!(accept("f", "b").await, first);
    assert_ne!(accept("g", "a").await, first);
    scenario.advance(MINUTE).await;
    assert_eq!(accept("f", "a").await, first);
    scenario.advance(SECOND).await;
    assert_ne!(accept("f", "a").await, first);
    scenario.invoker.settle().await;
    assert_eq!(ids(&scenario, all()).await.1, 3);
}

#[tokio::test]
async fn a_waiting_request_is_cancelled_and_never_runs() {
    let scenario = Scenario::with(|options| options.async_concurrency_per_function = 1).await;
    let running = scenario.accept("hold").await;
    scenario.calls(1).await;
    let waiting = scenario.accept("hello").await;
    assert_eq!(scenario.invoker.cancel(waiting).await.unwrap(), Cancellation::Cancelled);
    let record = scenario.record(waiting).await;
    assert_eq!((record.status, record.attempts), (RequestStatus::Fail, 0));
    assert_eq!(record.error_code, ErrorCode::Cancelled.number());
    assert_eq!(scenario.invoker.cancel(waiting).await.unwrap(), Cancellation::Ended);
    scenario.fake.release("hold");
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(running).await.0, RequestStatus::Success);
    assert_eq!(scenario.fake.history().len(), 2);
}

#[tokio::test]
async fn a_running_request_is_cancelled_and_not_retried() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.max_retries = 3).await;
    let id = scenario.accept("hold").await;
    scenario.calls(1).await;
    assert_eq!(scenario.invoker.cancel(id).await.unwrap(), Cancellation::Cancelled);
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Fail, 1));
    assert_eq!(scenario.record(id).await.error_code, ErrorCode::Cancelled.number());
    scenario.live(0).await;
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_request_whose_instance_is_being_started_is_cancelled() {
    let scenario = Scenario::new().await;
    scenario.fake.script([crate::fake::Starting::Hangs]);
    let id = scenario.accept("hello").await;
    scenario.fake.until(|counts| counts.starting == 1).await;
    assert_eq!(scenario.invoker.cancel(id).await.unwrap(), Cancellation::Cancelled);
    scenario.invoker.settle().await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Fail, 1));
    scenario.assert_quiet();
}

async fn status_log(scenario: &Scenario, function: &FunctionId) -> Vec<serde_json::Value> {
    let query = LogPageQuery {
        function: function.clone(),
        stream: LogStream::AsyncStatus,
        versions: Vec::new(),
        request: None,
        from: BEGIN,
        after: None,
        limit: 99,
    };
    let page = scenario.invoker.log_page(query).await.unwrap();
    page.records.iter().map(|record| serde_json::from_str(&record.text).unwrap()).collect()
}

#[tokio::test]
async fn changes_of_status_are_logged_where_project_and_function_want_it() {
    for (project, function) in [(false, true), (true, false), (true, true)] {
        let projects = if project { HashSet::from([Arc::from("local")]) } else { HashSet::new() };
        let scenario = Scenario::with(|options| options.status_logs = projects).await;
        scenario.configure(|config| (config.status_log, config.max_retries) = (function, 1)).await;
        let id = scenario.accept("fail").await;
        scenario.invoker.settle().await;
        scenario.advance(MINUTE).await;
        let lines = status_log(&scenario, &FunctionId::local("f")).await;
        if !(project && function) {
            assert_eq!(lines, [] as [serde_json::Value; 0]);
            continue;
        }
        let told: Vec<_> =
            lines.iter().map(|line| (line["status"].as_str().unwrap(), line["error_code"].as_u64())).collect();
        let expected =
            [("WAIT", 0), ("RUNNING", 0), ("WAIT", 4002), ("RUNNING", 0), ("FAIL", 4002)].map(|(s, c)| (s, Some(c)));
        assert_eq!(told, expected);
        let last = lines.last().unwrap();
        assert_eq!(last["request_id"], id.to_string());
        assert_eq!(last["function_urn"], "urn:fss:local:local:function:default:f:latest");
        assert!(last["operation_timestamp"].as_i64() > Some(BEGIN.as_millis()), "{last}");
        assert!(last["error_message"].as_str().unwrap().contains("as told"), "{last}");
    }
}

#[tokio::test]
async fn logging_changes_of_status_can_begin_and_end_later() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.status_log = true).await;
    for (on, lines) in [(false, 0), (true, 3), (false, 3)] {
        scenario.invoker.set_status_logs("local", on);
        scenario.accept("hello").await;
        scenario.invoker.settle().await;
        assert_eq!(status_log(&scenario, &FunctionId::local("f")).await.len(), lines);
    }
}

#[tokio::test]
async fn a_notice_to_a_function_is_logged_from_its_acceptance_on() {
    let scenario = Scenario::with(|options| options.status_logs = HashSet::from([Arc::from("local")])).await;
    scenario.deploy("g").await;
    scenario.configure(|config| config.on_success = Some(Destination::Function { urn: "g".to_owned() })).await;
    let g = FunctionId::local("g");
    let config = AsyncConfig { status_log: true, ..AsyncConfig::new(BEGIN) };
    scenario.registry.set_async_config(&g, &"latest".parse().unwrap(), config).await.unwrap();
    scenario.accept("hello").await;
    scenario.invoker.settle().await;
    let statuses: Vec<_> =
        status_log(&scenario, &g).await.into_iter().map(|line| line["status"].as_str().unwrap().to_owned()).collect();
    assert_eq!(statuses, ["WAIT", "RUNNING", "SUCCESS"]);
}
