//! The runtime: everything that can be done with functions.

mod archive;
mod dependencies;
mod dependency_files;
mod deploy;
mod snapshots;

use crate::{Builder, Error};
use bytes::Bytes;
use fngraph_engine::{Engine, Exchange, Invocation, Outcome};
use fngraph_invoker::{
    Alarm, AsyncRequest, Cancellation, Clock, Invoker, Options, Rejection, Request, VersionCensus, Vitals,
};
use fngraph_registry::{Alias, AsyncConfig, Function, Publish, Registry, RegistryError, Reservation, Scaling, Version};
use fngraph_store::{
    DocumentStore, LogPage, LogPageQuery, LogQuery, LogRecord, MinuteRecord, Period, PeriodQuery, RequestQuery,
    RequestRecord, StatisticsQuery, Store,
};
use fngraph_types::{AliasName, FunctionId, Qualifier, RequestId, Scope, Timestamp, Urn, VersionName};
use std::{fmt, sync::Arc, time::Duration};

/// Functions, and everything that runs them. Cheap to clone; all clones are one.
///
/// Functions are named by URNs of any length: `hello`, `shop:hello`, `project:shop:hello:v1`, `project:shop:hello:!prod`,
/// or the full one.
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

struct Parts {
    invoker: Invoker<Engine>,
    registry: Registry,
    store: Arc<dyn Store>,
    engine: Engine,
    clock: Clock,
    scope: Scope,
}

