//! What functions wrote, and for how long it is kept.

use crate::support::{BEGIN, MINUTE, builder, deploy, deploy_as, runtime};
use fngraph::{FunctionId, LogQuery, Options, Timestamp};

fn of(name: &str) -> LogQuery {
    LogQuery {
        function: FunctionId::local(name),
        version: None,
        from: Timestamp::EPOCH,
        until: BEGIN + MINUTE * 60 * 24 * 3650,
        limit: 100,
    }
}

#[tokio::test]
async fn the_log_of_an_invocation_is_found_by_its_id() {
    let runtime = runtime().await;
    deploy(&runtime, "write_log").await;
    deploy(&runtime, "echo").await;
    deploy(&runtime, "fail").await;
    let wrote = runtime.invoke("write-log", "hello").await.unwrap().receipt.request_id;
    let silent = runtime.invoke("echo", "hello").await.unwrap().receipt.request_id;
    let failed = runtime.invoke("fail", "hello").await.unwrap().receipt.request_id;
    let unattended = runtime.invoke_async("echo", "hello").await.unwrap();
    runtime.settle().await;
    let log = runtime.log(wrote).await.unwrap();
    assert_eq!((log.len(), log[0].error_code, log[0].version.as_str()), (1, 0, "latest"));
    let lines: Vec<_> = log[0].text.lines().collect();
    let expected =
        ["Start invoke request", "from stdout", "from stderr", "DEBUG shown", "ERROR hello", "Finish invoke"];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line}");
    }
    assert_eq!(runtime.log(silent).await.unwrap(), [], "it has nothing to tell");
    assert_eq!(runtime.log(failed).await.unwrap()[0].error_code, 4002);
    assert_eq!(runtime.log(unattended).await.unwrap().len(), 1, "nobody else knows how it went");
}

#[tokio::test]
async fn logs_of_a_function_are_found_by_version_and_time() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "write_log", |_| ()).await;
    runtime.publish("f", Some("v1")).await.unwrap();
    for urn in ["f", "local:default:f:v1", "local:default:f:v1"] {
        runtime.invoke(urn, "hello").await.unwrap().result.unwrap();
    }
    let v1 = Some("v1".parse().unwrap());
    for (query, expected) in [
        (of("f"), 3),
        (of("nobody"), 0),
        (LogQuery { version: v1, ..of("f") }, 2),
        (LogQuery { limit: 1, ..of("f") }, 1),
        (LogQuery { until: Timestamp::EPOCH, ..of("f") }, 0),
    ] {
        assert_eq!(runtime.logs(query.clone()).await.unwrap().len(), expected, "{query:?}");
    }
}

#[tokio::test]
async fn a_flood_is_bounded_and_its_end_is_kept() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "flood_log", |settings| settings.timeout = MINUTE).await;
    let outcome = runtime.invoke("f", "100000").await.unwrap();
    assert!(outcome.log.dropped() > 0);
    let log = &runtime.log(outcome.receipt.request_id).await.unwrap()[0].text;
    assert!(log.len() < 1 << 20, "{} bytes", log.len());
    assert!(log.contains("line 99999\n"));
}

#[tokio::test]
async fn logs_are_kept_for_their_time_by_the_clock() {
    let mut options = Options::default();
    options.log_retention = MINUTE * 60;
    let runtime = builder().options(options).build().await.unwrap();
    deploy(&runtime, "write_log").await;
    let id = runtime.invoke("write-log", "hello").await.unwrap().receipt.request_id;
    assert_eq!(runtime.log(id).await.unwrap()[0].at, BEGIN);
    runtime.advance(MINUTE * 50).await;
    assert_eq!(runtime.log(id).await.unwrap().len(), 1);
    runtime.advance(MINUTE * 15).await;
    assert_eq!(runtime.log(id).await.unwrap(), []);
}

#[tokio::test]
async fn of_too_many_bytes_the_oldest_logs_go() {
    let mut options = Options::default();
    options.log_bytes = 2000;
    let runtime = builder().options(options).build().await.unwrap();
    deploy(&runtime, "write_log").await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(runtime.invoke("write-log", "hello").await.unwrap().receipt.request_id);
    }
    assert_eq!(runtime.logs(of("write-log")).await.unwrap().len(), 10);
    runtime.advance(MINUTE * 2).await;
    let kept = runtime.logs(of("write-log")).await.unwrap();
    assert!(!kept.is_empty() && kept.iter().map(|log| log.text.len()).sum::<usize>() <= 2000);
    assert_eq!(kept.last().unwrap().request, ids[9], "the newest stay");
}
