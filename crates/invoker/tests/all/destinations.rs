//! Who hears of the end of a request.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario, all, settings};
use fngraph_registry::{AsyncConfig, Destination, NewFunction};
use fngraph_store::{RequestQuery, RequestStatus};
use fngraph_types::{FunctionId, VersionName};

fn function(urn: &str) -> Option<Destination> {
    Some(Destination::Function { urn: urn.to_owned() })
}

fn topic(name: &str) -> Option<Destination> {
    Some(Destination::Smn { topic_urn: name.to_owned() })
}

/// The only notice, as JSON, and where it went.
fn notice(scenario: &Scenario) -> (Destination, serde_json::Value) {
    let notices = scenario.notices.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    let (destination, notice) = notices.into_iter().next().unwrap();
    (destination, serde_json::from_slice(&notice).unwrap())
}

#[tokio::test]
async fn a_success_is_told_in_the_words_of_the_cloud() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.on_success = topic("good")).await;
    let id = scenario.accept("{\"order\": 1}").await;
    scenario.invoker.settle().await;
    let (destination, notice) = notice(&scenario);
    assert_eq!(Some(destination), topic("good"));
    let expected = serde_json::json!({
        "timestamp": "2027-01-15T08:00:00Z",
        "request_context": {
            "request_id": id.to_string(),
            "function_urn": "urn:fss:local:local:function:default:f:latest",
            "condition": "",
            "approximate_invoke_count": 0,
        },
        "request_payload": "{\"order\": 1}",
        "response_context": { "status_code": 200, "function_error": "" },
        "response_payload": "{\"order\": 1}",
    });
    assert_eq!(notice, expected);
}

#[tokio::test]
async fn a_failure_is_told_once_after_its_last_attempt() {
    for (retries, condition) in [(0, "UnhandledInvocationError"), (2, "RetriesExhausted")] {
        let scenario = Scenario::new().await;
        scenario
            .configure(|config| {
                config.on_success = topic("good");
                config.on_failure = topic("bad");
                config.max_retries = retries;
            })
            .await;
        scenario.accept("fail").await;
        scenario.advance(MINUTE).await;
        let (destination, notice) = notice(&scenario);
        assert_eq!(Some(destination), topic("bad"));
        assert_eq!(notice["request_context"]["condition"], condition);
        assert_eq!(notice["request_context"]["approximate_invoke_count"], retries);
        assert_eq!(notice["response_context"], serde_json::json!({ "status_code": 500, "function_error": "" }));
        let payload: serde_json::Value = serde_json::from_str(notice["response_payload"].as_str().unwrap()).unwrap();
        assert_eq!(payload, serde_json::json!({ "errorMessage": "as told", "errorType": "Told" }));
    }
}

#[tokio::test]
async fn what_is_no_failure_of_the_function_is_told_by_its_code() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.on_failure = topic("bad")).await;
    scenario.accept("timeout").await;
    scenario.advance(MINUTE).await;
    let (_, notice) = notice(&scenario);
    assert!(notice["response_payload"].as_str().unwrap().contains("FSS.4010"), "{notice}");
}

