//! The invoker itself: its parts put together, and what callers ask of it.

use crate::{
    Alarm, AsyncRequest, Cancellation, Clock, Destinations, Options, Rejection, Request, Vitals, activity::Activity,
    asynchronous::AsyncInvoker, driver::Driver, executor::Executor, host::Host, observe, statistics::Statistics,
};
use bytes::Bytes;
use fngraph_engine::{Exchange, Outcome};
use fngraph_registry::{Function, Observer, Registry};
use fngraph_store::{
    LogPage, LogPageQuery, LogQuery, LogRecord, MinuteRecord, Period, PeriodQuery, RequestQuery, RequestRecord,
    StatisticsQuery, Store, StoreError,
};
use fngraph_types::{FunctionId, RequestId, UrnRef, VersionName};
use std::{
    fmt,
    sync::{Arc, Weak, atomic::Ordering},
    time::Duration,
};
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Takes calls for functions. Cheap to clone; all clones are one.
pub struct Invoker<E: Executor>(Arc<Parts<E>>);

struct Parts<E: Executor> {
    host: Arc<Host<E>>,
    store: Arc<dyn Store>,
    requests: Arc<AsyncInvoker<E>>,
    statistics: Arc<Statistics>,
    driver: Arc<Driver<E>>,
    stop: CancellationToken,
    /// What serves as long as the invoker does: the driver, the writer of logs, who starts instances ahead.
    servants: TaskTracker,
}

/// Why an invoker cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// An option is outside its range.
    #[error("the option `{option}` is {value}; it must be {range}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        range: &'static str,
    },
    /// The requests of an earlier process cannot be read.
    #[error("read the asynchronous requests")]
    Store(#[source] StoreError),
}

/// The instances of one version right now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionCensus {
    /// The version.
    pub version: VersionName,
    /// Calls that run.
    pub in_flight: u32,
    /// Instances that are not reserved.
    pub elastic: u32,
    /// Reserved instances, those that are being started too.
    pub reserved: u32,
    /// How many are to be reserved.
    pub reserved_target: u32,
}

