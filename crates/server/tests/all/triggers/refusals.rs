//! What is refused, and with which code.

use super::{TRIGGERS, TriggerApp, bucket, gateway, grid, path, timer, topic};
use crate::deployed::{deploy, publish};
use serde_json::{Map, Value, json};

/// Members of a valid trigger, exchanged one at a time for others, and the code that each is refused with. Null takes
/// the member away.
type Table<'a> = &'a [(&'a str, Value, &'a str)];

async fn check(kind: &str, valid: &Value, table: Table<'_>) {
    let app = TriggerApp::new().await;
    for (member, value, code) in table {
        let mut data = valid.clone();
        data[*member] = value.clone();
        let answer = app.creates(kind, &data).await;
        answer.refused(400, code);
        let text = answer.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(!text.contains("``"), "{member}: {text}");
    }
    assert!(app.all(TRIGGERS).await.is_empty());
    let created = app.created(kind, valid).await;
    for (member, value, code) in table.iter().filter(|(_, value, _)| !value.is_null()) {
        let change = Value::Object(Map::from_iter([((*member).to_owned(), value.clone())]));
        app.put(&path(kind, &created), json!({"event_data": [change]})).await.refused(400, code);
    }
    assert_eq!(app.all(TRIGGERS).await, [created]);
    // What was made once cannot be made twice.
    if valid.get("name").is_some() || kind == "SMN" {
        let answer = app.creates(kind, valid).await;
        assert!(matches!(answer.status.as_u16(), 403 | 409), "{answer:?}");
    }
}

#[tokio::test]
async fn timers() {
    let code = "FSS.1109";
    check(
        "TIMER",
        &timer(),
        &[
            ("schedule_type", Value::Null, code),
            ("schedule_type", json!("rate"), code),
            ("schedule", Value::Null, code),
            ("schedule", json!("61m"), code),
            ("schedule", json!("25h"), code),
            ("schedule", json!("31d"), code),
            ("schedule", json!("@every 3m"), code),
            ("name", json!("1st"), code),
            ("name", json!("x".repeat(65)), code),
            ("user_event", json!("x".repeat(2049)), code),
            ("user_event", json!("x".repeat(17_000)), code),
        ],
    )
    .await;
    let cron = json!({"name": "c", "schedule_type": "Cron", "schedule": "0 0 12 ? * *"});
    check(
        "TIMER",
        &cron,
        &[
            ("schedule", json!("3m"), code),
            ("schedule", json!("0 0 24 ? * *"), code),
            ("schedule", json!("CRON_TZ=Mars/Crater 0 0 12 ? * *"), code),
            ("schedule", json!("@daily"), code),
        ],
    )
    .await;
}

#[tokio::test]
async fn apis() {
    let code = "FSS.1107";
    check(
        "APIG",
        &gateway(),
        &[
            ("path", Value::Null, code),
            ("path", json!("shop"), code),
            ("auth", Value::Null, code),
            ("auth", json!("none"), code),
            ("func_info", Value::Null, code),
            ("func_info", json!({"timeout": 0}), code),
            ("func_info", json!({"timeout": -1}), code),
            ("func_info", json!({"timeout": 60_001}), code),
            ("func_info", json!({"timeout": 1, "invocation_type": "later"}), code),
            ("func_info", json!({"timeout": 1, "version": "v9"}), code),
            ("func_info", json!({"timeout": 1, "version": "-"}), code),
            ("func_info", json!({"timeout": 1, "function_urn": "urn:fss:local:p1:function:default:g"}), code),
            ("func_info", json!({"timeout": 1, "function_urn": ":"}), code),
            ("type", json!(3), code),
            ("protocol", json!("GRPC"), code),
            ("req_method", json!("TRACE"), code),
            ("match_mode", json!("REGEX"), code),
            ("backend_type", json!("HTTP"), code),
            ("name", json!("1"), code),
            ("sl_domain", json!("a b"), code),
        ],
    )
    .await;
}

#[tokio::test]
async fn buckets() {
    let code = "FSS.1106";
    let faults = [
        ("bucket", Value::Null, code),
        ("bucket", json!("../x"), code),
        ("events", Value::Null, code),
        ("events", json!([]), code),
        ("events", json!(["s3:ObjectMoved:*"]), code),
        ("prefix", json!("x".repeat(1025)), code),
        ("suffix", json!("x".repeat(1025)), code),
        ("name", json!("x".repeat(256)), code),
    ];
    check("OBS", &bucket(), &faults).await;
    let code = "FSS.0400";
    check(
        "EVENTGRID",
        &grid(),
        &[
            ("source_name", Value::Null, code),
            ("bucket", Value::Null, code),
            ("bucket", json!("B"), code),
            ("event_types", Value::Null, code),
            ("event_types", json!([]), code),
            ("event_types", json!(["OBS:DWR:ObjectCreated:MOVE"]), code),
            ("status", json!("SLEEPING"), code),
        ],
    )
    .await;
}

#[tokio::test]
async fn topics() {
    let code = "FSS.1102";
    check(
        "SMN",
        &topic(),
        &[
            ("topic_urn", Value::Null, code),
            ("topic_urn", json!(""), code),
            ("topic_urn", json!("orders"), code),
            ("topic_urn", json!("urn:smn:local:p2:orders"), code),
            ("topic_urn", json!(format!("urn:smn:local:p1:{}", "x".repeat(256))), code),
        ],
    )
    .await;
}

