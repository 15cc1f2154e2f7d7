//! Calls that are ended from elsewhere.

use crate::support::{error, faults_with, handler};
use fngraph_engine::{Engine, FunctionConfig, Invocation, InvokeError, Package, PreparedFunction};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, RequestId};
use std::{path::Path, time::Duration};

async fn check(function: &PreparedFunction) {
    let mut instance = function.instantiate().await.unwrap();
    let canceller = instance.canceller();
    let invocation = Invocation::new("");
    let id = invocation.request_id;
    let mut call = Box::pin(instance.call(invocation));
    tokio::select! {
        biased;
        outcome = &mut call => panic!("it does not end by itself: {outcome:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert!(!canceller.cancel(RequestId::random()), "another call is none of its business");
    assert!(canceller.cancel(id));
    let outcome = call.await;
    assert_eq!(error(&outcome), &InvokeError::Cancelled);
    assert_eq!(error(&outcome).code(), ErrorCode::Cancelled);
    assert!(!canceller.cancel(id), "there is nothing left to cancel");
}

#[tokio::test]
async fn a_busy_call_is_cancelled() {
    check(&faults_with("spin", |config| config.timeout = Duration::from_secs(60)).await).await;
}

#[tokio::test]
async fn a_sleeping_call_is_cancelled() {
    check(&faults_with("doze", |config| config.timeout = Duration::from_secs(60)).await).await;
}

#[tokio::test]
async fn an_instance_serves_on_after_a_cancellation_that_came_too_late() {
    let function = faults_with("echo", |_| ()).await;
    let mut instance = function.instantiate().await.unwrap();
    let invocation = Invocation::new("one");
    let id = invocation.request_id;
    instance.call(invocation).await.result.unwrap();
    assert!(!instance.canceller().cancel(id));
    assert_eq!(instance.call(Invocation::new("two")).await.result.unwrap(), "two");
}

async fn echo(engine: &Engine, wasm: &Path) -> PreparedFunction {
    let artifact = engine.compile(&Package::read(wasm).unwrap(), &handler("bootstrap")).await.unwrap();
    artifact.prepare(FunctionConfig::new(handler("index.echo"))).unwrap()
}

#[tokio::test]
async fn all_instances_share_the_memory_of_the_host() {
    let engine = Engine::builder().instances(20).memory(3 << 20).build().unwrap();
    let function = echo(&engine, guests::faults()).await;
    let mut instances = Vec::new();
    let refused = loop {
        match function.instantiate().await {
            Ok(instance) => instances.push(instance),
            Err(failed) => break failed.error,
        }
    };
    assert_eq!(refused.code(), ErrorCode::TooManyRequests, "{refused}");
    assert!(!instances.is_empty() && engine.memory_used() <= 3 << 20);
    drop(instances);
    assert_eq!(engine.memory_used(), 0);
    function.instantiate().await.unwrap();
}
