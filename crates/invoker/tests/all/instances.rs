//! The life of an instance: made for a call, used again, and gone when it is no longer fit or wanted.

use crate::{
    fake::{Starting, error},
    scenario::{MINUTE, SECOND, Scenario, code, settings, text},
};
use fngraph_engine::{Invocation, InvokeError, Start};
use fngraph_invoker::{Rejection, Request};
use fngraph_registry::{Isolation, Settings};
use fngraph_types::{ErrorCode, FunctionId, VersionName};
use std::time::Duration;

#[tokio::test]
async fn an_instance_serves_again() {
    let scenario = Scenario::new().await;
    assert_eq!(scenario.answer("f", "who").await, ("1".to_owned(), Start::Cold));
    assert_eq!(scenario.answer("f", "who").await, ("1".to_owned(), Start::Warm));
    assert_eq!(code(scenario.call("f", "fail").await), ErrorCode::FunctionFailed);
    assert_eq!(scenario.answer("f", "who").await, ("1".to_owned(), Start::Warm), "an error is no reason to end it");
}

#[tokio::test]
async fn an_instance_that_trapped_or_timed_out_never_serves_again() {
    for (event, expected) in [("trap", ErrorCode::FunctionFailed), ("timeout", ErrorCode::Timeout)] {
        let scenario = Scenario::new().await;
        scenario.answer("f", "hello").await;
        assert_eq!(code(scenario.call("f", event).await), expected);
        assert_eq!(scenario.fake.counts().live, 0);
        assert_eq!(scenario.answer("f", "who").await, ("2".to_owned(), Start::Cold));
        scenario.assert_quiet();
    }
}

#[tokio::test]
async fn the_warmest_instance_serves_first() {
    let scenario = Scenario::new().await;
    let calls = [scenario.begin("f", "hold a"), scenario.begin("f", "hold b")];
    scenario.calls(2).await;
    scenario.fake.release("hold b");
    scenario.calls(1).await;
    scenario.fake.release("hold a");
    for call in calls {
        text(call.await.unwrap());
    }
    assert_eq!(scenario.answer("f", "who").await.0, "1", "the first one ended last");
}

async fn fresh(warm_pool: u32) -> Scenario {
    let scenario = Scenario::new().await;
    let latest = VersionName::latest();
    let fresh = Settings { isolation: Isolation::Fresh, warm_pool, ..settings() };
    scenario.registry.update_settings(&FunctionId::local("f"), &latest, fresh, scenario.clock.now()).await.unwrap();
    scenario
}

#[tokio::test]
async fn with_fresh_isolation_each_call_has_an_instance_to_itself() {
    let scenario = fresh(0).await;
    for number in ["1", "2", "3"] {
        assert_eq!(scenario.answer("f", "who").await, (number.to_owned(), Start::Cold));
    }
    scenario.live(0).await;
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_warm_pool_has_the_next_instances_ready() {
    let scenario = fresh(2).await;
    assert_eq!(scenario.answer("f", "who").await, ("1".to_owned(), Start::Cold));
    scenario.invoker.settle().await;
    scenario.live(2).await;
    for _ in 0..5 {
        let (number, start) = scenario.answer("f", "who").await;
        assert_ne!(number, "1");
        assert_eq!(start, Start::Warm);
        scenario.invoker.settle().await;
        scenario.live(2).await;
    }
    let mut history = scenario.fake.history();
    history.retain(|line| line.starts_with("call"));
    let used: std::collections::HashSet<_> = history.iter().collect();
    assert_eq!(used.len(), 6, "no instance served twice: {history:?}");
}

#[tokio::test]
async fn a_warm_pool_that_cannot_be_filled_is_not_tried_again_and_again() {
    let scenario = fresh(1).await;
    scenario.fake.script([Starting::Fine, Starting::Fails(InvokeError::Start(error()))]);
    scenario.answer("f", "hello").await;
    scenario.fake.until(|counts| counts.starts == 2).await;
    scenario.advance(SECOND * 9).await;
    assert_eq!(scenario.fake.counts().starts, 2);
    scenario.advance(SECOND * 2).await;
    scenario.live(1).await;
}

#[tokio::test]
async fn an_initializer_that_fails_is_tried_on_three_instances() {
    let failures = [
        (InvokeError::Initializer(error()), ErrorCode::InitializerFailed, 3),
        (
            InvokeError::InitializerTimeout { limit: Duration::from_secs(3), stack: Vec::new() },
            ErrorCode::InitializerTimeout,
            3,
        ),
        (InvokeError::Start(error()), ErrorCode::StartFailed, 1),
        (InvokeError::LoadTimeout { limit: Duration::from_secs(3) }, ErrorCode::LoadTimeout, 1),
    ];
    for (failure, expected, starts) in failures {
        let scenario = Scenario::new().await;
        scenario.fake.script((0..starts).map(|_| Starting::Fails(failure.clone())));
        let outcome = scenario.call("f", "hello").await.unwrap();
        assert_eq!(outcome.receipt.start, Start::Cold);
        assert_eq!(outcome.receipt.bytes_in, 5);
        assert_eq!(code(Ok(outcome)), expected);
        assert_eq!(scenario.fake.counts().starts, starts);
        scenario.assert_quiet();
        assert_eq!(scenario.answer("f", "hello").await.1, Start::Cold);
    }
}

#[tokio::test]
async fn an_initializer_may_succeed_on_the_third_instance() {
    let scenario = Scenario::new().await;
    scenario.fake.script((0..2).map(|_| Starting::Fails(InvokeError::Initializer(error()))));
    assert_eq!(scenario.answer("f", "who").await, ("3".to_owned(), Start::Cold));
}

#[tokio::test]
async fn idle_instances_go_when_a_window_did_not_need_them() {
    let scenario = Scenario::new().await;
    let calls = [(); 3].map(|()| scenario.begin("f", "hold"));
    scenario.calls(3).await;
    calls.iter().for_each(|_| scenario.fake.release("hold"));
    for call in calls {
        text(call.await.unwrap());
    }
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.fake.counts().live, 3, "the window that ends here needed three");
    scenario.answer("f", "hello").await;
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.fake.counts().live, 1, "and this one needed one");
    scenario.advance(MINUTE).await;
    assert_eq!(scenario.fake.counts().live, 0);
    assert_eq!(scenario.fake.counts().stopped, 3, "all were stopped in order");
    scenario.assert_quiet();
}

