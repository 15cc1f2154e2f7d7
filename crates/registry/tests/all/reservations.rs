use crate::scenario::{Scenario, alias, at, qualifier, refused, version};
use fngraph_registry::Reservation;
use fngraph_types::{ErrorCode, VersionName};

#[tokio::test]
async fn a_version_has_instances_reserved_under_its_name_or_an_aliass() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    let idle = Reservation { idle_mode: true, ..Reservation::new(3, at(4)) };
    registry.reserve(id, &qualifier("!prod"), idle).await.unwrap();
    scenario.reserve("latest", 2).await.unwrap();
    let function = scenario.function();
    let reserved = |name: &VersionName| function.reserved_for(name, at(5));
    assert_eq!((reserved(&version("v1")), reserved(&VersionName::latest())), ((3, true), (2, false)));
}

#[tokio::test]
async fn a_reservation_of_nothing_removes_the_one_before() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", 2).await.unwrap();
    scenario.reserve("latest", 5).await.unwrap();
    assert_eq!(scenario.function().reservations[&qualifier("latest")].count, 5);
    scenario.reserve("latest", 0).await.unwrap();
    assert!(scenario.function().reservations.is_empty());
    scenario.reserve("latest", 0).await.unwrap();
}

#[tokio::test]
async fn an_alias_and_its_version_do_not_both_reserve() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.registry.create_alias(&scenario.id, alias("prod", "v1")).await.unwrap();
    scenario.reserve("v1", 1).await.unwrap();
    refused(scenario.reserve("!prod", 1).await, ErrorCode::ReleaseReserved, "`v1` has reserved instances");
    scenario.reserve("v1", 0).await.unwrap();
    scenario.reserve("!prod", 1).await.unwrap();
    refused(scenario.reserve("v1", 1).await, ErrorCode::ReleaseReserved, "`!prod` has reserved instances");
}

#[tokio::test]
async fn a_function_reserves_at_most_a_thousand() {
    let limits = fngraph_registry::Limits { reserved_per_project: 5000, ..Default::default() };
    let scenario = Scenario::limited(limits).await;
    scenario.publish("v1").await;
    scenario.reserve("latest", 600).await.unwrap();
    refused(
        scenario.reserve("v1", 401).await,
        ErrorCode::TooManyReserved,
        "the function `local:default:f` would have 1001 reserved instances, and can have 1000",
    );
    scenario.reserve("v1", 400).await.unwrap();
    refused(scenario.reserve("v1", 1001).await, ErrorCode::TooManyReserved, "0 to 1000");
}

#[tokio::test]
async fn only_what_exists_has_reserved_instances() {
    let scenario = Scenario::new().await;
    refused(scenario.reserve("v9", 1).await, ErrorCode::VersionNotFound, "`v9`");
    refused(scenario.reserve("!prod", 1).await, ErrorCode::AliasNotFound, "`prod`");
}
