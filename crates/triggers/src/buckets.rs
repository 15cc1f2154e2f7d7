//! Buckets: folders whose files are objects. What happens to them calls whoever follows (manual, OBS).
//!
//! A file that is written and closed was put. One that comes by a rename, or as a hard link, from another object of
//! these buckets was copied; the old name of a rename was deleted. Files that begin with a dot, or end with
//! `.unfinished`, are no objects; a rename to another name puts them. What happened while nobody watched is not told,
//! and neither is what was overtaken: an object that is written twice in a moment was put once.

mod event;
mod objects;
mod watch;

use crate::{
    TriggerError,
    caller::{Callee, Caller},
    followers::Followers,
};
use event::{Feed, Happening};
use fngraph::{Bucket, Fault, Function, FunctionId, ObjectEvent, Source, Trigger, TriggerKind};
use parking_lot::Mutex;
use std::{collections::BTreeSet, io, path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc, oneshot};
use watch::{Hints, Watch};

/// How often objects that may still be written are looked at.
const TICK: Duration = Duration::from_millis(250);

/// How often a function whose queue is full is asked again, with a second in between.
const TRIES: u32 = 60;

/// The buckets that somebody follows.
#[derive(Debug)]
pub(crate) struct Buckets {
    root: PathBuf,
    following: Arc<Mutex<Followers<Bucket>>>,
    /// The bucket of the trigger that was admitted last, which may not follow it yet.
    admitted: Arc<Mutex<Option<Arc<str>>>>,
    /// Told when other buckets are followed.
    review: Arc<Notify>,
    openings: mpsc::Sender<Opening>,
}

/// Asks the task to watch a bucket, whose folder is made.
#[derive(Debug)]
struct Opening {
    bucket: Arc<str>,
    done: oneshot::Sender<io::Result<()>>,
}

impl Buckets {
    /// The buckets below `root`, and the work that follows them until they are dropped. Nothing is made or watched
    /// before somebody follows a bucket.
    pub(crate) fn new(root: PathBuf, caller: Caller) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (watch, hints) = Watch::new(root.clone());
        let (openings, opening) = mpsc::channel(1);
        let (following, admitted, review) = (Arc::default(), Arc::default(), Arc::new(Notify::new()));
        let work = Work {
            caller,
            following: Arc::clone(&following),
            admitted: Arc::clone(&admitted),
            review: Arc::clone(&review),
            watch: Some(Box::new(watch)),
        };
        (Self { root, following, admitted, review, openings }, work.run(hints, opening))
    }

    /// A function's triggers are these now.
    pub(crate) fn changed(&self, id: &FunctionId, read: impl FnOnce() -> Option<Arc<Function>>) {
        let mut following = self.following.lock();
        let had = following.has(id);
        following.changed(id, read().as_deref(), |trigger| match &trigger.source {
            Source::Bucket(bucket) => Some((Arc::from(&*bucket.bucket), bucket.clone())),
            _ => None,
        });
        if had || following.has(id) {
            self.review.notify_one();
        }
    }

    /// Makes a bucket ready for a trigger that is to follow it: from now on nothing is missed.
    pub(crate) async fn admit(
        &self,
        function: &FunctionId,
        trigger: &Trigger,
        bucket: &Bucket,
    ) -> Result<(), TriggerError> {
        if let Some(other) = self.overlap(function, trigger, bucket) {
            return Err(TriggerError::BucketOverlap(other));
        }
        let (done, opened) = oneshot::channel();
        let name: Arc<str> = Arc::from(&*bucket.bucket);
        *self.admitted.lock() = Some(Arc::clone(&name));
        // Nobody listens any more when all of this ends, which the answer tells.
        let _ = self.openings.send(Opening { bucket: name, done }).await;
        let opened = opened.await.unwrap_or_else(|_| Err(io::Error::other("nobody watches buckets any more")));
        opened.map_err(|source| TriggerError::Bucket {
            bucket: self.root.join(&bucket.bucket).display().to_string(),
            source,
        })
    }

    /// The function of another trigger of object storage itself that the same could make fire. The event grid has no
    /// such rule.
    fn overlap(&self, function: &FunctionId, trigger: &Trigger, bucket: &Bucket) -> Option<FunctionId> {
        let following = self.following.lock();
        let is_other = |callee: &Callee| callee.function != *function || *callee.trigger != *trigger.id;
        let mut others = following.of(&bucket.bucket).filter(|follower| is_other(&follower.callee));
        let overlapping = others.find(|follower| {
            bucket.feed == follower.rule.feed && is_storage(bucket) && bucket.overlaps(&follower.rule)
        });
        overlapping.map(|follower| follower.callee.function.clone())
    }
}

