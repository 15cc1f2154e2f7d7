//! One connection, from its first byte to its end.

use super::{
    Bounds, Tls,
    activity::{Activity, AnswerBody, RequestBody, Running},
};
use crate::respond::Responder;
use http::Request;
use hyper::{body::Incoming, rt::Executor, service::service_fn};
use hyper_util::{rt::TokioIo, server::conn::auto::Builder};
use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// Most bytes in the head of a request: signed headers and user data take a few thousand. HTTP/1.1 answers 431 beyond,
/// HTTP/2 refuses the request. Larger is memory for whoever connects; hyper does not take less than 8 KiB.
const HEAD_BYTES: u32 = 64 * 1024;

/// How long a client that was told goodbye may take to close: a round trip of the worst line.
const FAREWELL: Duration = Duration::from_secs(5);

/// What all connections are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Serve.
    Serving,
    /// End after the requests that run.
    Draining,
    /// End now.
    Cut,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By its client, by an error, by its silence, or after its last request.
    Closed,
    /// By force, with this many requests on it.
    Cut { requests: usize },
}

/// What all connections share.
pub(super) struct Server<R> {
    http: Builder<Streams>,
    responder: R,
    tls: Option<Tls>,
    bounds: Bounds,
}

impl<R: Responder> Server<R> {
    pub(super) fn new(responder: R, tls: Option<Tls>, bounds: Bounds, streams: TaskTracker) -> Self {
        let mut http = Builder::new(Streams(streams));
        // hyper's own timeout would make a timer for each request, and close idle connections with slow ones.
        http.http1().header_read_timeout(None).max_buf_size(HEAD_BYTES as usize);
        http.http2().max_concurrent_streams(bounds.streams.get()).max_header_list_size(HEAD_BYTES);
        Self { http, responder, tls, bounds }
    }

    /// Serves one connection to its end.
    pub(super) async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        mut phase: watch::Receiver<Phase>,
    ) -> Ended {
        // Answers are written in one piece and wait for nothing that Nagle's algorithm could add.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the client left at once");
            return Ended::Closed;
        }
        let Some(tls) = &self.tls else {
            return self.http(stream, peer, phase).await;
        };
        let shaken = tokio::select! {
            biased;
            shaken = timeout(self.bounds.handshake, tls.accept(stream)) => shaken,
            // There is no request yet that could be waited for.
            _ = changed(&mut phase) => return Ended::Closed,
        };
        match shaken {
            Ok(Ok(stream)) => self.http(stream, peer, phase).await,
            Ok(Err(error)) => {
                tracing::debug!(%error, "no TLS could be agreed upon");
                Ended::Closed
            }
            Err(_) => {
                tracing::debug!("the TLS handshake took too long");
                Ended::Closed
            }
        }
    }

    /// Speaks HTTP/1.1, or 2 if the client begins with that.
    async fn http<I>(&self, io: I, peer: SocketAddr, mut phase: watch::Receiver<Phase>) -> Ended
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let activity = Arc::new(Activity::default());
        let mut connection = pin!(self.http.serve_connection(TokioIo::new(io), {
            // One for each connection, so that processors that serve others count no references with this one.
            let (responder, activity) = (Arc::new(self.responder.connected(peer)), Arc::clone(&activity));
            service_fn(move |request: Request<Incoming>| {
                let running = Running::new(&activity);
                let request = request.map(|body| RequestBody::new(body, &activity));
                let responder = Arc::clone(&responder);
                async move {
                    let answer = responder.respond(request).await;
                    Ok::<_, Infallible>(answer.map(|body| AnswerBody::new(body, running)))
                }
            })
        }));
        let mut patience = pin!(sleep(self.bounds.head));
        let mut silence = Silence::default();
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, "the connection broke");
                    }
                    return Ended::Closed;
                }
                phase = changed(&mut phase) => match phase {
                    Phase::Serving => {}
                    Phase::Draining => connection.as_mut().graceful_shutdown(),
                    Phase::Cut => return Ended::Cut { requests: activity.requests() },
                },
                () = patience.as_mut() => {
                    let wait = match silence.judge(activity.events()) {
                        Verdict::Go => self.bounds.idle,
                        Verdict::Farewell => {
                            connection.as_mut().graceful_shutdown();
                            FAREWELL
                        }
                        Verdict::Drop => {
                            tracing::debug!("the client was silent for too long");
                            return Ended::Closed;
                        }
                    };
                    patience.as_mut().reset(Instant::now() + wait);
                }
            }
        }
    }
}

/// Finds out whether a connection was silent between one look at it and the next.
#[derive(Debug, Default)]
struct Silence {
    events: u64,
    told: bool,
}

/// What to do with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Let it go on.
    Go,
    /// Tell the client that no more requests are taken, which closes a connection of HTTP/1.1.
    Farewell,
    /// Close it as it is.
    Drop,
}

impl Silence {
    /// Judges by what had happened until now; none if something is ours to do.
    fn judge(&mut self, events: Option<u64>) -> Verdict {
        let Some(events) = events else { return Verdict::Go };
        if events != self.events {
            self.events = events;
            return Verdict::Go;
        }
        // A client that never sent a request has nothing that could be ended well.
        if self.told || events == 0 {
            return Verdict::Drop;
        }
        self.told = true;
        Verdict::Farewell
    }
}

/// The phase after the next change; whose sender is gone is cut.
async fn changed(phase: &mut watch::Receiver<Phase>) -> Phase {
    match phase.changed().await {
        Ok(()) => *phase.borrow_and_update(),
        Err(_) => Phase::Cut,
    }
}

/// Runs the requests of HTTP/2 connections, which are tasks of their own. They end with their connection; the tracker
/// tells when the last has.
#[derive(Debug, Clone)]
struct Streams(TaskTracker);

impl<F> Executor<F> for Streams
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future.in_current_span());
    }
}

#[cfg(test)]
mod tests {
    use super::{Verdict::*, *};

    fn check(looks: &[Option<u64>], expected: &[Verdict]) {
        let mut silence = Silence::default();
        let verdicts: Vec<_> = looks.iter().map(|events| silence.judge(*events)).collect();
        assert_eq!(verdicts, expected);
    }

    #[test]
    fn who_never_sends_a_request_is_dropped() {
        check(&[Some(0)], &[Drop]);
    }

    #[test]
    fn who_goes_silent_after_a_request_is_told_and_then_dropped() {
        check(&[Some(4), Some(8), Some(8), Some(8)], &[Go, Go, Farewell, Drop]);
    }

    #[test]
    fn what_we_work_on_may_take_any_time() {
        check(&[None, None, None, Some(4), Some(4)], &[Go, Go, Go, Go, Farewell]);
    }
}
