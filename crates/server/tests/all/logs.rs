//! Logs (manual, 7.9).

use crate::{
    deployed::{deploy, publish},
    support::TestApp,
};
use axum::body::Body;
use serde_json::{Value, json};

async fn call(app: &TestApp, function: &str, event: &str) -> String {
    let request = http::Request::post(format!("/v2/p1/fgs/functions/{function}/invocations"));
    let answer = app.send(request.body(Body::from(event.to_owned())).unwrap()).await;
    answer.header("x-cff-request-id").to_owned()
}

fn texts(page: &Value) -> Vec<&str> {
    page["logs"].as_array().unwrap().iter().map(|log| log["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn logs_are_read_and_followed() {
    let app = TestApp::new().await;
    deploy(&app, "f", "write-log").await;
    deploy(&app, "g", "fail").await;
    let first = call(&app, "f", "one").await;
    let second = call(&app, "f", "two").await;
    let page = app.get("/fgs/functions/f/logs").await.expect(200);
    let log = &page["logs"][0];
    assert_eq!((&log["request_id"], &log["version"]), (&json!(first), &json!("latest")));
    assert_eq!((log["time"].as_str().unwrap().len(), log.get("error_code")), ("2025-01-01T00:00:00Z".len(), None));
    assert!(texts(&page)[0].contains("Start invoke request") && texts(&page)[0].contains("ERROR one"), "{page}");
    assert!(texts(&page)[1].contains("ERROR two"), "{page}");

    let marker = page["next_marker"].as_i64().unwrap();
    let follow = format!("/fgs/functions/f/logs?marker={marker}");
    assert_eq!(app.get(&follow).await.expect(200)["logs"], json!([]));
    let failed = call(&app, "g", "x").await;
    call(&app, "f", "three").await;
    call(&app, "f", "four").await;
    let next = app.get(&format!("{follow}&limit=1")).await.expect(200);
    assert!(texts(&next).len() == 1 && texts(&next)[0].contains("ERROR three"), "{next}");
    let next = app.get(&format!("/fgs/functions/f/logs?marker={}", next["next_marker"])).await.expect(200);
    assert!(texts(&next).len() == 1 && texts(&next)[0].contains("ERROR four"), "{next}");

    let latest = app.get("/fgs/functions/f/logs?limit=1").await.expect(200);
    assert!(texts(&latest)[0].contains("ERROR four"), "{latest}");
    let one = app.get(&format!("/fgs/functions/f/logs?request_id={second}")).await.expect(200);
    assert!(texts(&one).len() == 1 && texts(&one)[0].contains("ERROR two"), "{one}");
    let later = app.get("/fgs/functions/f/logs?since=2999-01-01T00:00:00").await.expect(200);
    assert_eq!(later["logs"], json!([]));
    let failure = &app.get("/fgs/functions/g/logs").await.expect(200)["logs"][0];
    assert_eq!((&failure["request_id"], &failure["error_code"]), (&json!(failed), &json!("FSS.4002")));
}

#[tokio::test]
async fn a_version_has_logs_of_its_own() {
    let app = TestApp::new().await;
    for version in ["v1", "v2"] {
        publish(&app, "f", version).await;
    }
    deploy(&app, "f", "write-log").await;
    call(&app, "f", "latest").await;
    for (function, count) in [("f", 1), ("p1:default:f:latest", 1), ("p1:default:f:v1", 0)] {
        let page = app.get(&format!("/fgs/functions/{function}/logs")).await.expect(200);
        assert_eq!(texts(&page).len(), count, "{function}");
    }
}

#[tokio::test]
async fn the_place_of_logs_is_one_that_can_be_read() {
    let app = TestApp::new().await;
    deploy(&app, "f", "write-log").await;
    call(&app, "f", "hello").await;
    let detail = app.get("/fgs/functions/f/lts-log-detail").await.expect(200);
    let urn = "urn:fss:local:p1:function:default:f";
    let expected = json!({"group_name": "fngraph", "group_id": "p1", "stream_id": urn, "stream_name": "default:f"});
    assert_eq!(detail, expected);
    for name in ["stream_id", "stream_name"] {
        let page = app.get(&format!("/fgs/functions/{}/logs", detail[name].as_str().unwrap())).await.expect(200);
        assert_eq!(texts(&page).len(), 1, "{name}");
    }
    for _ in 0..2 {
        assert_eq!(app.post("/fgs/functions/enable-lts-logs", Value::Null).await.expect(200), Value::Null);
    }
    let project = app.runtime.project("p1").await.unwrap();
    assert_eq!(project.lts_logs_since, Some(crate::support::BEGIN));
    assert_eq!(app.get("/fgs/functions/f/lts-log-detail").await.expect(200), expected);
}

#[tokio::test]
async fn changes_of_status_are_logged_once_they_are_enabled() {
    let app = TestApp::new().await;
    deploy(&app, "f", "fail").await;
    let config = json!({"enable_async_status_log": true, "max_async_retry_attempts": 0});
    app.put("/fgs/functions/f/async-invoke-config", config).await.expect(200);
    let statuses = async || {
        app.post("/fgs/functions/f/invocations-async", json!({})).await.expect(202);
        app.runtime.settle().await;
        let page = app.get("/fgs/functions/f/logs?stream=async-status").await.expect(200);
        let lines = texts(&page).into_iter().map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(statuses().await, [] as [Value; 0]);
    let detail = "/fgs/functions/async-status-log-detail";
    app.get(detail).await.refused(404, "FSS.0404");
    app.post("/fgs/functions/enable-async-status-logs", Value::Null).await.expect(200);
    let stream = json!({
        "group_name": "fngraph", "group_id": "p1", "stream_id": "async-status",
        "stream_name": "async-status-log-detail",
    });
    assert_eq!(app.get(detail).await.expect(200), stream);
    assert_eq!(statuses().await, ["WAIT", "RUNNING", "FAIL"]);
    // What the function wrote is apart.
    let page = app.get("/fgs/functions/f/logs").await.expect(200);
    assert!(texts(&page).iter().all(|text| text.contains("invoke request")), "{page}");
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_its_code() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    for query in ["limit=-1", "limit=x", "marker=x", "since=soon", "request_id=x", "stream=stdout"] {
        app.get(&format!("/fgs/functions/f/logs?{query}")).await.refused(400, "FSS.1001");
    }
    for kind in ["logs", "lts-log-detail"] {
        app.get(&format!("/fgs/functions/nobody/{kind}")).await.refused(404, "FSS.1051");
        app.get(&format!("/fgs/functions/p2:default:f/{kind}")).await.refused(404, "FSS.1051");
    }
    app.get("/fgs/functions/p1:default:f:!nobody/logs").await.refused(404, "FSS.1053");
}