fn is_storage(bucket: &Bucket) -> bool {
    matches!(bucket.feed, fngraph::BucketFeed::Obs)
}

/// The task that follows buckets.
struct Work {
    caller: Caller,
    following: Arc<Mutex<Followers<Bucket>>>,
    admitted: Arc<Mutex<Option<Arc<str>>>>,
    review: Arc<Notify>,
    /// None only while a thread for files has it.
    watch: Option<Box<Watch>>,
}

impl Work {
    async fn run(mut self, mut hints: Hints, mut openings: mpsc::Receiver<Opening>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let review = Arc::clone(&self.review);
        loop {
            let waits = self.watch.as_ref().is_some_and(|watch| watch.waits());
            let told = tokio::select! {
                opening = openings.recv() => {
                    let Some(Opening { bucket, done }) = opening else { return };
                    let opened = self.blocking(move |watch| watch.open(&bucket)).await;
                    // Whoever asked may have gone.
                    let _ = done.send(opened);
                    continue;
                }
                () = review.notified() => {
                    let mut followed: BTreeSet<_> = self.following.lock().names().cloned().collect();
                    followed.extend(self.admitted.lock().clone());
                    self.blocking(move |watch| watch.review(&followed)).await;
                    continue;
                }
                batch = hints.next() => self.blocking(move |watch| watch.take(batch)).await,
                _ = tick.tick(), if waits => self.blocking(Watch::tick).await,
            };
            for change in told {
                self.tell(change).await;
            }
        }
    }

    /// Tells those who want to know.
    async fn tell(&mut self, change: objects::Change) {
        let wanted: Vec<(Callee, Bucket)> = {
            let following = self.following.lock();
            let followers =
                following.of(&change.bucket).filter(|follower| follower.rule.wants(change.event, &change.key));
            followers.map(|follower| (follower.callee.clone(), follower.rule.clone())).collect()
        };
        if wanted.is_empty() {
            return;
        }
        let (bucket, key) = (Arc::clone(&change.bucket), change.key.clone());
        let etag = match change.event {
            ObjectEvent::Created(_) => self.blocking(move |watch| watch.etag(&bucket, &key)).await,
            ObjectEvent::Removed(_) => None,
        };
        let happening = Happening::new(change, etag, self.caller.runtime());
        for (callee, rule) in wanted {
            let feed = Feed { trigger: &callee.trigger, rule: &rule, project_id: &callee.function.project_id };
            let (kind, event) = happening.event(&feed);
            self.call(kind, &callee, event).await;
        }
    }

    /// Calls a function, and waits while its queue is full: meanwhile what happens in buckets is put together.
    async fn call(&self, kind: TriggerKind, callee: &Callee, event: bytes::Bytes) {
        for _ in 0..TRIES {
            match self.caller.call(kind, callee, event.clone(), None).await {
                Err(rejection) if rejection.code().fault() == Fault::Capacity => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                // What else is refused would be refused again.
                Ok(_) | Err(_) => return,
            }
        }
    }

    /// Works with files on a thread for such.
    async fn blocking<T: Send + 'static>(&mut self, work: impl FnOnce(&mut Watch) -> T + Send + 'static) -> T {
        let mut watch = self.watch.take().expect("it is given back below");
        let done = tokio::task::spawn_blocking(move || {
            let answer = work(&mut watch);
            (watch, answer)
        });
        let (watch, answer) = done.await.expect("it neither panics nor is cancelled");
        self.watch = Some(watch);
        answer
    }
}
