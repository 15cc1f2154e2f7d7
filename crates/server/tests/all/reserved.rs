//! Reserved instances (manual, 7.11).

use crate::{
    deployed::{deploy, publish},
    support::TestApp,
};
use serde_json::{Value, json};
use std::time::Duration;

const RESERVED: &str = "/fgs/functions/f/reservedinstances";
const NOW: &str = "/fgs/functions/reservedinstances";
const CONFIGS: &str = "/fgs/functions/reservedinstanceconfigs";

/// When the clock of the tests begins, in seconds.
const BEGIN: i64 = 1_735_689_600;

fn urn(name: &str, qualifier: &str) -> String {
    format!("urn:fss:local:p1:function:default:{name}:{qualifier}")
}

#[tokio::test]
async fn reserved_instances_are_there_before_the_first_call() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let answer = app.put(RESERVED, json!({"count": 3})).await.expect(200);
    let none = json!({"cron_configs": [], "metric_configs": []});
    assert_eq!(answer, json!({"count": 3, "idle_mode": false, "tactics_config": none}));
    app.runtime.settle().await;
    assert_eq!(app.runtime.metrics().reserved_instances, 3);

    let listed = app.get(NOW).await.expect(200);
    let page = json!({"next_marker": 1, "previous_marker": 0, "current_count": 1});
    let reserved = json!([{"func_urn": urn("f", "latest"), "count": 3}]);
    assert_eq!(listed, json!({"reservedinstances": reserved, "page_info": page, "count": 1}));

    app.put(RESERVED, json!({"count": 0})).await.expect(200);
    app.runtime.settle().await;
    assert_eq!(app.runtime.metrics().reserved_instances, 0);
    assert_eq!(app.get(NOW).await.expect(200)["count"], 0);
}

#[tokio::test]
async fn tactics_change_the_number_with_the_time() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let cron = json!({
        "name": "morning", "cron": "0 0 8 * *", "count": 4,
        "start_time": BEGIN, "expired_time": BEGIN + 9 * 3600,
    });
    let metric = json!({"name": "busy", "type": "Concurrency", "threshold": 90, "min": 2});
    let tactics = json!({"cron_configs": [cron], "metric_configs": [metric]});
    let body = json!({"count": 1, "idle_mode": true, "tactics_config": tactics});
    assert_eq!(app.put(RESERVED, body.clone()).await.expect(200), body);

    let listed = app.get(CONFIGS).await.expect(200);
    let config = json!({
        "function_urn": urn("f", "latest"), "qualifier_type": "version", "qualifier_name": "latest", "min_count": 1,
        "idle_mode": true, "tactics_config": tactics,
    });
    assert_eq!(listed["reserved_instances"], json!([config]));

    // At midnight the metric's least; at eight the clock's; at nine the plan is over.
    for (hours, count) in [(0, 2), (8, 4), (1, 4), (1, 2)] {
        app.runtime.advance(Duration::from_secs(hours * 3600)).await;
        app.runtime.settle().await;
        let now = app.get(NOW).await.expect(200);
        assert_eq!(now["reservedinstances"][0]["count"], count, "{hours} h later");
    }
}

#[tokio::test]
async fn a_tactic_may_leave_out_when_it_holds() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let body =
        json!({"count": 0, "tactics_config": {"cron_configs": [{"name": "c", "cron": "@every 1h", "count": 1}]}});
    let answer = app.put(RESERVED, body).await.expect(200);
    let cron = &answer["tactics_config"]["cron_configs"][0];
    assert_eq!((&cron["start_time"], &cron["expired_time"]), (&json!(BEGIN), &json!(253_402_300_799_i64)));
    app.runtime.advance(Duration::from_secs(3600)).await;
    assert_eq!(app.get(NOW).await.expect(200)["reservedinstances"][0]["count"], 1);
}

#[tokio::test]
async fn moments_beyond_all_clocks_do_no_harm() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    for cron in ["@every 1h", "0 0 8 * *"] {
        let plan = json!({"name": "c", "cron": cron, "count": 1, "start_time": i64::MIN, "expired_time": i64::MAX});
        app.put(RESERVED, json!({"count": 0, "tactics_config": {"cron_configs": [plan]}})).await.expect(200);
        let plan = json!({"name": "c", "cron": cron, "count": 1, "start_time": i64::MAX, "expired_time": i64::MAX});
        app.put(RESERVED, json!({"count": 0, "tactics_config": {"cron_configs": [plan]}})).await.expect(200);
        app.runtime.advance(Duration::from_secs(3600)).await;
        assert_eq!(app.get(NOW).await.expect(200)["reservedinstances"][0]["count"], 0, "{cron}");
    }
}

