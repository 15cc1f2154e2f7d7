//! Asynchronous invocation: accepted when it is on disk, attempted until it has ended, whatever happens in between.
//!
//! The store has everything that must outlive the process; [`queue::Queue`] is an index over it that says who is next.
//! An attempt begins with a write (so that it counts even if the process dies in it) and ends with one (outcome, next
//! due time and delivery in one transaction).

mod delivery;
mod destination;
mod queue;
mod status_log;
mod verdict;

pub use destination::{DeliveryError, Destinations, LocalDestinations, MemoryDestinations};

use crate::{Rejection, executor::Executor, host::Host};
use bytes::Bytes;
use delivery::Outbox;
use fngraph_engine::Invocation;
use fngraph_registry::AsyncConfig;
use fngraph_store::{
    Acceptance, Attempt, Ending, NewRequest, Pending, RequestQuery, RequestRecord, RequestStatus, Store, StoreError,
};
use fngraph_types::{
    ErrorCode, FunctionId, Qualifier, RequestId, Timestamp, TraceContext, Urn, UrnRef, VersionName, limits,
};
use parking_lot::Mutex;
use queue::Queue;
use status_log::{Change, StatusLogs};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use verdict::{Attempted, Case};

/// How long to wait before the store is asked again when it failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// How often a call that is about to begin is asked to end, until it does.
const CANCEL_PAUSE: Duration = Duration::from_millis(1);

/// The queue of asynchronous requests, and what works it off.
pub(crate) struct AsyncInvoker<E: Executor> {
    host: Arc<Host<E>>,
    store: Arc<dyn Store>,
    queue: Mutex<Queue>,
    outbox: Outbox,
    destinations: Arc<dyn Destinations>,
    status_logs: StatusLogs,
    /// The traces that requests belong to, until they end. They are not stored: after a restart a request begins a
    /// trace of its own.
    traces: Mutex<HashMap<RequestId, Arc<TraceContext>>>,
    ids: Ids,
    /// Told when something became due earlier than was known.
    pub(crate) wake: Arc<Notify>,
}

/// What came of cancelling a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// The invocation ends, or will never begin.
    Cancelled,
    /// It had ended before.
    Ended,
    /// There is no invocation with this id.
    NotFound,
}

impl<E: Executor> AsyncInvoker<E> {
    /// Picks up what an earlier process left.
    pub(crate) async fn open(
        host: Arc<Host<E>>,
        store: Arc<dyn Store>,
        destinations: Arc<dyn Destinations>,
        wake: Arc<Notify>,
    ) -> Result<Arc<Self>, StoreError> {
        let options = &host.options;
        let mut queue = Queue::new(
            options.async_concurrency as usize,
            options.async_concurrency_per_function as usize,
            options.async_depth,
        );
        for request in store.recover(host.clock.now()).await? {
            queue.add(request);
        }
        let outbox = Outbox::open(&*store).await?;
        let status_logs = StatusLogs::new(options.status_logs.clone());
        let queue = Mutex::new(queue);
        let (traces, ids) = (Mutex::default(), Ids::default());
        Ok(Arc::new(Self { host, store, queue, outbox, destinations, status_logs, traces, ids, wake }))
    }

    /// Accepts a request: when this returns, it is on disk.
    pub(crate) async fn accept(
        self: &Arc<Self>,
        urn: &UrnRef<'_>,
        event: Bytes,
        idempotency_key: Option<String>,
        trace: Option<Arc<TraceContext>>,
    ) -> Result<RequestId, Rejection> {
        if self.host.is_closed() {
            return Err(Rejection::ShuttingDown);
        }
        if event.len() > limits::ASYNC_EVENT_BYTES {
            return Err(Rejection::EventTooLarge { bytes: event.len(), limit: limits::ASYNC_EVENT_BYTES });
        }
        let target = self.host.resolve(urn, &|_| None)?;
        let function = target.pool.function.clone();
        let max_age = self.config(&function, &target.pool.version.name).max_age;
        let qualifier = urn.qualifier.map_or_else(|| Ok(Qualifier::latest()), str::parse)?;
        let now = self.host.clock.now();
        let request = NewRequest {
            id: self.ids.next(now),
            function,
            qualifier,
            event,
            accepted_at: now,
            expires_at: now + max_age,
            idempotency_key,
            duplicates_since: now - max_age,
        };
        self.queue.lock().promise(&request.function).map_err(|waiting| Rejection::QueueFull { waiting })?;
        // On a task of its own: what is stored must be queued too, even if the caller goes away now.
        let this = Arc::clone(self);
        let accepting =
            self.host.tasks.spawn_on(async move { this.store_new(request, trace).await }, &self.host.runtime);
        accepting.await.unwrap_or_else(|error| Err(Rejection::Storage(error.to_string())))
    }

