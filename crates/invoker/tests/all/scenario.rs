//! An invoker over the fake executor, whose clock stands still, and short ways to act on it.

use crate::fake::{Counts, Fake};
use fngraph_engine::{Invocation, Outcome, Start};
use fngraph_invoker::{Clock, Destinations, Invoker, MemoryDestinations, Options, Rejection, Request, VersionCensus};
use fngraph_registry::{
    Additional, Alias, AsyncConfig, Limits, MaxInstances, NewFunction, Publish, Registry, Reservation, Routing,
    Scaling, Settings,
};
use fngraph_store::{RequestQuery, RequestRecord, RequestStatus, Sqlite, Store};
use fngraph_types::{ErrorCode, FunctionId, Qualifier, RequestId, Timestamp, VersionName};
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

/// When scenarios begin: a Friday, 08:00 UTC.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Scenario {
    pub(crate) fake: Fake,
    pub(crate) registry: Registry,
    pub(crate) invoker: Invoker<Fake>,
    pub(crate) clock: Clock,
    pub(crate) store: Sqlite,
    /// What was delivered, unless the scenario is over other destinations.
    pub(crate) notices: MemoryDestinations,
}

/// A call that runs beside the test, and ends with it.
pub(crate) type Running = AbortOnDropHandle<Result<Outcome, Rejection>>;

pub(crate) fn settings() -> Settings {
    Settings::new("index.handler".parse().unwrap())
}

pub(crate) fn instances(max: i64) -> Scaling {
    Scaling { max_instances: MaxInstances::try_from(max).unwrap(), concurrency: 1 }
}

pub(crate) fn version(name: &str) -> VersionName {
    name.parse().unwrap()
}

/// The result of a call that succeeded, as text.
#[track_caller]
pub(crate) fn text(result: Result<Outcome, Rejection>) -> String {
    String::from_utf8(result.unwrap().result.unwrap().to_vec()).unwrap()
}

/// The code of a failure, wherever it came about.
#[track_caller]
pub(crate) fn code(result: Result<Outcome, Rejection>) -> ErrorCode {
    match result {
        Ok(outcome) => {
            let code = outcome.result.unwrap_err().code();
            assert_eq!(outcome.receipt.error, Some(code), "the receipt has the failure's code");
            code
        }
        Err(rejection) => rejection.code(),
    }
}

