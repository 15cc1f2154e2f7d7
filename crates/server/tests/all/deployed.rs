//! Functions to try the API on.

use crate::support::TestApp;
use fngraph::Settings;
use fngraph_test_support::guests;

/// Deploys the entry of the guest `faults` under a name, in the project of the tests.
pub(crate) async fn deploy(app: &TestApp, name: &str, entry: &str) {
    deploy_with(app, name, entry, |_| ()).await;
}

pub(crate) async fn deploy_with(app: &TestApp, name: &str, entry: &str, configure: impl FnOnce(&mut Settings)) {
    let mut settings = Settings::new(format!("index.{entry}").parse().unwrap());
    configure(&mut settings);
    let code = std::fs::read(guests::faults()).unwrap();
    app.runtime.deploy(&format!("p1:default:{name}"), code, settings).await.unwrap();
}

/// Deploys and publishes: each version is another one, and tells its name with the entry `context`.
pub(crate) async fn publish(app: &TestApp, name: &str, version: &str) {
    let describe = |settings: &mut Settings| settings.description = version.to_owned();
    deploy_with(app, name, "context", describe).await;
    app.runtime.publish(&format!("p1:default:{name}"), Some(version)).await.unwrap();
}
