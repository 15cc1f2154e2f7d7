//! Triggers of services that are not here.

use super::{TRIGGERS, TriggerApp, path};
use serde_json::{Value, json};

/// Each kind with members that are enough, and with others that it takes.
fn kinds() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("CTS", json!({"name": "audit", "operations": ["FunctionGraph:Functions:createFunction"]}), json!({})),
        (
            "DDS",
            json!({"instance_id": "i", "db_name": "d", "collection_name": "c", "db_password": "hunter2", "batch_size": 1}),
            json!({"db_user": "u", "mode": "ReplicaSet", "instance_addrs": ["a:1"]}),
        ),
        (
            "DMS",
            json!({"queue_id": "q", "consumer_group_id": "g", "polling_interval": 30}),
            json!({"polling_unit": "s"}),
        ),
        (
            "DIS",
            json!({"stream_name": "s", "sharditerator_type": "LATEST", "polling_interval": 30, "polling_unit": "s",
                "is_serial": "true", "batch_size": 10_000}),
            json!({"max_fetch_bytes": 4_194_304}),
        ),
        ("LTS", json!({"log_group_id": "g", "log_topic_id": "t"}), json!({})),
        (
            "KAFKA",
            json!({"instance_id": "i", "topic_ids": ["t"], "batch_size": 1000}),
            json!({"kafka_ssl_enable": true, "kafka_user": "u", "kafka_password": "hunter2",
                "kafka_connect_address": "a:9092"}),
        ),
        ("OPENSOURCEKAFKA", json!({"topic_ids": ["t"], "kafka_connect_address": "a:9092"}), json!({"batch_size": 1})),
        (
            "RABBITMQ",
            json!({"instance_id": "i", "exchange_name": "e", "access_password": "hunter2", "batch_size": 1000}),
            json!({"vhost": "v", "access_user": "u", "connect_address": "a:1", "ssl_enable": true}),
        ),
        ("ROCKETMQ", json!({"instance_id": "i", "topic_ids": ["t"]}), json!({"batch_size": 9})),
        ("GeminiDB Mongo", json!({"instance_id": "i", "db_name": "d"}), json!({"mode": "Single", "batch_size": 3})),
        ("IOTDA", json!({}), json!({"rule": {"resource": "device.property"}})),
        ("EVENTGRID", json!({"source_name": "HC.EG"}), json!({"trigger_name": "n", "event_types": ["a:b"]})),
    ]
}

fn both(one: &Value, other: &Value) -> Value {
    let mut both = one.as_object().unwrap().clone();
    both.extend(other.as_object().unwrap().clone());
    Value::Object(both)
}

#[tokio::test]
async fn each_kind_is_kept_and_never_fires() {
    let app = TriggerApp::new().await;
    for (kind, enough, more) in kinds() {
        let body = json!({"trigger_type_code": kind, "trigger_status": "ACTIVE", "event_data": enough});
        let answer = app.post(TRIGGERS, body).await;
        answer.refused(412, "FSS.1153");
        assert!(answer.json()["error_msg"].as_str().unwrap().contains("is not here"), "{answer:?}");

        let created = app.created(kind, &both(&enough, &more)).await;
        assert_eq!((&created["trigger_status"], &created["trigger_type_code"]), (&json!("DISABLED"), &json!(kind)));
        for (name, value) in both(&enough, &more).as_object().unwrap() {
            let expected = if name.contains("password") { json!("******") } else { value.clone() };
            assert_eq!(created["event_data"][name], expected, "{kind} {name}");
        }
        assert!(!created.to_string().contains("hunter2"), "{created}");
        let path = path(kind, &created);
        assert_eq!(app.get(&path).await.expect(200), created);
        app.put(&path, json!({"trigger_status": "ACTIVE"})).await.refused(412, "FSS.1153");
        // What was answered may be sent back.
        let same = json!({"trigger_status": "DISABLED", "event_data": created["event_data"]});
        assert_eq!(app.put(&path, same).await.expect(200), created, "{kind}");
        app.delete(&path).await.expect(204);
    }
    assert!(app.all(TRIGGERS).await.is_empty());
}

