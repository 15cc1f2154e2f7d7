use crate::scenario::{Scenario, alias, alias_name, at, qualifier, refused, version};
use fngraph_registry::{Elsewhere, Publish, Source, Timer, Timing, Trigger, TriggerKind};
use fngraph_types::{ErrorCode, FunctionId, Secrets};
use std::collections::BTreeMap;

fn timer(id: &str, name: &str, target: &str) -> Trigger {
    let timing = Timing::Cron("@every 3m".parse().unwrap());
    let source = Source::Timer(Timer { name: name.to_owned(), timing, user_event: String::new() });
    Trigger { qualifier: qualifier(target), ..Trigger::new(id, source, at(1)) }
}

fn kafka(id: &str) -> Trigger {
    let secrets = Secrets::from(BTreeMap::from([("kafka_password".to_owned(), "hunter2".to_owned())]));
    let source = Elsewhere { kind: TriggerKind::Kafka, settings: serde_json::Map::new(), secrets };
    Trigger { is_active: false, ..Trigger::new(id, Source::Elsewhere(source), at(1)) }
}

#[tokio::test]
async fn a_trigger_is_created_changed_and_deleted() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_trigger(id, timer("1", "first", "latest")).await.unwrap();
    registry.create_trigger(id, kafka("2")).await.unwrap();
    let stop = |trigger: &mut Trigger| {
        (trigger.is_active, trigger.modified_at) = (false, at(7));
        Ok(())
    };
    let changed = registry.update_trigger(id, "1", stop).await.unwrap();
    assert_eq!(changed, Trigger { is_active: false, modified_at: at(7), ..timer("1", "first", "latest") });
    let found = scenario.reopened().await.function(id).unwrap();
    assert_eq!(found.triggers, [changed, kafka("2")], "passwords too");
    registry.delete_trigger(id, "1").await.unwrap();
    registry.delete_triggers(id, None).await.unwrap();
    assert_eq!(scenario.function().triggers, []);
}

#[tokio::test]
async fn what_breaks_a_rule_is_no_trigger() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    for number in 0..10 {
        registry.create_trigger(id, timer(&number.to_string(), &format!("t{number}"), "latest")).await.unwrap();
    }
    let create = |trigger| registry.create_trigger(id, trigger);
    refused(create(timer("10", "t10", "latest")).await, ErrorCode::TooManyTriggers, "has 10 triggers");
    registry.delete_trigger(id, "9").await.unwrap();
    refused(create(timer("10", "t1", "latest")).await, ErrorCode::TimerTriggerExists, "a trigger TIMER `t1` already");
    refused(create(timer("1", "t10", "latest")).await, ErrorCode::TimerTriggerExists, "already");
    refused(create(timer("10", "1", "latest")).await, ErrorCode::InvalidTimerTrigger, "the timer's name is `1`");
    refused(create(timer("10", "t10", "v1")).await, ErrorCode::VersionNotFound, "no version");
    refused(create(timer("10", "t10", "!prod")).await, ErrorCode::AliasNotFound, "no alias");
    let start = registry.update_trigger(id, "0", |trigger| {
        trigger.source.clone_from(&timer("0", "t1", "latest").source);
        Ok(())
    });
    refused(start.await, ErrorCode::TimerTriggerExists, "already");
    refused(registry.delete_trigger(id, "99").await, ErrorCode::TriggerNotFound, "has no trigger `99`");
    refused(create(Trigger { is_active: true, ..kafka("10") }).await, ErrorCode::TriggerUnavailable, "KAFKA");
    let ghost = FunctionId::local("ghost");
    refused(registry.create_trigger(&ghost, kafka("1")).await, ErrorCode::FunctionNotFound, "no function");
}

#[tokio::test]
async fn triggers_go_with_their_version_and_keep_their_alias() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    let publish = Publish { version: Some(version("v1")), ..Publish::default() };
    registry.publish(id, publish, at(2)).await.unwrap();
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    for (number, target) in ["latest", "v1", "!prod"].into_iter().enumerate() {
        registry.create_trigger(id, timer(&number.to_string(), &format!("t{number}"), target)).await.unwrap();
    }
    let alias = alias_name("prod");
    refused(registry.delete_alias(id, &alias).await, ErrorCode::AliasTriggered, "has triggers; delete those first");
    registry.delete_version(id, &version("v1")).await.unwrap();
    assert_eq!(scenario.function().triggers, [timer("0", "t0", "latest")]);
}

#[tokio::test]
async fn a_version_follows_a_source_once_and_a_function_polls_few() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    let publish = Publish { version: Some(version("v1")), ..Publish::default() };
    registry.publish(id, publish, at(2)).await.unwrap();
    let stream = |number: &str, name: &str, target: &str| {
        let settings = serde_json::Map::from_iter([("stream_name".to_owned(), name.into())]);
        let source = Source::Elsewhere(Elsewhere { kind: TriggerKind::Dis, settings, secrets: Secrets::default() });
        Trigger { is_active: false, qualifier: qualifier(target), ..Trigger::new(number, source, at(1)) }
    };
    for number in 0..9 {
        let number = number.to_string();
        registry.create_trigger(id, stream(&number, &number, "latest")).await.unwrap();
    }
    let create = |trigger| registry.create_trigger(id, trigger);
    refused(create(stream("9", "1", "latest")).await, ErrorCode::DisTriggerExists, "DIS `1` already");
    create(stream("9", "1", "v1")).await.unwrap();
    refused(create(stream("10", "2", "v1")).await, ErrorCode::TooManyPolledTriggers, "has 10 triggers that poll");
    create(timer("10", "t", "v1")).await.unwrap();
}
