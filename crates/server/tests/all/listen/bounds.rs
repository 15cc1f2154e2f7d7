//! What it bounds. Time is paused: it passes when nothing else can happen.

use super::{
    Running,
    client::{Multiplexed, Plain},
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    routing::{get, post},
};
use fngraph_server::Bounds;
use http::StatusCode;
use std::{
    convert::Infallible,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

fn routes() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// A client that sends this and no more is closed, unanswered, when the time for heads has passed.
async fn check_head(sent: &str) {
    let bounds = Bounds::default();
    let server = Running::start(routes(), None, bounds.clone()).await;
    let mut client = Plain::connect(server.address).await;
    let start = Instant::now();
    client.send(sent).await;
    assert_eq!(client.rest().await, "", "{sent:?}");
    assert!(start.elapsed() >= bounds.head && start.elapsed() < bounds.idle, "{sent:?}: {:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_send_its_head_is_cut() {
    check_head("").await;
    check_head("P").await;
    check_head("GET / HTTP/1.1\r\nhost: local").await;
    check_head("PRI * HTTP/2.0\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_and_one_that_is_used_is_not() {
    let bounds = Bounds::default();
    let server = Running::start(routes(), None, bounds.clone()).await;
    let mut client = Plain::connect(server.address).await;
    let start = Instant::now();
    for _ in 0..10 {
        client.get("/").await;
        assert_eq!(client.answer().await.1, "hello");
        tokio::time::advance(bounds.idle / 2).await;
    }
    assert_eq!(start.elapsed(), bounds.idle * 5);
    assert_eq!(client.rest().await, "");
    let silence = start.elapsed() - bounds.idle * 9 / 2;
    assert!(silence >= bounds.idle && silence <= bounds.idle * 2, "{silence:?}");
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_of_http_2_is_closed() {
    let server = Running::start(routes(), None, Bounds::default()).await;
    let mut client = Multiplexed::over(TcpStream::connect(server.address).await.unwrap()).await;
    client.get("/").await.unwrap();
    client.driver.join_next().await.unwrap().unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_may_take_longer_than_idle_connections_live() {
    let bounds = Bounds::default();
    let long = bounds.idle * 10;
    let slow = get(move || async move {
        sleep(long).await;
        "done"
    });
    let server = Running::start(Router::new().route("/", slow), None, bounds).await;
    let mut plain = Plain::connect(server.address).await;
    plain.get("/").await;
    assert_eq!(plain.answer().await.1, "done");
    let mut multiplexed = Multiplexed::over(TcpStream::connect(server.address).await.unwrap()).await;
    assert_eq!(multiplexed.get("/").await.unwrap().2, "done");
}

/// Waits for the request on these routes, and then for its end, which must come of the client's silence.
async fn check_silence(router: Router, mut requests: Requests, sent: &str) {
    let bounds = Bounds::default();
    let server = Running::start(router, None, bounds.clone()).await;
    let mut client = Plain::connect(server.address).await;
    client.send(sent).await;
    let ended = requests.recv().await.unwrap();
    let start = Instant::now();
    assert!(timeout(bounds.idle * 3, ended).await.expect("it is cut").is_err());
    assert!(start.elapsed() >= bounds.idle, "{:?}", start.elapsed());
}

/// Requests that came: each an end of a channel whose other end goes with the request.
type Requests = mpsc::UnboundedReceiver<oneshot::Receiver<Infallible>>;

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_take_its_answer_is_cut() {
    let (entered, requests) = mpsc::unbounded_channel();
    let endless = get(move || async move {
        let (alive, ended) = oneshot::channel();
        entered.send(ended).unwrap();
        Body::from_stream(futures::stream::repeat_with(move || {
            let _alive = &alive;
            Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 64 * 1024]))
        }))
    });
    check_silence(Router::new().route("/", endless), requests, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_client_that_stops_in_the_middle_of_its_body_is_cut() {
    let (entered, requests) = mpsc::unbounded_channel();
    let reading = post(move |body: Body| async move {
        let (_alive, ended) = oneshot::channel();
        entered.send(ended).unwrap();
        to_bytes(body, 100).await.map_err(|_| StatusCode::BAD_REQUEST)
    });
    let sent = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf";
    check_silence(Router::new().route("/", reading), requests, sent).await;
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let server = Running::start(routes(), None, Bounds::default()).await;
    let mut client = Plain::connect(server.address).await;
    client.send(&format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(70_000))).await;
    assert!(client.rest().await.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn more_connections_than_there_may_be_wait_until_one_ends() {
    let count = Arc::new(AtomicU32::new(0));
    let counting = {
        let count = Arc::clone(&count);
        get(move || async move { count.fetch_add(1, SeqCst).to_string() })
    };
    let bounds = Bounds { connections: NonZeroU32::new(2).unwrap(), ..Bounds::default() };
    let server = Running::start(Router::new().route("/", counting), None, bounds).await;
    let (mut first, mut second) = (Plain::connect(server.address).await, Plain::connect(server.address).await);
    for client in [&mut first, &mut second] {
        client.get("/").await;
        client.answer().await;
    }
    // The machine has accepted it, we have not.
    let mut third = Plain::connect(server.address).await;
    third.get("/").await;
    for expected in 2..20 {
        first.get("/").await;
        assert_eq!(first.answer().await.1, expected.to_string());
    }
    drop(second);
    assert_eq!(third.answer().await.1, "20");
    first.get("/").await;
    assert_eq!(first.answer().await.1, "21");
}

#[tokio::test]
async fn more_streams_than_there_may_be_wait_until_one_ends() {
    let (entered, mut entries) = mpsc::unbounded_channel();
    let waiting = get(move || async move {
        let (answer, answered) = oneshot::channel::<&'static str>();
        entered.send(answer).unwrap();
        answered.await.unwrap()
    });
    let bounds = Bounds { streams: NonZeroU32::new(1).unwrap(), ..Bounds::default() };
    let router = Router::new().route("/wait", waiting).route("/", get(|| async { "hello" }));
    let server = Running::start(router, None, bounds).await;
    let mut client = Multiplexed::over(TcpStream::connect(server.address).await.unwrap()).await;
    // The server's settings, with the bound, are there when the first answer is.
    client.get("/").await.unwrap();
    let (first, second) = (client.get("/wait"), client.get("/wait"));
    let mut answers = JoinSet::new();
    answers.spawn(first);
    let free = entries.recv().await.unwrap();
    answers.spawn(second);
    // A whole round trip of another connection later it has still not come.
    let mut other = Plain::connect(server.address).await;
    other.get("/").await;
    other.answer().await;
    assert!(entries.try_recv().is_err());
    free.send("first").unwrap();
    entries.recv().await.unwrap().send("second").unwrap();
    let mut answers: Vec<_> = answers.join_all().await.into_iter().map(|answer| answer.unwrap().2).collect();
    answers.sort();
    assert_eq!(answers, ["first", "second"]);
}
