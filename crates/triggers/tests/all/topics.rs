//! Messages to topics call the functions that are subscribed.

use crate::support::{BEGIN, MINUTE, builder, deploy, events, requests, start, start_with, topic};
use fngraph::{
    AsyncConfig, Destination, Destinations as _, ErrorCode, FunctionId, LocalDestinations, MemoryDestinations,
    RequestId, Runtime,
};
use fngraph_triggers::{Message, Notices, PublishError, TriggerError};
use serde_json::json;

const ORDERS: &str = "urn:smn:local:local:orders";

#[tokio::test]
async fn a_message_calls_every_subscribed_function_with_the_documented_event() {
    let (runtime, triggers) = start().await;
    let (f, g, h) = (deploy(&runtime, "f").await, deploy(&runtime, "g").await, deploy(&runtime, "h").await);
    triggers.create(&f, topic("a", ORDERS)).await.unwrap();
    triggers.create(&g, topic("b", ORDERS)).await.unwrap();
    triggers.create(&h, topic("c", "urn:smn:local:local:others")).await.unwrap();
    let mut message = Message::new("it's here");
    message.subject = "order".to_owned();
    message.attributes = json!({ "size": 3 }).as_object().cloned();
    let published = triggers.publish(ORDERS, message).await.unwrap();
    runtime.settle().await;
    assert_eq!((published.functions, published.message_id.len()), (2, 32));
    let event = &events(&runtime, &f).await[0];
    let expected = json!([{
        "event_version": "1.0",
        "smn": {
            "topic_urn": ORDERS, "timestamp": "2027-01-15T08:00:00Z", "message_attributes": { "size": 3 },
            "message": "it's here", "type": "notification", "message_id": published.message_id, "subject": "order",
        },
        "event_subscription_urn": "urn:fss:local:local:function:default:f:latest",
        "event_source": "smn",
    }]);
    assert_eq!((&event["record"], &event["functionname"]), (&expected, &json!("f")));
    assert_eq!(event["timestamp"], "Fri Jan 15 2027 08:00:00 GMT+0000 (UTC)");
    assert!(event["requestId"].as_str().unwrap().parse::<RequestId>().is_ok());
    assert_eq!(events(&runtime, &g).await.len(), 1);
    assert!(requests(&runtime, &h).await.is_empty());
}

#[tokio::test]
async fn the_same_message_calls_nobody_twice() {
    let (runtime, triggers) = start().await;
    let f = deploy(&runtime, "f").await;
    triggers.create(&f, topic("a", ORDERS)).await.unwrap();
    let message = Message::new("1");
    triggers.publish(ORDERS, message.clone()).await.unwrap();
    runtime.settle().await;
    triggers.publish(ORDERS, message).await.unwrap();
    runtime.settle().await;
    assert_eq!(requests(&runtime, &f).await.len(), 1);
    let event = &events(&runtime, &f).await[0];
    assert_eq!(event["record"][0]["smn"]["message_attributes"], json!(null));
}

#[tokio::test]
async fn a_subscription_ends_with_its_trigger_and_with_its_function() {
    let (runtime, triggers) = start().await;
    let (f, g) = (deploy(&runtime, "f").await, deploy(&runtime, "g").await);
    triggers.create(&f, topic("a", ORDERS)).await.unwrap();
    triggers.create(&g, topic("b", ORDERS)).await.unwrap();
    runtime.registry().delete_trigger(&f, "a").await.unwrap();
    assert_eq!(triggers.publish(ORDERS, Message::new("1")).await.unwrap().functions, 1);
    runtime.settle().await;
    runtime.registry().delete(&g).await.unwrap();
    assert_eq!(triggers.publish(ORDERS, Message::new("2")).await.unwrap().functions, 0);
}

#[tokio::test]
async fn wrong_topics_and_long_messages_are_refused() {
    let (runtime, triggers) = start().await;
    let f = deploy(&runtime, "f").await;
    for text in ["", "orders", "urn:smn:local:local", "urn:smn:local::orders", "urn:fss:local:local:orders"] {
        let error = triggers.publish(text, Message::new("1")).await.unwrap_err();
        assert!(matches!(error, PublishError::Topic(_)), "{text}: {error}");
        assert_eq!(error.code(), ErrorCode::InvalidParameter);
    }
    let mut long = Message::new("1");
    long.subject = "x".repeat(513);
    for message in [long, Message::new("x".repeat(256 * 1024 + 1))] {
        let error = triggers.publish(ORDERS, message).await.unwrap_err();
        assert!(matches!(error, PublishError::TooLarge { .. }), "{error}");
        assert_eq!(error.code(), ErrorCode::InvalidParameter);
    }
    let error = triggers.create(&f, topic("a", "urn:smn:local:p2:orders")).await.unwrap_err();
    assert!(matches!(error, TriggerError::ForeignTopic(_)), "{error}");
    assert_eq!(error.code(), ErrorCode::InvalidSmnTrigger);
}

