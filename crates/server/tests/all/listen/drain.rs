//! How it ends.

use super::{
    Running,
    client::{Multiplexed, Plain},
};
use axum::{Router, routing::get};
use fngraph_server::{Bounds, Drained};
use std::{io::ErrorKind, time::Duration};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};

/// What a handler waits for before it answers.
type Pending = oneshot::Sender<String>;

/// A route `/wait` whose requests come out here and wait to be answered, and a route `/` that answers at once.
fn routes() -> (Router, mpsc::UnboundedReceiver<Pending>) {
    let (entered, entries) = mpsc::unbounded_channel();
    let waiting = get(move || async move {
        let (answer, answered) = oneshot::channel();
        entered.send(answer).unwrap();
        answered.await.unwrap()
    });
    (Router::new().route("/wait", waiting).route("/", get(|| async { "hello" })), entries)
}

#[tokio::test]
async fn a_drain_ends_what_runs_and_refuses_what_is_new() {
    let (router, mut entries) = routes();
    let Running { address, stop, mut task } = Running::start(router, None, Bounds::default()).await;
    let mut idle = Plain::connect(address).await;
    idle.get("/").await;
    idle.answer().await;
    let mut plain = Plain::connect(address).await;
    plain.get("/wait").await;
    let answer_plain = entries.recv().await.unwrap();
    let mut multiplexed = Multiplexed::over(TcpStream::connect(address).await.unwrap()).await;
    let mut answers = tokio::task::JoinSet::new();
    answers.spawn(multiplexed.get("/wait"));
    let answer_multiplexed = entries.recv().await.unwrap();

    stop.send(()).unwrap();
    // Idle connections are closed after the port is.
    assert_eq!(idle.rest().await, "");
    assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(task.try_join_next().is_none());

    answer_plain.send("done".to_owned()).unwrap();
    let (head, body) = plain.answer().await;
    assert_eq!(body, "done");
    assert!(head.contains("connection: close\r\n"), "{head}");
    answer_multiplexed.send("done".to_owned()).unwrap();
    assert_eq!(answers.join_next().await.unwrap().unwrap().unwrap().2, "done");
    assert_eq!(task.join_next().await.unwrap().unwrap(), Drained::default());
}

#[tokio::test]
async fn what_hangs_is_cut_at_the_deadline_and_counted() {
    let (router, mut entries) = routes();
    let bounds = Bounds { drain: Duration::from_millis(1), ..Bounds::default() };
    let server = Running::start(router, None, bounds).await;
    let mut plain = Plain::connect(server.address).await;
    plain.get("/wait").await;
    let mut multiplexed = Multiplexed::over(TcpStream::connect(server.address).await.unwrap()).await;
    let mut answers = tokio::task::JoinSet::new();
    answers.spawn(multiplexed.get("/wait"));
    answers.spawn(multiplexed.get("/wait"));
    let mut idle = Plain::connect(server.address).await;
    idle.get("/").await;
    idle.answer().await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(entries.recv().await.unwrap());
    }

    assert_eq!(server.stop().await, Drained { connections_cut: 2, requests_cut: 3 });
    assert_eq!(plain.rest().await, "");
    assert!(answers.join_all().await.iter().all(Result::is_err));
    // Their handlers were ended, not left behind.
    assert!(waiting.iter().all(Pending::is_closed));
}

#[tokio::test]
async fn a_listener_that_is_dropped_leaves_nothing_behind() {
    let (router, mut entries) = routes();
    let Running { address, task, stop: _stop } = Running::start(router, None, Bounds::default()).await;
    let mut plain = Plain::connect(address).await;
    plain.get("/wait").await;
    let mut answer = entries.recv().await.unwrap();
    drop(task);
    answer.closed().await;
    assert_eq!(plain.rest().await, "");
}
