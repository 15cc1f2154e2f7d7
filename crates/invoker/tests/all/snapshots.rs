//! Instances that start from a snapshot, and what happens until there is one.

use crate::{
    fake::{Snapshotting, Starting, error},
    scenario::{BEGIN, MINUTE, SECOND, Scenario, settings, text, version},
};
use fngraph_engine::{Invocation, InvokeError};
use fngraph_invoker::{Clock, LoadError, Request};
use fngraph_registry::{Settings, SnapshotState, SnapshotSwitch};
use fngraph_types::{FunctionId, VersionName};

impl Scenario {
    /// A function `f` with an initializer.
    async fn initialized() -> Self {
        let scenario = Self::new().await;
        scenario.set(|_| ()).await;
        scenario
    }

    /// Changes the settings of `f`.
    async fn set(&self, configure: impl FnOnce(&mut Settings)) {
        let mut settings = Settings { initializer: Some("index.start".parse().unwrap()), ..settings() };
        configure(&mut settings);
        let (id, latest) = (FunctionId::local("f"), VersionName::latest());
        self.registry.update_settings(&id, &latest, settings, self.clock.now()).await.unwrap();
    }

    async fn switch(&self, switch: SnapshotSwitch) {
        self.registry.set_snapshot(&FunctionId::local("f"), &VersionName::latest(), switch).await.unwrap();
    }

    async fn enable(&self) {
        self.switch(SnapshotSwitch::Enable).await;
    }

    fn state(&self) -> SnapshotState {
        self.state_of("latest")
    }

    fn state_of(&self, name: &str) -> SnapshotState {
        self.registry.function(&FunctionId::local("f")).unwrap().version(&version(name)).unwrap().snapshot_state()
    }

    /// A call whose instance ends with it, and what happened until then.
    async fn trap(&self, urn: &str) -> Vec<String> {
        self.call(urn, "trap").await.unwrap().result.unwrap_err();
        self.fake.history()
    }

