//! HTTP exchanges whose bodies stream both ways.

use super::{
    Answer,
    http::{HttpBody, HttpGuest, unfinished_response},
};
use crate::{Canceller, Invocation, InvokeError, cancel::Running, clock, function::Prepared};
use bytes::Bytes;
use fngraph_types::limits;
use futures::FutureExt as _;
use http::{Request, Response, header::CONTENT_LENGTH};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use std::{
    fmt,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::unconstrained,
    time::timeout_at,
};

/// How many pieces of a response wait for who reads it. The function goes on when there is room: with none at all it
/// would pause for each piece, and each that waits costs memory, up to 1 MiB.
const PIECES: usize = 4;

/// An HTTP request on its way to a function. Neither its body nor that of the response is ever held as a whole.
pub struct Exchange {
    request: Request<HttpBody>,
    respond: oneshot::Sender<Response<HttpBody>>,
}

/// The response of an [`Exchange`], as a future: there when its head is, while the body still comes; none when there
/// will be no response. Dropping it, or the body before its end, ends the call.
pub struct PendingResponse(oneshot::Receiver<Response<HttpBody>>);

/// What an exchange carried, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Carried {
    pub(super) bytes_in: usize,
    pub(super) bytes_out: usize,
}

impl Exchange {
    /// An exchange for this request, and its response to be.
    pub fn new(request: Request<HttpBody>) -> (Self, PendingResponse) {
        let (respond, response) = oneshot::channel();
        (Self { request, respond }, PendingResponse(response))
    }
}

impl Future for PendingResponse {
    type Output = Option<Response<HttpBody>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(context).map(Result::ok)
    }
}

/// Has a guest answer an exchange. It ends when the response has ended, in order or not, and everything of it is on
/// its way; no later than the function's timeout, however slowly somebody reads.
pub(super) async fn serve(
    guest: &mut HttpGuest,
    prepared: &Prepared,
    running: &Arc<Running>,
    invocation: Invocation,
    started: clock::Instant,
    exchange: Exchange,
) -> (Answer, Carried) {
    let Exchange { request, respond } = exchange;
    let bytes_in = Arc::new(AtomicUsize::new(0));
    let request = {
        let bytes_in = Arc::clone(&bytes_in);
        let count = move |frame: Frame<Bytes>| {
            bytes_in.fetch_add(frame.data_ref().map_or(0, Bytes::len), Ordering::Relaxed);
            frame
        };
        request.map(|body| body.map_frame(count).boxed_unsync())
    };
    let (send, head) = oneshot::channel();
    let deadline = started + prepared.config.timeout;
    let serve = guest.serve(prepared, invocation, started, request, |response| {
        // The receiver is only gone when this whole call was dropped.
        let _ = send.send(response);
    });
    let mut serve = pin!(serve);
    let mut relay = Relay { state: State::Head { head, respond }, bytes_out: 0 };
    let mut refused = None;
    let mut answer = loop {
        tokio::select! {
            biased;
            answer = &mut serve => break answer,
            error = relay.run(), if refused.is_none() => match error {
                // Nothing is left to be carried; the guest may go on until it returns.
                Ok(()) => relay.state = State::Over,
                Err(error) => {
                    relay.state = State::Over;
                    refused = Some(error);
                    Canceller(Arc::clone(running)).cancel_any();
                }
            },
        }
    };
    if let Some(error) = refused {
        // What the guest says of it is no more than the consequence.
        answer.result = Err(error);
    } else if answer.result.is_ok() {
        // The guest is done, so all of its response is there, unless it failed to end it.
        let rest = timeout_at(deadline.into(), relay.finish()).await;
        answer.result = rest.unwrap_or(Err(InvokeError::Cancelled)).map(|()| Bytes::new());
    }
    let carried = Carried { bytes_in: bytes_in.load(Ordering::Relaxed), bytes_out: relay.bytes_out };
    (answer, carried)
}

/// Carries a response from a guest to who reads it.
struct Relay {
    state: State,
    bytes_out: usize,
}

enum State {
    /// The guest has not responded yet.
    Head { head: oneshot::Receiver<Response<HttpBody>>, respond: oneshot::Sender<Response<HttpBody>> },
    /// The body is on its way.
    Body { body: HttpBody, reader: mpsc::Sender<Piece>, length: Option<usize> },
    /// There is no more to carry.
    Over,
}

