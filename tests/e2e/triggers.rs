//! One function that is called by what happens outside: a timer, the gateway, a bucket and a topic.

use crate::support::{Ran, environment};
use fngraph_test_support::{Setup, TestServer, guests, programs};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
    thread,
    time::Duration,
};

/// How often something that comes true by and by is asked for, and the pause in between: half a minute in all.
const TRIES: u32 = 300;
const PAUSE: Duration = Duration::from_millis(100);

#[track_caller]
fn types(server: &TestServer, args: &[&str]) -> Ran {
    let mut command = Command::new(programs::fngraph());
    command.args(args).env("FNGRAPH_ENDPOINT", server.endpoint()).env("FNGRAPH_PROJECT_ID", "local");
    command.env("XDG_CONFIG_HOME", "/nowhere").envs(environment());
    Ran::of(command.output().unwrap()).success()
}

/// The function's events that hold a text, as soon as there is one.
#[track_caller]
fn event(server: &TestServer, text: &str) -> Value {
    for _ in 0..TRIES {
        let log = types(server, &["logs", "events"]).stdout;
        let line = log.lines().find(|line| line.contains(text));
        if let Some(line) = line {
            let (begin, end) = (line.find('{').unwrap(), line.rfind('}').unwrap());
            return serde_json::from_str(&line[begin..=end]).unwrap_or_else(|error| panic!("{error}: {line}"));
        }
        thread::park_timeout(PAUSE);
    }
    panic!("no event with {text}");
}

/// The answer to a GET, with its head.
fn get(url: &str) -> String {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_function_sees_the_events_of_a_timer_the_gateway_a_bucket_and_a_topic() {
    let setup = Setup::new();
    let buckets = setup.directory().join("buckets");
    let setup = setup.config(&format!(
        "buckets = {:?}\ntimezone = 'Asia/Shanghai'\ngateway = '127.0.0.1:0'\n",
        buckets.to_str().unwrap()
    ));
    let server = setup.start();
    let wasm = guests::faults().to_str().unwrap();
    let hooks = ["--initializer", "none", "--pre-stop", "none"];
    types(&server, &[&["deploy", wasm, "--name", "events", "--handler", "write_log"], hooks.as_slice()].concat());
    let mut invoke_url = String::new();
    for (kind, data) in [
        ("TIMER", json!({ "name": "often", "schedule_type": "Cron", "schedule": "@every 1s", "user_event": "tick" })),
        (
            "APIG",
            json!({
                "name": "api_events", "path": "/events", "req_method": "GET", "auth": "NONE", "match_mode": "NORMAL",
                "protocol": "HTTP", "func_info": { "timeout": 5000 }, "group_id": "g1", "env_name": "RELEASE",
                "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "sl_domain": "", "backend_type": "FUNCTION", "type": 1,
            }),
        ),
        ("SMN", json!({ "topic_urn": "urn:smn:local:local:orders" })),
        ("OBS", json!({ "name": "photos", "bucket": "photos", "events": ["s3:ObjectCreated:*"], "suffix": ".png" })),
    ] {
        let body = json!({ "trigger_type_code": kind, "trigger_status": "ACTIVE", "event_data": data });
        let created = server
            .post("/v2/local/fgs/triggers/urn:fss:local:local:function:default:events", &body)
            .success(201)
            .json();
        assert_eq!(created["trigger_status"], "ACTIVE");
        if let Some(url) = created["event_data"]["invoke_url"].as_str() {
            url.clone_into(&mut invoke_url);
        }
    }
    let timer = event(&server, "\"trigger_type\":\"TIMER\"");
    assert_eq!((&timer["trigger_name"], &timer["user_event"]), (&json!("often"), &json!("tick")));
    assert!(timer["time"].as_str().unwrap().ends_with("+08:00"), "{timer}");

    // What the function answers is nothing that the gateway could; what it was asked is what counts here.
    let answer = get(&format!("{invoke_url}?a=1"));
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("FSS.1206"), "{answer}");
    let asked = event(&server, "\"httpMethod\":\"GET\"");
    assert_eq!((&asked["path"], &asked["queryStringParameters"]["a"]), (&json!("/events"), &json!("1")));
    assert_eq!((&asked["isBase64Encoded"], &asked["requestContext"]["stage"]), (&json!(true), &json!("RELEASE")));

    fs::write(buckets.join("photos/cat.png"), "meow").unwrap();
    let put = event(&server, "ObjectCreated:Put");
    assert_eq!(put["Records"][0]["s3"]["object"]["key"], "cat.png");

    let published =
        types(&server, &["publish", "orders", "order 7", "--subject", "paid", "--attribute", "shop=berlin"]);
    let smn = event(&server, "\"event_source\":\"smn\"")["record"][0]["smn"].clone();
    assert_eq!((&smn["message"], &smn["subject"]), (&json!("order 7"), &json!("paid")));
    assert_eq!(smn["message_attributes"], json!({ "shop": "berlin" }));
    assert_eq!(smn["message_id"], published.stdout.trim());
    assert!(published.stderr.contains("urn:smn:local:local:orders"), "{published:?}");
    let topic = setup.directory().join("data/destinations/smn/urn:smn:local:local:orders.jsonl");
    assert_eq!(fs::read_to_string(topic).unwrap().lines().count(), 1);
    server.stop();
}