#[tokio::test]
async fn what_is_enough_is_enough_and_each_member_of_it_is_needed() {
    let app = TriggerApp::new().await;
    for (kind, enough, _) in kinds() {
        let created = app.created(kind, &enough).await;
        app.delete(&path(kind, &created)).await.expect(204);
        let is_free = matches!(kind, "OPENSOURCEKAFKA" | "ROCKETMQ" | "GeminiDB Mongo" | "IOTDA");
        for name in enough.as_object().unwrap().keys().filter(|_| !is_free) {
            for nothing in [Value::Null, json!("")] {
                let mut data = enough.clone();
                data[name.as_str()] = nothing;
                if data[name.as_str()].is_string() && !enough[name.as_str()].is_string() {
                    continue;
                }
                let code = match (kind, name.as_str()) {
                    ("CTS", "name") => "FSS.1312",
                    ("CTS", "operations") => "FSS.1314",
                    ("DDS", _) => "FSS.1164",
                    ("DMS", _) => "FSS.1103",
                    ("DIS", _) => "FSS.1104",
                    ("LTS", _) => "FSS.1110",
                    ("KAFKA", _) => "FSS.1112",
                    _ => "FSS.0400",
                };
                let answer = app.creates(kind, &data).await;
                answer.refused(400, code);
                assert!(answer.json()["error_msg"].as_str().unwrap().contains(name.as_str()), "{kind}: {answer:?}");
            }
        }
    }
    assert!(app.all(TRIGGERS).await.is_empty());
}

#[tokio::test]
async fn members_have_words_and_ranges() {
    let app = TriggerApp::new().await;
    let operations = |count: usize| (0..count).map(|number| format!("s:r:o{number}")).collect::<Vec<_>>();
    let faults = [
        ("CTS", "name", json!("x".repeat(65)), "FSS.1317"),
        ("CTS", "name", json!("a b"), "FSS.1305"),
        ("CTS", "operations", json!([]), "FSS.1314"),
        ("CTS", "operations", json!(["a:b"]), "FSS.1318"),
        ("CTS", "operations", json!(["a::c"]), "FSS.1318"),
        ("CTS", "operations", json!(["a:b:c", "a:b:c"]), "FSS.1316"),
        ("CTS", "operations", json!(operations(101)), "FSS.1313"),
        ("DDS", "batch_size", json!(0), "FSS.1164"),
        ("DDS", "batch_size", json!(10_001), "FSS.1164"),
        ("DDS", "mode", json!("Cluster"), "FSS.1164"),
        ("DDS", "instance_addrs", json!([]), "FSS.1164"),
        ("DDS", "instance_addresses", json!([""]), "FSS.1164"),
        ("DDS", "db_name", json!("x".repeat(1025)), "FSS.1164"),
        ("DMS", "polling_interval", json!(0), "FSS.1103"),
        ("DMS", "polling_unit", json!("m"), "FSS.1103"),
        ("DIS", "sharditerator_type", json!("latest"), "FSS.1104"),
        ("DIS", "polling_interval", json!(-1), "FSS.1104"),
        ("DIS", "polling_unit", json!("m"), "FSS.1104"),
        ("DIS", "is_serial", json!("maybe"), "FSS.1104"),
        ("DIS", "max_fetch_bytes", json!(-1), "FSS.1104"),
        ("DIS", "max_fetch_bytes", json!(4_194_305), "FSS.1104"),
        ("DIS", "batch_size", json!(10_001), "FSS.1104"),
        ("KAFKA", "batch_size", json!(1001), "FSS.1112"),
        ("KAFKA", "topic_ids", json!([]), "FSS.1112"),
        ("KAFKA", "kafka_ssl_enable", json!(true), "FSS.1113"),
        ("OPENSOURCEKAFKA", "batch_size", json!(0), "FSS.1112"),
        ("RABBITMQ", "batch_size", json!(1001), "FSS.0400"),
        ("ROCKETMQ", "batch_size", json!(1001), "FSS.0400"),
        ("GeminiDB Mongo", "mode", json!("x"), "FSS.1164"),
        ("EVENTGRID", "event_types", json!([""]), "FSS.0400"),
    ];
    for (kind, member, value, code) in faults {
        let (_, enough, _) = kinds().into_iter().find(|(one, _, _)| *one == kind).unwrap();
        let mut data = enough;
        data[member] = value.clone();
        app.creates(kind, &data).await.refused(400, code);
    }
    assert!(app.all(TRIGGERS).await.is_empty());
}

