//! HTTP functions: both bodies stream.

use super::{Answer, Connection, TestGateway, gateway, piece, pieces};
use bytes::Bytes;
use fngraph::Settings;
use fngraph_test_support::guests;
use fngraph_types::limits;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

async fn router(test: &TestGateway) {
    test.deploy("router", guests::http_router(), Settings::new("index.handler".parse().unwrap())).await;
}

/// The next piece of a body.
async fn next(body: &mut Incoming) -> Bytes {
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test]
async fn both_bodies_stream_at_the_same_time() {
    let test = TestGateway::new().await;
    router(&test).await;
    test.api("router", "POST /echo").await;
    let (sender, body) = pieces();
    let mut connection = Connection::open(test.address).await;
    let request = test.request("POST", "/echo").header("content-type", "text/x-own").body(body).unwrap();
    sender.unbounded_send(piece("one")).unwrap();
    let response = connection.send(request).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"text/x-own".parse().unwrap())
    );
    assert!(!response.headers().contains_key("content-length"), "{response:?}");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await, "one");
    // The answer to each piece comes before the next one is sent.
    for text in ["two", "three"] {
        sender.unbounded_send(piece(text)).unwrap();
        assert_eq!(next(&mut body).await, text);
    }
    drop(sender);
    assert!(body.frame().await.is_none());
    test.stop().await;
}

