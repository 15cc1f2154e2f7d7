//! Timers call their functions when their moment comes, once.

use crate::support::{
    BEGIN, MINUTE, SECOND, builder, deploy, deploy_entry, events, requests, runtime_in, start, start_with, timer,
};
use fngraph::{Alias, AsyncConfig, Qualifier, Runtime, Source, Trigger};
use fngraph_triggers::Options;
use serde_json::{Value, json};
use std::time::Duration;

fn times(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["time"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_timer_calls_its_function_with_the_documented_event_at_each_moment() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("every", "@every 30s", BEGIN)).await.unwrap();
    runtime.advance(SECOND * 29).await;
    assert!(requests(&runtime, &function).await.is_empty());
    runtime.advance(SECOND * 31).await;
    let expected = |time| {
        json!({
            "version": "v1.0", "time": time, "trigger_type": "TIMER", "trigger_name": "every", "user_event": "hello",
        })
    };
    let fired = events(&runtime, &function).await;
    assert_eq!(fired, [expected("2027-01-15T08:00:30+00:00"), expected("2027-01-15T08:01:00+00:00")]);
}

#[tokio::test]
async fn moments_are_shown_in_the_zone_of_the_timer_or_of_the_server() {
    let (runtime, triggers) = start_with(builder(BEGIN).build().await.unwrap(), |options| {
        options.timezone = Some("Asia/Shanghai".to_owned())
    })
    .await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("a", "0 1 8 * * *", BEGIN)).await.unwrap();
    triggers.create(&function, timer("b", "CRON_TZ=Europe/Berlin 0 2 9 * * *", BEGIN)).await.unwrap();
    runtime.advance(MINUTE * 3).await;
    let fired = events(&runtime, &function).await;
    assert_eq!(times(&fired), ["2027-01-15T16:01:00+08:00", "2027-01-15T09:02:00+01:00"]);
}

#[tokio::test]
async fn a_wrong_zone_is_refused_by_name() {
    let runtime = builder(BEGIN).build().await.unwrap();
    let mut options = Options::default();
    options.timezone = Some("Mars/Olympus".to_owned());
    let error = fngraph_triggers::Triggers::start(runtime, options).await.unwrap_err();
    assert!(error.to_string().contains("Mars/Olympus"), "{error}");
}

#[tokio::test]
async fn a_timer_calls_the_version_or_alias_that_it_belongs_to() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    runtime.publish("f", Some("v1")).await.unwrap();
    runtime.alias("f", Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), BEGIN)).await.unwrap();
    for (id, qualifier) in [("a", "v1"), ("b", "!prod")] {
        let trigger = Trigger { qualifier: qualifier.parse().unwrap(), ..timer(id, "@every 1m", BEGIN) };
        triggers.create(&function, trigger).await.unwrap();
    }
    runtime.advance(MINUTE).await;
    let mut called: Vec<Qualifier> =
        requests(&runtime, &function).await.into_iter().map(|request| request.qualifier).collect();
    called.sort_by_key(ToString::to_string);
    assert_eq!(called.iter().map(ToString::to_string).collect::<Vec<_>>(), ["!prod", "v1"]);
}

#[tokio::test]
async fn a_timer_that_is_disabled_changed_or_deleted_follows_at_once() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("a", "@every 1m", BEGIN)).await.unwrap();
    runtime.advance(MINUTE).await;
    let now = runtime.now();
    triggers
        .update(&function, "a", |trigger| {
            trigger.is_active = false;
            Ok(())
        })
        .await
        .unwrap();
    runtime.advance(MINUTE).await;
    assert_eq!(requests(&runtime, &function).await.len(), 1);
    let later = runtime.now();
    assert!(later > now);
    triggers
        .update(&function, "a", move |trigger| {
            *trigger = Trigger { active_since: later, ..timer("a", "@every 10s", later) };
            Ok(())
        })
        .await
        .unwrap();
    runtime.advance(SECOND * 20).await;
    assert_eq!(requests(&runtime, &function).await.len(), 3);
    runtime.registry().delete_trigger(&function, "a").await.unwrap();
    runtime.advance(MINUTE).await;
    assert_eq!(requests(&runtime, &function).await.len(), 3);
    runtime.registry().delete(&function).await.unwrap();
    runtime.advance(MINUTE).await;
}

