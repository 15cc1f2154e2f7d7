use crate::scenario::{Scenario, alias, alias_name, refused, split};
use fngraph_types::ErrorCode;

#[tokio::test]
async fn an_alias_is_created_changed_and_deleted() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let (registry, id, prod) = (&scenario.registry, &scenario.id, alias_name("prod"));
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    assert_eq!(scenario.function().alias(&prod), Some(&alias("prod", "v1")));
    let moved = split("prod", "latest", "v1");
    registry.update_alias(id, moved.clone()).await.unwrap();
    assert_eq!(scenario.function().alias(&prod), Some(&moved));
    scenario.reserve("!prod", 1).await.unwrap();
    registry.delete_alias(id, &prod).await.unwrap();
    assert_eq!(scenario.function().alias(&prod), None);
    assert!(scenario.function().reservations.is_empty());
}

#[tokio::test]
async fn what_breaks_a_rule_is_no_alias() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();

    let create = |alias| registry.create_alias(id, alias);
    refused(create(alias("prod", "v2")).await, ErrorCode::AliasExists, "has an alias `prod` already");
    refused(create(alias("test", "v9")).await, ErrorCode::VersionNotFound, "has no version `v9`");
    refused(create(alias("test", "v1")).await, ErrorCode::VersionAliased, "`v1` has the alias `prod` already");
    refused(create(split("test", "v2", "v9")).await, ErrorCode::InvalidAdditionalVersion, "publish it first");
    refused(create(split("test", "v2", "v2")).await, ErrorCode::SameAdditionalVersion, "another version");
    refused(create(split("test", "v2", "latest")).await, ErrorCode::InvalidAdditionalVersion, "a published version");

    let update = |alias| registry.update_alias(id, alias);
    refused(update(alias("test", "v2")).await, ErrorCode::AliasNotFound, "has no alias `test`");
    refused(update(alias("prod", "v9")).await, ErrorCode::VersionNotFound, "`v9`");
    refused(registry.delete_alias(id, &alias_name("test")).await, ErrorCode::AliasNotFound, "`test`");
}

#[tokio::test]
async fn there_are_at_most_ten_aliases() {
    let scenario = Scenario::new().await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    for number in 0..10 {
        scenario.publish(&format!("v{number}")).await;
        registry.create_alias(id, alias(&format!("a{number}"), &format!("v{number}"))).await.unwrap();
    }
    refused(registry.create_alias(id, alias("one", "latest")).await, ErrorCode::TooManyAliases, "has 10 aliases");
}

#[tokio::test]
async fn an_alias_with_reserved_instances_does_not_move_to_a_version_with_some() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    scenario.reserve("!prod", 1).await.unwrap();
    scenario.reserve("v2", 1).await.unwrap();
    let moved = registry.update_alias(id, alias("prod", "v2")).await;
    refused(moved, ErrorCode::ReleaseReserved, "`v2` has reserved instances");
    scenario.reserve("v2", 0).await.unwrap();
    registry.update_alias(id, alias("prod", "v2")).await.unwrap();
}
