//! The listener: what it speaks, what it bounds, how it ends.

mod bounds;
mod client;
mod drain;
mod protocols;

use axum::Router;
use fngraph_server::{Bounds, Drained, Listener, Tls};
use std::net::SocketAddr;
use tokio::{sync::oneshot, task::JoinSet};

/// A listener that serves in a task of its own until it is told to stop.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinSet<Drained>,
}

impl Running {
    /// Serves these routes on a free port.
    async fn start(router: Router, tls: Option<Tls>, bounds: Bounds) -> Self {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), tls, bounds).await.unwrap();
        let address = listener.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(listener.serve(router, async {
            stopped.await.ok();
        }));
        Self { address, stop, task }
    }

    /// Begins the shutdown and waits for its end.
    async fn stop(self) -> Drained {
        let Self { stop, mut task, .. } = self;
        stop.send(()).unwrap();
        task.join_next().await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn the_bound_address_has_its_real_port_and_scheme() {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, Bounds::default()).await.unwrap();
    assert_ne!(listener.address().port(), 0);
    assert_eq!(listener.url(), format!("http://{}", listener.address()));
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let first = Listener::bind("127.0.0.1:0".parse().unwrap(), None, Bounds::default()).await.unwrap();
    let error = Listener::bind(first.address(), None, Bounds::default()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("listen on {}", first.address()));
    assert_eq!(error.source.kind(), std::io::ErrorKind::AddrInUse);
}
