//! Templates of functions: listed, filtered, and made into functions that answer their own samples.

use crate::support::TestApp;
use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::Request;
use serde_json::{Value, json};
use std::io::Cursor;

async fn listed(app: &TestApp, query: &str) -> Vec<Value> {
    let list = app.get(&format!("/fgs/templates{query}")).await.expect(200);
    list["func_templates"].as_array().unwrap().clone()
}

fn names(templates: &[Value]) -> Vec<&str> {
    templates.iter().map(|template| template["template_name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_templates_are_public_and_have_what_the_manual_says() {
    let app = TestApp::new().await;
    let all = listed(&app, "").await;
    assert!(names(&all).starts_with(&["apig", "command", "event", "hello", "http"]), "{:?}", names(&all));
    assert_eq!(listed(&app, "?ispublic=true").await, all);
    assert_eq!(listed(&app, "?ispublic=false").await, [Value::Null; 0]);
    for template in &all {
        for text in ["id", "title", "description", "runtime", "handler", "code", "scene", "service"] {
            assert!(!template[text].as_str().unwrap().is_empty(), "{text} of {}", template["template_name"]);
        }
        assert_eq!((&template["type"], &template["code_type"]), (&json!(1), &json!("zip")));
        assert!(
            template["timeout"].is_i64() && template["memory_size"].is_i64() && template["dependencies"].is_array()
        );
        assert!(!template["temp_detail"]["input"].as_str().unwrap().is_empty());
        let shown = app.get(&format!("/fgs/templates/{}", template["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(&shown, template);
    }
}

#[tokio::test]
async fn lists_have_pages_and_filters() {
    let app = TestApp::new().await;
    let all = listed(&app, "").await;
    let first = app.get("/fgs/templates?marker=0&maxitems=2").await.expect(200);
    assert_eq!(first["next_marker"], 2);
    let second = app.get("/fgs/templates?marker=2&maxitems=2").await.expect(200);
    let pages = [&first, &second].map(|page| page["func_templates"].as_array().unwrap().clone()).concat();
    assert_eq!(pages, all[..4]);
    assert_eq!(names(&listed(&app, "?runtime=http").await), ["http", "http-router"]);
    assert_eq!(names(&listed(&app, "?service=TIMER").await), ["timer"]);
    assert_eq!(names(&listed(&app, "?scene=image_processing&runtime=Custom").await), ["thumbnail"]);
    assert_eq!(listed(&app, "?scene=nothing").await, [Value::Null; 0]);
    app.get("/fgs/templates?ispublic=perhaps").await.refused(400, "FSS.1001");
    app.get("/fgs/templates?maxitems=x").await.refused(400, "FSS.1001");
    app.get("/fgs/templates/00000000-0000-0000-0000-000000000000").await.refused(404, "FSS.1059");
}

#[tokio::test]
async fn what_is_made_from_a_template_answers_its_sample() {
    let app = TestApp::new().await;
    for template in listed(&app, "").await {
        let name = template["template_name"].as_str().unwrap();
        let body = json!({
            "func_name": name, "package": "default", "runtime": template["runtime"], "timeout": template["timeout"],
            "handler": template["handler"], "memory_size": template["memory_size"],
            "code_type": template["code_type"], "func_code": { "file": template["code"] },
            "user_data": template["user_data"], "initializer_handler": template["initializer_handler"],
            "pre_stop_handler": template["pre_stop_handler"],
        });
        let made = app.post("/fgs/functions", body).await.expect(200);
        let urn = made["func_urn"].as_str().unwrap().to_owned();
        let path = format!("/v2/p1/fgs/functions/{urn}/invocations");
        let event = template["temp_detail"]["input"].as_str().unwrap().to_owned();
        let request = Request::post(path).header("content-type", "application/json").body(Body::from(event)).unwrap();
        let answer = app.send(request).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        assert!(!answer.bytes.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_package_has_its_source_and_its_sample() {
    let app = TestApp::new().await;
    let all = listed(&app, "").await;
    let timer = all.iter().find(|template| template["template_name"] == "timer").unwrap();
    let zip = BASE64_STANDARD.decode(timer["code"].as_str().unwrap()).unwrap();
    let zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    files.sort();
    assert_eq!(files, ["Cargo.toml", "README.md", "event.json", "src/date.rs", "src/lib.rs", "timer.wasm"]);
    let trigger = &timer["trigger_metadata_list"][0];
    assert_eq!((&trigger["trigger_type"], &trigger["trigger_name"]), (&json!("TIMER"), &json!("nightly-report")));
    let data: Value = serde_json::from_str(trigger["event_data"].as_str().unwrap()).unwrap();
    assert_eq!(data["schedule_type"], "Cron");
}
