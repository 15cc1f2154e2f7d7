//! Asynchronous requests with real guests.

use crate::support::{BEGIN, MINUTE, SECOND, answer, deploy, deploy_as, deploy_with, runtime, status};
use fngraph::{AsyncConfig, ErrorCode, Receipt, RequestStatus};

#[tokio::test]
async fn three_attempts_over_minutes_take_no_time() {
    let runtime = runtime().await;
    deploy(&runtime, "fail").await;
    let config = AsyncConfig { max_retries: 3, ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("fail", Some(config)).await.unwrap();
    let id = runtime.invoke_async("fail", "").await.unwrap();
    runtime.settle().await;
    let waiting = status(&runtime, id).await;
    assert_eq!((waiting.status, waiting.attempts), (RequestStatus::Wait, 1));
    runtime.advance(MINUTE).await;
    let ended = status(&runtime, id).await;
    assert_eq!((ended.status, ended.attempts), (RequestStatus::Fail, 4));
    assert_eq!(ended.error_code, ErrorCode::FunctionFailed.number());
    assert!(ended.error_message.contains("no tea is left"), "{}", ended.error_message);
    let logs = runtime.log(id).await.unwrap();
    assert_eq!(logs.len(), 4, "one for each attempt");
    assert!(logs.iter().all(|log| log.error_code == 4002));
}

#[tokio::test]
async fn a_function_sees_its_request_id_and_that_it_is_the_first_attempt() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "context", |_| ()).await;
    deploy_as(&runtime, "listener", "write_log", |_| ()).await;
    let urn = "listener".to_owned();
    let config = AsyncConfig { on_success: Some(fngraph::Destination::Function { urn }), ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("f", Some(config)).await.unwrap();
    let id = runtime.invoke_async("f", "").await.unwrap();
    runtime.settle().await;
    let query = fngraph::LogQuery {
        function: fngraph::FunctionId::local("listener"),
        version: None,
        from: fngraph::Timestamp::EPOCH,
        until: BEGIN + MINUTE * 60 * 24 * 3650,
        limit: 10,
    };
    let logs = runtime.logs(query).await.unwrap();
    assert_eq!(logs.len(), 1);
    // JSON in JSON.
    let text = logs[0].text.replace('\\', "");
    for part in [format!("\"request_id\":\"{id}\""), "\"attempt\":0".to_owned()] {
        assert!(text.contains(&part), "no {part} in {text}");
    }
}

#[tokio::test]
async fn a_broken_initializer_is_no_retry_storm() {
    let runtime = runtime().await;
    deploy_with(&runtime, "echo", |settings| settings.initializer = Some("index.start_failing".parse().unwrap())).await;
    let config = AsyncConfig { max_retries: 3, ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("echo", Some(config)).await.unwrap();
    let id = runtime.invoke_async("echo", "").await.unwrap();
    runtime.advance(MINUTE * 10).await;
    let record = status(&runtime, id).await;
    assert_eq!((record.status, record.attempts), (RequestStatus::Fail, 1));
    assert_eq!(record.error_code, ErrorCode::InitializerFailed.number());
    assert_eq!(runtime.metrics().invocations, 1);
}

#[tokio::test]
async fn a_key_makes_two_requests_one() {
    let runtime = runtime().await;
    deploy(&runtime, "count").await;
    let first = runtime.invoke_async_once("count", "", "order 7").await.unwrap();
    let second = runtime.invoke_async_once("count", "", "order 7").await.unwrap();
    assert_eq!(first, second);
    runtime.settle().await;
    assert_eq!(answer(&runtime, "count", "").await, "2", "it ran once");
}

#[tokio::test]
async fn many_requests_share_few_instances() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    runtime.scale("echo", fngraph::Scaling { max_instances: 2.try_into().unwrap(), concurrency: 1 }).await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.push(runtime.invoke_async("echo", "hello").await.unwrap());
    }
    runtime.advance(MINUTE * 5).await;
    for id in ids {
        let record = status(&runtime, id).await;
        assert_eq!((record.status, record.attempts), (RequestStatus::Success, 1));
    }
    assert!(runtime.metrics().oldest_event_age.is_none());
    runtime.advance(SECOND).await;
}

/// A receipt says what the clock says.
#[tokio::test]
async fn receipts_go_by_the_clock() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    let outcome = runtime.invoke("echo", "hello").await.unwrap();
    let Receipt { at, .. } = outcome.receipt;
    assert_eq!(fngraph::Timestamp::from(at), BEGIN);
}