impl Runtime {
    /// A runtime with the default options. [`Builder::build`] makes it.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(
        invoker: Invoker<Engine>,
        registry: Registry,
        store: Arc<dyn Store>,
        engine: Engine,
        clock: Clock,
        scope: Scope,
    ) -> Self {
        Self(Arc::new(Parts { invoker, registry, store, engine, clock, scope }))
    }

    /// Changes how many instances a version may have, and how many calls each serves at once.
    ///
    /// # Errors
    /// When there is no such version, or a number is outside its range.
    pub async fn scale(&self, urn: &str, scaling: Scaling) -> Result<(), Error> {
        let urn = self.urn(urn)?;
        let version = self.version(&urn)?;
        self.0.registry.update_scaling(&urn.function, &version, scaling, self.0.clock.now()).await?;
        Ok(())
    }

    /// Freezes `latest` as a version that never changes. Without a name it is called after the time.
    ///
    /// # Errors
    /// When there is no such function, nothing changed since the last publication, or there are as many versions as
    /// allowed.
    pub async fn publish(&self, urn: &str, version: Option<&str>) -> Result<Arc<Version>, Error> {
        let publish = Publish { version: version.map(str::parse).transpose()?, ..Publish::default() };
        Ok(self.0.registry.publish(&self.urn(urn)?.function, publish, self.0.clock.now()).await?)
    }

    /// Creates an alias, or changes the one of this name.
    ///
    /// # Errors
    /// When there is no such function or version, or a rule for aliases is broken.
    pub async fn alias(&self, urn: &str, alias: Alias) -> Result<(), Error> {
        let Parts { registry, .. } = &*self.0;
        let id = self.urn(urn)?.function;
        match registry.create_alias(&id, alias.clone()).await {
            Err(RegistryError::AliasExists { .. }) => registry.update_alias(&id, alias).await?,
            created => created?,
        }
        Ok(())
    }

    /// Deletes what a URN names: an alias, a published version, or, without either, the whole function.
    ///
    /// # Errors
    /// When it is not there, or something else needs it.
    pub async fn delete(&self, urn: &str) -> Result<(), Error> {
        let Urn { function, qualifier, .. } = self.urn(urn)?;
        let registry = &self.0.registry;
        match qualifier {
            None => registry.delete(&function).await?,
            Some(Qualifier::Version(version)) => registry.delete_version(&function, &version).await?,
            Some(Qualifier::Alias(alias)) => registry.delete_alias(&function, &alias).await?,
        }
        Ok(())
    }

    /// One function; none when there is no such.
    ///
    /// # Errors
    /// When the text is no URN.
    pub fn function(&self, urn: &str) -> Result<Option<Arc<Function>>, Error> {
        Ok(self.0.registry.function(&self.urn(urn)?.function))
    }

    /// The functions of a project, or of all.
    pub fn functions(&self, project: Option<&str>) -> Vec<Arc<Function>> {
        self.0.registry.functions(project)
    }

    /// Calls a function and waits for its outcome, which may be a failure; a rejection never reached an instance.
    ///
    /// # Errors
    /// When there is no such function or no room.
    ///
    /// # Cancel safety
    /// Dropping the future ends the call.
    pub fn invoke<'a>(
        &'a self,
        urn: &'a str,
        event: impl Into<Bytes>,
    ) -> impl Future<Output = Result<Outcome, Rejection>> + Send + 'a {
        self.0.invoker.invoke(Request::new(urn, Invocation::new(event)))
    }

    /// [`Runtime::invoke`] with a request id, headers, or a memory of the caller's choice.
    ///
    /// # Errors
    /// As there.
    pub fn invoke_with(&self, request: Request<'_>) -> impl Future<Output = Result<Outcome, Rejection>> + Send {
        self.0.invoker.invoke(request)
    }

    /// Has an HTTP function answer a request, both bodies as streams: the response is in the exchange's future as soon
    /// as its head is there, and its body comes while this one is polled. This one ends when the response has. The
    /// invocation's event is not looked at.
    ///
    /// # Errors
    /// As with [`Runtime::invoke`].
    ///
    /// # Cancel safety
    /// Dropping the future ends the call and truncates the response.
    pub fn serve(
        &self,
        request: Request<'_>,
        exchange: Exchange,
    ) -> impl Future<Output = Result<Outcome, Rejection>> + Send {
        self.0.invoker.serve(request, exchange)
    }

    /// Accepts an asynchronous invocation: when this returns, it is stored and will be run.
    ///
    /// # Errors
    /// When it was not accepted.
    pub async fn invoke_async(&self, urn: &str, event: impl Into<Bytes>) -> Result<RequestId, Rejection> {
        self.0.invoker.invoke_async(urn, event, None).await
    }

    /// [`Runtime::invoke_async`], once for each key: the same key within the maximum event age of the function is the
    /// same request.
    ///
    /// # Errors
    /// As there.
    pub async fn invoke_async_once(
        &self,
        urn: &str,
        event: impl Into<Bytes>,
        key: impl Into<String>,
    ) -> Result<RequestId, Rejection> {
        self.0.invoker.invoke_async(urn, event, Some(key.into())).await
    }

    /// [`Runtime::invoke_async`] with everything that a request may have.
    ///
    /// # Errors
    /// As there.
    pub async fn accept(&self, request: AsyncRequest<'_>) -> Result<RequestId, Rejection> {
        self.0.invoker.accept(request).await
    }

    /// Configures asynchronous invocation of a version; none goes back to the defaults.
    ///
    /// # Errors
    /// When there is no such version, or a number is outside its range.
    pub async fn configure_async(&self, urn: &str, config: Option<AsyncConfig>) -> Result<(), Error> {
        let urn = self.urn(urn)?;
        let version = self.version(&urn)?;
        match config {
            Some(config) => self.0.registry.set_async_config(&urn.function, &version, config).await?,
            None => self.0.registry.delete_async_config(&urn.function, &version).await?,
        }
        Ok(())
    }

    /// Where an asynchronous request stands; none when there is no such.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn status(&self, id: RequestId) -> Result<Option<RequestRecord>, Error> {
        Ok(self.0.invoker.request(id).await?)
    }

    /// Asynchronous requests, oldest first, and how many match in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn requests(&self, query: RequestQuery) -> Result<(Vec<RequestRecord>, u64), Error> {
        Ok(self.0.invoker.requests(query).await?)
    }

    /// Ends an invocation, synchronous or not, by its request id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cancel(&self, id: RequestId) -> Result<Cancellation, Error> {
        Ok(self.0.invoker.cancel(id).await?)
    }

    /// Reserves instances for a version or an alias; a reservation of nothing ends it.
    ///
    /// # Errors
    /// When there is no such version or alias, or more are reserved than allowed.
    pub async fn reserve(&self, urn: &str, reservation: Reservation) -> Result<(), Error> {
        let urn = self.urn(urn)?;
        let qualifier = urn.qualifier.unwrap_or_else(Qualifier::latest);
        self.0.registry.reserve(&urn.function, &qualifier, reservation).await?;
        Ok(())
    }

    /// What happened since the runtime was built, and what it holds right now.
    pub fn metrics(&self) -> Vitals {
        self.0.invoker.vitals()
    }

    /// The instances of a function, by version.
    ///
    /// # Errors
    /// When the text is no URN.
    pub fn census(&self, urn: &str) -> Result<Vec<VersionCensus>, Error> {
        Ok(self.0.invoker.census(&self.urn(urn)?.function))
    }

    /// How many instances the functions of a project have, those being started too.
    pub fn instances(&self, project: &str) -> u64 {
        self.0.invoker.instances(project)
    }

    /// What happened minute by minute.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn statistics(&self, query: StatisticsQuery) -> Result<Vec<MinuteRecord>, Error> {
        Ok(self.0.invoker.statistics(query).await?)
    }

    /// What happened in periods of `width` minutes, which begin with multiples of the width.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn periods(&self, query: PeriodQuery, width: u32) -> Result<Vec<Period>, Error> {
        Ok(self.0.invoker.periods(query, width).await?)
    }

    /// What happened to each function in all those minutes, in the order of their ids.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn totals(&self, query: PeriodQuery) -> Result<Vec<(FunctionId, Period)>, Error> {
        Ok(self.0.invoker.totals(query).await?)
    }

    /// How many invocations of these functions failed, by the function or the platform, from the minute `from` on. Of
    /// those that nothing failed of, there is none. It costs what failed, not what was called.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn failures(&self, functions: Vec<FunctionId>, from: i64) -> Result<Vec<(FunctionId, u64)>, Error> {
        Ok(self.0.invoker.failures(functions, from).await?)
    }

    /// The logs of one invocation, one for each attempt; none when it wrote nothing and succeeded.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log(&self, id: RequestId) -> Result<Vec<LogRecord>, Error> {
        Ok(self.0.invoker.log(id).await?)
    }

    /// The logs of a function.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn logs(&self, query: LogQuery) -> Result<Vec<LogRecord>, Error> {
        Ok(self.0.invoker.logs(query).await?)
    }

    /// Logs in the order in which they were stored, and where to go on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_page(&self, query: LogPageQuery) -> Result<LogPage, Error> {
        Ok(self.0.invoker.log_page(query).await?)
    }

    /// Limits and habits.
    pub fn options(&self) -> &Options {
        self.0.invoker.options()
    }

    /// Has an alarm ring when it is due, as long as it lives. It is how work of one's own follows the runtime's clock,
    /// also one that [`Runtime::advance`] moves.
    pub fn add_alarm(&self, alarm: &Arc<impl Alarm>) {
        self.0.invoker.add_alarm(alarm);
    }

    /// Looks again at when alarms are due, because one became due earlier.
    pub fn wake(&self) {
        self.0.invoker.wake();
    }

    /// Moves a manual clock forward and lets everything happen that is due until then, in its order.
    pub async fn advance(&self, by: Duration) {
        self.0.invoker.advance(by).await;
    }

    /// Waits until nothing goes on beside the callers: no attempt, no delivery, no start ahead.
    pub async fn settle(&self) {
        self.0.invoker.settle().await;
    }

    /// Takes no more calls and waits for those that run, up to `deadline`. Asynchronous requests that have not ended
    /// are there when the next runtime opens the directory. Says whether everything ended by itself.
    pub async fn shutdown(&self, deadline: Duration) -> bool {
        let in_time = self.0.invoker.shutdown(deadline).await;
        self.0.registry.close().await;
        in_time
    }

    /// The time that everything goes by.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// What short URNs leave out.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Logs changes of the status of a project's asynchronous requests from now on, or no more.
    pub(crate) fn set_status_logs(&self, project: &str, on: bool) {
        self.0.invoker.set_status_logs(project, on);
    }

    /// What belongs to a project or to the whole, rather than to one function.
    pub fn documents(&self) -> &dyn DocumentStore {
        &*self.0.store
    }

    /// A key for one purpose, which is a text that no other purpose has: `fngraph server tokens`. It stays the same as
    /// long as the data directory does; in memory, as long as the runtime does.
    pub fn derive_secret(&self, purpose: &str) -> [u8; 32] {
        self.0.store.secret().derive(purpose)
    }

    /// The functions and their rules, for everything that has no shortcut here.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    fn urn(&self, text: &str) -> Result<Urn, Error> {
        Ok(Urn::parse(text, &self.0.scope)?)
    }

    /// The version that a URN names; aliases have no settings of their own.
    fn version(&self, urn: &Urn) -> Result<VersionName, Error> {
        match &urn.qualifier {
            None => Ok(VersionName::latest()),
            Some(Qualifier::Version(version)) => Ok(version.clone()),
            Some(Qualifier::Alias(alias)) => self.alias_version(urn, alias),
        }
    }

    fn alias_version(&self, urn: &Urn, name: &AliasName) -> Result<VersionName, Error> {
        let function = self.0.registry.function(&urn.function);
        let function = function.ok_or_else(|| RegistryError::FunctionNotFound(urn.function.clone()))?;
        let alias = function.alias(name);
        let not_found = || RegistryError::AliasNotFound { function: urn.function.clone(), alias: name.clone() };
        Ok(alias.ok_or_else(not_found)?.version.clone())
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("invoker", &self.0.invoker).finish_non_exhaustive()
    }
}
