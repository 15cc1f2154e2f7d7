//! The configuration of functions (manual, 7.6.6 to 7.6.8).

use crate::{
    functions::{answer, create, echo, with},
    support::TestApp,
};
use serde_json::{Value, json};

const CONFIG: &str = "/fgs/functions/f/config";

#[tokio::test]
async fn what_a_change_does_not_say_stays() {
    let app = TestApp::new().await;
    let request = with(
        echo("f"),
        json!({
            "user_data": r#"{"A":"1"}"#, "encrypted_user_data": r#"{"SECRET":"s"}"#, "xrole": "reader",
            "description": "first", "func_vpc": { "vpc_id": "v", "subnet_id": "s" },
        }),
    );
    let created = app.post("/fgs/functions", request).await.expect(200);
    let changed = app.put(CONFIG, json!({ "memory_size": 768, "ephemeral_storage": 10240 })).await.expect(200);
    let expected = with(
        created,
        json!({
            "memory_size": 768, "cpu": 800, "ephemeral_storage": 10240, "image_name": changed["image_name"],
        }),
    );
    assert_eq!(changed, expected);
    assert_eq!(app.get(CONFIG).await.expect(200), expected);
    assert_eq!(answer(&app.runtime, "p1:default:f", "hello").await, "hello");
}

#[tokio::test]
async fn everything_can_be_changed_and_removed() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let change = json!({
        "func_name": "f", "runtime": "Custom", "timeout": 40, "handler": "index.context", "memory_size": 512,
        "user_data": r#"{"COLOUR":"red"}"#, "description": "d", "initializer_handler": "index.start_counting_at_ten",
        "initializer_timeout": 5, "pre_stop_handler": "index.stop_logging", "pre_stop_timeout": 6,
        "enable_dynamic_memory": true, "xrole": "reader", "peering_cidr": "10.0.0.0/8",
        "heartbeat_handler": "a.b", "restore_hook_handler": "a.b", "restore_hook_timeout": 5,
        "network_controller": { "disable_public_network": false },
        "strategy_config": { "concurrency": 7, "concurrent_num": 2 }, "custom_image": { "enabled": false },
    });
    let changed = app.put(CONFIG, change.clone()).await.expect(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(changed[name], *value, "{name}");
    }
    let told: Value = serde_json::from_str(&answer(&app.runtime, "p1:default:f", "").await).unwrap();
    assert_eq!((&told["colour"], &told["memory"]), (&json!("red"), &json!(512)), "{told}");

    let removal = json!({
        "user_data": "", "description": "", "initializer_handler": "", "pre_stop_handler": "", "xrole": "",
        "network_controller": {},
    });
    let removed = app.put(CONFIG, removal).await.expect(200);
    for name in ["user_data", "description", "initializer_handler", "initializer_timeout", "pre_stop_handler", "xrole"]
    {
        assert_eq!(removed[name], Value::Null, "{name}");
    }
    assert_eq!(removed["peering_cidr"], "10.0.0.0/8");
    let settings = app.runtime.function("p1:default:f").unwrap().unwrap().latest.settings.clone();
    assert_eq!(settings.network, fngraph::Network::Denied);
}