#[tokio::test]
async fn a_discarded_and_a_cancelled_request_are_failures_too() {
    let scenario = Scenario::new().await;
    scenario
        .configure(|config| {
            config.max_age = SECOND;
            config.on_failure = topic("bad");
        })
        .await;
    scenario.scale("f", crate::scenario::instances(0)).await;
    scenario.accept("old").await;
    scenario.advance(SECOND * 5).await;
    let cancelled = scenario.accept("cancelled").await;
    scenario.invoker.settle().await;
    scenario.invoker.cancel(cancelled).await.unwrap();
    scenario.advance(SECOND).await;
    let notices = scenario.notices.notices();
    let told: Vec<serde_json::Value> =
        notices.iter().map(|(_, notice)| serde_json::from_slice(notice).unwrap()).collect();
    let told: Vec<_> = told
        .iter()
        .map(|notice| {
            (notice["request_payload"].as_str().unwrap(), notice["request_context"]["condition"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told, [("old", "EventAgeExceeded"), ("cancelled", "UnhandledInvocationError")]);
}

#[tokio::test]
async fn another_function_gets_the_notice_as_its_event() {
    let scenario = Scenario::new().await;
    scenario.deploy("listener").await;
    scenario.configure(|config| config.on_success = function("urn:fss:local:local:function:default:listener")).await;
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    let query = RequestQuery { function: FunctionId::local("listener"), ..all() };
    let (requests, _) = scenario.invoker.requests(query).await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].status, RequestStatus::Success);
    assert_ne!(requests[0].id, id);
    let history = scenario.fake.history();
    let event = history.last().unwrap().strip_prefix("call #2 ").unwrap();
    let notice: serde_json::Value = serde_json::from_str(event).unwrap();
    assert_eq!(notice["request_context"]["request_id"], id.to_string());
    assert_eq!(notice["response_payload"], "hello");
}

#[tokio::test]
async fn notices_go_from_function_to_function() {
    let scenario = Scenario::new().await;
    scenario.deploy("g").await;
    scenario.configure(|config| config.on_success = function("g")).await;
    let id = FunctionId::local("g");
    let config = AsyncConfig { on_success: topic("end"), ..AsyncConfig::new(BEGIN) };
    scenario.registry.set_async_config(&id, &VersionName::latest(), config).await.unwrap();
    scenario.accept("hello").await;
    scenario.invoker.settle().await;
    let (_, notice) = notice(&scenario);
    assert!(notice["request_context"]["function_urn"].as_str().unwrap().contains(":g:"));
    assert!(notice["response_payload"].as_str().unwrap().contains("hello"));
}

#[tokio::test]
async fn a_destination_of_another_version_or_project_is_found() {
    let scenario = Scenario::new().await;
    let id = FunctionId::new("other", "shop", "listener");
    let new = NewFunction::new(id.clone(), settings(), "code".into(), BEGIN);
    scenario.registry.create(new).await.unwrap();
    let urn = "urn:fss:local:other:function:shop:listener:latest";
    scenario.configure(|config| config.on_success = function(urn)).await;
    scenario.accept("hello").await;
    scenario.invoker.settle().await;
    let (requests, _) = scenario.invoker.requests(RequestQuery { function: id, ..all() }).await.unwrap();
    assert_eq!(requests[0].status, RequestStatus::Success);
}

#[tokio::test]
async fn a_destination_that_is_not_there_stops_nothing() {
    let scenario = Scenario::new().await;
    scenario.configure(|config| config.on_success = function("nobody")).await;
    let id = scenario.accept("hello").await;
    scenario.advance(MINUTE * 120).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1));
}

#[tokio::test]
async fn each_version_has_its_own_destinations() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.alias("prod", "v1", None).await;
    scenario.configure(|config| config.on_success = topic("of latest")).await;
    let config = AsyncConfig { on_success: topic("of v1"), ..AsyncConfig::new(BEGIN) };
    scenario.registry.set_async_config(&FunctionId::local("f"), &"v1".parse().unwrap(), config).await.unwrap();
    for urn in URNS {
        scenario.invoker.invoke_async(urn, "hello", None).await.unwrap();
        scenario.invoker.settle().await;
    }
    assert_eq!(topics(&scenario), [topic("of latest"), topic("of v1"), topic("of v1")]);
}

const URNS: [&str; 3] = ["f", "local:default:f:v1", "local:default:f:!prod"];

fn topics(scenario: &Scenario) -> Vec<Option<Destination>> {
    scenario.notices.notices().into_iter().map(|(destination, _)| Some(destination)).collect()
}

#[tokio::test]
async fn a_request_that_never_ran_has_the_destinations_of_its_version_too() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.alias("prod", "v1", None).await;
    let id = FunctionId::local("f");
    for name in ["latest", "v1"] {
        let config =
            AsyncConfig { on_failure: topic(&format!("of {name}")), max_age: SECOND, ..AsyncConfig::new(BEGIN) };
        scenario.registry.set_async_config(&id, &name.parse().unwrap(), config).await.unwrap();
        let name = name.parse().unwrap();
        scenario.registry.update_scaling(&id, &name, crate::scenario::instances(0), BEGIN).await.unwrap();
    }
    for (number, urn) in URNS.into_iter().enumerate() {
        scenario.invoker.invoke_async(urn, "hello", None).await.unwrap();
        scenario.advance(SECOND * 3).await;
        assert_eq!(topics(&scenario).len(), number + 1, "discarded");
    }
    for urn in URNS {
        let id = scenario.invoker.invoke_async(urn, "hello", None).await.unwrap();
        scenario.invoker.settle().await;
        scenario.invoker.cancel(id).await.unwrap();
        scenario.invoker.settle().await;
    }
    let expected = [topic("of latest"), topic("of v1"), topic("of v1")];
    assert_eq!(topics(&scenario), [expected.clone(), expected].concat());
}
