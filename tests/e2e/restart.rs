//! What was created outlives the server, however that ends.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_test_support::{TestServer, guests, package};
use serde_json::{Value, json};
use std::{thread, time::Duration};

const PROJECT: &str = "/v2/0123456789abcdef0123456789abcdef";

/// How often something that comes true by and by is asked for, and the pause in between: half a minute in all.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// Asks for a path until the answer is right.
#[track_caller]
fn eventually(server: &TestServer, path: &str, is_right: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..TRIES {
        let answer = server.get(path).success(200).json();
        if is_right(&answer) {
            return answer;
        }
        thread::park_timeout(PAUSE);
    }
    panic!("{path} never answered as it should: {}", server.get(path));
}

fn create(server: &TestServer, name: &str, entry: &str) -> String {
    let body = json!({
        "func_name": name, "package": "default", "runtime": "Custom", "timeout": 60, "memory_size": 128,
        "handler": format!("faults.{entry}"), "code_type": "zip", "code_filename": "faults.zip",
        "func_code": {"file": BASE64_STANDARD.encode(package(&[("faults.wasm", guests::faults())]))},
        "user_data": json!({"COLOUR": "blue"}).to_string(),
        "encrypted_user_data": json!({"PASSWORD": "tea"}).to_string(),
    });
    let created = server.post(&format!("{PROJECT}/fgs/functions"), &body).success(200).json();
    created["func_urn"].as_str().unwrap().trim_end_matches(":latest").to_owned()
}

/// The paths whose answers must be the same before and after.
fn lasting(urn: &str) -> Vec<String> {
    let paths = [
        "fgs/functions/{urn}/config",
        "fgs/functions/{urn}/code",
        "fgs/functions/{urn}/versions",
        "fgs/functions/{urn}:v1/config",
        "fgs/functions/{urn}/aliases",
        "fgs/functions/{urn}/events",
        "fgs/functions/{urn}/async-invoke-config",
        "fgs/functions/reservedinstanceconfigs",
        "functions/{urn}/tags",
        "fgs/functions",
    ];
    paths.iter().map(|path| format!("{PROJECT}/{}", path.replace("{urn}", urn))).collect()
}

/// What a path answers, without where the code can be fetched: that names the port.
fn asked(server: &TestServer, path: &str) -> Value {
    let mut answer = server.get(path).success(200).json();
    answer.as_object_mut().and_then(|answer| answer.remove("func_code"));
    answer
}

/// Creates one of everything, ends the server in this way, and looks for it all.
fn everything_is_there_after(restart: impl Fn(TestServer) -> TestServer) {
    let server = TestServer::start();
    let urn = create(&server, "kept", "context");
    let of = |rest: &str| format!("{PROJECT}/fgs/functions/{urn}{rest}");
    let _ = server.post(&of("/versions"), &json!({"version": "v1", "description": "first"})).success(200);
    let _ = server.post(&of("/aliases"), &json!({"name": "live", "version": "v1"})).success(200);
    let _ = server.post(&of("/events"), &json!({"name": "event", "content": "e30="})).success(200);
    let settings = json!({"max_async_event_age_in_seconds": 600, "max_async_retry_attempts": 0});
    let _ = server.put(&of("/async-invoke-config"), &settings).success(200);
    let tags = json!({"tags": [{"key": "team", "value": "red"}]});
    let _ = server.post(&format!("{PROJECT}/functions/{urn}/tags/create"), &tags).success(204);
    let _ = server.put(&of(":!live/reservedinstances"), &json!({"count": 1})).success(200);
    // The last thing before the end: its answer is the promise.
    let accepted = server.post(&of("/invocations-async"), &json!({})).success(202).json();
    let request = accepted["request_id"].as_str().unwrap().to_owned();
    let before: Vec<Value> = lasting(&urn).iter().map(|path| asked(&server, path)).collect();

    let server = restart(server);

    for (path, before) in lasting(&urn).iter().zip(before) {
        assert_eq!(asked(&server, path), before, "{path}");
    }
    let reserved = format!("{PROJECT}/fgs/functions/reservedinstances?urn={urn}:!live");
    eventually(&server, &reserved, |answer| answer["reservedinstances"][0]["count"] == 1);
    let requests = of(&format!("/async-invocations?request_id={request}"));
    eventually(&server, &requests, |answer| answer["invocations"][0]["status"] == "SUCCESS");
    let seen = server.post(&of(":!live/invocations"), &json!({})).success(200).json();
    assert_eq!((&seen["version"], &seen["colour"]), (&json!("v1"), &json!("blue")), "{seen}");
    server.stop();
}

#[test]
fn everything_is_there_after_a_stop() {
    everything_is_there_after(TestServer::restart);
}

#[test]
fn everything_is_there_after_a_kill() {
    everything_is_there_after(TestServer::kill_and_restart);
}

/// The request was running when the server died, so it runs again.
#[test]
fn a_request_that_was_running_at_a_kill_runs_again() {
    let server = TestServer::start();
    let urn = create(&server, "interrupted", "spin");
    let of = |rest: &str| format!("{PROJECT}/fgs/functions/{urn}{rest}");
    let accepted = server.post(&of("/invocations-async"), &json!({})).success(202).json();
    let path = of(&format!("/async-invocations?request_id={}", accepted["request_id"].as_str().unwrap()));
    eventually(&server, &path, |answer| answer["invocations"][0]["status"] == "RUNNING");
    let server = server.kill_and_restart();
    eventually(&server, &path, |answer| answer["invocations"][0]["status"] == "RUNNING");
    let cancel = json!({"request_id": accepted["request_id"], "type": "force"});
    let _ = server.post(&of("/cancel"), &cancel).success(200);
    server.stop();
}

/// What was deleted stays deleted.
#[test]
fn nothing_comes_back_after_a_kill() {
    let server = TestServer::start();
    let urn = create(&server, "gone", "echo");
    let _ = server.delete(&format!("{PROJECT}/fgs/functions/{urn}")).success(204);
    let server = server.kill_and_restart();
    server.get(&format!("{PROJECT}/fgs/functions/{urn}/config")).failure(404, "FSS.1051");
    server.stop();
}