#[tokio::test]
async fn secrets_that_are_sent_back_as_they_were_answered_stay() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    app.put(CONFIG, json!({ "encrypted_user_data": r#"{"A":"one","B":"two"}"# })).await.expect(200);
    let answered = app.get(CONFIG).await.expect(200)["encrypted_user_data"].clone();
    assert_eq!(answered, r#"{"A":"","B":""}"#);
    app.put(CONFIG, json!({ "encrypted_user_data": answered })).await.expect(200);
    app.put(CONFIG, json!({ "encrypted_user_data": r#"{"A":"","C":"three"}"# })).await.expect(200);
    let secrets = || {
        let function = app.runtime.function("p1:default:f").unwrap().unwrap();
        json!(*function.latest.settings.encrypted_user_data)
    };
    assert_eq!(secrets(), json!({ "A": "one", "C": "three" }));
    app.put(CONFIG, json!({ "encrypted_user_data": "" })).await.expect(200);
    assert_eq!(secrets(), json!({}));
}

#[tokio::test]
async fn wrong_changes_are_refused_as_a_whole() {
    let app = TestApp::new().await;
    let before = create(&app, "f").await;
    for (wrong, status, code) in [
        (json!({ "func_name": "g" }), 400, "FSS.1002"),
        (json!({ "handler": "index.nobody" }), 400, "FSS.1003"),
        (json!({ "runtime": "http" }), 400, "FSS.1005"),
        (json!({ "runtime": "Go1.x" }), 400, "FSS.1005"),
        (json!({ "memory_size": 1 }), 400, "FSS.1007"),
        (json!({ "timeout": 0 }), 400, "FSS.1008"),
        (json!({ "user_data": "x" }), 400, "FSS.1009"),
        (json!({ "strategy_config": { "concurrency": 1001, "concurrent_num": 1 } }), 400, "FSS.1026"),
        (json!({ "strategy_config": { "concurrency": -1, "concurrent_num": 0 } }), 400, "FSS.1026"),
        (json!({ "strategy_config": { "concurrency": -1, "concurrent_num": -1 } }), 400, "FSS.1026"),
        (json!({ "ephemeral_storage": 1024 }), 400, "FSS.0400"),
        (json!({ "initializer_handler": "index.nobody" }), 400, "FSS.1404"),
        (json!({ "initializer_timeout": 301 }), 400, "FSS.1405"),
        (json!({ "timeout": "3" }), 400, "FSS.0400"),
    ] {
        // What is right beside it does not come about either.
        let change = with(json!({ "memory_size": 1024, "strategy_config": { "concurrency": 9 }, "xrole": "x" }), wrong);
        app.put(CONFIG, change).await.refused(status, code);
    }
    assert_eq!(app.get(CONFIG).await.expect(200), before);
}

#[tokio::test]
async fn published_versions_keep_their_configuration_but_not_their_scaling() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    app.runtime.publish("p1:default:f", Some("v1")).await.unwrap();
    let version = "/fgs/functions/p1:default:f:v1";
    app.put(&format!("{version}/config"), json!({ "memory_size": 512 })).await.refused(400, "FSS.1015");
    let scaled = app.put(&format!("{version}/config-max-instance"), json!({ "max_instance_num": 3 })).await.expect(200);
    assert_eq!(scaled["func_urn"], "urn:fss:local:p1:function:default:f:v1");
    assert_eq!(scaled["strategy_config"], json!({ "concurrency": 3, "concurrent_num": 1 }));
    assert_eq!(app.get(CONFIG).await.expect(200)["strategy_config"]["concurrency"], 400);
}

#[tokio::test]
async fn a_function_is_disabled_and_enabled() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let scale = async |max: i64| {
        let body = json!({ "max_instance_num": max });
        app.put("/fgs/functions/f/config-max-instance", body).await
    };
    assert_eq!(scale(0).await.expect(200)["strategy_config"]["concurrency"], 0);
    assert!(app.runtime.invoke("p1:default:f", "").await.is_err());
    assert_eq!(scale(-1).await.expect(200)["strategy_config"]["concurrency"], -1);
    assert_eq!(answer(&app.runtime, "p1:default:f", "hello").await, "hello");
    scale(-2).await.refused(400, "FSS.1026");
    scale(1001).await.refused(400, "FSS.1026");
    let unchanged = app.put("/fgs/functions/f/config-max-instance", json!({})).await.expect(200);
    assert_eq!(unchanged["strategy_config"]["concurrency"], -1);
}

#[tokio::test]
async fn what_is_not_there_has_no_configuration() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    for (urn, code) in [("nobody", "FSS.1051"), ("p1:default:f:v9", "FSS.1052"), ("p1:default:f:!no", "FSS.1053")] {
        for (path, body) in [("config", json!({})), ("config-max-instance", json!({ "max_instance_num": 1 }))] {
            app.put(&format!("/fgs/functions/{urn}/{path}"), body).await.refused(404, code);
        }
        app.get(&format!("/fgs/functions/{urn}/config")).await.refused(404, code);
    }
}

#[tokio::test]
async fn changes_at_the_same_time_lose_nothing() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let changes = [
        json!({ "memory_size": 512 }),
        json!({ "timeout": 77 }),
        json!({ "xrole": "x" }),
        json!({ "strategy_config": { "concurrency": 5 } }),
    ];
    let calls = changes.iter().map(|change| app.put(CONFIG, change.clone()));
    for answer in futures::future::join_all(calls).await {
        answer.expect(200);
    }
    let config = app.get(CONFIG).await.expect(200);
    assert_eq!((&config["memory_size"], &config["timeout"]), (&json!(512), &json!(77)));
    assert_eq!((&config["xrole"], &config["strategy_config"]["concurrency"]), (&json!("x"), &json!(5)));
}
