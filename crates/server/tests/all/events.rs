//! Test events (manual, 7.4).

use crate::{deployed::deploy, support::TestApp};
use serde_json::json;

const EVENTS: &str = "/fgs/functions/f/events";

#[tokio::test]
async fn a_test_event_lives_until_it_is_deleted() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    // {"k":"v"}
    let created = app.post(EVENTS, json!({"name": "event-k9r3", "content": "eyJrIjoidiJ9"})).await.expect(200);
    assert_eq!(created["name"], "event-k9r3");
    let path = format!("{EVENTS}/{}", created["id"].as_str().unwrap());

    let listed = app.get(EVENTS).await.expect(200);
    let summary = json!({"id": created["id"], "name": "event-k9r3", "last_modified": 1_735_689_600});
    assert_eq!(listed, json!({"count": 1, "events": [summary], "next_marker": 1}));

    // Without padding, as the manual's own example has it.
    let updated = app.put(&path, json!({"content": "eyJrIjoiIn0"})).await.expect(200);
    assert_eq!(updated, json!({"id": created["id"], "name": "event-k9r3"}));
    let shown = app.get(&path).await.expect(200);
    assert_eq!((&shown["content"], &shown["last_modified"]), (&json!("eyJrIjoiIn0="), &json!(1_735_689_600)));

    assert_eq!(app.delete(&path).await.expect(204), json!(null));
    app.get(&path).await.refused(404, "FSS.1070");
    assert_eq!(app.get(EVENTS).await.expect(200)["count"], 0);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_code() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let large = "A".repeat(5464);
    for (name, content, status, code) in [
        ("1st", "e30=", 400, "FSS.1074"),
        ("", "e30=", 400, "FSS.1074"),
        ("a-name-of-twenty-six-chars", "e30=", 400, "FSS.1074"),
        ("event", "no base64!", 400, "FSS.1074"),
        ("event", "/w==", 400, "FSS.1074"),
        ("event", &large, 403, "FSS.1069"),
    ] {
        app.post(EVENTS, json!({"name": name, "content": content})).await.refused(status, code);
    }
    app.post(EVENTS, json!({"name": "event"})).await.refused(400, "FSS.0400");
    for number in 0..10 {
        app.post(EVENTS, json!({"name": format!("event-{number}"), "content": "e30="})).await.expect(200);
    }
    app.post(EVENTS, json!({"name": "event-0", "content": "e30="})).await.refused(403, "FSS.1073");
    app.post(EVENTS, json!({"name": "one-more", "content": "e30="})).await.refused(403, "FSS.1068");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let event = json!({"name": "event", "content": "e30="});
    app.get("/fgs/functions/g/events").await.refused(404, "FSS.1051");
    app.post("/fgs/functions/g/events", event).await.refused(404, "FSS.1051");
    for path in ["/fgs/functions/g/events/1", "/fgs/functions/urn:fss:local:p2:function:default:f/events/1"] {
        app.get(path).await.refused(404, "FSS.1051");
        app.delete(path).await.refused(404, "FSS.1051");
        app.put(path, json!({"content": "e30="})).await.refused(404, "FSS.1051");
    }
    app.delete(&format!("{EVENTS}/1")).await.refused(404, "FSS.1070");
    app.put(&format!("{EVENTS}/1"), json!({"content": "e30="})).await.refused(404, "FSS.1070");
}
