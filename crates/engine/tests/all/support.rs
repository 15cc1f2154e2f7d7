//! What the tests share: one engine, and the shortest way from a guest to an outcome.

use fngraph_engine::{Artifact, Engine, FunctionConfig, Invocation, InvokeError, Outcome, Package, PreparedFunction};
use fngraph_types::Handler;
use std::path::Path;

/// An engine on a directory of its own. Tests run as processes of their own, so sharing one would gain nothing.
pub(crate) fn engine() -> Engine {
    Engine::builder().instances(20).build().unwrap()
}

pub(crate) fn handler(text: &str) -> Handler {
    text.parse().unwrap()
}

pub(crate) async fn artifact(engine: &Engine, wasm: &Path) -> Artifact {
    engine.compile(&Package::read(wasm).unwrap(), &handler("bootstrap")).await.unwrap()
}

/// The guest `faults` with this entry as its handler.
pub(crate) async fn faults(entry: &str) -> PreparedFunction {
    faults_with(entry, |_| ()).await
}

pub(crate) async fn faults_with(entry: &str, configure: impl FnOnce(&mut FunctionConfig)) -> PreparedFunction {
    function_with(fngraph_test_support::guests::faults(), entry, configure).await
}

pub(crate) async fn function_with(
    wasm: &Path,
    entry: &str,
    configure: impl FnOnce(&mut FunctionConfig),
) -> PreparedFunction {
    let mut config = FunctionConfig::new(handler(&format!("index.{entry}")));
    configure(&mut config);
    artifact(&engine(), wasm).await.prepare(config).unwrap()
}

pub(crate) async fn run(function: &PreparedFunction, event: &str) -> Outcome {
    function.run(Invocation::new(event.to_owned())).await
}

pub(crate) fn text(outcome: &Outcome) -> &str {
    std::str::from_utf8(outcome.result.as_ref().unwrap()).unwrap()
}

pub(crate) fn error(outcome: &Outcome) -> &InvokeError {
    let error = outcome.result.as_ref().expect_err("the function fails");
    assert_eq!(outcome.receipt.error, Some(error.code()), "the receipt has the failure's code");
    error
}

/// The lines of an outcome's log.
pub(crate) fn lines(outcome: &Outcome) -> Vec<&str> {
    outcome.log.lines().map(|line| line.text.as_str()).collect()
}
