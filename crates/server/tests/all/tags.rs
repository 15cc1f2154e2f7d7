//! Tags of functions (manual, 7.6.9 and 7.6.13–7.6.16).

use crate::{
    deployed::{deploy, deploy_with},
    support::TestApp,
};
use http::Method;
use serde_json::{Value, json};

const F: &str = "/functions/urn%3Afss%3Alocal%3Ap1%3Afunction%3Adefault%3Af%3Alatest/tags";

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}

#[tokio::test]
async fn tags_are_put_on_and_taken_off() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let tags = [tag("team", "blue"), tag("stage", "test"), tag("cost", "1")];
    let body = json!({"action": "create", "tags": tags});
    assert_eq!(app.post(&format!("{F}/create"), body).await.expect(204), Value::Null);
    app.post(&format!("{F}/create"), json!({"tags": [tag("team", "red")]})).await.expect(204);
    let listed = app.get(F).await.expect(200);
    let tags = [tag("cost", "1"), tag("stage", "test"), tag("team", "red")];
    assert_eq!(listed, json!({"tags": tags, "sys_tags": []}));

    // By key and value, by key alone, and one that has another value by now.
    let body = json!({"action": "delete", "tags": [tag("cost", "1"), {"key": "stage"}, tag("team", "blue")]});
    let answer = app.call(Method::DELETE, &format!("{F}/delete"), body).await;
    assert_eq!(answer.expect(204), Value::Null);
    assert_eq!(app.get(F).await.expect(200)["tags"], json!([tag("team", "red")]));
}

#[tokio::test]
async fn a_project_has_the_tags_of_its_functions() {
    let app = TestApp::new().await;
    for name in ["f", "g"] {
        deploy_with(&app, name, "echo", |settings| {
            settings.attributes.insert("enterprise_project_id".to_owned(), json!(name.repeat(3)));
        })
        .await;
    }
    let create = |name: &str| format!("/functions/{name}/tags/create");
    app.post(&create("f"), json!({"tags": [tag("team", "blue"), tag("only", "f")]})).await.expect(204);
    app.post(&create("g"), json!({"tags": [tag("team", "red")]})).await.expect(204);
    let listed = app.get("/functions/tags").await.expect(200);
    let values = |key: &str, values: &[&str]| json!({"key": key, "values": values});
    assert_eq!(listed["tags"], json!([values("only", &["f"]), values("team", &["blue", "red"])]));
    assert_eq!(listed["sys_tags"], json!([values("_sys_enterprise_project_id", &["fff", "ggg"])]));
    let system = app.get("/functions/g/tags").await.expect(200)["sys_tags"].clone();
    assert_eq!(system, json!([tag("_sys_enterprise_project_id", "ggg")]));
}

#[tokio::test]
async fn functions_are_found_by_name_and_tags() {
    let app = TestApp::new().await;
    for name in ["orders", "reorder", "users"] {
        deploy(&app, name, "echo").await;
    }
    let tags = json!({"tags": [tag("team", "blue")]});
    app.post("/functions/orders/tags/create", tags.clone()).await.expect(204);
    app.post("/functions/users/tags/create", tags).await.expect(204);
    let check = async |query: Value, names: &[&str], total: u64| {
        let found = app.post("/functions/resource-instances/filter", query.clone()).await.expect(200);
        let resources = found["resources"].as_array().unwrap();
        let found_names: Vec<_> = resources.iter().map(|found| found["resource_name"].as_str().unwrap()).collect();
        assert_eq!((found_names.as_slice(), found["total_count"].as_u64()), (names, Some(total)), "{query}");
        let counted = app.post("/functions/resource-instances/count", query.clone()).await.expect(200);
        assert_eq!(counted, json!({"total_count": total}), "{query}");
    };
    check(json!({}), &["orders", "reorder", "users"], 3).await;
    check(json!({"matches": [tag("resource_name", "order")]}), &["orders", "reorder"], 2).await;
    check(json!({"matches": [tag("team", "blue")]}), &["orders", "users"], 2).await;
    check(json!({"matches": [tag("team", "blue"), tag("resource_name", "order")]}), &["orders"], 1).await;
    check(json!({"without_any_tag": true}), &["reorder"], 1).await;
    // The manual's example has a number where its table has a text.
    check(json!({"limit": 1, "offset": "1"}), &["reorder"], 3).await;
    let project = json!([{"key": "_sys_enterprise_project_id", "values": ["0"]}]);
    check(json!({"sys_tags": project}), &[], 0).await;

    let query = json!({"matches": [tag("resource_name", "users")]});
    let found = app.post("/functions/resource-instances/filter", query).await.expect(200);
    let urn = "urn:fss:local:p1:function:default:users:latest";
    let resource = json!({
        "resource_id": urn, "resource_detail": {"detailId": urn}, "tags": [tag("team", "blue")], "sys_tags": [],
        "resource_name": "users",
    });
    assert_eq!(found["resources"], json!([resource]));
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let many: Vec<_> = (0..21).map(|number| tag(&number.to_string(), "")).collect();
    for body in [
        json!({"tags": many}),
        json!({"tags": [tag("", "value")]}),
        json!({"tags": [tag(&"k".repeat(129), "")]}),
        json!({"tags": [tag("key", &"v".repeat(256))]}),
        json!({"tags": [tag("_sys_key", "")]}),
        json!({"sys_tags": [tag("_sys_enterprise_project_id", "0")]}),
        json!({"action": "delete", "tags": [tag("key", "")]}),
    ] {
        app.post(&format!("{F}/create"), body).await.refused(400, "FSS.0400");
    }
    assert_eq!(app.get(F).await.expect(200)["tags"], json!([]));
    let find = "/functions/resource-instances";
    app.post(&format!("{find}/erase"), json!({})).await.refused(400, "FSS.0400");
    app.post(&format!("{find}/filter"), json!({"action": "count"})).await.refused(400, "FSS.0400");
    app.post(&format!("{find}/filter"), json!({"limit": "-1"})).await.refused(400, "FSS.1001");
    for path in ["/servers/tags", "/servers/f/tags"] {
        app.get(path).await.refused(400, "FSS.0400");
    }
    app.get("/functions/g/tags").await.refused(404, "FSS.1051");
    app.post("/functions/g/tags/create", json!({"tags": [tag("a", "b")]})).await.refused(404, "FSS.1051");
    let body = json!({"tags": [tag("a", "b")]});
    app.call(Method::DELETE, "/functions/g/tags/delete", body).await.refused(404, "FSS.1051");
}
