//! Calling the function of a trigger.

use crate::metrics::{Metrics, Outcome};
use bytes::Bytes;
use fngraph::{FunctionId, Qualifier, Rejection, RequestId, Runtime, TriggerKind, Urn};
use std::sync::Arc;

/// Whom a trigger calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callee {
    /// The function.
    pub(crate) function: FunctionId,
    /// Its version or alias.
    pub(crate) qualifier: Qualifier,
    /// The trigger's id.
    pub(crate) trigger: Arc<str>,
}

/// Calls functions asynchronously and counts what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    runtime: Runtime,
    metrics: Arc<Metrics>,
}

impl Caller {
    pub(crate) fn new(runtime: Runtime) -> Self {
        Self { runtime, metrics: Arc::new(Metrics::register()) }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn urn(&self, callee: &Callee) -> Urn {
        let region = Arc::clone(&self.runtime.scope().region);
        Urn { region, function: callee.function.clone(), qualifier: Some(callee.qualifier.clone()) }
    }

    /// Calls, once for each key where there is one. A refusal is logged and counted.
    pub(crate) async fn call(
        &self,
        kind: TriggerKind,
        callee: &Callee,
        event: Bytes,
        key: Option<String>,
    ) -> Result<RequestId, Rejection> {
        let urn = self.urn(callee).to_string();
        let called = match key {
            Some(key) => self.runtime.invoke_async_once(&urn, event, key).await,
            None => self.runtime.invoke_async(&urn, event).await,
        };
        match &called {
            Ok(_) => self.metrics.count(kind, Outcome::Called),
            Err(rejection) => {
                let (trigger, code) = (&*callee.trigger, rejection.code());
                tracing::warn!(%kind, trigger, urn, %code, %rejection, "a function does not take the event of a trigger");
                self.metrics.count(kind, Outcome::Refused);
            }
        }
        called
    }
}