#[tokio::test]
async fn lists_have_pages_and_filters() {
    let app = TestApp::new().await;
    for name in ["f", "g"] {
        publish(&app, name, "v1").await;
        for qualifier in ["latest", "v1"] {
            let path = format!("/fgs/functions/{}/reservedinstances", urn(name, qualifier));
            app.put(&path, json!({"count": 1})).await.expect(200);
        }
    }
    let urns = |list: &Value, items: &str, urn: &str| -> Vec<String> {
        let items = list[items].as_array().unwrap().iter();
        items.map(|item| item[urn].as_str().unwrap().to_owned()).collect()
    };
    let all = [urn("f", "latest"), urn("f", "v1"), urn("g", "latest"), urn("g", "v1")];
    for (query, expected, count) in [
        ("", &all[..], 4),
        ("?limit=3", &all[..3], 4),
        ("?limit=3&marker=3", &all[3..], 4),
        ("?{urn}=g", &all[2..], 2),
        ("?{urn}=p1:default:g:v1", &all[3..], 1),
    ] {
        let configs = app.get(&format!("{CONFIGS}{}", query.replace("{urn}", "function_urn"))).await.expect(200);
        assert_eq!(urns(&configs, "reserved_instances", "function_urn"), expected, "{query}");
        let now = app.get(&format!("{NOW}{}", query.replace("{urn}", "urn"))).await.expect(200);
        assert_eq!(urns(&now, "reservedinstances", "func_urn"), expected, "{query}");
        assert_eq!((&configs["count"], &now["count"]), (&json!(count), &json!(count)), "{query}");
        assert_eq!(configs["page_info"]["current_count"], expected.len(), "{query}");
    }
    for (query, status, code) in
        [("limit=-1", 400, "FSS.1001"), ("marker=x", 400, "FSS.1001"), ("function_urn=h&urn=h", 404, "FSS.1051")]
    {
        app.get(&format!("{CONFIGS}?{query}")).await.refused(status, code);
        app.get(&format!("{NOW}?{query}")).await.refused(status, code);
    }
}

#[tokio::test]
async fn an_alias_and_its_version_do_not_both_have_some() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    app.post("/fgs/functions/f/aliases", json!({"name": "a1", "version": "v1"})).await.expect(200);
    let path = |qualifier: &str| format!("/fgs/functions/p1:default:f:{qualifier}/reservedinstances");
    app.put(&path("!a1"), json!({"count": 1})).await.expect(200);
    app.put(&path("v1"), json!({"count": 1})).await.refused(400, "FSS.1426");
    let config = app.get(CONFIGS).await.expect(200)["reserved_instances"][0].clone();
    assert_eq!((&config["qualifier_type"], &config["qualifier_name"]), (&json!("alias"), &json!("a1")));
    assert_eq!(config["function_urn"], urn("f", "!a1"));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_code() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let cron = |cron: Value| json!({"count": 2, "tactics_config": {"cron_configs": [cron]}});
    let metric = |metric: Value| json!({"count": 2, "tactics_config": {"metric_configs": [metric]}});
    for (body, code) in [
        (json!({"count": 1001}), "FSS.1076"),
        (json!({"count": 5_000_000_000_i64}), "FSS.1076"),
        (json!({"count": -1}), "FSS.0400"),
        (json!({"count": "3"}), "FSS.0400"),
        (json!({}), "FSS.0400"),
        (cron(json!({"name": "", "cron": "0 1 * * *", "count": 3})), "FSS.0400"),
        (cron(json!({"name": "c", "cron": "whenever", "count": 3})), "FSS.0400"),
        (cron(json!({"name": "c", "cron": "0 1 * * *", "count": 1})), "FSS.0400"),
        (cron(json!({"name": "c", "cron": "0 1 * * *", "count": 1001})), "FSS.1076"),
        (cron(json!({"name": "c", "cron": "0 1 * * *", "count": 3, "start_time": 2, "expired_time": 1})), "FSS.0400"),
        (metric(json!({"name": "m", "type": "Memory", "threshold": 90, "min": 3})), "FSS.0400"),
        (metric(json!({"name": "m", "threshold": 100, "min": 3})), "FSS.0400"),
        (metric(json!({"name": "m", "threshold": 90, "min": 1})), "FSS.0400"),
    ] {
        app.put(RESERVED, body).await.refused(400, code);
    }
    app.put("/fgs/functions/g/reservedinstances", json!({"count": 1})).await.refused(404, "FSS.1051");
    let path = |qualifier: &str| format!("/fgs/functions/p1:default:f:{qualifier}/reservedinstances");
    app.put(&path("v9"), json!({"count": 1})).await.refused(404, "FSS.1052");
    app.put(&path("!a9"), json!({"count": 1})).await.refused(404, "FSS.1053");
    assert_eq!(app.get(CONFIGS).await.expect(200)["count"], 0);
}

#[tokio::test]
async fn a_published_version_with_reserved_instances_does_not_change() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    app.put("/fgs/functions/p1:default:f:v1/reservedinstances", json!({"count": 1})).await.expect(200);
    let code = json!({"code_type": "zip", "func_code": {"file": "AGFzbQEAAAA="}});
    app.put("/fgs/functions/p1:default:f:v1/code", code).await.refused(400, "FSS.1077");
}
