//! Memory of one call and of the host.

use crate::support::{answer, assert_quiet, begin, code, deploy_as, runtime};
use fngraph::{ErrorCode, Invocation, Memory, Request, Runtime};

/// Room for the memory of one such guest, and not of two.
const ONE: u64 = 2 << 20;

#[tokio::test]
async fn an_idle_instance_gives_its_memory_to_another_function() {
    let runtime = Runtime::builder().instances(50).memory(ONE).build().await.unwrap();
    for name in ["one", "two"] {
        deploy_as(&runtime, name, "count", |_| ()).await;
    }
    for _ in 0..3 {
        for name in ["one", "two"] {
            assert_eq!(answer(&runtime, name, "").await, "1", "each call takes the place of the other function");
            assert!(runtime.metrics().memory_bytes <= ONE);
        }
    }
    assert_eq!(runtime.metrics().elastic_instances, 1);
}

#[tokio::test]
async fn without_idle_instances_there_is_no_room() {
    let runtime = Runtime::builder().instances(50).memory(ONE).build().await.unwrap();
    deploy_as(&runtime, "busy", "doze", |settings| settings.timeout = std::time::Duration::from_secs(600)).await;
    deploy_as(&runtime, "other", "echo", |_| ()).await;
    let (id, call) = begin(&runtime, "busy", "").await;
    while runtime.metrics().memory_bytes == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(code(runtime.invoke("other", "hello").await), ErrorCode::TooManyRequests);
    assert_eq!(runtime.metrics().rejects, 1);
    runtime.cancel(id).await.unwrap();
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    assert_eq!(answer(&runtime, "other", "hello").await, "hello");
    assert_quiet(&runtime);
}

#[tokio::test]
async fn a_call_has_the_memory_that_it_asked_for() {
    let runtime = runtime().await;
    deploy_as(&runtime, "fixed", "context", |_| ()).await;
    deploy_as(&runtime, "dynamic", "context", |settings| settings.dynamic_memory = true).await;
    let memory = async |urn: &str, asked: &str| {
        let mut request = Request::new(urn, Invocation::new(""));
        request.memory = Some(asked);
        let outcome = runtime.invoke_with(request).await?;
        let context = String::from_utf8(outcome.result.unwrap().to_vec()).unwrap();
        let told = context.split_once("\"memory\":").unwrap().1.split_once(',').unwrap().0.to_owned();
        assert_eq!(told, outcome.receipt.memory.as_mib().to_string());
        Ok::<_, fngraph::Rejection>(told)
    };
    assert_eq!(memory("fixed", "256").await.unwrap(), "128");
    assert_eq!(memory("dynamic", "256").await.unwrap(), "256");
    assert_eq!(memory("dynamic", "128").await.unwrap(), "128");
    assert_eq!(memory("dynamic", "100").await.unwrap_err().code(), ErrorCode::NotAcceptable);
    assert_eq!(ErrorCode::NotAcceptable.to_string(), "FSS.0406");
}

#[tokio::test]
async fn the_memory_that_was_asked_for_is_the_limit() {
    let runtime = runtime().await;
    deploy_as(&runtime, "hog", "hog", |settings| {
        settings.dynamic_memory = true;
        settings.timeout = std::time::Duration::from_secs(60);
    })
    .await;
    for mib in [128, 256] {
        let asked = mib.to_string();
        let mut request = Request::new("hog", Invocation::new(""));
        request.memory = Some(&asked);
        let outcome = runtime.invoke_with(request).await.unwrap();
        let limit = Memory::mib(mib).unwrap().bytes();
        let used = outcome.receipt.memory_used;
        assert!(used <= limit && used > limit / 2, "{used} of {limit} bytes");
        assert_eq!(code(Ok(outcome)), ErrorCode::MemoryExceeded);
    }
}