#[tokio::test]
async fn a_trigger_that_goes_leaves_its_calls_alone() {
    let test = TestGateway::new().await;
    router(&test).await;
    test.api("router", "POST /echo").await;
    let (sender, body) = pieces();
    let mut connection = Connection::open(test.address).await;
    sender.unbounded_send(piece("one")).unwrap();
    let mut body = connection.send(test.request("POST", "/echo").body(body).unwrap()).await.into_body();
    assert_eq!(next(&mut body).await, "one");
    test.runtime.registry().delete_trigger(&super::id("router"), "router POST /echo").await.unwrap();
    test.answering("/echo", "x").await.refused(404, "APIG.0101");
    sender.unbounded_send(piece("two")).unwrap();
    drop(sender);
    assert_eq!(body.collect().await.unwrap().to_bytes(), "two");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_call() {
    let test = TestGateway::new().await;
    test.http_function("h").await;
    test.api("h", "GET /sleep-in-body").await;
    let (sender, body) = pieces();
    drop(sender);
    let mut connection = Connection::open(test.address).await;
    let request = test.request("GET", "/sleep-in-body").body(body).unwrap();
    let mut body = connection.send(request).await.into_body();
    assert_eq!(next(&mut body).await, "wait for it");
    assert_eq!(test.runtime.metrics().in_flight, 1);
    drop((body, connection));
    while test.runtime.metrics().in_flight > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(test.codes("h").await, [4208]);
    test.stop().await;
}

#[tokio::test]
async fn a_request_is_the_function_s_own() {
    let test = TestGateway::new().await;
    test.http_function("h").await;
    test.api("h", "ANY /headers").await;
    test.api("h", "ANY /count").await;
    let request =
        test.request("GET", "/headers").header("x-own", "1").header("x-own", "2").header("connection", "x-hop");
    let answer = test.send(request.header("x-hop", "1"), "").await;
    assert_eq!(answer.status.as_u16(), 200);
    let lines = String::from_utf8(answer.body.to_vec()).unwrap();
    let id = answer.header("x-request-id");
    for line in [
        "x-own: 1",
        "x-own: 2",
        "x-cff-func-name: h",
        "x-cff-func-version: latest",
        "x-cff-project-id: p1",
        "x-forwarded-proto: http",
        "x-forwarded-for: 127.0.0.1",
        "x-real-ip: 127.0.0.1",
        &format!("x-request-id: {id}"),
    ] {
        assert!(lines.lines().any(|header| header == line), "{line} is not in {lines}");
    }
    assert!(!lines.contains("x-hop"), "{lines}");
    for count in ["1", "2"] {
        let answer = test.get("/count").await;
        // What is there as a whole when the head is says how long it is.
        assert_eq!((&answer.body[..], answer.header("content-length")), (count.as_bytes(), "1"));
    }
    let head = test.send(test.request("HEAD", "/count"), "").await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(test.get("/count").await.body, "4");
    // Each left an instance that serves on, and a receipt.
    assert_eq!(test.runtime.metrics().cold_starts, 1);
    test.stop().await;
}

#[tokio::test]
async fn http_functions_fail_as_others_do() {
    let test = TestGateway::new().await;
    test.http_function("h").await;
    test.api("h", "ANY /*").await;
    for path in ["/panic", "/silent", "/unfinished"] {
        let answer = test.get(path).await;
        answer.refused(500, "FSS.4002");
        assert_eq!(answer.header("x-is-func-err"), "true");
    }
    // What the function itself has to say is no failure.
    assert_eq!(test.get("/refuse").await.status.as_u16(), 500);
    assert_eq!(test.get("/else?a=b").await.body, "nothing at /else?a=b");
    test.stop().await;
}

#[tokio::test]
async fn a_response_beyond_the_limit_is_cut() {
    let test = TestGateway::new().await;
    test.http_function("h").await;
    test.api("h", "GET /big").await;
    let (sender, body) = pieces();
    drop(sender);
    let mut connection = Connection::open(test.address).await;
    let mut body = connection.send(test.request("GET", "/big").body(body).unwrap()).await.into_body();
    let mut bytes = 0;
    let error = loop {
        match body.frame().await.unwrap() {
            Ok(frame) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Err(error) => break error,
        }
    };
    assert!(error.is_incomplete_message() || error.is_body_write_aborted() || bytes <= limits::RESULT_BYTES, "{error}");
    assert!(bytes <= limits::RESULT_BYTES, "{bytes}");
    while test.runtime.metrics().in_flight > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(test.codes("h").await, [4008]);
    test.stop().await;
}

#[tokio::test]
async fn a_request_beyond_the_limit_is_refused() {
    let test = TestGateway::new().await;
    test.http_function("h").await;
    test.api("h", "POST /echo").await;
    // As much as may be.
    let most = test.send(test.request("POST", "/echo"), vec![b'x'; limits::EVENT_BYTES]).await;
    assert_eq!((most.status.as_u16(), most.body.len()), (200, limits::EVENT_BYTES));
    // What is said is believed.
    let (_sender, body) = pieces();
    let request = test.request("POST", "/echo").header("content-length", limits::EVENT_BYTES + 1);
    let mut connection = Connection::open(test.address).await;
    let response = connection.send(request.body(body).unwrap()).await;
    Answer::read(response).await.refused(413, "APIG.0201");
    // Otherwise it is counted. This function has begun to respond by then, so that all is left is to cut it.
    let (sender, body) = pieces();
    sender.unbounded_send(piece(&"x".repeat(limits::EVENT_BYTES))).unwrap();
    sender.unbounded_send(piece("y")).unwrap();
    let mut connection = Connection::open(test.address).await;
    let response = connection.send(test.request("POST", "/echo").body(body).unwrap()).await;
    match response.status().as_u16() {
        413 => Answer::read(response).await.refused(413, "APIG.0201"),
        status => assert!(status == 200 && response.into_body().collect().await.is_err()),
    }
    drop(sender);
}

#[tokio::test]
async fn a_drain_lets_responses_end() {
    let test = TestGateway::new().await;
    router(&test).await;
    test.api_with("router", "POST /echo", |trigger| gateway(trigger).timeout = std::time::Duration::from_secs(60))
        .await;
    let (sender, body) = pieces();
    let mut connection = Connection::open(test.address).await;
    sender.unbounded_send(piece("one")).unwrap();
    let mut body = connection.send(test.request("POST", "/echo").body(body).unwrap()).await.into_body();
    assert_eq!(next(&mut body).await, "one");
    let ending = test.stop();
    let rest = async {
        sender.unbounded_send(piece("two")).unwrap();
        drop(sender);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "two");
        drop(connection);
    };
    futures::join!(ending, rest);
}