impl Scenario {
    /// One function `f`.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(configure: impl FnOnce(&mut Options)) -> Self {
        let scenario = Self::open(Sqlite::in_memory().unwrap(), Clock::manual(BEGIN), configure).await;
        scenario.deploy("f").await;
        scenario
    }

    /// What an earlier scenario left in its store, under a new executor.
    pub(crate) async fn open(store: Sqlite, clock: Clock, configure: impl FnOnce(&mut Options)) -> Self {
        let shared = Arc::new(store.clone());
        let notices = MemoryDestinations::default();
        let scenario = Self::assemble(store, shared, Arc::new(notices.clone()), clock, configure).await;
        Self { notices, ..scenario }
    }

    /// One function `f`; what the invoker stores and delivers goes to these.
    pub(crate) async fn over(store: impl FnOnce(Sqlite) -> Arc<dyn Store>, destinations: impl Destinations) -> Self {
        let sqlite = Sqlite::in_memory().unwrap();
        let store = store(sqlite.clone());
        let scenario = Self::assemble(sqlite, store, Arc::new(destinations), Clock::manual(BEGIN), |_| ()).await;
        scenario.deploy("f").await;
        scenario
    }

    async fn assemble(
        sqlite: Sqlite,
        store: Arc<dyn Store>,
        destinations: Arc<dyn Destinations>,
        clock: Clock,
        configure: impl FnOnce(&mut Options),
    ) -> Self {
        let mut options = Options::default();
        options.seed = Some(7);
        configure(&mut options);
        let fake = Fake::new(clock.clone());
        let shared = Arc::new(sqlite.clone());
        let registry = Registry::open(shared.clone(), shared.clone(), shared, Limits::default()).await.unwrap();
        let invoker =
            Invoker::open(fake.clone(), registry.clone(), store, destinations, clock.clone(), options).await.unwrap();
        Self { fake, registry, invoker, clock, store: sqlite, notices: MemoryDestinations::default() }
    }

    pub(crate) async fn deploy(&self, name: &str) {
        self.deploy_with(name, |_| ()).await;
    }

    /// Creates a function whose code is `code of <name>`.
    pub(crate) async fn deploy_with(&self, name: &str, configure: impl FnOnce(&mut NewFunction)) {
        let id = FunctionId::local(name);
        let mut new = NewFunction::new(id, settings(), format!("code of {name}").into(), self.clock.now());
        configure(&mut new);
        self.registry.create(new).await.unwrap();
    }

    /// Replaces the code of `latest`.
    pub(crate) async fn update(&self, name: &str, code: &'static str) {
        let latest = VersionName::latest();
        let id = FunctionId::local(name);
        self.registry.update_code(&id, &latest, code.into(), self.clock.now()).await.unwrap();
    }

    pub(crate) async fn scale(&self, name: &str, scaling: Scaling) {
        let latest = VersionName::latest();
        self.registry.update_scaling(&FunctionId::local(name), &latest, scaling, self.clock.now()).await.unwrap();
    }

    /// Replaces the code of `f` by the version's name, and publishes it under that.
    pub(crate) async fn publish(&self, name: &'static str) {
        self.update("f", name).await;
        let publish = Publish { version: Some(version(name)), ..Publish::default() };
        self.registry.publish(&FunctionId::local("f"), publish, self.clock.now()).await.unwrap();
    }

    /// An alias of `f`, perhaps with a version to try out.
    pub(crate) async fn alias(&self, name: &str, main: &str, additional: Option<(&str, Routing)>) {
        let mut alias = Alias::new(name.parse().unwrap(), version(main), self.clock.now());
        alias.additional = additional.map(|(name, routing)| Additional { version: version(name), routing });
        self.registry.create_alias(&FunctionId::local("f"), alias).await.unwrap();
    }

    pub(crate) async fn reserve(&self, qualifier: &str, reservation: Reservation) {
        let id = FunctionId::local("f");
        self.registry.reserve(&id, &qualifier.parse::<Qualifier>().unwrap(), reservation).await.unwrap();
    }

    /// Configures asynchronous invocations of `f`.
    pub(crate) async fn configure(&self, configure: impl FnOnce(&mut AsyncConfig)) {
        let mut config = AsyncConfig::new(self.clock.now());
        configure(&mut config);
        self.registry.set_async_config(&FunctionId::local("f"), &VersionName::latest(), config).await.unwrap();
    }

    pub(crate) async fn call(&self, urn: &str, event: &'static str) -> Result<Outcome, Rejection> {
        self.invoker.invoke(Request::new(urn, Invocation::new(event))).await
    }

    /// What the function answers, and how it got its instance.
    pub(crate) async fn answer(&self, urn: &str, event: &'static str) -> (String, Start) {
        let outcome = self.call(urn, event).await;
        let start = outcome.as_ref().unwrap().receipt.start;
        (text(outcome), start)
    }

    /// Calls beside the test; the event tells when the call goes on.
    pub(crate) fn begin(&self, urn: &'static str, event: &'static str) -> Running {
        self.begin_with(urn, Invocation::new(event))
    }

    pub(crate) fn begin_with(&self, urn: &'static str, invocation: Invocation) -> Running {
        let invoker = self.invoker.clone();
        let call = async move { invoker.invoke(Request::new(urn, invocation)).await };
        AbortOnDropHandle::new(Handle::current().spawn(call))
    }

    /// Waits until so many calls of the executor run.
    pub(crate) async fn calls(&self, calls: u32) {
        self.fake.until(|counts| counts.calls == calls).await;
    }

    /// Waits until so many callers wait for an instance.
    pub(crate) async fn waiting(&self, waiting: u64) {
        while self.invoker.vitals().waiting != waiting {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until so many instances live and no other is being started.
    pub(crate) async fn live(&self, live: u32) {
        self.fake.until(|counts| counts.live == live && counts.starting == 0).await;
    }

    pub(crate) async fn advance(&self, by: Duration) {
        self.invoker.advance(by).await;
    }

    pub(crate) async fn accept(&self, event: &'static str) -> RequestId {
        self.invoker.invoke_async("f", event, None).await.unwrap()
    }

    /// Where a request stands, and how many attempts it had.
    pub(crate) async fn status(&self, id: RequestId) -> (RequestStatus, u32) {
        let RequestRecord { status, attempts, .. } = self.record(id).await;
        (status, attempts)
    }

    pub(crate) async fn record(&self, id: RequestId) -> RequestRecord {
        self.invoker.request(id).await.unwrap().unwrap()
    }

    /// The instances of `latest`.
    pub(crate) fn census(&self) -> VersionCensus {
        self.census_of("latest")
    }

    pub(crate) fn census_of(&self, version: &str) -> VersionCensus {
        let census = self.invoker.census(&FunctionId::local("f"));
        census.into_iter().find(|census| census.version.as_str() == version).unwrap()
    }

    /// Nothing runs, waits or is being started, and as many instances live as the pools count.
    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        let vitals = self.invoker.vitals();
        let Counts { starting, live, calls, .. } = self.fake.counts();
        assert_eq!((vitals.in_flight, vitals.waiting, starting, calls), (0, 0, 0, 0));
        assert_eq!(vitals.elastic_instances + vitals.reserved_instances, u64::from(live));
    }
}

/// All requests of `f`.
pub(crate) fn all() -> RequestQuery {
    RequestQuery {
        function: FunctionId::local("f"),
        qualifier: None,
        ids: Vec::new(),
        status: None,
        active: false,
        from: Timestamp::EPOCH,
        until: BEGIN + MINUTE * 60 * 24 * 365,
        offset: 0,
        limit: 100,
    }
}