    /// Waits until this has happened, and forgets what happened before.
    async fn happened(&self, what: &str) {
        while !self.fake.history().iter().any(|line| line == what) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn new_instances_start_from_the_snapshot_when_it_is_ready() {
    let scenario = Scenario::initialized().await;
    scenario.fake.script_snapshots([Snapshotting::Hangs]);
    scenario.enable().await;
    scenario.happened("snapshot f:latest").await;
    assert_eq!(scenario.trap("f").await, ["start #1 f:latest 128", "call #1 trap"], "nobody waits for it");
    assert_eq!(scenario.answer("f", "who").await.0, "2");
    scenario.fake.release("snapshot");
    scenario.invoker.settle().await;
    assert_eq!(scenario.state(), SnapshotState::Ready);
    assert_eq!(scenario.answer("f", "who").await.0, "2", "who lives goes on");
    scenario.trap("f").await;
    assert_eq!(scenario.trap("f").await, ["start #3 f:latest 128 from snapshot", "call #3 trap"]);
    scenario.switch(SnapshotSwitch::Disable).await;
    assert_eq!(scenario.trap("f").await, ["start #4 f:latest 128", "call #4 trap"]);
    scenario.enable().await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.trap("f").await[1..], ["start #5 f:latest 128 from snapshot", "call #5 trap"]);
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_version_has_the_snapshot_of_its_own_code_and_settings() {
    let scenario = Scenario::initialized().await;
    scenario.enable().await;
    scenario.publish("v1").await;
    scenario.invoker.settle().await;
    assert_eq!((scenario.state(), scenario.state_of("v1")), (SnapshotState::Ready, SnapshotState::Ready));
    scenario.fake.history();
    let v1 = "local:default:f:v1";
    assert_eq!(scenario.trap(v1).await, ["start #1 f:v1 128 from snapshot", "call #1 trap"]);
    scenario.fake.script_snapshots([Snapshotting::Hangs]);
    scenario.update("f", "new code").await;
    scenario.happened("snapshot f:latest").await;
    assert_eq!(scenario.trap("f").await, ["start #2 f:latest 128", "call #2 trap"]);
    assert_eq!(scenario.trap(v1).await, ["start #3 f:v1 128 from snapshot", "call #3 trap"]);
    scenario.fake.release("snapshot");
    scenario.invoker.settle().await;
    assert_eq!(scenario.trap("f").await, ["start #4 f:latest 128 from snapshot", "call #4 trap"]);
}

#[tokio::test]
async fn without_a_snapshot_instances_start_as_they_always_do() {
    let scenario = Scenario::initialized().await;
    scenario.fake.script_snapshots([Snapshotting::Fails(LoadError::Internal("no room".to_owned()))]);
    scenario.enable().await;
    scenario.invoker.settle().await;
    let failed = SnapshotState::Failed { code: "FSS.0500".to_owned(), reason: "load the function: no room".to_owned() };
    assert_eq!(scenario.state(), failed);
    assert_eq!(scenario.trap("f").await[1..], ["start #1 f:latest 128", "call #1 trap"]);
    scenario.enable().await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.state(), SnapshotState::Ready, "it is tried again when somebody asks for it");
}

#[tokio::test]
async fn a_snapshot_that_is_gone_is_made_again() {
    let scenario = Scenario::initialized().await;
    scenario.enable().await;
    scenario.invoker.settle().await;
    scenario.fake.lose_snapshots();
    scenario.fake.history();
    // By then the next snapshot may have been begun, or not.
    let history = scenario.trap("f").await;
    assert!(history.iter().any(|line| line == "start #1 f:latest 128"), "{history:?}");
    scenario.invoker.settle().await;
    assert_eq!(scenario.state(), SnapshotState::Ready);
    assert_eq!(scenario.trap("f").await.last().unwrap(), "call #2 trap");
    assert_eq!(scenario.trap("f").await, ["start #3 f:latest 128 from snapshot", "call #3 trap"]);
}

#[tokio::test]
async fn a_snapshot_that_no_instance_comes_up_from_is_used_no_more() {
    let scenario = Scenario::initialized().await;
    scenario.enable().await;
    scenario.invoker.settle().await;
    scenario.fake.history();
    scenario.fake.script([Starting::Fails(InvokeError::Start(error()))]);
    let history = scenario.trap("f").await;
    assert_eq!(history, ["start #1 f:latest 128 from snapshot", "start #2 f:latest 128", "call #2 trap"]);
    assert_eq!(scenario.trap("f").await, ["start #3 f:latest 128", "call #3 trap"]);
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_full_host_does_not_end_a_snapshot() {
    let scenario = Scenario::initialized().await;
    scenario.enable().await;
    scenario.invoker.settle().await;
    scenario.fake.script([Starting::Fails(InvokeError::NoCapacity("full".to_owned()))]);
    scenario.call("f", "hello").await.unwrap().result.unwrap_err();
    scenario.fake.history();
    assert_eq!(scenario.trap("f").await, ["start #2 f:latest 128 from snapshot", "call #2 trap"]);
}

#[tokio::test]
async fn a_call_with_another_memory_runs_the_initializer() {
    let scenario = Scenario::initialized().await;
    scenario.set(|settings| settings.dynamic_memory = true).await;
    scenario.enable().await;
    scenario.invoker.settle().await;
    scenario.fake.history();
    let mut request = Request::new("f", Invocation::new("hello"));
    request.memory = Some("256");
    assert_eq!(text(scenario.invoker.invoke(request).await), "hello");
    assert_eq!(scenario.fake.history(), ["start #1 f:latest 256", "call #1 hello"]);
}

#[tokio::test]
async fn disabled_and_enabled_while_it_is_made_it_is_made_once() {
    let scenario = Scenario::initialized().await;
    scenario.fake.script_snapshots([Snapshotting::Hangs]);
    scenario.enable().await;
    scenario.happened("snapshot f:latest").await;
    scenario.switch(SnapshotSwitch::Disable).await;
    scenario.enable().await;
    scenario.fake.release("snapshot");
    scenario.invoker.settle().await;
    assert_eq!(scenario.state(), SnapshotState::Ready);
    assert!(scenario.fake.history().is_empty());
}

#[tokio::test]
async fn what_was_disabled_meanwhile_stays_disabled() {
    let scenario = Scenario::initialized().await;
    scenario.fake.script_snapshots([Snapshotting::Hangs]);
    scenario.enable().await;
    scenario.happened("snapshot f:latest").await;
    scenario.switch(SnapshotSwitch::Disable).await;
    scenario.fake.release("snapshot");
    scenario.invoker.settle().await;
    assert_eq!(scenario.state(), SnapshotState::Disabled);
    assert_eq!(scenario.trap("f").await, ["start #1 f:latest 128", "call #1 trap"]);
}

#[tokio::test]
async fn a_process_that_ends_waits_for_no_snapshot_and_the_next_one_makes_it() {
    let scenario = Scenario::initialized().await;
    scenario.fake.script_snapshots([Snapshotting::Hangs]);
    scenario.enable().await;
    scenario.happened("snapshot f:latest").await;
    assert!(scenario.invoker.shutdown(MINUTE).await);
    assert_eq!(scenario.state(), SnapshotState::Creating);

    let next = Scenario::open(scenario.store, Clock::manual(BEGIN + SECOND), |_| ()).await;
    next.invoker.settle().await;
    assert_eq!(next.state(), SnapshotState::Ready);
    assert_eq!(next.fake.history(), ["snapshot f:latest"]);
    assert_eq!(next.trap("f").await, ["start #1 f:latest 128 from snapshot", "call #1 trap"]);
}
