//! Instances that start from a snapshot, with a real guest.

use crate::support::{BEGIN, MINUTE, SECOND, code, deploy_as, faults, runtime, runtime_in, settings};
use fngraph::{Alias, ErrorCode, Outcome, Runtime, Settings, SnapshotState, SnapshotSwitch};
use std::{path::Path, time::Duration};

fn initialized(entry: &str, initializer: &str) -> Settings {
    let mut settings = settings(&format!("index.{entry}"));
    settings.initializer = Some(format!("index.{initializer}").parse().unwrap());
    settings.initializer_timeout = MINUTE;
    settings
}

/// A function that has a table after its initialization, without idle instances between calls.
async fn deploy_table(runtime: &Runtime) {
    let mut settings = initialized("look_up", "start_building");
    (settings.isolation, settings.warm_pool) = (fngraph::Isolation::Fresh, 0);
    runtime.deploy("table", faults(), settings).await.unwrap();
}

async fn enable(runtime: &Runtime, urn: &str) {
    runtime.set_snapshot(urn, SnapshotSwitch::Enable).await.unwrap();
    runtime.settle().await;
}

async fn cold(runtime: &Runtime, urn: &str) -> Outcome {
    let outcome = runtime.invoke(urn, "21").await.unwrap();
    assert_eq!(outcome.result.as_ref().unwrap(), "42 of 30000");
    assert_eq!(outcome.receipt.start, fngraph::Start::Cold);
    outcome
}

/// How long the initializer ran for a call.
async fn initialize(runtime: &Runtime, urn: &str) -> Duration {
    cold(runtime, urn).await.receipt.initialize
}

fn state(runtime: &Runtime, urn: &str) -> SnapshotState {
    runtime.snapshot_state(urn).unwrap()
}

#[tokio::test]
async fn a_cold_start_costs_no_initializer() {
    let runtime = runtime().await;
    deploy_table(&runtime).await;
    let ordinary = initialize(&runtime, "table").await;
    assert!(ordinary > Duration::ZERO);
    enable(&runtime, "table").await;
    assert_eq!(state(&runtime, "table"), SnapshotState::Ready);
    for _ in 0..3 {
        assert_eq!(initialize(&runtime, "table").await, Duration::ZERO);
    }
    runtime.set_snapshot("table", SnapshotSwitch::Disable).await.unwrap();
    assert!(initialize(&runtime, "table").await > Duration::ZERO);
}

#[tokio::test]
async fn other_settings_and_other_versions_have_snapshots_of_their_own() {
    let runtime = runtime().await;
    deploy_table(&runtime).await;
    enable(&runtime, "table").await;
    runtime.publish("table", Some("v1")).await.unwrap();
    runtime.alias("table", Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), BEGIN)).await.unwrap();
    runtime.settle().await;
    let mut settings = runtime.function("table").unwrap().unwrap().latest.settings.clone();
    settings.user_data.insert("COLOUR".to_owned(), "red".to_owned());
    runtime.deploy("table", faults(), settings).await.unwrap();
    runtime.settle().await;
    for urn in ["table", "local:default:table:v1", "local:default:table:!prod"] {
        assert_eq!(state(&runtime, urn), SnapshotState::Ready);
        assert_eq!(initialize(&runtime, urn).await, Duration::ZERO);
    }
    runtime.set_snapshot("local:default:table:!prod", SnapshotSwitch::Disable).await.unwrap();
    assert_eq!(state(&runtime, "local:default:table:v1"), SnapshotState::Disabled);
    assert_eq!(state(&runtime, "table"), SnapshotState::Ready);
}

#[tokio::test]
async fn a_snapshot_is_there_after_a_restart() {
    let (data, written) = with_snapshot().await;
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    assert_eq!(state(&runtime, "table"), SnapshotState::Ready);
    assert_eq!(initialize(&runtime, "table").await, Duration::ZERO);
    runtime.settle().await;
    assert_eq!(artifacts(data.path()), written, "nothing was compiled");
}

#[tokio::test]
async fn a_snapshot_whose_file_is_gone_is_made_again() {
    let (data, before) = with_snapshot().await;
    std::fs::remove_dir_all(data.path().join("engine/artifacts")).unwrap();
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    assert!(initialize(&runtime, "table").await > Duration::ZERO);
    runtime.settle().await;
    assert_eq!(state(&runtime, "table"), SnapshotState::Ready);
    assert_eq!(initialize(&runtime, "table").await, Duration::ZERO);
    assert_eq!(artifacts(data.path()).len(), before.len());
}