async fn with_memory(scenario: &Scenario, memory: &str) -> Result<u32, Rejection> {
    let mut request = Request::new("f", Invocation::new("hello"));
    request.memory = Some(memory);
    scenario.invoker.invoke(request).await.map(|outcome| outcome.receipt.memory.as_mib())
}

#[tokio::test]
async fn a_call_chooses_its_memory_where_that_is_allowed() {
    let scenario = Scenario::new().await;
    for memory in ["256", "100", "nonsense"] {
        assert_eq!(with_memory(&scenario, memory).await.unwrap(), 128, "not allowed, so not looked at");
    }
    let latest = VersionName::latest();
    let dynamic = Settings { dynamic_memory: true, ..settings() };
    scenario.registry.update_settings(&FunctionId::local("f"), &latest, dynamic, scenario.clock.now()).await.unwrap();
    for bad in ["100", "nonsense", "", "-1", "128.0", " 128"] {
        assert_eq!(with_memory(&scenario, bad).await.unwrap_err().code(), ErrorCode::NotAcceptable, "{bad}");
    }
    scenario.fake.history();
    assert_eq!(with_memory(&scenario, "256").await.unwrap(), 256);
    assert_eq!(with_memory(&scenario, "256").await.unwrap(), 256);
    assert_eq!(text(scenario.call("f", "hello").await), "hello");
    assert_eq!(with_memory(&scenario, "256").await.unwrap(), 256);
    let mut history = scenario.fake.history();
    history.retain(|line| line.starts_with("start"));
    assert_eq!(history, ["start #2 f:latest 256", "start #3 f:latest 128"], "each memory keeps its instance");
}

#[tokio::test]
async fn a_waiting_call_that_gets_an_instance_of_another_memory_exchanges_it() {
    let scenario = Scenario::new().await;
    let latest = VersionName::latest();
    let dynamic = Settings { dynamic_memory: true, ..settings() };
    let id = FunctionId::local("f");
    scenario.registry.update_settings(&id, &latest, dynamic, scenario.clock.now()).await.unwrap();
    scenario.scale("f", crate::scenario::instances(1)).await;
    let first = scenario.begin("f", "hold");
    scenario.calls(1).await;
    scenario.fake.release("hold");
    let (large, first) = tokio::join!(with_memory(&scenario, "512"), first);
    text(first.unwrap());
    assert_eq!(large.unwrap(), 512);
    scenario.fake.until(|counts| counts.stopped == 1).await;
    scenario.live(1).await;
    scenario.assert_quiet();
}
