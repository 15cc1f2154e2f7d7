//! Who hears of the end of a request.

use crate::support::{BEGIN, MINUTE, SECOND, deploy, deploy_as, runtime, runtime_in, status};
use fngraph::{AsyncConfig, Destination, FunctionId, RequestQuery, RequestStatus, Timestamp};
use std::fs;

#[tokio::test]
async fn a_function_hears_of_a_failure_for_real() {
    let runtime = runtime().await;
    deploy(&runtime, "fail").await;
    deploy_as(&runtime, "listener", "write_log", |_| ()).await;
    let urn = "urn:fss:local:local:function:default:listener:latest".to_owned();
    let config = AsyncConfig { on_failure: Some(Destination::Function { urn }), ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("fail", Some(config)).await.unwrap();
    let id = runtime.invoke_async("fail", "the event").await.unwrap();
    runtime.advance(MINUTE).await;
    let record = status(&runtime, id).await;
    assert_eq!((record.status, record.attempts), (RequestStatus::Fail, 2));
    let query = RequestQuery {
        function: FunctionId::local("listener"),
        qualifier: None,
        ids: Vec::new(),
        status: None,
        active: false,
        from: Timestamp::EPOCH,
        until: BEGIN + MINUTE,
        offset: 0,
        limit: 10,
    };
    let (heard, count) = runtime.requests(query).await.unwrap();
    assert_eq!((count, heard[0].status), (1, RequestStatus::Success));
    let log = &runtime.log(heard[0].id).await.unwrap()[0].text;
    for part in
        [id.to_string().as_str(), "\"request_payload\":\"the event\"", "OutOfTea", "RetriesExhausted", "no tea is left"]
    {
        assert!(log.contains(part), "no {part} in {log}");
    }
}

#[tokio::test]
async fn other_destinations_are_files_to_look_at() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    let folder = data.path().join("destinations");
    for destination in [
        Destination::Obs { bucket: "notices".to_owned(), prefix: "2027/".to_owned(), expires_days: 1 },
        Destination::Smn { topic_urn: "urn:smn:r:local:topic".to_owned() },
        Destination::Dis { stream_name: "stream".to_owned() },
    ] {
        let config = AsyncConfig { on_success: Some(destination.clone()), ..AsyncConfig::new(BEGIN) };
        runtime.configure_async("echo", Some(config)).await.unwrap();
        let id = runtime.invoke_async("echo", "hello").await.unwrap();
        runtime.settle().await;
        let path = match &destination {
            Destination::Obs { .. } => folder.join(format!("obs/notices/2027/{id}.json")),
            Destination::Smn { topic_urn } => folder.join(format!("smn/{topic_urn}.jsonl")),
            _ => folder.join("dis/stream.jsonl"),
        };
        let notice: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(notice["request_context"]["request_id"], id.to_string());
        assert_eq!(notice["request_payload"], "hello");
        assert_eq!(notice["response_payload"], "hello");
        assert_eq!(notice["response_context"]["status_code"], 200);
    }
}

#[tokio::test]
async fn a_destination_that_cannot_be_written_is_tried_until_it_can() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    // A file where the folder should be.
    let folder = data.path().join("destinations");
    fs::write(&folder, "in the way").unwrap();
    let topic = Destination::Smn { topic_urn: "topic".to_owned() };
    let config = AsyncConfig { on_success: Some(topic), ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("echo", Some(config)).await.unwrap();
    let id = runtime.invoke_async("echo", "hello").await.unwrap();
    runtime.advance(SECOND * 10).await;
    assert_eq!(status(&runtime, id).await.status, RequestStatus::Success);
    fs::remove_file(&folder).unwrap();
    runtime.advance(MINUTE).await;
    assert_eq!(fs::read_to_string(folder.join("smn/topic.jsonl")).unwrap().lines().count(), 1);
}