#[tokio::test]
async fn a_message_that_is_too_large_as_an_event_passes_by_and_the_others_go_on() {
    let (runtime, triggers) = start().await;
    let f = deploy(&runtime, "f").await;
    triggers.create(&f, topic("a", ORDERS)).await.unwrap();
    let published = triggers.publish(ORDERS, Message::new("x".repeat(256 * 1024))).await.unwrap();
    assert_eq!(published.functions, 0);
}

/// A runtime whose destinations reach topics; what reached one is also in the folder's log.
async fn with_destinations(kept: impl fngraph::Destinations) -> (Runtime, fngraph_triggers::Triggers) {
    let notices = Notices::new(kept);
    let runtime = builder(BEGIN).destinations(notices.clone()).build().await.unwrap();
    start_with(runtime, |options| options.notices = Some(notices)).await
}

#[tokio::test]
async fn a_destination_of_an_asynchronous_invocation_reaches_subscribed_functions_and_the_log() {
    let kept = MemoryDestinations::default();
    let (runtime, triggers) = with_destinations(kept.clone()).await;
    let (f, listener) = (deploy(&runtime, "f").await, deploy(&runtime, "listener").await);
    triggers.create(&listener, topic("a", ORDERS)).await.unwrap();
    let destination = Destination::Smn { topic_urn: ORDERS.to_owned() };
    let config = AsyncConfig { on_success: Some(destination.clone()), ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("f", Some(config)).await.unwrap();
    let id = runtime.invoke_async("f", "{\"a\":1}").await.unwrap();
    runtime.advance(MINUTE).await;
    let event = &events(&runtime, &listener).await[0];
    let smn = &event["record"][0]["smn"];
    assert_eq!(smn["message_id"], format!("{:032x}", id.as_u128()));
    let notice: serde_json::Value = serde_json::from_str(smn["message"].as_str().unwrap()).unwrap();
    assert_eq!(notice["request_context"]["request_id"], id.to_string());
    assert_eq!(kept.notices().len(), 1);
    assert_eq!(kept.notices()[0].0, destination);
    assert_eq!(requests(&runtime, &f).await.len(), 1);
}

#[tokio::test]
async fn what_is_published_is_noted_in_the_topics_file() {
    let folder = tempfile::tempdir().unwrap();
    let (_runtime, triggers) = with_destinations(LocalDestinations::new(folder.path())).await;
    triggers.publish(ORDERS, Message::new("one")).await.unwrap();
    triggers.publish(ORDERS, Message::new("two")).await.unwrap();
    let noted = std::fs::read_to_string(folder.path().join(format!("smn/{ORDERS}.jsonl"))).unwrap();
    let lines: Vec<serde_json::Value> = noted.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["message"], &lines[1]["message"]), (&json!("one"), &json!("two")), "{noted}");
}

#[tokio::test]
async fn a_notice_waits_until_topics_start() {
    let notices = Notices::new(MemoryDestinations::default());
    let smn = || Destination::Smn { topic_urn: ORDERS.to_owned() };
    let id = RequestId::from_u128(7);
    tokio::time::pause();
    let waiting = notices.deliver(smn(), id, "{}".into()).await;
    assert!(waiting.is_err(), "nobody waits for ever");
    tokio::time::resume();
    let runtime = builder(BEGIN).destinations(notices.clone()).build().await.unwrap();
    let (runtime, triggers) = start_with(runtime, |options| options.notices = Some(notices.clone())).await;
    let f: FunctionId = deploy(&runtime, "f").await;
    triggers.create(&f, topic("a", ORDERS)).await.unwrap();
    for _ in 0..2 {
        notices.deliver(smn(), id, "{}".into()).await.unwrap();
        runtime.settle().await;
    }
    assert_eq!(requests(&runtime, &f).await.len(), 1, "a delivery that is repeated is the same message");
}