#[tokio::test]
async fn one_source_has_one_trigger() {
    let app = TriggerApp::new().await;
    for (kind, enough, more) in kinds() {
        let code = match kind {
            "CTS" => (400, "FSS.1307"),
            "DDS" => (409, "FSS.1166"),
            "DMS" => (409, "FSS.1142"),
            "DIS" => (409, "FSS.1143"),
            "LTS" => (409, "FSS.1149"),
            "KAFKA" => (409, "FSS.1150"),
            _ => continue,
        };
        let created = app.created(kind, &enough).await;
        app.creates(kind, &both(&enough, &more)).await.refused(code.0, code.1);
        app.delete(&path(kind, &created)).await.expect(204);
    }
}

#[tokio::test]
async fn streams_are_polled_differently_by_the_documented_update() {
    let app = TriggerApp::new().await;
    let (_, enough, _) = kinds().into_iter().find(|(kind, _, _)| *kind == "DIS").unwrap();
    let created = app.created("DIS", &enough).await;
    let change = json!({"is_serial": false, "max_fetch_bytes": 1024, "polling_interval": 500, "polling_unit": "ms"});
    let changed = app.put(&path("DIS", &created), json!({"event_data": [change]})).await.expect(200);
    let mut expected = both(&enough, &change);
    expected["is_serial"] = json!("false");
    assert_eq!(changed["event_data"], expected);
}

#[tokio::test]
async fn passwords_stay_until_others_are_given() {
    let app = TriggerApp::new().await;
    let (_, enough, more) = kinds().into_iter().find(|(kind, _, _)| *kind == "KAFKA").unwrap();
    let created = app.created("KAFKA", &both(&enough, &more)).await;
    let secret = || match &app.runtime.functions(None)[0].triggers[0].source {
        fngraph::Source::Elsewhere(elsewhere) => elsewhere.secrets["kafka_password"].clone(),
        other => panic!("{other:?}"),
    };
    let path = path("KAFKA", &created);
    for (change, password) in [
        (json!({"batch_size": 7}), "hunter2"),
        (json!({"kafka_password": "******"}), "hunter2"),
        (json!({"kafka_password": "hunter3"}), "hunter3"),
    ] {
        let changed = app.put(&path, json!({"event_data": change})).await.expect(200);
        assert_eq!((secret().as_str(), &changed["event_data"]["kafka_password"]), (password, &json!("******")));
    }
    app.put(&path, json!({"event_data": {"kafka_password": ""}})).await.refused(400, "FSS.1113");
}

#[tokio::test]
async fn addresses_have_two_names() {
    let app = TriggerApp::new().await;
    let (_, enough, _) = kinds().into_iter().find(|(kind, _, _)| *kind == "DDS").unwrap();
    for name in ["instance_addrs", "instance_addresses"] {
        let mut data = enough.clone();
        data[name] = json!(["a:1"]);
        let created = app.created("DDS", &data).await;
        let answered = |trigger: &Value| {
            ["instance_addrs", "instance_addresses"]
                .map(|name| trigger["event_data"][name][0].as_str().unwrap().to_owned())
        };
        assert_eq!(answered(&created), ["a:1", "a:1"]);
        let mut change = json!({});
        change[name] = json!(["b:1"]);
        let changed = app.put(&path("DDS", &created), json!({"event_data": change})).await.expect(200);
        assert_eq!(answered(&changed), ["b:1", "b:1"]);
        app.delete(&path("DDS", &created)).await.expect(204);
    }
}