#[tokio::test]
async fn what_nobody_used_for_weeks_is_removed_and_made_again_when_it_is_needed() {
    let (data, before) = with_snapshot().await;
    let then = std::time::SystemTime::UNIX_EPOCH;
    let times = std::fs::FileTimes::new().set_accessed(then).set_modified(then);
    for (path, _) in &before {
        std::fs::File::open(path).unwrap().set_times(times).unwrap();
    }
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    runtime.advance(SECOND).await;
    assert_eq!(artifacts(data.path()), []);
    assert!(initialize(&runtime, "table").await > Duration::ZERO);
    runtime.settle().await;
    assert_eq!(initialize(&runtime, "table").await, Duration::ZERO);
    assert_eq!(artifacts(data.path()).len(), before.len());
}

/// The directory of a runtime that made a snapshot of `table` and ended, and the compiled code in it.
async fn with_snapshot() -> (tempfile::TempDir, Vec<(std::path::PathBuf, std::time::SystemTime)>) {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_table(&runtime).await;
    enable(&runtime, "table").await;
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    let artifacts = artifacts(data.path());
    (data, artifacts)
}

/// The compiled code that a runtime keeps, with the time it was written.
fn artifacts(data: &Path) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let folders = std::fs::read_dir(data.join("engine/artifacts")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    let mut files: Vec<_> = files
        .map(|file| {
            let file = file.unwrap();
            (file.path(), file.metadata().unwrap().modified().unwrap())
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn an_initializer_that_fails_is_told_and_calls_fail_as_ever() {
    let runtime = runtime().await;
    runtime.deploy("f", faults(), initialized("echo", "start_failing")).await.unwrap();
    enable(&runtime, "f").await;
    let SnapshotState::Failed { code: told, reason } = state(&runtime, "f") else { panic!("it failed") };
    assert_eq!(told, ErrorCode::InitializerFailed.to_string());
    assert!(reason.ends_with("NoConfiguration: nothing is configured"), "{reason}");
    assert_eq!(code(runtime.invoke("f", "").await), ErrorCode::InitializerFailed);
}

#[tokio::test]
async fn an_initializer_that_reads_a_secret_runs_in_each_instance() {
    let runtime = runtime().await;
    let mut settings = initialized("echo", "start_reading_password");
    settings.encrypted_user_data.insert("PASSWORD".to_owned(), "hush".to_owned());
    runtime.deploy("f", faults(), settings).await.unwrap();
    enable(&runtime, "f").await;
    let SnapshotState::Failed { code: told, reason } = state(&runtime, "f") else { panic!("it failed") };
    assert_eq!(told, ErrorCode::InvalidInitializer.to_string());
    assert!(reason.contains("secret user data") && !reason.contains("hush"), "{reason}");
    let outcome = runtime.invoke("f", "hello").await.unwrap();
    assert_eq!(outcome.result.unwrap(), "hello");
    assert!(outcome.receipt.initialize > Duration::ZERO);
}

#[tokio::test]
async fn instances_of_a_snapshot_draw_their_own_numbers() {
    let runtime = runtime().await;
    let mut settings = initialized("draw", "start_counting_at_ten");
    (settings.isolation, settings.warm_pool) = (fngraph::Isolation::Fresh, 0);
    runtime.deploy("f", faults(), settings).await.unwrap();
    enable(&runtime, "f").await;
    let draw = async || runtime.invoke("f", "").await.unwrap();
    let (one, other) = (draw().await, draw().await);
    assert_eq!((one.receipt.initialize, other.receipt.initialize), (Duration::ZERO, Duration::ZERO));
    assert_ne!(one.result.unwrap(), other.result.unwrap());
}

#[tokio::test]
async fn functions_without_an_initializer_have_no_snapshot() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    let error = runtime.set_snapshot("f", SnapshotSwitch::Enable).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInitializer);
    assert!(error.to_string().contains("nothing to save"), "{error}");
    let error = runtime.set_snapshot("nobody", SnapshotSwitch::Enable).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FunctionNotFound);
    assert_eq!(runtime.snapshot_state("nobody").unwrap_err().code(), ErrorCode::FunctionNotFound);
    let missing = runtime.snapshot_state("local:default:f:v1").unwrap_err();
    assert_eq!(missing.code(), ErrorCode::VersionNotFound);
}

#[tokio::test]
async fn shutting_down_does_not_wait_for_an_initializer() {
    let runtime = runtime().await;
    runtime.deploy("f", faults(), initialized("echo", "start_sleeping")).await.unwrap();
    runtime.set_snapshot("f", SnapshotSwitch::Enable).await.unwrap();
    assert!(runtime.shutdown(SECOND * 30).await);
    assert_eq!(state(&runtime, "f"), SnapshotState::Creating);
}
