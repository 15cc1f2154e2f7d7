//! Callers that have to say who they are.

use crate::support::{Answer, BEGIN, TestApp};
use axum::body::Body;
use bytes::Bytes;
use fngraph::{Clock, Runtime};
use fngraph_api::signature::{Key, sign};
use fngraph_server::{App, Auth, AuthOptions, Credentials, Options, User};
use http::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;

const KEY: Key<'static> = Key { access: "AK", secret: "SK" };

async fn guarded() -> TestApp {
    let runtime = Runtime::builder().clock(Clock::manual(BEGIN)).build().await.unwrap();
    let mut options = AuthOptions::default();
    let read = |value: Value| serde_json::from_value::<Credentials>(value).unwrap();
    options.credentials.push(read(json!({ "access_key": "AK", "secret_key": "SK", "project_id": "p1" })));
    let user = json!({ "name": "ada", "password": "pass", "project_id": "p1" });
    options.users.push(serde_json::from_value::<User>(user).unwrap());
    let auth = Auth::new(options, runtime.derive_secret("test")).unwrap();
    let router = fngraph_server::router(App::new(runtime.clone(), auth, Options::default()));
    TestApp { runtime, router }
}

fn request(method: Method, path: &str, body: &Value) -> Request<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
    request.header("content-type", "application/json").body(body).unwrap()
}

async fn signed(app: &TestApp, method: Method, path: &str, body: Value) -> Answer {
    let mut request = request(method, path, &body);
    sign(&mut request, KEY, app.runtime.now()).unwrap();
    app.send(request.map(Body::from)).await
}

#[tokio::test]
async fn a_signed_request_is_served_and_an_unsigned_one_is_not() {
    let app = guarded().await;
    signed(&app, Method::GET, "/v2/p1/fgs/functions", Value::Null).await.expect(200);
    app.get("/fgs/functions").await.refused(401, "FSS.0401");
    app.post("/fgs/functions/f/invocations", json!({})).await.refused(401, "FSS.0401");
    // Another project's keys are no keys here.
    signed(&app, Method::GET, "/v2/p2/fgs/functions", Value::Null).await.refused(403, "FSS.0403");
}

#[tokio::test]
async fn what_was_signed_is_what_counts() {
    let app = guarded().await;
    let path = "/v2/p1/fgs/functions/urn:fss:local:p1:function:default:f/events";
    let mut request = request(Method::POST, path, &json!({ "name": "e", "content": "e30=" }));
    sign(&mut request, KEY, app.runtime.now()).unwrap();
    let (head, _) = request.into_parts();
    let changed = Request::from_parts(head.clone(), Body::from("{}"));
    app.send(changed).await.refused(401, "FSS.0401");
    app.runtime.advance(Duration::from_secs(3600)).await;
    app.send(Request::from_parts(head, Body::from(r#"{"name":"e"}"#))).await.refused(401, "FSS.0401");
}

#[tokio::test]
async fn a_token_stands_for_a_user_for_a_day() {
    let app = guarded().await;
    let ask = |password: &str| {
        json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": {
            "name": "ada", "password": password, "domain": { "name": "default" } } } },
            "scope": { "project": { "name": "p1" } } } })
    };
    let tokens = "/v3/auth/tokens";
    let answer = app.send(request(Method::POST, tokens, &ask("wrong")).map(Body::from)).await;
    answer.refused(401, "FSS.0401");
    let answer = app.send(request(Method::POST, tokens, &ask("pass")).map(Body::from)).await;
    answer.expect(201);
    let token = answer.header("x-subject-token").to_owned();

    let list = |path: &str| Request::get(path).header("x-auth-token", &token).body(Body::empty()).unwrap();
    app.send(list("/v2/p1/fgs/functions")).await.expect(200);
    let projects = app.send(list("/v3/projects?name=cn-north-4")).await.expect(200);
    assert_eq!(projects["projects"][0]["id"], "p1");
    app.send(list("/v2/p2/fgs/functions")).await.refused(403, "FSS.0403");
    app.runtime.advance(Duration::from_secs(24 * 60 * 60 + 1)).await;
    app.send(list("/v2/p1/fgs/functions")).await.refused(401, "FSS.0401");
}

#[tokio::test]
async fn a_signed_body_has_a_limit_of_its_own() {
    let app = guarded().await;
    let mut request = request(Method::POST, "/v2/p1/fgs/functions", &Value::Null);
    *request.body_mut() = Bytes::from(vec![b' '; 12 * 1024 * 1024 + 1]);
    sign(&mut request, KEY, app.runtime.now()).unwrap();
    app.send(request.map(Body::from)).await.refused(413, "FSS.0413");
}
