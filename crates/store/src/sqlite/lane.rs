//! A thread that owns something and does jobs with it, in the order of their submission.

use super::failure::Failure;
use crate::{StoreError, StoreFuture};
use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    thread::{self, JoinHandle},
};
use tokio::sync::{mpsc, oneshot};

/// How many jobs wait at most; who comes then waits for room. Each may hold an event, so more would be memory that
/// nobody admitted; fewer than [`super::commit::BATCH`] would make commits smaller.
const ROOM: usize = 1024;

/// A handle to the thread. Dropping it lets the thread finish what is submitted and waits for its end.
pub(super) struct Lane<C> {
    jobs: Option<mpsc::Sender<Box<dyn Job<C>>>>,
    thread: Option<JoinHandle<()>>,
}

/// What a lane's thread takes from.
pub(super) type Jobs<C> = mpsc::Receiver<Box<dyn Job<C>>>;

/// Work whose result somebody waits for.
pub(super) trait Job<C>: Send {
    /// Does the work, not for the first time perhaps, and keeps the result.
    ///
    /// # Errors
    /// What the work failed with.
    fn run(&mut self, context: &C) -> Result<(), StoreError>;

    /// Puts a failure in the place of the result.
    fn fail(&mut self, error: StoreError);

    /// Hands the result over.
    fn answer(self: Box<Self>);
}

impl<C: Send + 'static> Lane<C> {
    /// Starts a thread that serves jobs with `context`.
    ///
    /// # Errors
    /// When the system refuses the thread.
    pub(super) fn start(name: &str, context: C, serve: fn(C, Jobs<C>)) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(ROOM);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || serve(context, receiver))?;
        Ok(Self { jobs: Some(sender), thread: Some(thread) })
    }

    /// Has `work` done. It waits for room in the queue, then for its result.
    pub(super) fn submit<T, F>(&self, work: F) -> StoreFuture<'_, T>
    where
        T: Send + 'static,
        F: Fn(&C) -> Result<T, Failure> + Send + 'static,
    {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let task = Task { work, result: Err(StoreError::Closed), reply };
            let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
            jobs.send(Box::new(task)).await.map_err(|_| StoreError::Closed)?;
            answer.await.unwrap_or(Err(StoreError::Closed))
        })
    }
}

impl<C> Drop for Lane<C> {
    fn drop(&mut self) {
        self.jobs = None;
        let Some(thread) = self.thread.take() else { return };
        // Whoever waited for an answer may hold the last handle, and be dropped by the thread that answers.
        if thread.thread().id() != thread::current().id() {
            // The thread catches the panics of its jobs; one of its own was already reported by the panic's hook.
            let _ = thread.join();
        }
    }
}

/// Serves a lane whose jobs need no company.
pub(super) fn serve<C>(context: C, mut jobs: Jobs<C>) {
    while let Some(mut job) = jobs.blocking_recv() {
        // The job keeps its own failure for its answer.
        let _ = job.run(&context);
        job.answer();
    }
}

struct Task<T, F> {
    work: F,
    result: Result<T, StoreError>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<C, T, F> Job<C> for Task<T, F>
where
    T: Send,
    F: Fn(&C) -> Result<T, Failure> + Send,
{
    fn run(&mut self, context: &C) -> Result<(), StoreError> {
        // What a job changed before it panicked is undone like that of any other that fails.
        self.result = match catch_unwind(AssertUnwindSafe(|| (self.work)(context))) {
            Ok(result) => result.map_err(StoreError::from),
            Err(_) => Err(StoreError::Failed("the store panicked".to_owned())),
        };
        self.result.as_ref().map(|_| ()).map_err(StoreError::clone)
    }

    fn fail(&mut self, error: StoreError) {
        self.result = Err(error);
    }

    fn answer(self: Box<Self>) {
        // Nobody waits any more when the future was dropped.
        let _ = self.reply.send(self.result);
    }
}
