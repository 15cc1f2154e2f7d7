use crate::scenario::{Scenario, at, refused};
use fngraph_types::{ErrorCode, FunctionId};
use std::collections::BTreeMap;

fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.add_tags(id, tags(&[("team", "a"), ("stage", "test")])).await.unwrap();
    registry.add_tags(id, tags(&[("team", "b")])).await.unwrap();
    assert_eq!(scenario.function().tags, tags(&[("stage", "test"), ("team", "b")]));
    let remove = |key: &str, value: Option<&str>| {
        registry.remove_tags(id, BTreeMap::from([(key.to_owned(), value.map(str::to_owned))]))
    };
    remove("team", Some("a")).await.unwrap();
    remove("nothing", None).await.unwrap();
    assert_eq!(scenario.function().tags.len(), 2, "no tag has that key and value");
    remove("team", Some("b")).await.unwrap();
    remove("stage", None).await.unwrap();
    assert!(scenario.function().tags.is_empty());
    assert_eq!(scenario.function().latest.revision, 1, "instances stay");
}

#[tokio::test]
async fn tags_that_break_a_rule_change_nothing() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    let many = |from: usize, to: usize| (from..to).map(|number| (number.to_string(), String::new())).collect();
    registry.add_tags(id, many(0, 20)).await.unwrap();
    registry.add_tags(id, many(0, 5)).await.unwrap();
    refused(registry.add_tags(id, many(20, 21)).await, ErrorCode::InvalidParameter, "the number of tags is `21`");
    refused(registry.add_tags(id, tags(&[("_sys_x", "")])).await, ErrorCode::InvalidParameter, "number of tags");
    assert_eq!(scenario.function().tags.len(), 20);
    let ghost = FunctionId::local("ghost");
    refused(registry.add_tags(&ghost, tags(&[])).await, ErrorCode::FunctionNotFound, "there is no function");
}

#[tokio::test]
async fn a_pinned_function_keeps_its_moment_until_it_is_let_go() {
    let scenario = Scenario::new().await;
    let collect = |moment| scenario.registry.collect(&scenario.id, moment);
    for moment in [at(5), at(9)] {
        collect(Some(moment)).await.unwrap();
        assert_eq!(scenario.function().collected_at, Some(at(5)));
    }
    assert_eq!(scenario.reopened().await.function(&scenario.id), Some(scenario.function()));
    collect(None).await.unwrap();
    assert_eq!(scenario.function().collected_at, None);
}
