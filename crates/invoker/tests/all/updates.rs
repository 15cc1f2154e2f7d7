//! A function changes while it is called.

use crate::{
    fake::Starting,
    scenario::{MINUTE, SECOND, Scenario, code, instances, settings, text},
};
use fngraph_registry::Reservation;
use fngraph_registry::Settings;
use fngraph_types::{ErrorCode, FunctionId, VersionName};

#[tokio::test]
async fn a_call_ends_on_the_code_it_began_on_and_the_next_one_has_the_new() {
    let scenario = Scenario::new().await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    scenario.update("f", "new code").await;
    assert_eq!(text(scenario.call("f", "code").await), "new code");
    scenario.fake.release("hold");
    assert_eq!(text(running.await.unwrap()), "hold");
    scenario.live(1).await;
    assert_eq!(scenario.answer("f", "who").await.0, "2", "the old instance is gone, the new one stays");
}

#[tokio::test]
async fn idle_instances_of_old_code_are_stopped() {
    let scenario = Scenario::new().await;
    scenario.answer("f", "hello").await;
    scenario.update("f", "new code").await;
    scenario.fake.until(|counts| counts.stopped == 1 && counts.live == 0).await;
    scenario.assert_quiet();
}

#[tokio::test]
async fn an_instance_that_comes_up_after_an_update_serves_its_call_and_goes() {
    let scenario = Scenario::new().await;
    scenario.fake.script([Starting::Hangs]);
    let call = scenario.begin("f", "code");
    scenario.fake.until(|counts| counts.starting == 1).await;
    scenario.update("f", "new code").await;
    scenario.fake.release("start");
    assert_eq!(text(call.await.unwrap()), "code of f");
    scenario.live(0).await;
}

#[tokio::test]
async fn who_waits_gets_the_new_code() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "code");
    scenario.waiting(1).await;
    scenario.update("f", "new code").await;
    assert_eq!(text(waiting.await.unwrap()), "new code");
    scenario.fake.release("hold");
    text(running.await.unwrap());
}

#[tokio::test]
async fn other_settings_are_other_instances_and_scaling_is_not() {
    let scenario = Scenario::new().await;
    let id = FunctionId::local("f");
    assert_eq!(scenario.answer("f", "who").await.0, "1");
    scenario.scale("f", instances(7)).await;
    scenario.configure(|config| config.max_retries = 3).await;
    scenario.publish("v1").await;
    scenario.live(0).await;
    assert_eq!(scenario.answer("f", "who").await.0, "2", "publishing in a test replaces the code");
    scenario.alias("prod", "v1", None).await;
    assert_eq!(scenario.answer("f", "who").await.0, "2");
    let described = Settings { description: "other".to_owned(), ..settings() };
    scenario.registry.update_settings(&id, &VersionName::latest(), described, scenario.clock.now()).await.unwrap();
    assert_eq!(scenario.answer("f", "who").await.0, "3");
}

#[tokio::test]
async fn a_deleted_function_is_gone_at_once_and_its_calls_end() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    let running = scenario.begin("f", "hold");
    scenario.calls(1).await;
    let waiting = scenario.begin("f", "code");
    scenario.waiting(1).await;
    scenario.registry.delete(&FunctionId::local("f")).await.unwrap();
    assert_eq!(code(waiting.await.unwrap()), ErrorCode::FunctionNotFound);
    assert_eq!(code(scenario.call("f", "hello").await), ErrorCode::FunctionNotFound);
    scenario.fake.release("hold");
    assert_eq!(text(running.await.unwrap()), "hold");
    scenario.live(0).await;
    scenario.deploy("f").await;
    assert_eq!(text(scenario.call("f", "code").await), "code of f");
}

#[tokio::test]
async fn a_deleted_version_takes_its_instances_along() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.answer("local:default:f:v1", "hello").await;
    scenario.registry.delete_version(&FunctionId::local("f"), &"v1".parse().unwrap()).await.unwrap();
    assert_eq!(code(scenario.call("local:default:f:v1", "hello").await), ErrorCode::VersionNotFound);
    scenario.live(0).await;
}

#[tokio::test]
async fn reserved_instances_are_replaced_when_the_code_changes() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation::new(2, scenario.clock.now())).await;
    scenario.live(2).await;
    scenario.update("f", "new code").await;
    scenario.fake.until(|counts| counts.stopped == 2).await;
    scenario.live(2).await;
    assert_eq!(text(scenario.call("f", "code").await), "new code");
    assert_eq!(scenario.census().reserved, 2);
}

#[tokio::test]
async fn what_was_compiled_and_is_not_used_is_removed_at_the_beginning_and_once_a_day() {
    let scenario = Scenario::new().await;
    for swept in 1..=3 {
        scenario.advance(SECOND).await;
        assert_eq!(scenario.fake.counts().swept, swept);
        scenario.advance(MINUTE * 60 * 24 - SECOND).await;
        assert_eq!(scenario.fake.counts().swept, swept);
    }
}