    async fn store_new(
        self: Arc<Self>,
        request: NewRequest,
        trace: Option<Arc<TraceContext>>,
    ) -> Result<RequestId, Rejection> {
        let pending = pending(&request);
        match self.store.accept(request).await {
            Ok(Acceptance::New) => {
                let id = pending.id;
                if let Some(trace) = trace {
                    self.traces.lock().insert(id, trace);
                }
                self.log_status(&pending, None, &Change::to(RequestStatus::Wait));
                self.queue.lock().fulfil(pending);
                self.dispatch();
                Ok(id)
            }
            Ok(Acceptance::Duplicate(first)) => {
                self.queue.lock().withdraw(&pending.function);
                Ok(first)
            }
            Err(error) => {
                self.queue.lock().withdraw(&pending.function);
                tracing::error!(%error, "accept a request");
                Err(Rejection::Storage(error.to_string()))
            }
        }
    }

    /// Begins the attempts and deliveries that are due.
    pub(crate) fn dispatch(self: &Arc<Self>) {
        let now = self.host.clock.now();
        while !self.host.is_closed() {
            let Some((request, cancelled)) = self.queue.lock().next(now) else { break };
            let this = Arc::clone(self);
            self.host.spawn(async move { this.attempt(request, cancelled).await });
        }
        self.deliver_due(now);
    }

