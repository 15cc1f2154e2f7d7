//! Versions of functions (manual, 7.7.6 and 7.7.7).

use crate::{
    deployed::{deploy, deploy_with, publish},
    support::TestApp,
};
use serde_json::{Value, json};

const VERSIONS: &str = "/fgs/functions/f/versions";

fn names(list: &Value) -> Vec<&str> {
    list["versions"].as_array().unwrap().iter().map(|version| version["version"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn latest_is_published_and_listed() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let published = app.post(VERSIONS, json!({"version": "v1", "description": "the first"})).await.expect(200);
    assert_eq!(published["func_urn"], "urn:fss:local:p1:function:default:f:v1");
    assert_eq!((&published["version"], &published["version_description"]), (&json!("v1"), &json!("the first")));

    let listed = app.get(VERSIONS).await.expect(200);
    assert_eq!(
        (names(&listed), &listed["count"], &listed["next_marker"]),
        (vec!["latest", "v1"], &json!(2), &json!(2))
    );
    let version = &listed["versions"][1];
    assert_eq!(version["digest"], published["digest"]);
    assert_eq!((&version["concurrency"], &version["concurrent_num"]), (&json!(400), &json!(1)));

    let path = "/fgs/functions/p1:default:f:v1/async-invoke-config";
    app.put(path, json!({"max_async_retry_attempts": 2})).await.expect(200);
    let listed = app.get(VERSIONS).await.expect(200);
    assert_eq!(listed["versions"][1]["function_async_config"]["max_async_retry_attempts"], 2);
    assert_eq!(listed["versions"][0].get("function_async_config"), None);

    // Without a name it is called after the moment. The code may be named by the digest that was answered.
    deploy_with(&app, "f", "count", |_| ()).await;
    let body = json!({"digest": published["digest"]});
    let second = app.post("/fgs/functions/urn:fss:local:p1:function:default:f:latest/versions", body).await.expect(200);
    assert_eq!(second["version"], "v20250101-000000");
    assert_eq!(names(&app.get(VERSIONS).await.expect(200)), ["latest", "v20250101-000000", "v1"]);
}

#[tokio::test]
async fn versions_are_listed_page_by_page() {
    let app = TestApp::new().await;
    for version in ["v1", "v2", "v3"] {
        publish(&app, "f", version).await;
    }
    let first = app.get(&format!("{VERSIONS}?maxitems=3")).await.expect(200);
    assert_eq!(names(&first), ["latest", "v3", "v2"]);
    let next = first["next_marker"].as_u64().unwrap();
    let second = app.get(&format!("{VERSIONS}?maxitems=3&marker={next}")).await.expect(200);
    assert_eq!((names(&second), &second["next_marker"], &second["count"]), (vec!["v1"], &json!(4), &json!(4)));
    for query in ["marker=-1", "maxitems=-1", "maxitems=many"] {
        app.get(&format!("{VERSIONS}?{query}")).await.refused(400, "FSS.1001");
    }
}

#[tokio::test]
async fn what_cannot_be_published_is_refused_with_its_code() {
    let app = TestApp::new().await;
    publish(&app, "f", "v1").await;
    app.post(VERSIONS, json!({"version": "v2"})).await.refused(400, "FSS.1016");
    deploy(&app, "f", "echo").await;
    let long = "d".repeat(513);
    for (body, status, code) in [
        (json!({"version": "v1"}), 409, "FSS.1062"),
        (json!({"version": "latest"}), 400, "FSS.1015"),
        (json!({"version": "-v2"}), 400, "FSS.1015"),
        (json!({"version": "v".repeat(43)}), 400, "FSS.1015"),
        (json!({"version": "v2", "description": long}), 400, "FSS.1019"),
        (json!({"version": "v2", "digest": "0".repeat(32)}), 400, "FSS.0400"),
        (json!({"version": "v2", "digest": "0".repeat(128)}), 400, "FSS.0400"),
    ] {
        app.post(VERSIONS, body).await.refused(status, code);
    }
    app.post("/fgs/functions/p1:default:f:v1/versions", json!({"version": "v2"})).await.refused(400, "FSS.1015");
    app.post("/fgs/functions/g/versions", json!({"version": "v2"})).await.refused(404, "FSS.1051");
    app.get("/fgs/functions/g/versions").await.refused(404, "FSS.1051");
    for number in 2..20 {
        publish(&app, "f", &format!("v{number}")).await;
    }
    deploy(&app, "f", "echo").await;
    app.post(VERSIONS, json!({"version": "v20"})).await.refused(403, "FSS.0403");
}