/// What a reader gets.
enum Piece {
    Frame(Frame<Bytes>),
    /// The body ended in order. Without this word it was cut short.
    End,
    /// The body broke.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

/// What one step came to.
enum Step {
    More,
    Ended,
}

impl Relay {
    /// Carries what comes until there is no more. May be dropped and called again at any time.
    async fn run(&mut self) -> Result<(), InvokeError> {
        loop {
            match &mut self.state {
                State::Head { head, respond } => {
                    let response = tokio::select! {
                        biased;
                        response = head => response,
                        () = respond.closed() => return Err(InvokeError::Cancelled),
                    };
                    match response {
                        Ok(response) => self.begin(response)?,
                        // The guest returned without one; its answer says so.
                        Err(oneshot::error::RecvError { .. }) => return Ok(()),
                    }
                }
                State::Body { body, reader, length } => {
                    let Ok(place) = reader.reserve().await else {
                        return gone(*length, self.bytes_out);
                    };
                    let frame = tokio::select! {
                        biased;
                        frame = body.frame() => frame,
                        () = reader.closed() => return gone(*length, self.bytes_out),
                    };
                    if let Step::Ended = pass(place, frame, &mut self.bytes_out)? {
                        return Ok(());
                    }
                }
                // The select never asks again; nothing is ready is the truth.
                State::Over => std::future::pending().await,
            }
        }
    }

    /// Carries the rest of a response whose guest is done.
    async fn finish(&mut self) -> Result<(), InvokeError> {
        if let State::Head { head, .. } = &mut self.state
            && let Ok(response) = head.try_recv()
        {
            self.begin(response)?;
        }
        let State::Body { body, reader, length } = &mut self.state else { return Ok(()) };
        loop {
            let Ok(place) = reader.reserve().await else {
                return gone(*length, self.bytes_out);
            };
            let Some(frame) = unconstrained(body.frame()).now_or_never() else {
                let error = unfinished_response("it never ended");
                place.send(Piece::Broken(error.to_string().into()));
                return Err(InvokeError::Function(error));
            };
            if let Step::Ended = pass(place, frame, &mut self.bytes_out)? {
                return Ok(());
            }
        }
    }

    /// Hands the head over.
    fn begin(&mut self, response: Response<HttpBody>) -> Result<(), InvokeError> {
        let (parts, body) = response.into_parts();
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let (reader, pieces) = mpsc::channel(PIECES);
        let response = Response::from_parts(parts, reading(pieces));
        match std::mem::replace(&mut self.state, State::Body { body, reader, length }) {
            State::Head { respond, .. } => respond.send(response).map_err(|_| InvokeError::Cancelled),
            State::Body { .. } | State::Over => unreachable!("a response begins once"),
        }
    }
}

/// Who reads has gone, which is fine if they have all of it.
fn gone(length: Option<usize>, bytes_out: usize) -> Result<(), InvokeError> {
    if length == Some(bytes_out) { Ok(()) } else { Err(InvokeError::Cancelled) }
}

/// Passes one frame on.
fn pass(
    place: mpsc::Permit<'_, Piece>,
    frame: Option<Result<Frame<Bytes>, Box<dyn std::error::Error + Send + Sync>>>,
    bytes_out: &mut usize,
) -> Result<Step, InvokeError> {
    match frame {
        None => {
            place.send(Piece::End);
            Ok(Step::Ended)
        }
        Some(Err(error)) => {
            let failed = InvokeError::Function(unfinished_response(&error.to_string()));
            place.send(Piece::Broken(error));
            Err(failed)
        }
        Some(Ok(frame)) => {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            if *bytes_out + bytes > limits::RESULT_BYTES {
                let error = InvokeError::ResponseBodyTooLarge { limit: limits::RESULT_BYTES };
                place.send(Piece::Broken(error.to_string().into()));
                return Err(error);
            }
            *bytes_out += bytes;
            place.send(Piece::Frame(frame));
            Ok(Step::More)
        }
    }
}

/// The body that a reader sees.
fn reading(mut pieces: mpsc::Receiver<Piece>) -> HttpBody {
    let mut is_over = false;
    let stream = futures::stream::poll_fn(move |context| {
        if is_over {
            return Poll::Ready(None);
        }
        let piece = std::task::ready!(pieces.poll_recv(context));
        is_over = !matches!(piece, Some(Piece::Frame(_)));
        Poll::Ready(match piece {
            Some(Piece::Frame(frame)) => Some(Ok(frame)),
            Some(Piece::End) => None,
            Some(Piece::Broken(error)) => Some(Err(error)),
            None => Some(Err("the function ended before its response did".into())),
        })
    });
    StreamBody::new(stream).boxed_unsync()
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("method", self.request.method())
            .field("uri", self.request.uri())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PendingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingResponse").finish_non_exhaustive()
    }
}
