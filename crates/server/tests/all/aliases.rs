//! Aliases of versions (manual, 7.7.1–7.7.5).

use crate::{
    deployed::{deploy, publish},
    support::TestApp,
};
use axum::body::Body;
use serde_json::{Value, json};

const ALIASES: &str = "/fgs/functions/f/aliases";

async fn with_versions(versions: &[&str]) -> TestApp {
    let app = TestApp::new().await;
    for version in versions {
        publish(&app, "f", version).await;
    }
    app
}

/// Which version serves a call of the alias `a1` with these headers.
async fn served(app: &TestApp, headers: &[(&str, &str)]) -> String {
    let mut request = http::Request::post("/v2/p1/fgs/functions/p1:default:f:!a1/invocations");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let context = app.send(request.body(Body::from("{}")).unwrap()).await.expect(200);
    assert_eq!(context["alias"], "a1");
    context["version"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_alias_lives_until_it_is_deleted() {
    let app = with_versions(&["v1", "v2"]).await;
    let body = json!({"name": "a1", "version": "v1", "additional_version_weights": {"v2": 50}});
    let created = app.post(ALIASES, body).await.expect(200);
    let alias = json!({
        "name": "a1", "version": "v1", "description": "", "last_modified": "2025-01-01T00:00:00Z",
        "alias_urn": "urn:fss:local:p1:function:default:f:!a1", "additional_version_weights": {"v2": 50},
    });
    assert_eq!(created, alias);
    assert_eq!(app.get(&format!("{ALIASES}/a1")).await.expect(200), alias);
    app.post(ALIASES, json!({"name": "dev", "version": "latest", "description": "my dev version"})).await.expect(200);
    let listed = app.get(ALIASES).await.expect(200);
    assert_eq!((&listed[0], &listed[1]["name"], listed.as_array().unwrap().len()), (&alias, &json!("dev"), 2));

    // What is left out is gone.
    let updated = app.put(&format!("{ALIASES}/a1"), json!({"version": "v2", "description": "x"})).await.expect(200);
    assert_eq!((&updated["version"], &updated["description"]), (&json!("v2"), &json!("x")));
    assert_eq!(updated.get("additional_version_weights"), None);
    assert_eq!(app.get(&format!("{ALIASES}/a1")).await.expect(200), updated);

    assert_eq!(app.delete(&format!("{ALIASES}/a1")).await.expect(204), Value::Null);
    app.get(&format!("{ALIASES}/a1")).await.refused(404, "FSS.1053");
}

#[tokio::test]
async fn weights_choose_the_version_of_a_call() {
    let app = with_versions(&["v1", "v2"]).await;
    let path = format!("{ALIASES}/a1");
    app.post(ALIASES, json!({"name": "a1", "version": "v1"})).await.expect(200);
    assert_eq!(served(&app, &[]).await, "v1");
    for (weight, version) in [(100, "v2"), (0, "v1")] {
        let weights = json!({"v2": weight});
        app.put(&path, json!({"version": "v1", "additional_version_weights": weights})).await.expect(200);
        assert_eq!(served(&app, &[]).await, version, "{weight} %");
    }
}

#[tokio::test]
async fn rules_choose_the_version_of_a_call() {
    let app = with_versions(&["v1", "v2"]).await;
    let rule =
        |param: &str, op: &str, value: &str| json!({"rule_type": "Header", "param": param, "op": op, "value": value});
    let rules = [rule("colour", "=", "blue"), rule("size", "in", "s,m")];
    let strategy = |combine: &str| json!({"v2": {"combine_type": combine, "rules": rules}});
    let body = json!({"name": "a1", "version": "v1", "additional_version_strategy": strategy("and")});
    let created = app.post(ALIASES, body).await.expect(200);
    assert_eq!(created["additional_version_strategy"], strategy("and"));
    for (headers, version) in [
        (&[("Colour", "blue"), ("size", "m")][..], "v2"),
        (&[("colour", "blue")], "v1"),
        (&[("colour", "blue"), ("size", "l")], "v1"),
        (&[], "v1"),
    ] {
        assert_eq!(served(&app, headers).await, version, "and {headers:?}");
    }
    let body = json!({"version": "v1", "additional_version_strategy": strategy("or")});
    app.put(&format!("{ALIASES}/a1"), body).await.expect(200);
    for (headers, version) in [(&[("size", "s")][..], "v2"), (&[("size", "l")], "v1")] {
        assert_eq!(served(&app, headers).await, version, "or {headers:?}");
    }
    assert_eq!(app.get(ALIASES).await.expect(200)[0]["additional_version_strategy"], strategy("or"));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_code() {
    let app = with_versions(&["v1", "v2", "v3"]).await;
    app.post(ALIASES, json!({"name": "taken", "version": "v3"})).await.expect(200);
    let strategy =
        |strategy: Value| json!({"name": "a", "version": "v1", "additional_version_strategy": {"v2": strategy}});
    let weights = |weights: Value| json!({"name": "a", "version": "v1", "additional_version_weights": weights});
    let rule = json!({"param": "colour", "value": "blue"});
    for (body, status, code) in [
        (json!({"name": "1a", "version": "v1"}), 400, "FSS.1014"),
        (json!({"name": "", "version": "v1"}), 400, "FSS.1014"),
        (json!({"name": "taken", "version": "v1"}), 409, "FSS.1063"),
        (json!({"name": "a", "version": "v3"}), 409, "FSS.1066"),
        (json!({"name": "a", "version": "v9"}), 404, "FSS.1052"),
        (json!({"name": "a", "version": "-"}), 400, "FSS.1015"),
        (json!({"name": "a", "version": "v1", "description": "d".repeat(513)}), 400, "FSS.1019"),
        (json!({"name": "a"}), 400, "FSS.0400"),
        (weights(json!({"v9": 10})), 400, "FSS.1091"),
        (weights(json!({"latest": 10})), 400, "FSS.1091"),
        (weights(json!({"!": 10})), 400, "FSS.1091"),
        (weights(json!({"v2": 10, "v3": 10})), 400, "FSS.1091"),
        (weights(json!({"v2": 101})), 400, "FSS.1092"),
        (weights(json!({"v2": -1})), 400, "FSS.1092"),
        (weights(json!({"v2": 1000})), 400, "FSS.1092"),
        (weights(json!({"v1": 10})), 400, "FSS.1093"),
        (strategy(json!({"rules": []})), 400, "FSS.1091"),
        (strategy(json!({"rules": [rule], "combine_type": "xor"})), 400, "FSS.1091"),
        (strategy(json!({"rules": [{"param": "a b", "value": "c"}]})), 400, "FSS.1091"),
        (strategy(json!({"rules": [{"param": "a", "op": "<", "value": "c"}]})), 400, "FSS.1091"),
        (strategy(json!({"rules": [{"rule_type": "Cookie", "param": "a", "value": "c"}]})), 400, "FSS.1091"),
    ] {
        app.post(ALIASES, body.clone()).await.refused(status, code);
        assert_eq!(app.get(ALIASES).await.expect(200).as_array().unwrap().len(), 1, "{body}");
    }
    let mut both = strategy(json!({"rules": [rule]}));
    both["additional_version_weights"] = json!({"v2": 10});
    app.post(ALIASES, both).await.refused(400, "FSS.1091");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = with_versions(&["v1"]).await;
    let path = format!("{ALIASES}/a1");
    app.get(&path).await.refused(404, "FSS.1053");
    app.delete(&path).await.refused(404, "FSS.1053");
    app.put(&path, json!({"version": "v1"})).await.refused(404, "FSS.1053");
    app.get(&format!("{ALIASES}/1")).await.refused(400, "FSS.1014");
    let other = "/fgs/functions/g/aliases";
    app.get(other).await.refused(404, "FSS.1051");
    app.post(other, json!({"name": "a1", "version": "v1"})).await.refused(404, "FSS.1051");
    app.get(&format!("{other}/a1")).await.refused(404, "FSS.1051");
    app.put(&format!("{other}/a1"), json!({"version": "v1"})).await.refused(404, "FSS.1051");
    app.delete(&format!("{other}/a1")).await.refused(404, "FSS.1051");
}

#[tokio::test]
async fn aliases_are_few() {
    let app = TestApp::new().await;
    for number in 0..11 {
        publish(&app, "f", &format!("v{number}")).await;
    }
    deploy(&app, "f", "echo").await;
    for number in 0..10 {
        let body = json!({"name": format!("a{number}"), "version": format!("v{number}")});
        app.post(ALIASES, body).await.expect(200);
    }
    app.post(ALIASES, json!({"name": "a10", "version": "v10"})).await.refused(403, "FSS.1043");
}

#[tokio::test]
async fn a_version_that_an_alias_tries_out_stays() {
    let app = with_versions(&["v1", "v2"]).await;
    let body = json!({"name": "a1", "version": "v1", "additional_version_weights": {"v2": 10}});
    app.post(ALIASES, body).await.expect(200);
    app.delete("/fgs/functions/p1:default:f:v2").await.refused(403, "FSS.1094");
    // Its main version takes the alias along.
    app.delete("/fgs/functions/p1:default:f:v1").await.expect(204);
    assert_eq!(app.get(ALIASES).await.expect(200), json!([]));
}
