use crate::scenario::{Scenario, at, refused};
use fngraph_registry::TestEvent;
use fngraph_types::{ErrorCode, FunctionId};

fn event(id: &str, name: &str) -> TestEvent {
    TestEvent { id: id.to_owned(), name: name.to_owned(), content: "{}".into(), modified_at: at(1) }
}

#[tokio::test]
async fn a_test_event_is_created_changed_and_deleted() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_test_event(id, event("1", "first")).await.unwrap();
    registry.create_test_event(id, event("2", "second")).await.unwrap();
    let changed = registry.update_test_event(id, "1", "[1]", at(7)).await.unwrap();
    assert_eq!(changed, TestEvent { content: "[1]".into(), modified_at: at(7), ..event("1", "first") });
    assert_eq!(scenario.function().test_events, [changed.clone(), event("2", "second")]);
    registry.delete_test_event(id, "2").await.unwrap();
    assert_eq!(scenario.reopened().await.function(id).unwrap().test_events, [changed]);
}

#[tokio::test]
async fn what_breaks_a_rule_is_no_test_event() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    for number in 0..10 {
        registry.create_test_event(id, event(&number.to_string(), &format!("e{number}"))).await.unwrap();
    }
    let create = |event| registry.create_test_event(id, event);
    refused(create(event("10", "e10")).await, ErrorCode::TooManyTestEvents, "has 10 test events");
    refused(create(event("10", "e1")).await, ErrorCode::TestEventExists, "has a test event `e1` already");
    refused(create(event("1", "e10")).await, ErrorCode::TestEventExists, "already");
    refused(create(event("10", "1")).await, ErrorCode::InvalidTestEvent, "the test event's name is `1`");
    let large = registry.update_test_event(id, "1", "a".repeat(4097), at(2)).await;
    refused(large, ErrorCode::TestEventTooLarge, "is `4097`; allowed: up to 4096 bytes");
    let words = "has no test event `99`";
    refused(registry.update_test_event(id, "99", "", at(2)).await, ErrorCode::TestEventNotFound, words);
    refused(registry.delete_test_event(id, "99").await, ErrorCode::TestEventNotFound, words);
    let ghost = FunctionId::local("ghost");
    refused(registry.create_test_event(&ghost, event("1", "a")).await, ErrorCode::FunctionNotFound, "no function");
}
