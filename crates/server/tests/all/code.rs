//! The code of functions (manual, 7.6.4 and 7.6.5).

use crate::{
    functions::{answer, create, echo, faults, with, zipped},
    support::{Answer, TestApp},
};
use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::Runtime;
use fngraph_server::{CodeSources, Options};
use fngraph_test_support::guests;
use http::Request;
use serde_json::{Value, json};
use std::{fs, time::Duration};

/// Follows a link of an answer.
async fn follow(app: &TestApp, link: &str) -> Answer {
    app.send(Request::get(link).body(Body::empty()).unwrap()).await
}

fn link(code: &Value) -> &str {
    code["func_code"]["link"].as_str().unwrap()
}

#[tokio::test]
async fn inline_code_is_answered_and_can_be_downloaded() {
    let app = TestApp::new().await;
    let created = create(&app, "f").await;
    let request = Request::get("/v2/p1/fgs/functions/f/code").header("host", "example.com:8080");
    let code = app.send(request.body(Body::empty()).unwrap()).await.expect(200);
    for name in
        ["func_urn", "func_name", "runtime", "code_type", "code_filename", "code_size", "digest", "last_modified"]
    {
        assert_eq!(code[name], created[name], "{name}");
    }
    assert_eq!(code["strategy_config"], created["strategy_config"]);
    assert_eq!(code["func_code"]["file"], faults());
    assert!(link(&code).starts_with("http://example.com:8080/packages/"), "{}", link(&code));

    let downloaded = follow(&app, link(&code)).await;
    assert_eq!((downloaded.status.as_u16(), downloaded.header("content-type")), (200, "application/wasm"));
    assert_eq!(downloaded.bytes, fs::read(guests::faults()).unwrap());
}

#[tokio::test]
async fn a_link_serves_its_package_only_and_not_for_long() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let code = app.get("/fgs/functions/f/code").await.expect(200);
    let link = link(&code);
    let digest = code["digest"].as_str().unwrap();
    for wrong in [
        link.replace(digest, &"0".repeat(128)),
        link.replace("expires=", "expires=1"),
        format!("{link}0"),
        link.split('?').next().unwrap().to_owned(),
        link.replace(digest, "..%2Fsecret"),
    ] {
        follow(&app, &wrong).await.refused(404, "FSS.0404");
    }
    app.runtime.advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(follow(&app, link).await.status, 200);
    app.runtime.advance(Duration::from_secs(1)).await;
    follow(&app, link).await.refused(404, "FSS.0404");
}

#[tokio::test]
async fn other_code_runs_at_once_and_wrong_code_changes_nothing() {
    let app = TestApp::new().await;
    let created = create(&app, "f").await;
    let zip = zipped("index");
    let update = json!({
        "code_type": "zip", "code_filename": "new.zip", "func_code": { "file": BASE64_STANDARD.encode(&zip) },
    });
    app.runtime.advance(Duration::from_secs(5)).await;
    let code = app.put("/fgs/functions/f/code", update.clone()).await.expect(200);
    assert_ne!(code["digest"], created["digest"]);
    assert_eq!((&code["code_type"], &code["code_filename"]), (&json!("zip"), &json!("new.zip")));
    assert_eq!((&code["code_size"], &code["func_code"]["file"]), (&json!(zip.len()), &json!("")));
    assert_eq!(code["last_modified"], "2025-01-01T00:00:05Z");
    assert_eq!(follow(&app, link(&code)).await.bytes, zip);
    assert_eq!(answer(&app.runtime, "p1:default:f", "hello").await, "hello");

    let http = BASE64_STANDARD.encode(fs::read(guests::faults_http()).unwrap());
    for (body, status, error) in [
        (json!({ "code_type": "zip", "func_code": { "file": faults() } }), 400, "FSS.1013"),
        (json!({ "code_type": "zip" }), 400, "FSS.1012"),
        (json!({ "code_type": "jar", "func_code": {} }), 400, "FSS.1006"),
        (json!({ "code_type": "inline", "func_code": { "file": "%" } }), 400, "FSS.1011"),
        (json!({ "code_type": "inline", "func_code": { "file": http } }), 400, "FSS.1005"),
        (json!({ "code_type": "obs", "code_url": "nowhere" }), 400, "FSS.1010"),
        (json!({ "func_code": {} }), 400, "FSS.0400"),
        (with(update.clone(), json!({ "depend_version_list": ["d"] })), 404, "FSS.1056"),
    ] {
        app.put("/fgs/functions/f/code", body).await.refused(status, error);
    }
    let kept = app.get("/fgs/functions/f/code").await.expect(200);
    assert_eq!(kept["digest"], code["digest"]);

    app.runtime.publish("p1:default:f", Some("v1")).await.unwrap();
    app.put("/fgs/functions/p1:default:f:v1/code", update.clone()).await.refused(400, "FSS.1015");
    app.put("/fgs/functions/p1:default:f:v9/code", update.clone()).await.refused(404, "FSS.1052");
    app.put("/fgs/functions/nobody/code", update).await.refused(404, "FSS.1051");
    app.get("/fgs/functions/p1:default:f:v9/code").await.refused(404, "FSS.1052");
    assert_eq!(app.get("/fgs/functions/p1:default:f:v1/code").await.expect(200)["digest"], code["digest"]);
}

#[tokio::test]
async fn code_is_fetched_from_where_the_configuration_allows() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.zip"), zipped("index")).unwrap();
    fs::write(folder.path().join("f.txt"), "no code").unwrap();
    let mut options = Options::default();
    options.code_sources = CodeSources::new([format!("file://{}", folder.path().display())]).unwrap();
    let app = TestApp::with(Runtime::builder(), options).await;
    let url = |name: &str| format!("file://{}/{name}", folder.path().display());
    let request = |url: &str| with(echo("f"), json!({ "code_type": "obs", "code_url": url, "func_code": null }));

    app.post("/fgs/functions", request(&url("nothing.zip"))).await.refused(404, "FSS.1054");
    app.post("/fgs/functions", request(&url("f.txt"))).await.refused(400, "FSS.1013");
    app.post("/fgs/functions", request(&url("../f.zip"))).await.refused(400, "FSS.1010");
    app.post("/fgs/functions", request("file:///etc/passwd")).await.refused(400, "FSS.1010");

    let created = app.post("/fgs/functions", request(&url("f.zip"))).await.expect(200);
    assert_eq!((&created["code_type"], &created["code_url"]), (&json!("obs"), &json!(url("f.zip"))));
    assert_eq!(created["code_filename"], "f.zip");
    assert_eq!(answer(&app.runtime, "p1:default:f", "hello").await, "hello");
}