#[tokio::test]
async fn types_and_states() {
    let app = TriggerApp::new().await;
    for kind in ["", "timer", "CRON", "GeminiDB", &"x".repeat(1000)] {
        app.creates(kind, &timer()).await.refused(400, "FSS.1101");
    }
    app.post(TRIGGERS, json!({"event_data": timer()})).await.refused(400, "FSS.0400");
    app.post(TRIGGERS, json!({"trigger_type_code": "TIMER"})).await.refused(400, "FSS.1109");
    let body = |kind: &str, status: &str, data: Value| json!({"trigger_type_code": kind, "trigger_status": status, "event_data": data});
    app.post(TRIGGERS, body("TIMER", "active", timer())).await.refused(400, "FSS.1109");
    // These can only be deleted.
    app.post(TRIGGERS, body("APIG", "DISABLED", gateway())).await.refused(400, "FSS.1107");
    app.post(TRIGGERS, body("OBS", "DISABLED", bucket())).await.refused(400, "FSS.1106");
    app.post(TRIGGERS, body("SMN", "DISABLED", topic())).await.refused(400, "FSS.1102");
    let created = app.created("SMN", &topic()).await;
    app.put(&path("SMN", &created), json!({"trigger_status": "DISABLED"})).await.refused(400, "FSS.1102");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = TriggerApp::new().await;
    let created = app.created("TIMER", &timer()).await;
    let id = created["trigger_id"].as_str().unwrap();
    for (kind, status, code) in [
        ("APIG", 404, "FSS.1138"),
        ("DEDICATEDGATEWAY", 404, "FSS.1138"),
        ("APIC", 404, "FSS.1138"),
        ("OBS", 404, "FSS.1136"),
        ("SMN", 404, "FSS.1132"),
        ("CTS", 400, "FSS.1301"),
        ("DDS", 404, "FSS.1163"),
        ("GeminiDB%20Mongo", 404, "FSS.1163"),
        ("DMS", 404, "FSS.1133"),
        ("DIS", 404, "FSS.1134"),
        ("LTS", 404, "FSS.1160"),
        ("KAFKA", 404, "FSS.1174"),
        ("OPENSOURCEKAFKA", 404, "FSS.1174"),
        ("RABBITMQ", 404, "FSS.1131"),
        ("ROCKETMQ", 404, "FSS.1131"),
        ("EVENTGRID", 404, "FSS.1131"),
        ("IOTDA", 404, "FSS.1131"),
        ("CRON", 404, "FSS.1137"),
    ] {
        // It is there, but of another type.
        let path = format!("{TRIGGERS}/{kind}/{id}");
        app.get(&path).await.refused(status, code);
        app.put(&path, json!({"trigger_status": "ACTIVE"})).await.refused(status, code);
        app.delete(&path).await.refused(status, code);
    }
    app.get(&format!("{TRIGGERS}/TIMER/1")).await.refused(404, "FSS.1140");
    let other = "/fgs/triggers/g";
    app.get(other).await.refused(404, "FSS.1051");
    app.delete(other).await.refused(404, "FSS.1051");
    app.post(other, json!({"trigger_type_code": "CRON"})).await.refused(404, "FSS.1051");
    app.get(&format!("{other}/TIMER/{id}")).await.refused(404, "FSS.1051");
    let missing = json!({"trigger_type_code": "TIMER", "event_data": timer()});
    app.post("/fgs/triggers/p1:default:f:v9", missing.clone()).await.refused(404, "FSS.1052");
    app.post("/fgs/triggers/p1:default:f:!no", missing.clone()).await.refused(404, "FSS.1053");
    app.post("/fgs/triggers/p2:default:f", missing).await.refused(404, "FSS.1051");
    app.delete("/fgs/triggers/p1:default:f:v9").await.refused(404, "FSS.1052");
}

#[tokio::test]
async fn functions_get_in_each_others_way() {
    let app = TriggerApp::new().await;
    deploy(&app, "g", "echo").await;
    app.created("APIG", &gateway()).await;
    app.created("OBS", &bucket()).await;
    let other = async |kind: &str, data: Value| {
        app.post("/fgs/triggers/g", json!({"trigger_type_code": kind, "event_data": data})).await
    };
    let mut same = gateway();
    same["path"] = json!("/shop/{number}");
    other("APIG", same.clone()).await.refused(409, "FSS.1147");
    same["path"] = json!("/shop");
    let moved = other("APIG", same).await.expect(201);
    let moved = format!("/fgs/triggers/g/APIG/{}", moved["trigger_id"].as_str().unwrap());
    app.put(&moved, json!({"event_data": {"path": "/shop/{x}"}})).await.refused(409, "FSS.1147");

    let mut overlapping = bucket();
    overlapping["events"] = json!(["Put"]);
    overlapping["prefix"] = json!("a/");
    other("OBS", overlapping.clone()).await.refused(403, "FSS.1108");
    overlapping["bucket"] = json!("others");
    other("OBS", overlapping).await.expect(201);
}

#[tokio::test]
async fn triggers_are_few() {
    let app = TriggerApp::empty().await;
    publish(&app, "f", "v1").await;
    let kafka = |number: usize| json!({"instance_id": "i", "topic_ids": [format!("t{number}")], "batch_size": 100});
    for number in 0..10 {
        app.created("KAFKA", &kafka(number)).await;
    }
    app.creates("KAFKA", &kafka(10)).await.refused(400, "FSS.1306");
    app.creates("TIMER", &timer()).await.refused(400, "FSS.1306");
    // The version has room, but the function polls enough.
    let of = "/fgs/triggers/p1:default:f:v1";
    app.post(of, json!({"trigger_type_code": "KAFKA", "event_data": kafka(0)})).await.refused(403, "FSS.1123");
    app.post(of, json!({"trigger_type_code": "TIMER", "event_data": timer()})).await.expect(201);
}
