//! Who may call APIs.

use super::{Callers, TestGateway, gateway};
use bytes::Bytes;
use fngraph::{GatewayAuth, Trigger};
use fngraph_api::signature::{Key, sign};
use fngraph_server::{AppKey, AppKeys, AuthOptions, Credentials, Responder as _, User};
use http::{Request, Uri};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use std::time::Duration;

fn callers(apps: Value) -> Callers {
    let mut auth = AuthOptions::default();
    for (key, project) in [("OWN", "p1"), ("OTHER", "p2")] {
        let key = json!({ "access_key": key, "secret_key": "SK", "project_id": project });
        auth.credentials.push(serde_json::from_value::<Credentials>(key).unwrap());
    }
    let user = json!({ "name": "ada", "password": "pass", "project_id": "p1" });
    auth.users.push(serde_json::from_value::<User>(user).unwrap());
    let apps: Vec<AppKey> = serde_json::from_value(apps).unwrap();
    let keys = AppKeys::new(apps, Duration::from_secs(900), Duration::from_secs(300)).unwrap();
    Callers { auth, keys }
}

fn with(auth: GatewayAuth) -> impl Fn(&mut Trigger) {
    move |trigger| gateway(trigger).auth = auth
}

/// A request that was signed, in the form that [`TestGateway::send`] takes.
fn signed(test: &TestGateway, access: &str, secret: &str, target: &str, body: &'static str) -> http::request::Builder {
    let uri: Uri = format!("http://{}{target}", test.address).parse().unwrap();
    let mut request = Request::post(uri).body(Bytes::from_static(body.as_bytes())).unwrap();
    sign(&mut request, Key { access, secret }, test.runtime.now()).unwrap();
    let mut builder = Request::post(target);
    builder.headers_mut().unwrap().extend(request.headers().clone());
    builder
}

const OK: &str = r#"{"statusCode":200}"#;

#[tokio::test]
async fn users_of_the_cloud_sign_or_bring_a_token() {
    let test = TestGateway::with(callers(json!([]))).await;
    test.event_function("f").await;
    test.http_function("h").await;
    test.api_with("f", "POST /iam", with(GatewayAuth::Iam)).await;
    test.api_with("f", "GET /iam", with(GatewayAuth::Iam)).await;
    test.api_with("h", "POST /echo", with(GatewayAuth::Iam)).await;
    test.api("f", "POST /open").await;

    assert_eq!(test.answering("/open", OK).await.status.as_u16(), 200);
    test.answering("/iam", OK).await.refused(401, "APIG.0301");
    assert_eq!(test.send(signed(&test, "OWN", "SK", "/iam", OK), OK).await.status.as_u16(), 200);
    // The body of an HTTP function is covered, too.
    assert_eq!(test.send(signed(&test, "OWN", "SK", "/echo", "hello"), "hello").await.body, "hello");
    test.send(signed(&test, "OWN", "SK", "/echo", "hello"), "jello").await.refused(401, "APIG.0301");
    test.send(signed(&test, "OWN", "WRONG", "/iam", OK), OK).await.refused(401, "APIG.0301");
    test.send(signed(&test, "NOBODY", "SK", "/iam", OK), OK).await.refused(401, "APIG.0301");
    test.send(signed(&test, "OTHER", "SK", "/iam", OK), OK).await.refused(403, "APIG.0302");
    test.send(test.request("GET", "/iam").header("x-auth-token", "wrong"), "").await.refused(401, "APIG.0301");
}

#[tokio::test]
async fn credentials_are_for_the_gateway_and_never_for_the_function() {
    let test = TestGateway::with(callers(json!([{ "key": "K", "secret": "S", "code": "C" }]))).await;
    test.event_function("f").await;
    test.api_with("f", "ANY /app", with(GatewayAuth::App)).await;
    test.api("f", "ANY /open").await;
    let request = test.request("GET", "/app").header("x-apig-appcode", "C").header("authorization", "Basic x");
    let headers = test.send(request, "").await.event()["headers"].clone();
    assert!(headers.get("x-apig-appcode").is_none(), "{headers}");
    assert_eq!(headers["authorization"], "Basic x");
    let headers = test.send(signed(&test, "K", "S", "/app", ""), "").await.event()["headers"].clone();
    assert!(headers.get("authorization").is_none(), "{headers}");
    // Where the gateway asks for nothing, everything is the function's.
    let request = test.request("GET", "/open").header("x-auth-token", "T").header("x-apig-appcode", "C");
    let headers = test.send(request, "").await.event()["headers"].clone();
    assert_eq!((&headers["x-auth-token"], &headers["x-apig-appcode"]), (&json!("T"), &json!("C")));
}

