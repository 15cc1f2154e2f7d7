//! Which versions have snapshots, and when those are out of date.

use crate::scenario::{Scenario, at, described, refused, settings, version};
use fngraph_registry::{Publish, Runtime, Settings, SnapshotState, SnapshotSwitch};
use fngraph_types::{ErrorCode, VersionName};

fn initialized() -> Settings {
    Settings { initializer: Some("index.start".parse().unwrap()), ..settings() }
}

fn failed(reason: &str) -> SnapshotState {
    SnapshotState::Failed { code: "FSS.4009".to_owned(), reason: reason.to_owned() }
}

impl Scenario {
    /// One function with an initializer.
    async fn initialized() -> Self {
        let scenario = Self::new().await;
        scenario.configure(initialized()).await;
        scenario
    }

    async fn configure(&self, settings: Settings) {
        self.registry.update_settings(&self.id, &VersionName::latest(), settings, at(2)).await.unwrap();
    }

    async fn switch(&self, name: &str, switch: SnapshotSwitch) {
        self.registry.set_snapshot(&self.id, &version(name), switch).await.unwrap();
    }

    /// Notes what became of the snapshot of the version as it is.
    async fn note(&self, name: &str, state: SnapshotState) {
        let revision = self.function().version(&version(name)).unwrap().revision;
        self.registry.note_snapshot(&self.id, &version(name), revision, state).await.unwrap();
    }

    fn state(&self, name: &str) -> SnapshotState {
        self.function().version(&version(name)).unwrap().snapshot_state()
    }
}

#[tokio::test]
async fn a_snapshot_is_created_then_ready_until_it_is_disabled() {
    let scenario = Scenario::initialized().await;
    assert_eq!(scenario.state("latest"), SnapshotState::Disabled);
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Creating);
    let revision = scenario.function().latest.revision;
    scenario.note("latest", SnapshotState::Ready).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Ready);
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Ready, "it is there already");
    assert_eq!(scenario.function().latest.revision, revision, "instances that live go on");
    let reopened = scenario.reopened().await.function(&scenario.id).unwrap();
    assert_eq!(reopened.latest.snapshot_state(), SnapshotState::Ready);
    scenario.switch("latest", SnapshotSwitch::Disable).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Disabled);
}

#[tokio::test]
async fn other_settings_or_code_need_another_snapshot() {
    let scenario = Scenario::initialized().await;
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    scenario.note("latest", SnapshotState::Ready).await;
    let before = scenario.function().latest.revision;
    scenario.configure(Settings { description: "other".to_owned(), ..initialized() }).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Creating);
    scenario.registry.note_snapshot(&scenario.id, &version("latest"), before, SnapshotState::Ready).await.unwrap();
    assert_eq!(scenario.state("latest"), SnapshotState::Creating, "what is ready now is that of the old settings");
    scenario.note("latest", SnapshotState::Ready).await;
    scenario.registry.update_code(&scenario.id, &version("latest"), "new".into(), at(3)).await.unwrap();
    assert_eq!(scenario.state("latest"), SnapshotState::Creating);
}

#[tokio::test]
async fn a_published_version_takes_the_switch_along_and_keeps_its_own_snapshot() {
    let scenario = Scenario::initialized().await;
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    scenario.note("latest", SnapshotState::Ready).await;
    let publish = Publish { version: Some(version("v1")), ..Publish::default() };
    scenario.registry.publish(&scenario.id, publish, at(3)).await.unwrap();
    assert_eq!(scenario.state("v1"), SnapshotState::Creating, "the initializer may have seen another version's name");
    scenario.note("v1", SnapshotState::Ready).await;
    scenario.configure(described("other")).await;
    assert_eq!(scenario.state("v1"), SnapshotState::Ready);
    scenario.switch("v1", SnapshotSwitch::Disable).await;
    assert_eq!(scenario.state("v1"), SnapshotState::Disabled);
}

#[tokio::test]
async fn a_failure_is_told_and_tried_again_on_request() {
    let scenario = Scenario::initialized().await;
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    scenario.note("latest", failed(&"x".repeat(5000))).await;
    assert_eq!(scenario.state("latest"), failed(&"x".repeat(1000)));
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Creating);
}

#[tokio::test]
async fn what_comes_of_a_snapshot_that_nobody_wants_any_more_is_forgotten() {
    let scenario = Scenario::initialized().await;
    scenario.switch("latest", SnapshotSwitch::Enable).await;
    scenario.switch("latest", SnapshotSwitch::Disable).await;
    scenario.note("latest", SnapshotState::Ready).await;
    assert_eq!(scenario.state("latest"), SnapshotState::Disabled);
}

#[tokio::test]
async fn functions_that_cannot_have_a_snapshot_are_refused() {
    let scenario = Scenario::new().await;
    let enable =
        async |name: &str| scenario.registry.set_snapshot(&scenario.id, &version(name), SnapshotSwitch::Enable).await;
    refused(enable("latest").await, ErrorCode::InvalidInitializer, "without an initializer");
    scenario.configure(Settings { runtime: Runtime::Http, ..initialized() }).await;
    refused(enable("latest").await, ErrorCode::InvalidRuntime, "the runtime is `http`");
    refused(enable("v1").await, ErrorCode::VersionNotFound, "no version `v1`");
    let other = fngraph_types::FunctionId::local("other");
    let missing = scenario.registry.set_snapshot(&other, &version("latest"), SnapshotSwitch::Disable).await;
    refused(missing, ErrorCode::FunctionNotFound, "no function");
}
