//! Who is to act next on a connection: we, or its client.
//!
//! A request is ours while its handler works and while its answer's next piece is being made; it is the client's while
//! we wait for more of its body, or to send. A connection on which nothing is ours and nothing happens is silent, and a
//! silent client may be closed, whereas one that waits for a long call never is.

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicIsize, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// What happens on a connection. Requests note it, the connection's task looks at it now and then: they share nothing
/// else, so no order is needed.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests between their head and the end of their answer.
    requests: AtomicUsize,
    /// Those of them that are ours. It is negative for the moment in which a request ends before its body does.
    ours: AtomicIsize,
    /// Grows with everything that requests do.
    events: AtomicU64,
}

impl Activity {
    /// Requests between their head and the end of their answer.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(Relaxed)
    }

    /// How much has happened, or none while something is ours.
    pub(super) fn events(&self) -> Option<u64> {
        (self.ours.load(Relaxed) <= 0).then(|| self.events.load(Relaxed))
    }

    fn change(&self, ours: isize) {
        if ours != 0 {
            self.ours.fetch_add(ours, Relaxed);
        }
        self.events.fetch_add(1, Relaxed);
    }
}

/// A request, from its head to the end of its answer, however it ends.
#[derive(Debug)]
pub(super) struct Running {
    activity: Arc<Activity>,
    ours: bool,
}

impl Running {
    /// A request has come, and is ours.
    pub(super) fn new(activity: &Arc<Activity>) -> Self {
        activity.requests.fetch_add(1, Relaxed);
        activity.change(1);
        Self { activity: Arc::clone(activity), ours: true }
    }

    fn set_ours(&mut self, ours: bool) {
        self.activity.change(isize::from(ours) - isize::from(self.ours));
        self.ours = ours;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.set_ours(false);
        self.activity.requests.fetch_sub(1, Relaxed);
    }
}

/// The body of a request, which is the client's to send while its handler waits for it.
#[derive(Debug)]
pub(super) struct RequestBody<B> {
    body: B,
    activity: Arc<Activity>,
    awaited: bool,
}

impl<B> RequestBody<B> {
    pub(super) fn new(body: B, activity: &Arc<Activity>) -> Self {
        Self { body, activity: Arc::clone(activity), awaited: false }
    }

    fn set_awaited(&mut self, awaited: bool) {
        self.activity.change(isize::from(self.awaited) - isize::from(awaited));
        self.awaited = awaited;
    }
}

impl<B> Drop for RequestBody<B> {
    fn drop(&mut self) {
        self.set_awaited(false);
    }
}

impl<B: HttpBody + Unpin> HttpBody for RequestBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        // A poll that finds nothing is no event: it may be the handler's, for another reason.
        if frame.is_ready() || !self.awaited {
            self.set_awaited(frame.is_pending());
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer, which is the client's to take unless its next piece is still being made.
#[derive(Debug)]
pub(super) struct AnswerBody {
    body: Body,
    running: Running,
}

impl AnswerBody {
    /// The handler has answered.
    pub(super) fn new(body: Body, mut running: Running) -> Self {
        running.set_ours(false);
        Self { body, running }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.running.set_ours(frame.is_pending());
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::mpsc::{UnboundedSender, unbounded};
    use std::{io, task::Waker};

    /// A body whose pieces come when they are sent.
    fn body() -> (UnboundedSender<io::Result<Bytes>>, Body) {
        let (sender, receiver) = unbounded();
        (sender, Body::from_stream(receiver))
    }

    fn poll(body: &mut (impl HttpBody + Unpin)) -> bool {
        Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_request_is_ours_until_its_answer_is_there_and_counts_until_that_is_gone() {
        let activity = Arc::new(Activity::default());
        assert_eq!(activity.events(), Some(0));
        let running = Running::new(&activity);
        assert_eq!((activity.requests(), activity.events()), (1, None));
        let answer = AnswerBody::new(Body::from("text"), running);
        assert_eq!(activity.requests(), 1);
        assert!(activity.events() > Some(0));
        drop(answer);
        assert_eq!(activity.requests(), 0);
    }

    #[test]
    fn a_handler_that_is_dropped_gives_its_request_back() {
        let activity = Arc::new(Activity::default());
        drop(Running::new(&activity));
        assert_eq!(activity.requests(), 0);
        assert!(activity.events().is_some());
    }

    #[test]
    fn an_answer_is_ours_again_while_its_next_piece_is_made() {
        let activity = Arc::new(Activity::default());
        let (sender, body) = body();
        let mut answer = AnswerBody::new(body, Running::new(&activity));
        let before = activity.events().unwrap();
        assert!(!poll(&mut answer));
        assert_eq!(activity.events(), None);
        sender.unbounded_send(Ok(Bytes::from_static(b"piece"))).unwrap();
        assert!(poll(&mut answer));
        assert!(activity.events().unwrap() > before);
    }

    #[test]
    fn a_request_is_its_client_s_while_its_body_is_awaited() {
        let activity = Arc::new(Activity::default());
        let (sender, body) = body();
        let running = Running::new(&activity);
        let mut body = RequestBody::new(body, &activity);
        assert!(!poll(&mut body));
        let before = activity.events().unwrap();
        assert!(!poll(&mut body));
        assert_eq!(activity.events(), Some(before));
        sender.unbounded_send(Ok(Bytes::from_static(b"piece"))).unwrap();
        assert!(poll(&mut body));
        assert_eq!(activity.events(), None);
        assert!(!poll(&mut body));
        drop((body, running));
        assert_eq!((activity.requests(), activity.ours.load(Relaxed)), (0, 0));
    }
}