#[tokio::test]
async fn applications_sign_or_name_their_code() {
    let apps = json!([
        { "key": "K", "secret": "S", "code": "C" },
        { "key": "K2", "secret": "S", "code": "C2", "project_id": "p2" },
    ]);
    let test = TestGateway::with(callers(apps)).await;
    test.event_function("f").await;
    test.api_with("f", "POST /app", with(GatewayAuth::App)).await;
    let coded = |code: &str| test.request("POST", "/app").header("x-apig-appcode", code);
    assert_eq!(test.send(coded("C"), OK).await.status.as_u16(), 200);
    assert_eq!(test.send(signed(&test, "K", "S", "/app", OK), OK).await.status.as_u16(), 200);
    test.send(coded("wrong"), OK).await.refused(401, "APIG.0303");
    test.send(coded("C2"), OK).await.refused(403, "APIG.0304");
    test.send(signed(&test, "K2", "S", "/app", OK), OK).await.refused(403, "APIG.0304");
    // Keys of the cloud's users are none of an application's, nor are tokens.
    test.send(signed(&test, "OWN", "SK", "/app", OK), OK).await.refused(401, "APIG.0303");
    test.send(test.request("POST", "/app").header("x-auth-token", "x"), OK).await.refused(401, "APIG.0303");
    test.answering("/app", OK).await.refused(401, "APIG.0303");
}

#[tokio::test]
async fn without_credentials_the_cloud_s_users_are_everybody_and_applications_nobody() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api_with("f", "POST /iam", with(GatewayAuth::Iam)).await;
    test.api_with("f", "POST /app", with(GatewayAuth::App)).await;
    assert_eq!(test.answering("/iam", OK).await.status.as_u16(), 200);
    test.answering("/app", OK).await.refused(401, "APIG.0303");
}

#[tokio::test]
async fn private_apis_are_not_there_for_other_machines() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api_with("f", "GET /private", |trigger| gateway(trigger).is_private = true).await;
    test.api("f", "GET /public").await;
    assert_eq!(test.get("/private").await.status.as_u16(), 200);
    for (peer, path, status) in
        [("192.0.2.1:5", "/private", 404), ("192.0.2.1:5", "/public", 200), ("[::ffff:127.0.0.1]:5", "/private", 200)]
    {
        let request = Request::get(path).body(Full::new(Bytes::new()).boxed_unsync()).unwrap();
        let answer = test.gateway.connected(peer.parse().unwrap()).respond(request).await;
        assert_eq!(answer.status().as_u16(), status, "{peer} {path}");
    }
}

#[tokio::test]
async fn preflight_requests_are_answered_where_a_trigger_says_so() {
    let test = TestGateway::new().await;
    test.event_function("f").await;
    test.api_with("f", "POST /cors", |trigger| gateway(trigger).cors = true).await;
    test.api("f", "ANY /own").await;
    let preflight = |path: &str| {
        let request = test.request("OPTIONS", path).header("origin", "https://page.example");
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "x-a, authorization")
    };
    let answer = test.send(preflight("/cors"), "").await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-methods"), "POST");
    assert_eq!(answer.header("access-control-allow-headers"), "x-a, authorization");
    // Without the word of a trigger it is the function's to say.
    assert_eq!(test.send(preflight("/own"), "").await.event()["httpMethod"], "OPTIONS");

    let post = |origin: bool| {
        let request = test.request("POST", "/cors");
        if origin { request.header("origin", "https://page.example") } else { request }
    };
    let allowed = |answer: &super::Answer| answer.headers.get("access-control-allow-origin").cloned();
    assert_eq!(allowed(&test.send(post(true), OK).await).unwrap(), "*");
    assert_eq!(allowed(&test.send(post(true), "no answer").await).unwrap(), "*");
    assert_eq!(allowed(&test.send(post(false), OK).await), None);
    let own = r#"{"statusCode":200,"headers":{"access-control-allow-origin":"https://page.example"}}"#;
    assert_eq!(allowed(&test.send(post(true), own).await).unwrap(), "https://page.example");
}
