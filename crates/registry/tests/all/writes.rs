//! What holds of writes whatever they write.

use crate::scenario::{Scenario, at, described, refused, settings};
use fngraph_registry::{Limits, NewFunction, Scaling};
use fngraph_types::{ErrorCode, FunctionId, VersionName};
use std::{error::Error, sync::atomic::Ordering};
use tokio::task::JoinSet;

#[tokio::test]
async fn a_write_that_fails_changes_nothing() {
    let scenario = Scenario::limited(Limits { functions_per_project: 2, ..Limits::default() }).await;
    let before = scenario.function();
    scenario.shelf.full.store(true, Ordering::SeqCst);
    let latest = VersionName::latest();
    let update = scenario.registry.update_settings(&scenario.id, &latest, described("b"), at(2)).await;
    let error = update.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert_eq!(
        (error.to_string(), error.source().unwrap().to_string()),
        ("write the function".to_owned(), "the disk is full".to_owned())
    );
    refused(scenario.registry.delete(&scenario.id).await, ErrorCode::Internal, "delete the function");
    scenario.create("g").await.unwrap_err();
    assert_eq!(scenario.function(), before);

    // The failed creation holds no room.
    scenario.shelf.full.store(false, Ordering::SeqCst);
    scenario.create("g").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_changes_of_one_function_lose_nothing() {
    let scenario = Scenario::new().await;
    let mut writers = JoinSet::new();
    for number in 1..20 {
        let (registry, id) = (scenario.registry.clone(), scenario.id.clone());
        writers.spawn(async move {
            let scaling = Scaling { concurrency: number, ..Scaling::default() };
            let latest = VersionName::latest();
            registry.update_scaling(&id, &latest, scaling, at(1)).await.unwrap();
            let qualifier = fngraph_types::Qualifier::latest();
            registry.reserve(&id, &qualifier, fngraph_registry::Reservation::new(number, at(1))).await.unwrap();
        });
    }
    writers.join_all().await;
    assert_eq!(scenario.function().revision, 1 + 2 * 19);
    assert_eq!(scenario.reopened().await.function(&scenario.id), Some(scenario.function()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_creations_stay_within_the_limit() {
    let scenario = Scenario::limited(Limits { functions_per_project: 100, ..Limits::default() }).await;
    let mut writers = JoinSet::new();
    for number in 0..300 {
        let registry = scenario.registry.clone();
        // Each name twice: one of the two exists already.
        let id = FunctionId::local(format!("g{}", number / 2));
        writers.spawn(
            async move { registry.create(NewFunction::new(id, settings(), "code".into(), at(1))).await.is_ok() },
        );
    }
    let created = writers.join_all().await.into_iter().filter(|created| *created).count();
    assert_eq!((created, scenario.registry.functions(None).len()), (99, 100));
}

#[tokio::test]
async fn many_functions_are_written_at_a_time() {
    let scenario = Scenario::new().await;
    scenario.shelf.open.forget_permits(1_000_000);
    let mut writers = JoinSet::new();
    for number in 0..300 {
        let registry = scenario.registry.clone();
        let id = FunctionId::local(format!("g{number}"));
        writers.spawn(async move { registry.create(NewFunction::new(id, settings(), "code".into(), at(1))).await });
    }
    // While nothing is written yet, most writers come to the store, which can let them share a commit. Those that do
    // not have met another by the hash of their names.
    while scenario.shelf.arrived.load(Ordering::SeqCst) < 200 {
        tokio::task::yield_now().await;
    }
    scenario.shelf.open.add_permits(1);
    for created in writers.join_all().await {
        created.unwrap();
    }
}

#[tokio::test]
async fn a_change_is_finished_when_its_caller_gave_up() {
    let scenario = Scenario::new().await;
    scenario.shelf.open.forget_permits(1_000_000);
    let latest = VersionName::latest();
    let mut update = Box::pin(scenario.registry.update_settings(&scenario.id, &latest, described("b"), at(2)));
    tokio::select! {
        biased;
        _ = &mut update => panic!("the store is closed"),
        () = async { for _ in 0..10 { tokio::task::yield_now().await } } => {}
    }
    drop(update);
    scenario.shelf.open.add_permits(1);
    scenario.registry.close().await;
    assert_eq!(scenario.function().latest.settings.description, "b");
    assert_eq!(scenario.reopened().await.function(&scenario.id), Some(scenario.function()));
}

#[tokio::test]
async fn sweeping_removes_code_that_no_version_has() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let latest = VersionName::latest();
    for code in ["second", "third"] {
        scenario.registry.update_code(&scenario.id, &latest, code.into(), at(2)).await.unwrap();
    }
    assert_eq!((scenario.shelf.package_count(), scenario.registry.sweep_code().await.unwrap()), (3, 1));
    for version in scenario.function().versions() {
        assert!(scenario.registry.code(version.code).await.unwrap().is_some(), "{}", version.name);
    }
}
