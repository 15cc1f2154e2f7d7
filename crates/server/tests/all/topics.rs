//! Publishing messages, as the cloud's SMN has it.

use crate::{
    deployed::deploy,
    support::{Answer, BEGIN, TestApp},
};
use fngraph::{Clock, Runtime};
use fngraph_server::{App, Auth, Options};
use fngraph_triggers::Triggers;
use serde_json::{Value, json};

const ORDERS: &str = "/notifications/topics/urn:smn:local:p1:orders/publish";

/// An API with a function that is subscribed to the topic `orders` and logs its events.
async fn subscribed() -> TestApp {
    let runtime = Runtime::builder().clock(Clock::manual(BEGIN)).build().await.unwrap();
    let triggers = Triggers::start(runtime.clone(), fngraph_triggers::Options::default()).await.unwrap();
    let mut options = Options::default();
    options.triggers = Some(triggers);
    let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), options));
    let app = TestApp { runtime, router };
    deploy(&app, "f", "write_log").await;
    let data = json!({ "topic_urn": "urn:smn:local:p1:orders" });
    app.post("/fgs/triggers/f", json!({ "trigger_type_code": "SMN", "event_data": data })).await.expect(201);
    app
}

/// What the function was told, once.
async fn told(app: &TestApp, body: Value) -> (Answer, Value) {
    let answer = app.post(ORDERS, body).await;
    app.runtime.settle().await;
    let requests = app.get("/fgs/functions/f/async-invocations").await.expect(200);
    let id = requests["invocations"][0]["request_id"].as_str().unwrap_or_else(|| panic!("{answer:?} {requests}"));
    let log = app.runtime.log(id.parse().unwrap()).await.unwrap().remove(0).text;
    let event: Value = serde_json::from_str(&log[log.find('{').unwrap()..=log.rfind('}').unwrap()]).unwrap();
    (answer, event["record"][0]["smn"].clone())
}

#[tokio::test]
async fn a_message_reaches_subscribed_functions_with_all_that_it_says() {
    let app = subscribed().await;
    let attributes = json!([
        { "name": "shop", "type": "STRING", "value": "berlin" },
        { "name": "sizes", "type": "STRING_ARRAY", "value": ["s", "m"] },
    ]);
    let body = json!({ "subject": "paid", "message": "order 7", "message_attributes": attributes });
    let (answer, smn) = told(&app, body).await;
    let answer = answer.expect(200);
    assert_eq!((&smn["subject"], &smn["message"]), (&json!("paid"), &json!("order 7")));
    assert_eq!(smn["message_attributes"], json!({ "shop": "berlin", "sizes": ["s", "m"] }));
    assert_eq!(answer["message_id"], smn["message_id"]);
    assert_eq!(answer["request_id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn functions_take_their_part_of_a_structure_or_its_default() {
    for (structure, expected) in [
        (json!({ "default": "all", "email": "mail" }), "all"),
        (json!({ "default": "all", "functionstage": "code" }), "code"),
    ] {
        let app = subscribed().await;
        let body = json!({ "message": "less", "message_structure": structure.to_string() });
        let (answer, smn) = told(&app, body).await;
        answer.expect(200);
        assert_eq!(smn["message"], expected);
    }
}

#[tokio::test]
async fn nobody_needs_to_be_subscribed_and_topics_of_others_are_not_there() {
    let app = subscribed().await;
    let message = || json!({ "message": "1" });
    app.post("/notifications/topics/urn:smn:local:p1:others/publish", message()).await.expect(200);
    app.post("/notifications/topics/urn%3Asmn%3Alocal%3Ap1%3Aorders/publish", message()).await.expect(200);
    app.post("/notifications/topics/urn:smn:local:p2:orders/publish", message()).await.refused(404, "FSS.0404");
    app.post("/notifications/topics/orders/publish", message()).await.refused(400, "FSS.0400");
    TestApp::new().await.post(ORDERS, message()).await.refused(412, "FSS.1153");
}

#[tokio::test]
async fn messages_that_say_nothing_or_too_much_are_refused() {
    let app = subscribed().await;
    for body in [
        json!({}),
        json!({ "message": "" }),
        json!({ "message_structure": "no object" }),
        json!({ "message_structure": "{\"email\":\"no default\"}" }),
        json!({ "message_template_name": "greeting" }),
        json!({ "message": "1", "message_attributes": [{ "name": "", "type": "STRING", "value": "1" }] }),
        json!({ "message": "1", "message_attributes": [{ "name": "a", "type": "NUMBER", "value": "1" }] }),
        json!({ "message": "1", "message_attributes": [{ "name": "a", "type": "STRING", "value": 1 }] }),
        json!({ "message": "1", "message_attributes": [{ "name": "a", "type": "STRING_ARRAY", "value": [1] }] }),
        json!({ "message": 1 }),
    ] {
        let answer = app.post(ORDERS, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        answer.refused(400, "FSS.0400");
    }
    let long = "x".repeat(256 * 1024 + 1);
    app.post(ORDERS, json!({ "message": long })).await.refused(400, "FSS.0400");
    app.post(ORDERS, json!({ "message": "1", "subject": "x".repeat(513) })).await.refused(400, "FSS.0400");
}
