//! What one instance knows, no other learns: not of another function, version, project, or the next one in its place.

use crate::support::{answer, deploy_as, runtime};
use fngraph::{Isolation, Runtime};

/// Has `urn` leave secrets in memory and `/tmp`, then looks for them as `other`, often enough for slots to be used
/// again.
async fn check(runtime: &Runtime, urn: &str, other: &str) {
    for round in 0..20 {
        answer(runtime, urn, "").await;
        assert_eq!(answer(runtime, other, "").await, "false", "{other} after {urn}, round {round}");
    }
}

#[tokio::test]
async fn nothing_of_a_function_is_seen_by_another() {
    // One instance may live, so that each call of one function takes the place of the other's.
    let runtime = Runtime::builder().instances(1).build().await.unwrap();
    deploy_as(&runtime, "keeper", "leave_secret", |_| ()).await;
    deploy_as(&runtime, "thief", "find_secret", |_| ()).await;
    check(&runtime, "keeper", "thief").await;
}

#[tokio::test]
async fn nothing_of_a_project_or_package_is_seen_by_another() {
    let runtime = Runtime::builder().instances(1).build().await.unwrap();
    deploy_as(&runtime, "tenant-a:default:f", "leave_secret", |_| ()).await;
    deploy_as(&runtime, "tenant-b:default:f", "find_secret", |_| ()).await;
    deploy_as(&runtime, "tenant-a:other:f", "find_secret", |_| ()).await;
    check(&runtime, "tenant-a:default:f", "tenant-b:default:f").await;
    check(&runtime, "tenant-a:default:f", "tenant-a:other:f").await;
}

#[tokio::test]
async fn nothing_of_a_version_is_seen_by_the_next() {
    let runtime = Runtime::builder().instances(1).build().await.unwrap();
    deploy_as(&runtime, "f", "leave_secret", |_| ()).await;
    runtime.publish("f", Some("v1")).await.unwrap();
    deploy_as(&runtime, "f", "find_secret", |_| ()).await;
    check(&runtime, "local:default:f:v1", "f").await;
}

#[tokio::test]
async fn with_fresh_isolation_nothing_is_seen_by_the_next_call() {
    let runtime = runtime().await;
    for (name, entry) in [("memory", "count"), ("tmp", "use_tmp")] {
        deploy_as(&runtime, name, entry, |settings| {
            settings.isolation = Isolation::Fresh;
            settings.warm_pool = 2;
        })
        .await;
    }
    for _ in 0..20 {
        assert_eq!(answer(&runtime, "memory", "").await, "1");
        assert_eq!(answer(&runtime, "tmp", "secret").await, "");
        runtime.settle().await;
    }
}

#[tokio::test]
async fn with_reuse_the_next_call_of_the_same_version_sees_what_was_left_and_no_other() {
    let runtime = runtime().await;
    for name in ["one", "two"] {
        deploy_as(&runtime, name, "use_tmp", |_| ()).await;
    }
    assert_eq!(answer(&runtime, "one", "first").await, "");
    assert_eq!(answer(&runtime, "two", "other").await, "");
    assert_eq!(answer(&runtime, "one", "second").await, "first");
    assert_eq!(answer(&runtime, "two", "again").await, "other");
}

#[tokio::test]
async fn user_data_belong_to_one_function() {
    let runtime = runtime().await;
    for (name, colour) in [("red", Some("red")), ("blue", Some("blue")), ("plain", None)] {
        deploy_as(&runtime, name, "context", |settings| {
            settings.user_data.extend(colour.map(|colour| ("COLOUR".to_owned(), colour.to_owned())));
        })
        .await;
    }
    for (name, colour) in [("red", "\"red\""), ("blue", "\"blue\""), ("plain", "null"), ("red", "\"red\"")] {
        let context = answer(&runtime, name, "").await;
        assert!(context.contains(&format!("\"colour\":{colour}")), "{name}: {context}");
        assert!(context.contains(&format!("\"function\":\"{name}\"")), "{name}: {context}");
    }
}

#[tokio::test]
async fn the_log_of_a_call_has_its_own_lines_only() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "write_log", |_| ()).await;
    for event in ["first secret", "second secret"] {
        let outcome = runtime.invoke("f", event).await.unwrap();
        let log = outcome.platform_log();
        assert_eq!(log.matches("secret").count(), 1, "{log}");
        assert!(log.contains(event));
    }
}
