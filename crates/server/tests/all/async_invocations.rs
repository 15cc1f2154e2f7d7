//! Asynchronous configurations and requests (manual, 7.15).

use crate::{
    deployed::{deploy, publish},
    support::TestApp,
};
use serde_json::{Value, json};
use std::time::Duration;

const CONFIG: &str = "/fgs/functions/f/async-invoke-config";
const REQUESTS: &str = "/fgs/functions/f/async-invocations";
const ACTIVE: &str = "/fgs/functions/f/active-async-invocations";
const CANCEL: &str = "/fgs/functions/f/cancel";

async fn with_function(entry: &str) -> TestApp {
    let app = TestApp::new().await;
    deploy(&app, "f", entry).await;
    app
}

async fn accept(app: &TestApp, function: &str) -> String {
    let path = format!("/fgs/functions/{function}/invocations-async");
    app.post(&path, json!({})).await.expect(202)["request_id"].as_str().unwrap().to_owned()
}

/// The ids of a list.
fn ids(list: &Value) -> Vec<&str> {
    list["invocations"].as_array().unwrap().iter().map(|request| request["request_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_configuration_lives_until_it_is_deleted() {
    let app = with_function("echo").await;
    app.get(CONFIG).await.refused(404, "FSS.1086");
    app.delete(CONFIG).await.refused(404, "FSS.1086");
    let urn = "urn:fss:local:p1:function:default:f:latest";
    let mut expected = json!({
        "func_urn": urn, "max_async_event_age_in_seconds": 3600, "max_async_retry_attempts": 1,
        "destination_config": {}, "created_time": "2025-01-01T00:00:00Z", "last_modified": "2025-01-01T00:00:00Z",
        "enable_async_status_log": false,
    });
    assert_eq!(app.put(CONFIG, json!({})).await.expect(200), expected);
    assert_eq!(app.get(CONFIG).await.expect(200), expected);

    app.runtime.advance(Duration::from_secs(61)).await;
    let notified = json!({"destination": "FunctionGraph", "param": "{\"func_urn\":\"g\"}"});
    let body = json!({
        "max_async_event_age_in_seconds": 10, "max_async_retry_attempts": 3, "enable_async_status_log": true,
        "destination_config": {
            "on_success": notified,
            "on_failure": {"destination": "OBS", "param": "{\"bucket\":\"b\",\"prefix\":\"p/\",\"expires\":7}"},
        },
    });
    let updated = app.put(CONFIG, body.clone()).await.expect(200);
    for (name, value) in body.as_object().unwrap() {
        expected[name] = value.clone();
    }
    // Functions are named in full.
    let param = "{\"func_urn\":\"urn:fss:local:p1:function:default:g\"}";
    expected["destination_config"]["on_success"]["param"] = json!(param);
    expected["last_modified"] = json!("2025-01-01T00:01:01Z");
    assert_eq!(updated, expected);
    assert_eq!(app.get(CONFIG).await.expect(200), expected);
    let list = app.get(&format!("{CONFIG}s")).await.expect(200);
    let page = json!({"next_marker": 1, "previous_marker": 0, "current_count": 1});
    assert_eq!(list, json!({"async_invoke_configs": [expected], "count": 1, "page_info": page}));

    assert_eq!(app.delete(CONFIG).await.expect(204), Value::Null);
    app.get(CONFIG).await.refused(404, "FSS.1086");
}

#[tokio::test]
async fn each_version_has_its_configuration_and_aliases_have_none() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    app.post("/fgs/functions/f/aliases", json!({"name": "prod", "version": "v1"})).await.expect(200);
    let config = |qualifier: &str| format!("/fgs/functions/p1:default:f:{qualifier}/async-invoke-config");
    for version in ["v1", "latest"] {
        app.put(&config(version), json!({"max_async_retry_attempts": 2})).await.expect(200);
    }
    let list = app.get("/fgs/functions/f/async-invoke-configs?limit=1&marker=1").await.expect(200);
    assert_eq!(list["count"], 2);
    assert!(list["async_invoke_configs"][0]["func_urn"].as_str().unwrap().ends_with(":f:v1"), "{list}");
    app.put(&config("v9"), json!({})).await.refused(404, "FSS.1052");
    app.get(&config("v9")).await.refused(404, "FSS.1052");
    app.put(&config("!prod"), json!({})).await.refused(400, "FSS.1081");
}

#[tokio::test]
async fn a_wrong_configuration_is_refused_with_its_code() {
    let app = with_function("echo").await;
    let to =
        |kind: &str, param: &str| json!({"destination_config": {"on_failure": {"destination": kind, "param": param}}});
    for body in [
        json!({"max_async_event_age_in_seconds": 0}),
        json!({"max_async_event_age_in_seconds": -1}),
        json!({"max_async_event_age_in_seconds": 86_401}),
        json!({"max_async_retry_attempts": 4}),
        json!({"max_async_retry_attempts": -1}),
        json!({"max_async_retry_attempts": 300}),
        to("MQ", "{}"),
        to("OBS", ""),
        to("OBS", "{\"bucket\":\"\"}"),
        to("OBS", "{\"bucket\":\"b\",\"expires\":366}"),
        to("SMN", "{\"topic\":\"t\"}"),
        to("DIS", "{\"stream_name\":\"\"}"),
        to("FunctionGraph", "{\"func_urn\":\"urn:fss:local:p2:function:default:f\"}"),
        to("FunctionGraph", "{\"func_urn\":\"a:b:c:d:e\"}"),
    ] {
        app.put(CONFIG, body.clone()).await.refused(400, "FSS.1081");
        app.get(CONFIG).await.refused(404, "FSS.1086");
    }
    app.put(CONFIG, json!({"max_async_retry_attempts": "many"})).await.refused(400, "FSS.0400");
    app.put("/fgs/functions/g/async-invoke-config", json!({})).await.refused(404, "FSS.1051");
    app.get("/fgs/functions/g/async-invoke-configs").await.refused(404, "FSS.1051");
    app.get(&format!("{CONFIG}s?limit=-1")).await.refused(400, "FSS.1001");
}

#[tokio::test]
async fn requests_are_listed_with_what_became_of_them() {
    let app = with_function("echo").await;
    deploy(&app, "g", "fail").await;
    let good = accept(&app, "f").await;
    let bad = accept(&app, "g").await;
    app.runtime.settle().await;
    let list = app.get(REQUESTS).await.expect(200);
    let request = json!({
        "request_id": good, "status": "SUCCESS", "error_message": "", "error_code": 0,
        "start_time": "2025-01-01T00:00:00Z", "end_time": "2025-01-01T00:00:00Z",
    });
    assert_eq!(list, json!({"invocations": [request], "count": 1, "next_marker": 1}));
    let list = app.get("/fgs/functions/g/async-invocations").await.expect(200);
    let request = &list["invocations"][0];
    assert_eq!((&request["request_id"], &request["status"]), (&json!(bad), &json!("FAIL")));
    assert_eq!(request["error_code"], 4002);
    assert!(!request["error_message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn requests_are_filtered_and_paged() {
    let app = with_function("echo").await;
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(accept(&app, "f").await);
        app.runtime.settle().await;
        app.runtime.advance(Duration::from_secs(1800)).await;
    }
    let listed = async |query: &str| {
        let list = app.get(&format!("{REQUESTS}?{query}")).await.expect(200);
        let places = ids(&list).iter().map(|id| all.iter().position(|one| one == id).unwrap()).collect::<Vec<_>>();
        (places, list["count"].as_u64().unwrap(), list["next_marker"].as_u64().unwrap())
    };
    assert_eq!(listed("").await, (vec![1, 2], 2, 2), "those of the last hour");
    let ever = "query_begin_time=2025-01-01T00:00:00";
    assert_eq!(listed(ever).await.0, [0, 1, 2]);
    assert_eq!(listed(&format!("{ever}&query_end_time=2025-01-01T00:30:00")).await.0, [0, 1]);
    assert_eq!(listed(&format!("{ever}&limit=2")).await, (vec![0, 1], 3, 2));
    assert_eq!(listed(&format!("{ever}&limit=2&marker=2")).await, (vec![2], 3, 3));
    assert_eq!(listed(&format!("{ever}&request_id={}", all[1])).await.0, [1]);
    assert_eq!(listed(&format!("{ever}&status=SUCCESS")).await.1, 3);
    assert_eq!(listed(&format!("{ever}&status=FAIL")).await.1, 0);
    let version = format!("/fgs/functions/p1:default:f:v1/async-invocations?{ever}");
    assert_eq!(app.get(&version).await.expect(200)["count"], 0);
}

/// A request is kept under the name that it was called by: which version an alias led to is known when it runs, which may
/// be several times.
#[tokio::test]
async fn requests_are_listed_under_the_name_that_they_were_called_by() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    app.post("/fgs/functions/f/aliases", json!({"name": "prod", "version": "v1"})).await.expect(200);
    let by_version = accept(&app, "p1:default:f:v1").await;
    let by_alias = accept(&app, "p1:default:f:!prod").await;
    app.runtime.settle().await;
    for (urn, mut expected) in [
        ("p1:default:f:v1", vec![&by_version]),
        ("p1:default:f:!prod", vec![&by_alias]),
        ("p1:default:f:latest", vec![]),
        ("p1:default:f", vec![&by_version, &by_alias]),
    ] {
        let list = app.get(&format!("/fgs/functions/{urn}/async-invocations")).await.expect(200);
        let mut found = ids(&list);
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{urn}");
    }
}

#[tokio::test]
async fn a_request_that_runs_is_active_until_it_is_cancelled() {
    let app = with_function("doze").await;
    let id = accept(&app, "f").await;
    let active = app.get(ACTIVE).await.expect(200);
    assert_eq!(ids(&active), [id.as_str()]);
    assert_eq!(app.get(&format!("{ACTIVE}?requests={id}&status=SUCCESS")).await.expect(200)["count"], 0);
    assert_eq!(app.post(CANCEL, json!({"request_id": id, "type": "force"})).await.expect(200), Value::Null);
    app.runtime.settle().await;
    assert_eq!(app.get(ACTIVE).await.expect(200)["count"], 0);
    let list = app.get(&format!("{REQUESTS}?request_id={id}")).await.expect(200);
    let request = &list["invocations"][0];
    assert_eq!((&request["status"], &request["error_code"]), (&json!("FAIL"), &json!(4208)));
    // It has ended, and stays as it is.
    app.post(CANCEL, json!({"request_id": id})).await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_listed_or_cancelled_is_refused_with_its_code() {
    let app = with_function("echo").await;
    deploy(&app, "g", "echo").await;
    let others = accept(&app, "g").await;
    app.runtime.settle().await;
    let unknown = "00000000-0000-0000-0000-000000000000";
    for body in [
        json!({"request_id": "x"}),
        json!({"request_id": unknown}),
        json!({"request_id": others}),
        json!({"request_id": unknown, "type": "recursive"}),
        json!({}),
    ] {
        app.post(CANCEL, body).await.refused(400, "FSS.0400");
    }
    for query in ["status=DONE", "limit=-1", "marker=x", "query_begin_time=now", "query_end_time=now"] {
        app.get(&format!("{REQUESTS}?{query}")).await.refused(400, "FSS.1001");
        app.get(&format!("{ACTIVE}?{query}")).await.refused(400, "FSS.1001");
    }
    app.get(&format!("{REQUESTS}?request_id=x")).await.refused(400, "FSS.0400");
    let many = [unknown; 11].join(",");
    app.get(&format!("{ACTIVE}?requests={many}")).await.refused(400, "FSS.0400");
    for path in ["async-invocations", "active-async-invocations"] {
        app.get(&format!("/fgs/functions/nobody/{path}")).await.refused(404, "FSS.1051");
        app.get(&format!("/fgs/functions/p2:default:f/{path}")).await.refused(404, "FSS.1051");
    }
    app.post("/fgs/functions/nobody/cancel", json!({"request_id": others})).await.refused(404, "FSS.1051");
}
