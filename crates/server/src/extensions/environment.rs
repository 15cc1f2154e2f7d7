//! An environment: where the extensions of one version run, as often as they are started.

use super::{
    Shared,
    session::{self, End, Phase, Session},
};
use fngraph::{FunctionId, Invocation, Outcome, Rejection, RequestId, Timestamp, Version, Watch, Watched};
use futures::future::{BoxFuture, FutureExt as _};
use parking_lot::Mutex;
use std::{fmt, sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// How long nothing is started after all extensions of an environment died; twice as long each time.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause: as often as somebody would look after it.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Whose environment it is.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) function: FunctionId,
    pub(super) version: Arc<Version>,
    /// The version's full URN.
    pub(super) urn: String,
    /// When the function was created: one of the same name that is made later is another.
    pub(super) created_at: Timestamp,
}

/// Where the extensions of one version run. They end when this is dropped and their last call has ended.
pub(super) struct Environment {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    place: Mutex<Place>,
}

#[derive(Default)]
struct Place {
    session: Option<Arc<Session>>,
    /// The end of what has to be over before the next session begins.
    before: Option<watch::Receiver<Phase>>,
    /// How often in sequence all extensions died.
    failures: u32,
    /// Nothing is started earlier.
    not_before: Option<Instant>,
    /// There are no extensions in this version's dependencies.
    is_without: bool,
}

impl Environment {
    /// The environment of a version, which takes the place of another.
    pub(super) fn new(shared: &Arc<Shared>, facts: Facts, before: Option<watch::Receiver<Phase>>) -> Self {
        let place = Place { before, ..Place::default() };
        Self { shared: Arc::clone(shared), facts: Arc::new(facts), place: Mutex::new(place) }
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Ends the extensions after their last call, and tells when they have ended.
    pub(super) fn retire(&self) -> Option<watch::Receiver<Phase>> {
        let mut place = self.place.lock();
        if let Some(session) = place.session.take() {
            session.retire();
            place.before = Some(session.phase());
        }
        place.before.clone()
    }

    #[cfg(test)]
    pub(super) fn session(&self) -> Option<Arc<Session>> {
        self.place.lock().session.clone()
    }

    /// The session that a call is part of; none while there is nothing to start.
    fn enter(&self) -> Option<Arc<Session>> {
        let mut place = self.place.lock();
        if let Some(session) = &place.session {
            if session.enter() {
                return Some(Arc::clone(session));
            }
            let end = session.end();
            place.before = Some(session.phase());
            place.session = None;
            place.note(end);
        }
        if place.is_without || place.not_before.is_some_and(|moment| Instant::now() < moment) {
            return None;
        }
        if self.shared.stop.is_cancelled() {
            return None;
        }
        let session = Session::new(&self.shared, &self.facts);
        session.enter();
        self.shared.tasks.spawn(session::run(Arc::clone(&session), place.before.take()));
        place.session = Some(Arc::clone(&session));
        Some(session)
    }
}

impl Place {
    /// Learns from how a session ended.
    fn note(&mut self, end: Option<End>) {
        match end {
            None | Some(End::Unused) => {
                self.failures = 0;
                self.not_before = None;
            }
            Some(End::Nothing) => self.is_without = true,
            Some(End::Failed) => {
                let pause = SHORTEST_PAUSE.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
                self.failures += 1;
                self.not_before = Some(Instant::now() + pause);
            }
        }
    }
}

impl Watch for Environment {
    fn begin<'a>(&'a self, invocation: &'a mut Invocation) -> BoxFuture<'a, Box<dyn Watched>> {
        let Some(session) = self.enter() else {
            return futures::future::ready(Box::new(Nobody) as Box<dyn Watched>).boxed();
        };
        let call = Call(session);
        let request_id: RequestId = invocation.request_id;
        Box::pin(async move {
            call.0.ready().await;
            call.0.invoke(request_id);
            Box::new(call) as Box<dyn Watched>
        })
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.retire();
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("urn", &self.facts.urn).finish_non_exhaustive()
    }
}

/// A call that a session goes on for.
struct Call(Arc<Session>);

impl Watched for Call {
    fn end(self: Box<Self>, end: Result<&Outcome, &Rejection>) {
        if let Ok(outcome) = end {
            self.0.report(outcome);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// A call that no extension hears of.
struct Nobody;

impl Watched for Nobody {
    fn end(self: Box<Self>, _end: Result<&Outcome, &Rejection>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_pause_after_a_failure_grows_and_a_good_life_ends_it() {
        let mut place = Place::default();
        let mut pauses = Vec::new();
        for _ in 0..12 {
            place.note(Some(End::Failed));
            pauses.push((place.not_before.unwrap() - Instant::now()).as_secs());
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        place.note(Some(End::Unused));
        assert!(place.not_before.is_none());
        place.note(Some(End::Failed));
        assert_eq!(place.not_before.unwrap() - Instant::now(), SHORTEST_PAUSE);
    }
}
