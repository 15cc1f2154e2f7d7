//! From a port to requests: binds, speaks TLS and HTTP/1.1 or 2, bounds what connections take, drains.
//!
//! It knows nothing of what is served. The way of a request through here is one call of the router and one counter
//! ([`activity`]); everything else happens once for each connection.

mod activity;
mod bounds;
mod connection;
mod tls;

pub use bounds::Bounds;
pub use tls::{Tls, TlsError};

use crate::respond::Responder;
use connection::{Ended, Phase, Server};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    time::Duration,
};
use thiserror::Error;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// How long nothing is accepted after the machine refused a connection, mostly since files ran out. Shorter only warns
/// more often; longer leaves clients waiting when files are free again. A connection that ends cuts it short.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// How often it is said that clients wait since there are as many connections as there may be.
const FULL_WARNING: Duration = Duration::from_secs(60);

/// A bound port: whoever connects waits until it serves.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Tls>,
    bounds: Bounds,
}

/// Why a port was not bound.
#[derive(Debug, Error)]
#[error("listen on {address}")]
pub struct BindError {
    /// The address that was asked for.
    pub address: SocketAddr,
    /// What the machine says.
    pub source: io::Error,
}

/// What did not end by itself before the deadline of the drain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "requests that were cut are worth a warning"]
pub struct Drained {
    /// Connections that were closed under their clients.
    pub connections_cut: usize,
    /// Requests whose answer these clients did not get.
    pub requests_cut: usize,
}

impl Listener {
    /// Binds a port; port 0 takes a free one, which [`Listener::address`] then tells. Speaks TLS if it is given, and
    /// what was wrong with that was said when it was loaded.
    ///
    /// # Errors
    /// When the address is not this machine's, or taken, or not allowed.
    pub async fn bind(address: SocketAddr, tls: Option<Tls>, bounds: Bounds) -> Result<Self, BindError> {
        let failed = |source| BindError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, tls, bounds })
    }

    /// The address that is bound, with its real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client on this machine types, such as `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until the shutdown, then takes no more connections, lets requests that run end until [`Bounds::drain`],
    /// and cuts what is left.
    ///
    /// # Cancel safety
    /// All connections are cut when the future is dropped.
    pub async fn serve(self, responder: impl Responder, shutdown: impl Future<Output = ()>) -> Drained {
        let Self { listener, tls, bounds, .. } = self;
        let most = usize::try_from(bounds.connections.get()).unwrap_or(usize::MAX);
        let drain = bounds.drain;
        let streams = TaskTracker::new();
        let server = Arc::new(Server::new(responder, tls, bounds, streams.clone()));
        let phase = watch::Sender::new(Phase::Serving);
        let mut connections = JoinSet::new();
        let mut warned = None;
        let mut shutdown = pin!(shutdown);
        loop {
            if connections.len() == most && warned.is_none_or(|at: Instant| at.elapsed() >= FULL_WARNING) {
                tracing::warn!(most, "there are as many connections as there may be; the next ones wait");
                warned = Some(Instant::now());
            }
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(ended) = connections.join_next() => {
                    take(ended);
                }
                (stream, peer) = accept(|| listener.accept()), if connections.len() < most => {
                    let span = tracing::debug_span!("connection", %peer);
                    connections.spawn(Arc::clone(&server).connection(stream, peer, phase.subscribe()).instrument(span));
                }
            }
        }
        // Refuses who comes now, and resets who waited for an accept: both know that nothing of theirs was done.
        drop(listener);
        tracing::debug!(connections = connections.len(), "drain");
        phase.send_replace(Phase::Draining);
        let mut drained = Drained::default();
        let everything = async {
            while let Some(ended) = connections.join_next().await {
                take(ended);
            }
        };
        if timeout(drain, everything).await.is_err() {
            phase.send_replace(Phase::Cut);
            while let Some(ended) = connections.join_next().await {
                if let Ended::Cut { requests } = take(ended) {
                    drained.connections_cut += 1;
                    drained.requests_cut += requests;
                }
            }
        }
        // Requests of HTTP/2 have tasks of their own, which end when their connection did.
        streams.close();
        streams.wait().await;
        drained
    }
}

/// The next connection. Errors do not end it: those of one client are passed over, those of the machine waited out.
async fn accept<T, F: Future<Output = io::Result<T>>>(mut next: impl FnMut() -> F) -> T {
    loop {
        match next().await {
            Ok(connection) => return connection,
            Err(error) if is_of_the_client(&error) => tracing::debug!(%error, "a client left before it was accepted"),
            Err(error) => {
                tracing::warn!(%error, "accept a connection");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset)
}

/// How a connection ended; if by a panic, that took only this one.
fn take(ended: Result<Ended, JoinError>) -> Ended {
    ended.unwrap_or_else(|error| {
        tracing::error!(%error, "a request panicked; its connection is lost");
        Ended::Closed
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Accepts with these results, and tells how long that took.
    async fn check(results: &[Result<u8, ErrorKind>], expected: Duration) {
        let start = Instant::now();
        let mut results: VecDeque<_> = results.iter().copied().collect();
        let accepted = accept(|| {
            let result = results.pop_front().expect("accept ends with a connection").map_err(io::Error::from);
            async move { result }
        });
        assert_eq!(accepted.await, 7);
        assert_eq!(start.elapsed(), expected);
        assert!(results.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_left_does_not_keep_others_waiting() {
        check(&[Err(ErrorKind::ConnectionAborted), Err(ErrorKind::ConnectionReset), Ok(7)], Duration::ZERO).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_without_files_is_asked_again_after_a_pause_and_not_in_a_spin() {
        check(&[Err(ErrorKind::OutOfMemory), Err(ErrorKind::Other), Ok(7)], 2 * ACCEPT_PAUSE).await;
    }
}
