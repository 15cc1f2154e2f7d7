//! A directory that is opened again.

use crate::support::{BEGIN, MINUTE, SECOND, answer, deploy, deploy_as, runtime_in, status};
use fngraph::{
    Alias, AsyncConfig, FunctionId, LogPageQuery, LogStream, RequestStatus, Runtime, Scaling, StatisticsQuery,
};
use std::time::Duration;

#[tokio::test]
async fn everything_is_there_again() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_as(&runtime, "f", "write_log", |_| ()).await;
    runtime.publish("f", Some("v1")).await.unwrap();
    runtime.alias("f", Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), BEGIN)).await.unwrap();
    runtime.configure_async("f", Some(AsyncConfig { max_retries: 3, ..AsyncConfig::new(BEGIN) })).await.unwrap();
    let two = Scaling { max_instances: 2.try_into().unwrap(), concurrency: 1 };
    runtime.scale("f", two).await.unwrap();
    let outcome = runtime.invoke("local:default:f:!prod", "hello").await.unwrap();
    let request = runtime.invoke_async("f", "hello").await.unwrap();
    runtime.settle().await;
    let function = runtime.function("f").unwrap();
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    assert_eq!(runtime.function("f").unwrap(), function);
    assert_eq!(status(&runtime, request).await.status, RequestStatus::Success);
    assert_eq!(runtime.log(outcome.receipt.request_id).await.unwrap().len(), 1);
    let query = StatisticsQuery { from: 0, until: i64::MAX, ..StatisticsQuery::default() };
    let minutes = runtime.statistics(query).await.unwrap();
    assert_eq!(minutes.iter().map(|minute| minute.count).sum::<u64>(), 2);
    assert_eq!(answer(&runtime, "local:default:f:!prod", "hello").await, "");
}

#[tokio::test]
async fn a_runtime_that_is_dropped_in_the_middle_frees_its_directory_and_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy_as(&runtime, "f", "doze", |settings| settings.timeout = MINUTE * 10).await;
    deploy(&runtime, "echo").await;
    let running = runtime.invoke_async("f", "hello").await.unwrap();
    while runtime.metrics().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    runtime.scale("echo", Scaling { max_instances: 0.try_into().unwrap(), concurrency: 1 }).await.unwrap();
    let waiting = runtime.invoke_async("echo", "hello").await.unwrap();
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    let record = status(&runtime, running).await;
    assert_eq!((record.status.is_final(), record.attempts > 0), (false, true), "{record:?}");
    runtime.cancel(running).await.unwrap();
    runtime.scale("echo", Scaling::default()).await.unwrap();
    runtime.advance(SECOND * 5).await;
    assert_eq!(status(&runtime, waiting).await.status, RequestStatus::Success);
}

#[tokio::test]
async fn requests_that_waited_run_and_their_deadlines_hold() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    runtime.configure_async("echo", Some(AsyncConfig { max_age: MINUTE, ..AsyncConfig::new(BEGIN) })).await.unwrap();
    let disabled = Scaling { max_instances: 0.try_into().unwrap(), concurrency: 1 };
    runtime.scale("echo", disabled).await.unwrap();
    let old = runtime.invoke_async("echo", "hello").await.unwrap();
    runtime.advance(SECOND * 50).await;
    let young = runtime.invoke_async("echo", "hello").await.unwrap();
    runtime.settle().await;
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN + SECOND * 70).await;
    runtime.scale("echo", Scaling::default()).await.unwrap();
    runtime.advance(SECOND * 5).await;
    assert_eq!(status(&runtime, old).await.status, RequestStatus::Discard);
    assert_eq!(status(&runtime, young).await.status, RequestStatus::Success);
}

#[tokio::test]
async fn a_clock_that_went_back_a_day_stops_nothing() {
    let data = tempfile::tempdir().unwrap();
    let day = MINUTE * 60 * 24;
    let runtime = runtime_in(data.path(), BEGIN + day).await;
    deploy(&runtime, "fail").await;
    deploy(&runtime, "echo").await;
    runtime.configure_async("fail", Some(AsyncConfig::new(BEGIN))).await.unwrap();
    let id = runtime.invoke_async("fail", "").await.unwrap();
    runtime.settle().await;
    assert_eq!(status(&runtime, id).await.status, RequestStatus::Wait, "it waits for its second attempt");
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    let runtime = runtime_in(data.path(), BEGIN).await;
    assert_eq!(answer(&runtime, "echo", "hello").await, "hello");
    runtime.advance(SECOND * 5).await;
    let record = status(&runtime, id).await;
    assert_eq!((record.status, record.attempts), (RequestStatus::Fail, 2));
    deploy(&runtime, "count").await;
    assert_eq!(answer(&runtime, "count", "").await, "1");
    runtime.advance(Duration::from_secs(120)).await;
}

#[tokio::test]
async fn changes_of_status_are_still_logged() {
    let directory = tempfile::tempdir().unwrap();
    let logged = async |runtime: &Runtime| {
        runtime.invoke_async("echo", "x").await.unwrap();
        runtime.settle().await;
        let query = LogPageQuery {
            function: FunctionId::local("echo"),
            stream: LogStream::AsyncStatus,
            versions: Vec::new(),
            request: None,
            from: BEGIN,
            after: None,
            limit: 99,
        };
        runtime.log_page(query).await.unwrap().records.len()
    };
    let runtime = runtime_in(directory.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    let config = AsyncConfig { status_log: true, ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("echo", Some(config)).await.unwrap();
    assert_eq!(logged(&runtime).await, 0);
    runtime.update_project("local", |project| project.async_status_logs_since = Some(BEGIN)).await.unwrap();
    assert_eq!(logged(&runtime).await, 3);
    runtime.shutdown(SECOND).await;
    drop(runtime);
    let runtime = runtime_in(directory.path(), BEGIN).await;
    assert_eq!(logged(&runtime).await, 6);
    runtime.update_project("local", |project| project.async_status_logs_since = None).await.unwrap();
    assert_eq!(logged(&runtime).await, 6);
}