impl<E: Executor> Invoker<E> {
    /// Puts an invoker together and goes on with what an earlier process left: asynchronous requests and reservations.
    /// Its tasks run on the tokio runtime that this is called on.
    ///
    /// # Errors
    /// When an option is outside its range, or the store cannot be read.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub async fn open(
        executor: E,
        registry: Registry,
        store: Arc<dyn Store>,
        destinations: Arc<dyn Destinations>,
        clock: Clock,
        options: Options,
    ) -> Result<Self, OpenError> {
        if !(1..=10_000).contains(&options.instances) {
            let value = options.instances.to_string();
            return Err(OpenError::Option { option: "instances", value, range: "1 to 10 000" });
        }
        for (option, value) in [
            ("async_concurrency", options.async_concurrency),
            ("async_concurrency_per_function", options.async_concurrency_per_function),
        ] {
            if value == 0 {
                return Err(OpenError::Option { option, value: value.to_string(), range: "1 or more" });
            }
        }
        let (logs, writer) = observe::logs();
        let (care, mut cares) = mpsc::unbounded_channel();
        let activity = Arc::new(Activity::default());
        let host = Arc::new(Host::new(executor, registry, clock, options, logs, activity, care, TaskTracker::new()));
        let requests = AsyncInvoker::open(Arc::clone(&host), Arc::clone(&store), destinations, Arc::new(Notify::new()))
            .await
            .map_err(OpenError::Store)?;
        let statistics = Arc::new(Statistics::default());
        let driver = Arc::new(Driver::new(
            Arc::clone(&host),
            Arc::clone(&store),
            Arc::clone(&requests),
            Arc::clone(&statistics),
        ));
        let (stop, servants) = (CancellationToken::new(), TaskTracker::new());
        let parts = Arc::new(Parts {
            host,
            store,
            requests,
            statistics,
            driver,
            stop: stop.clone(),
            servants: servants.clone(),
        });
        parts.host.registry.subscribe(Arc::new(Follower(Arc::downgrade(&parts))));
        let runtime = &parts.host.runtime;
        servants.spawn_on(writer.run(Arc::clone(&parts.store), stop.clone()), runtime);
        servants.spawn_on(Arc::clone(&parts.driver).run(stop.clone()), runtime);
        let host = Arc::clone(&parts.host);
        servants.spawn_on(
            async move {
                while let Some(Some(care)) = stop.run_until_cancelled(cares.recv()).await {
                    host.spawn(care.take());
                }
            },
            runtime,
        );
        parts.host.reserve_all();
        parts.host.make_all_snapshots();
        Ok(Self(parts))
    }

    /// Calls a function and waits for its outcome. An outcome may be a failure; a rejection never reached an instance.
    ///
    /// # Errors
    /// When there is no such function, no room, or the call is cancelled before it runs.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call and its instance; who waits for it is served.
    pub fn invoke(&self, request: Request<'_>) -> impl Future<Output = Result<Outcome, Rejection>> + Send {
        self.0.host.invoke(request)
    }

    /// Has a function answer an HTTP request, both bodies as streams, and waits for the end of its response. The event
    /// of the invocation is not looked at. An outcome may be a failure; a rejection never reached an instance.
    ///
    /// # Errors
    /// As with [`Invoker::invoke`].
    ///
    /// # Cancel safety
    /// Dropping the future ends the call and its instance, and truncates the response.
    pub fn serve(
        &self,
        request: Request<'_>,
        exchange: Exchange,
    ) -> impl Future<Output = Result<Outcome, Rejection>> + Send {
        self.0.host.exchange(request, exchange)
    }

    /// Accepts an asynchronous invocation: when this returns, it is stored and will be run. A second request with the
    /// same idempotency key, within the function's maximum event age, is the first one and answers its id.
    ///
    /// # Errors
    /// When there is no such function, the event is too large, too many requests wait, or the store fails: then it was
    /// not accepted.
    ///
    /// # Cancel safety
    /// Dropping the future leaves open whether the request was accepted.
    pub async fn invoke_async(
        &self,
        urn: &str,
        event: impl Into<Bytes>,
        idempotency_key: Option<String>,
    ) -> Result<RequestId, Rejection> {
        let event = event.into();
        self.accept(AsyncRequest { idempotency_key, ..AsyncRequest::new(urn, event) }).await
    }

    /// [`Invoker::invoke_async`] with everything that a request may have.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// As there.
    pub async fn accept(&self, request: AsyncRequest<'_>) -> Result<RequestId, Rejection> {
        let AsyncRequest { urn, event, idempotency_key, trace } = request;
        let host = &self.0.host;
        let urn = UrnRef::parse(urn, &host.options.scope)?;
        let accepted = self.0.requests.accept(&urn, event, idempotency_key, trace).await;
        if let Err(rejection) = &accepted {
            host.metrics.rejected(rejection.code());
        }
        accepted
    }

    /// Ends an invocation, synchronous or not: one that waits never begins, one that runs answers FSS.4208.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cancel(&self, request_id: RequestId) -> Result<Cancellation, StoreError> {
        match self.0.requests.cancel(request_id).await? {
            Cancellation::NotFound if self.0.host.cancel(request_id) => Ok(Cancellation::Cancelled),
            cancellation => Ok(cancellation),
        }
    }

    /// One asynchronous request.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn request(&self, id: RequestId) -> Result<Option<RequestRecord>, StoreError> {
        self.0.requests.request(id).await
    }

    /// Asynchronous requests, oldest first, and how many match in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn requests(&self, query: RequestQuery) -> Result<(Vec<RequestRecord>, u64), StoreError> {
        self.0.requests.requests(query).await
    }

    /// The logs of one invocation, one for each attempt; none when it wrote nothing and succeeded.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log(&self, request_id: RequestId) -> Result<Vec<LogRecord>, StoreError> {
        self.0.host.logs.flush().await;
        self.0.store.log(request_id).await
    }

    /// The logs of a function.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn logs(&self, query: LogQuery) -> Result<Vec<LogRecord>, StoreError> {
        self.0.host.logs.flush().await;
        self.0.store.logs(query).await
    }

    /// Logs as they were stored, and where to go on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_page(&self, query: LogPageQuery) -> Result<LogPage, StoreError> {
        self.0.host.logs.flush().await;
        self.0.store.log_page(query).await
    }

    /// Begins or ends logging changes of the status of a project's asynchronous requests, of those functions whose
    /// configuration asks for it. It holds until the invoker ends.
    pub fn set_status_logs(&self, project: &str, on: bool) {
        self.0.requests.set_status_logs(Arc::from(project), on);
    }

    /// What happened minute by minute, up to this moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statistics(&self, query: StatisticsQuery) -> Result<Vec<MinuteRecord>, StoreError> {
        self.store_statistics().await?;
        self.0.store.minutes(query).await
    }

    /// What happened in periods of `width` minutes, up to this moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn periods(&self, query: PeriodQuery, width: u32) -> Result<Vec<Period>, StoreError> {
        self.store_statistics().await?;
        self.0.store.periods(query, width).await
    }

    /// What happened to each function, up to this moment.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn totals(&self, query: PeriodQuery) -> Result<Vec<(FunctionId, Period)>, StoreError> {
        self.store_statistics().await?;
        self.0.store.totals(query).await
    }

    /// How many invocations of these functions failed, from the minute `from` up to this moment. What cannot be stored
    /// yet is not counted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn failures(&self, functions: Vec<FunctionId>, from: i64) -> Result<Vec<(FunctionId, u64)>, StoreError> {
        if let Err(error) = self.store_statistics().await {
            tracing::warn!(%error, "store statistics");
        }
        self.0.store.failures(functions, from).await
    }

    async fn store_statistics(&self) -> Result<(), StoreError> {
        let Parts { host, store, statistics, .. } = &*self.0;
        statistics.collect(host, host.clock.now());
        statistics.store(&**store, |_| true).await
    }

    /// Limits and habits.
    pub fn options(&self) -> &Options {
        &self.0.host.options
    }

    /// What happened since the invoker was opened, and what it holds right now.
    pub fn vitals(&self) -> Vitals {
        let Parts { host, requests, statistics, .. } = &*self.0;
        let now = host.clock.now();
        statistics.collect(host, now);
        let mut snapshot = statistics.total();
        for pool in host.routes.pools() {
            let census = pool.census();
            snapshot.in_flight += u64::from(census.in_flight);
            snapshot.elastic_instances += u64::from(census.elastic);
            snapshot.reserved_instances += u64::from(census.reserved);
            snapshot.waiting += census.waiting as u64;
        }
        snapshot.memory_bytes = host.executor.memory_used();
        let (depth, oldest) = requests.backlog();
        snapshot.async_requests = depth as u64;
        snapshot.oldest_event_age = oldest.map(|oldest| now.since(oldest));
        snapshot
    }

    /// The instances of a function, by version; of versions that were not called, there are none to tell of.
    pub fn census(&self, function: &FunctionId) -> Vec<VersionCensus> {
        let route = self.0.host.routes.all().into_iter().find(|route| route.function.id == *function);
        let pools = route.iter().flat_map(|route| &route.pools);
        pools
            .map(|pool| {
                let census = pool.census();
                VersionCensus {
                    version: pool.version.name.clone(),
                    in_flight: census.in_flight,
                    elastic: census.elastic,
                    reserved: census.reserved,
                    reserved_target: census.reserved_target,
                }
            })
            .collect()
    }

    /// How many instances the functions of a project have, those being started too.
    pub fn instances(&self, project: &str) -> u64 {
        let routes = self.0.host.routes.all();
        let pools = routes.iter().filter(|route| *route.function.id.project_id == *project);
        let censuses = pools.flat_map(|route| &route.pools).map(|pool| pool.census());
        censuses.map(|census| u64::from(census.elastic) + u64::from(census.reserved)).sum()
    }

    /// Loads a version's code now rather than at its first call, and so finds out whether it can be run.
    ///
    /// # Errors
    /// When there is no such version, or its code cannot be loaded.
    pub async fn load(&self, urn: &str) -> Result<(), Rejection> {
        let urn = UrnRef::parse(urn, &self.0.host.options.scope)?;
        let target = self.0.host.resolve(&urn, &|_| None)?;
        target.pool.load().await.map(|_| ())
    }

    /// Has an alarm ring when it is due, as long as it lives.
    pub fn add_alarm(&self, alarm: &Arc<impl Alarm>) {
        self.0.driver.alarms.add(Arc::downgrade(alarm) as Weak<dyn Alarm>);
        self.wake();
    }

    /// Looks again at when alarms are due.
    pub fn wake(&self) {
        self.0.requests.wake.notify_one();
    }

    /// Moves a manual clock forward, and lets everything happen that is due until then, in its order: attempts,
    /// retries, cron tactics, reclaim. Comes back when nothing of it is going on any more. With any other clock, it
    /// only waits for that.
    pub async fn advance(&self, by: Duration) {
        let Parts { host, driver, .. } = &*self.0;
        let until = host.clock.now() + by;
        loop {
            let mut next = driver.turn().await;
            host.activity.settle().await;
            // What happened may have made something due earlier.
            next = next.min(driver.turn().await);
            host.activity.settle().await;
            if !host.clock.is_manual() || host.clock.now() >= until {
                return;
            }
            host.clock.set(next.min(until));
        }
    }

    /// Waits until no attempt, no delivery and no start ahead is going on.
    pub async fn settle(&self) {
        self.0.host.activity.settle().await;
    }

    /// Takes no more calls and waits for those that run, up to `deadline`; those that are not done by then are
    /// cancelled. Asynchronous requests that wait, or whose attempt was cut off, are there when the next invoker opens
    /// the store. Says whether everything ended by itself.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        let Parts { host, store, statistics, stop, servants, .. } = &*self.0;
        host.closed.store(true, Ordering::Relaxed);
        host.snapshots.stop();
        host.tasks.close();
        let drained = tokio::time::timeout(deadline, async {
            host.tasks.wait().await;
            while host.routes.pools().iter().any(|pool| pool.census().in_flight > 0) {
                // Calls of callers belong to nobody here; their end is seen, not told.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        let in_time = drained.await.is_ok();
        for pool in host.routes.pools() {
            pool.close();
        }
        // Calls that are left end within some ticks, and their attempts stay as they are: begun, not ended.
        host.waiters.cancel_all();
        host.roster.cancel_all();
        let stopping = tokio::time::timeout(Duration::from_secs(5), host.tasks.wait());
        if stopping.await.is_err() {
            tracing::warn!("some instances did not stop in time");
        }
        statistics.collect(host, host.clock.now());
        if let Err(error) = statistics.store(&**store, |_| true).await {
            tracing::error!(%error, "store statistics");
        }
        host.logs.flush().await;
        stop.cancel();
        servants.close();
        servants.wait().await;
        in_time
    }
}

impl<E: Executor> Clone for Invoker<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Executor> fmt::Debug for Invoker<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoker").field("options", &self.0.host.options).finish_non_exhaustive()
    }
}

impl<E: Executor> Drop for Parts<E> {
    fn drop(&mut self) {
        // What serves ends, what is stored stays. Pools hold the host, which holds them.
        self.host.closed.store(true, Ordering::Relaxed);
        self.host.snapshots.stop();
        self.stop.cancel();
        self.host.routes.clear();
        self.host.waiters.cancel_all();
        self.host.roster.cancel_all();
    }
}

/// Makes calls follow what the registry says.
struct Follower<E: Executor>(Weak<Parts<E>>);

impl<E: Executor> Observer for Follower<E> {
    fn changed(&self, id: &FunctionId, function: Option<&Arc<Function>>) {
        let Some(parts) = self.0.upgrade() else { return };
        match function {
            Some(function) => {
                let known = parts.host.routes.contains(id);
                // Nobody calls it yet; the first call makes it ready.
                if known || !function.reservations.is_empty() {
                    parts.host.install(Arc::clone(function));
                }
                parts.host.make_snapshots(function);
            }
            None => {
                parts.requests.forget(id);
                let route = parts.host.routes.remove(id);
                for pool in route.iter().flat_map(|route| &route.pools) {
                    pool.close();
                }
            }
        }
    }
}
