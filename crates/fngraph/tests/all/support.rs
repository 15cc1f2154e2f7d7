//! What the tests share.

use fngraph::{Clock, Runtime, Settings, Timestamp};
use fngraph_test_support::guests;

pub(crate) fn settings(handler: &str) -> Settings {
    Settings::new(handler.parse().unwrap())
}

/// The guest `faults`, whose entries each do one thing.
pub(crate) fn faults() -> Vec<u8> {
    std::fs::read(guests::faults()).unwrap()
}

/// A runtime in memory whose clock stands still.
pub(crate) async fn runtime() -> Runtime {
    Runtime::builder()
        .instances(50)
        .clock(Clock::manual(Timestamp::from_millis(1_800_000_000_000)))
        .build()
        .await
        .unwrap()
}

/// Deploys the entry of `faults` under its own name.
pub(crate) async fn deploy(runtime: &Runtime, entry: &str) {
    deploy_with(runtime, entry, |_| ()).await;
}

pub(crate) async fn deploy_with(runtime: &Runtime, entry: &str, configure: impl FnOnce(&mut Settings)) {
    let mut settings = settings(&format!("index.{entry}"));
    configure(&mut settings);
    runtime.deploy(&entry.replace('_', "-"), faults(), settings).await.unwrap();
}