#[tokio::test]
async fn a_firing_that_was_done_is_not_done_again_by_the_next_process() {
    let data = tempfile::tempdir().unwrap();
    let (runtime, triggers) = start_with(runtime_in(data.path(), BEGIN).await, |_| ()).await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("a", "@every 1m", BEGIN)).await.unwrap();
    runtime.advance(MINUTE).await;
    end(runtime, triggers).await;

    let (runtime, triggers) = start_with(runtime_in(data.path(), BEGIN + SECOND * 90).await, |_| ()).await;
    runtime.advance(SECOND).await;
    assert_eq!(requests(&runtime, &function).await.len(), 1);
    runtime.advance(SECOND * 29).await;
    assert_eq!(times(&events(&runtime, &function).await), ["2027-01-15T08:01:00+00:00", "2027-01-15T08:02:00+00:00"]);
    end(runtime, triggers).await;
}

#[tokio::test]
async fn the_latest_firing_that_was_missed_is_made_up_for_and_older_ones_are_not() {
    let data = tempfile::tempdir().unwrap();
    let (runtime, triggers) = start_with(runtime_in(data.path(), BEGIN).await, |_| ()).await;
    let function = deploy(&runtime, "f").await;
    let strict = deploy(&runtime, "strict").await;
    let config = AsyncConfig { max_age: MINUTE, ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("strict", Some(config)).await.unwrap();
    for (function, id) in [(&function, "minutely"), (&strict, "young")] {
        triggers.create(function, timer(id, "0 0/10 * * * *", BEGIN)).await.unwrap();
    }
    triggers.create(&function, timer("hourly", "0 0 * * * *", BEGIN)).await.unwrap();
    end(runtime, triggers).await;

    // 09:14: minutes 10, …, 70 were missed, and an hour.
    let (runtime, triggers) = start_with(runtime_in(data.path(), BEGIN + MINUTE * 74).await, |_| ()).await;
    runtime.advance(SECOND).await;
    let fired = events(&runtime, &function).await;
    assert_eq!(times(&fired), ["2027-01-15T09:10:00+00:00"]);
    assert!(requests(&runtime, &strict).await.is_empty(), "its events may not be that old");
    end(runtime, triggers).await;
}

#[tokio::test]
async fn after_a_pause_each_timer_fires_once_if_that_is_not_too_late() {
    // The machine slept: the clock goes on by an hour at once, for a runtime that is there.
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("a", "@every 1h", BEGIN)).await.unwrap();
    runtime.advance(Duration::from_secs(3600)).await;
    assert_eq!(requests(&runtime, &function).await.len(), 1);
}

#[tokio::test]
async fn what_a_queue_refuses_is_dropped_and_the_timer_goes_on() {
    let mut options = fngraph::Options::default();
    options.async_depth = 1;
    let (runtime, triggers) = start_with(builder(BEGIN).options(options).build().await.unwrap(), |_| ()).await;
    let function = deploy_entry(&runtime, "f", "write_log").await;
    for id in ["a", "b", "c"] {
        triggers.create(&function, timer(id, "@every 1m", BEGIN)).await.unwrap();
    }
    runtime.advance(MINUTE).await;
    let first = requests(&runtime, &function).await.len();
    assert!((1..=3).contains(&first), "{first}");
    runtime.advance(MINUTE).await;
    assert!(requests(&runtime, &function).await.len() > first);
}

#[tokio::test]
async fn triggers_that_ended_fire_no_more() {
    let (runtime, triggers) = start().await;
    let function = deploy(&runtime, "f").await;
    triggers.create(&function, timer("a", "@every 1m", BEGIN)).await.unwrap();
    triggers.shutdown().await;
    runtime.advance(MINUTE * 2).await;
    assert!(requests(&runtime, &function).await.is_empty());
    drop(triggers);
    runtime.advance(MINUTE * 2).await;
    assert!(requests(&runtime, &function).await.is_empty());
    let Source::Timer(timer) = timer("a", "@every 1m", BEGIN).source else { panic!("it is a timer") };
    assert_eq!(timer.timing.text(), "@every 1m");
}

/// Ends a process in good order.
async fn end(runtime: Runtime, triggers: fngraph_triggers::Triggers) {
    triggers.shutdown().await;
    drop(triggers);
    assert!(runtime.shutdown(MINUTE).await);
}
