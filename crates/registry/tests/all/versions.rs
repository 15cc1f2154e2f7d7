use crate::scenario::{Scenario, alias, at, described, refused, split, version};
use fngraph_registry::{AsyncConfig, Publish};
use fngraph_store::Digest;
use fngraph_types::{ErrorCode, VersionName};

fn named(name: &str) -> Publish {
    Publish { version: Some(version(name)), ..Publish::default() }
}

#[tokio::test]
async fn a_published_version_keeps_code_and_settings() {
    let scenario = Scenario::new().await;
    let (registry, id, latest) = (&scenario.registry, &scenario.id, VersionName::latest());
    let publish = Publish { description: "first".to_owned(), ..named("v1") };
    let v1 = registry.publish(id, publish, at(9)).await.unwrap();
    assert_eq!((v1.description.as_str(), v1.modified_at), ("first", at(9)));
    assert_ne!(v1.revision, scenario.function().latest.revision);
    registry.update_code(id, &latest, "other".into(), at(10)).await.unwrap();
    registry.update_settings(id, &latest, described("other"), at(10)).await.unwrap();
    assert_eq!(scenario.function().version(&version("v1")), Some(&v1));
}

#[tokio::test]
async fn versions_are_listed_newest_first_after_latest() {
    let scenario = Scenario::new().await;
    for name in ["v1", "v0", "v2"] {
        scenario.publish(name).await;
    }
    let function = scenario.function();
    let names: Vec<_> = function.versions().map(|version| version.name.as_str()).collect();
    assert_eq!(names, ["latest", "v2", "v0", "v1"]);
}

#[tokio::test]
async fn without_a_name_the_moment_names_a_version() {
    let scenario = Scenario::new().await;
    let moment = at(1_652_209_618); // 2022-05-10 19:06:58 UTC, the manual's example
    let publish = || scenario.registry.publish(&scenario.id, Publish::default(), moment);
    assert_eq!(publish().await.unwrap().name.as_str(), "v20220510-190658");
    let latest = VersionName::latest();
    scenario.registry.update_settings(&scenario.id, &latest, described("other"), at(5)).await.unwrap();
    assert_eq!(publish().await.unwrap().name.as_str(), "v20220510-190658-2");
}

#[tokio::test]
async fn what_has_not_changed_is_not_published() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let publish = |name: &str| scenario.registry.publish(&scenario.id, named(name), at(9));
    refused(publish("v2").await, ErrorCode::NothingToPublish, "has not changed since the version `v1`");
    scenario.registry.delete_version(&scenario.id, &version("v1")).await.unwrap();
    publish("v2").await.unwrap();
}

#[tokio::test]
async fn a_version_needs_a_name_of_its_own() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let publish = |name: &str| scenario.registry.publish(&scenario.id, named(name), at(9));
    refused(publish("v1").await, ErrorCode::VersionExists, "has a version `v1` already");
    refused(publish("latest").await, ErrorCode::InvalidVersion, "choose another name");
    let long = Publish { description: "a".repeat(513), ..named("v2") };
    let long = scenario.registry.publish(&scenario.id, long, at(9)).await;
    refused(long, ErrorCode::DescriptionTooLong, "up to 512 characters");
}

#[tokio::test]
async fn the_code_to_publish_can_be_named() {
    let scenario = Scenario::new().await;
    let publish =
        |digest| scenario.registry.publish(&scenario.id, Publish { digest: Some(digest), ..named("v1") }, at(9));
    refused(publish(Digest::of(b"other")).await, ErrorCode::InvalidParameter, "the digest of the code is");
    publish(Digest::of(b"code")).await.unwrap();
}

#[tokio::test]
async fn there_are_at_most_twenty_versions() {
    let scenario = Scenario::new().await;
    for number in 1..20 {
        scenario.publish(&format!("v{number}")).await;
    }
    let latest = VersionName::latest();
    scenario.registry.update_settings(&scenario.id, &latest, described("other"), at(5)).await.unwrap();
    let publish = scenario.registry.publish(&scenario.id, named("v20"), at(9)).await;
    refused(publish, ErrorCode::Forbidden, "has 20 versions, with `latest`");
}

#[tokio::test]
async fn what_belongs_to_a_version_goes_with_it() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    let (registry, id, v1) = (&scenario.registry, &scenario.id, version("v1"));
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    registry.create_alias(id, alias("test", "v2")).await.unwrap();
    registry.set_async_config(id, &v1, AsyncConfig::new(at(1))).await.unwrap();
    scenario.reserve("!prod", 1).await.unwrap();
    scenario.reserve("v2", 1).await.unwrap();
    registry.delete_version(id, &v1).await.unwrap();

    let function = scenario.function();
    assert_eq!(function.version(&v1), None);
    assert_eq!(function.aliases, [alias("test", "v2")]);
    assert!(function.async_configs.is_empty());
    assert_eq!(function.reservations.len(), 1);
}

#[tokio::test]
async fn a_version_in_use_or_the_latest_stays() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_alias(id, split("prod", "latest", "v1")).await.unwrap();
    let delete = |name: &str| {
        let name = version(name);
        async move { registry.delete_version(id, &name).await }
    };
    refused(
        delete("v1").await,
        ErrorCode::AdditionalVersionInUse,
        "the alias `prod` has `v1` as its additional version",
    );
    refused(delete("latest").await, ErrorCode::InvalidVersion, "delete the function");
    refused(delete("v9").await, ErrorCode::VersionNotFound, "has no version `v9`");
}