    /// When the next attempt or delivery is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let request = self.queue.lock().next_due();
        [request, self.outbox.next_due()].into_iter().flatten().min()
    }

    /// How many requests have not ended, and when the oldest that waits was accepted.
    pub(crate) fn backlog(&self) -> (usize, Option<Timestamp>) {
        let queue = self.queue.lock();
        (queue.len(), queue.oldest())
    }

    /// One attempt, from its first write to its last.
    async fn attempt(self: Arc<Self>, request: Pending, cancelled: CancellationToken) {
        let again = match self.store.begin(request.id, self.host.clock.now()).await {
            Ok(Some(attempt)) => {
                self.log_status(&request, None, &Change::to(RequestStatus::Running));
                self.attempt_stored(&request, attempt, &cancelled).await
            }
            // Somebody ended it.
            Ok(None) => None,
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(request = %request.id, %error, "read the event of a request");
                let failed =
                    Attempted::Failed { code: ErrorCode::Internal, message: error.to_string(), payload: String::new() };
                let attempt = Attempt { earlier: u32::from(u8::MAX), event: Bytes::new() };
                self.end(&request, &attempt, None, failed).await
            }
            Err(error) => {
                tracing::error!(request = %request.id, %error, "begin an attempt");
                Some(Pending { due_at: self.host.clock.now() + STORE_PAUSE, ..request.clone() })
            }
        };
        if again.is_none() {
            self.traces.lock().remove(&request.id);
        }
        let throttled = again.as_ref().is_some_and(|again| again.attempts == request.attempts);
        self.queue.lock().finish(&request.function, request.id, again, throttled);
        self.dispatch();
        self.wake.notify_one();
    }

    async fn attempt_stored(
        &self,
        request: &Pending,
        attempt: Attempt,
        cancelled: &CancellationToken,
    ) -> Option<Pending> {
        if self.host.clock.now() >= request.expires_at {
            return self.end(request, &attempt, None, Attempted::Expired).await;
        }
        let qualifier = request.qualifier.to_string();
        let urn = UrnRef {
            region: &self.host.options.scope.region,
            project_id: &request.function.project_id,
            package: &request.function.package,
            name: &request.function.name,
            qualifier: Some(&qualifier),
        };
        let target = match self.host.resolve(&urn, &|_| None) {
            Ok(target) => target,
            Err(rejection) => return self.end(request, &attempt, None, failed(&rejection)).await,
        };
        let version = target.pool.version.name.clone();
        let mut invocation = Invocation::new(attempt.event.clone());
        invocation.request_id = request.id;
        invocation.attempt = attempt.earlier;
        invocation.alias = target.alias;
        invocation.trace = self.traces.lock().get(&request.id).cloned();
        let memory = target.pool.version.settings.memory;
        let mut call = std::pin::pin!(self.host.run(target.pool, target.watches, invocation, memory));
        let outcome = tokio::select! {
            biased;
            outcome = &mut call => outcome,
            () = cancelled.cancelled() => loop {
                self.host.cancel(request.id);
                tokio::select! {
                    biased;
                    outcome = &mut call => break outcome,
                    () = tokio::time::sleep(CANCEL_PAUSE) => {}
                }
            },
        };
        let attempted = match outcome {
            Ok(outcome) => match outcome.result {
                Ok(result) => Attempted::Succeeded(result),
                Err(error) => Attempted::Failed {
                    code: error.code(),
                    message: error.function_error().map_or_else(|| error.to_string(), ToString::to_string),
                    payload: error.to_json().to_string(),
                },
            },
            Err(rejection) => failed(&rejection),
        };
        if self.host.is_closed()
            && !cancelled.is_cancelled()
            && matches!(attempted, Attempted::Failed { code: ErrorCode::Cancelled, .. })
        {
            // The process ends in the middle of it: the next one tries again.
            return None;
        }
        let attempted = match attempted {
            Attempted::Failed { .. } if cancelled.is_cancelled() => Attempted::Cancelled,
            Attempted::Failed { code: ErrorCode::Cancelled, .. } => Attempted::Cancelled,
            attempted => attempted,
        };
        self.end(request, &attempt, Some(&version), attempted).await
    }

    /// Writes what becomes of a request. The request comes back if it waits for another attempt.
    async fn end(
        &self,
        request: &Pending,
        attempt: &Attempt,
        version: Option<&VersionName>,
        attempted: Attempted,
    ) -> Option<Pending> {
        let version =
            version.map_or_else(|| self.version_of(&request.function, &request.qualifier), VersionName::clone);
        let config = self.config(&request.function, &version);
        let case = Case {
            request,
            urn: self.urn(request),
            event: &attempt.event,
            earlier: attempt.earlier,
            config: &config,
            now: self.host.clock.now(),
            chance: self.host.fraction(),
        };
        let ending = case.judge(attempted);
        if self.write(request.id, &ending).await {
            self.log_status(request, Some(&version), &Change::by(&ending));
        }
        match ending {
            Ending::Retry { due_at, counts, .. } => {
                Some(Pending { due_at, attempts: attempt.earlier + u32::from(counts), ..request.clone() })
            }
            Ending::Final { status, delivery, .. } => {
                let metrics = &self.host.metrics;
                match status {
                    RequestStatus::Success => metrics.async_success.increment(1),
                    RequestStatus::Discard => metrics.async_discard.increment(1),
                    RequestStatus::Fail | RequestStatus::Wait | RequestStatus::Running => {
                        metrics.async_fail.increment(1);
                    }
                }
                if delivery.is_some() {
                    self.outbox.look(&*self.store).await;
                }
                None
            }
        }
    }

    /// Writes an ending for sure: a full disk delays it. Should the process end before, the attempt runs again. Says
    /// whether it changed something: a request ends once.
    async fn write(&self, id: RequestId, ending: &Ending) -> bool {
        loop {
            match self.store.finish(id, ending.clone()).await {
                Ok(changed) => return changed,
                Err(error) => tracing::error!(request = %id, %error, "write what became of a request"),
            }
            if self.host.is_closed() {
                return false;
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
    }

    /// Logs that a request has another status, where somebody wants to know. `version` is the one that ran.
    fn log_status(&self, request: &Pending, version: Option<&VersionName>, change: &Change<'_>) {
        if !self.status_logs.are_on(&request.function.project_id) {
            return;
        }
        let version =
            version.map_or_else(|| self.version_of(&request.function, &request.qualifier), VersionName::clone);
        if !self.config(&request.function, &version).status_log {
            return;
        }
        let record = change.record(request, version, &self.urn(request), self.host.clock.now());
        self.host.logs.add(&self.host.metrics, || record);
    }

    /// Begins or ends logging changes of status in a project.
    pub(crate) fn set_status_logs(&self, project: Arc<str>, on: bool) {
        self.status_logs.set(project, on);
    }

    /// What a request asked for.
    fn urn(&self, request: &Pending) -> Urn {
        Urn {
            region: Arc::clone(&self.host.options.scope.region),
            function: request.function.clone(),
            qualifier: Some(request.qualifier.clone()),
        }
    }

    /// Ends a request that has not ended: at once if it waits, within milliseconds if it runs.
    pub(crate) async fn cancel(self: &Arc<Self>, id: RequestId) -> Result<Cancellation, StoreError> {
        if self.stop_running(id) {
            return Ok(Cancellation::Cancelled);
        }
        let Some(record) = self.store.request(id).await? else { return Ok(Cancellation::NotFound) };
        if record.status.is_final() {
            return Ok(Cancellation::Ended);
        }
        let removed = self.queue.lock().remove(&record.function, id);
        match removed {
            Some(request) => {
                let attempt = self.unmade_attempt(&request).await?;
                self.end(&request, &attempt, None, Attempted::Cancelled).await;
                self.dispatch();
                Ok(Cancellation::Cancelled)
            }
            // Its attempt began meanwhile, or ended.
            None if self.stop_running(id) => Ok(Cancellation::Cancelled),
            None => Ok(Cancellation::Ended),
        }
    }

    /// Stands in for the attempt of a request that ends without one. The event is only read for somebody who hears of it,
    /// since reading it begins an attempt.
    async fn unmade_attempt(&self, request: &Pending) -> Result<Attempt, StoreError> {
        let unread = Attempt { earlier: request.attempts, event: Bytes::new() };
        let version = self.version_of(&request.function, &request.qualifier);
        if self.config(&request.function, &version).on_failure.is_none() {
            return Ok(unread);
        }
        Ok(self.store.begin(request.id, self.host.clock.now()).await?.unwrap_or(unread))
    }

    fn stop_running(&self, id: RequestId) -> bool {
        let token = self.queue.lock().running(id);
        token.is_some_and(|token| {
            token.cancel();
            true
        })
    }

    /// Forgets the requests of a function that was deleted.
    pub(crate) fn forget(&self, function: &FunctionId) {
        self.queue.lock().remove_function(function);
    }

    pub(crate) async fn request(&self, id: RequestId) -> Result<Option<RequestRecord>, StoreError> {
        self.store.request(id).await
    }

    pub(crate) async fn requests(&self, query: RequestQuery) -> Result<(Vec<RequestRecord>, u64), StoreError> {
        self.store.requests(query).await
    }

    /// The version whose configuration counts for a request that reached none. Aliases have none of their own.
    fn version_of(&self, function: &FunctionId, qualifier: &Qualifier) -> VersionName {
        match qualifier {
            Qualifier::Version(version) => version.clone(),
            Qualifier::Alias(alias) => {
                let function = self.host.registry.function(function);
                let version = function.and_then(|function| Some(function.alias(alias)?.version.clone()));
                version.unwrap_or_else(VersionName::latest)
            }
        }
    }

    fn config(&self, function: &FunctionId, version: &VersionName) -> AsyncConfig {
        let function = self.host.registry.function(function);
        let config = function.and_then(|function| function.async_configs.get(version).cloned());
        config.unwrap_or_else(AsyncConfig::unconfigured)
    }
}

fn failed(rejection: &Rejection) -> Attempted {
    Attempted::Failed {
        code: rejection.code(),
        message: rejection.to_string(),
        payload: rejection.to_json().to_string(),
    }
}

fn pending(request: &NewRequest) -> Pending {
    Pending {
        id: request.id,
        function: request.function.clone(),
        qualifier: request.qualifier.clone(),
        attempts: 0,
        accepted_at: request.accepted_at,
        expires_at: request.expires_at,
        due_at: request.accepted_at,
    }
}

/// Ids that ascend: the time, a number within it, and chance, as version 7 UUIDs have them. Neighbours in time are
/// neighbours in the store, and requests are listed as they came.
#[derive(Debug, Default)]
struct Ids(AtomicU64);

impl Ids {
    fn next(&self, now: Timestamp) -> RequestId {
        let earliest = now.as_millis().unsigned_abs() << 12;
        let previous = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(earliest.max(last + 1)));
        let last = previous.unwrap_or_else(|last| last);
        let number = u128::from(earliest.max(last + 1));
        let random = RequestId::random().as_u128() & (u128::MAX >> 66);
        RequestId::from_u128((number >> 12) << 80 | 7 << 76 | (number & 0xfff) << 64 | 2 << 62 | random)
    }
}
