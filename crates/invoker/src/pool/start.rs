//! New instances: for a caller that waits, and ahead.

use super::{
    Pool, Slot,
    state::{Care, Kind},
};
use crate::{Rejection, executor::Executor, room::Permit};
use fngraph_engine::StartError;
use fngraph_types::{Fault, Memory};
use futures::future;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// How many instances of one function are started ahead at the same time.
const AT_ONCE: usize = 8;

/// How long no instance is started ahead after one failed: as often as a person would look, so that broken code does
/// not keep the machine busy.
const PAUSE: Duration = Duration::from_secs(10);

/// Why there is no new instance.
#[derive(Debug)]
pub(crate) enum StartFailure {
    /// It was not even tried.
    Rejected(Rejection),
    /// It did not come up.
    Failed(Box<StartError>),
}

impl<E: Executor> Pool<E> {
    /// Starts an instance.
    pub(super) async fn start(&self, memory: Memory, kind: Kind) -> Result<Box<Slot<E>>, StartFailure> {
        let permit = self.room().await.map_err(StartFailure::Rejected)?;
        let snapshot = self.snapshot(memory).await;
        if let Some(function) = snapshot.as_ref().and_then(|snapshot| snapshot.get()?.as_ref()) {
            match self.start_from(function, memory).await {
                Ok(instance) => return Ok(Slot::new(instance, memory, kind, &self.host.roster, permit)),
                Err(failed) if failed.error.fault() == Fault::Capacity => {
                    return Err(StartFailure::Failed(Box::new(failed)));
                }
                Err(failed) => self.give_up_snapshot(&failed),
            }
        }
        let function = self.load().await.map_err(StartFailure::Rejected)?;
        match self.start_from(function, memory).await {
            Ok(instance) => Ok(Slot::new(instance, memory, kind, &self.host.roster, permit)),
            Err(failed) => Err(StartFailure::Failed(Box::new(failed))),
        }
    }

    async fn start_from(&self, function: &E::Function, memory: Memory) -> Result<E::Instance, StartError> {
        let started = self.host.executor.start(function, memory).await;
        if let Err(failed) = &started
            && failed.error.fault() == Fault::Capacity
            && let Some(idle) = self.host.evict()
        {
            idle.stop().await;
            return self.host.executor.start(function, memory).await;
        }
        started
    }

    /// Room for one more instance. Idle ones make room for it.
    async fn room(&self) -> Result<Permit, Rejection> {
        let host = &self.host;
        if let Some(permit) = host.room.try_take() {
            return Ok(permit);
        }
        if let Some(idle) = host.evict() {
            idle.stop().await;
        }
        let deadline = host.clock.now() + host.options.queue_timeout;
        tokio::select! {
            biased;
            permit = host.room.take() => Ok(permit),
            () = host.clock.sleep_until(deadline) => Err(Rejection::QueueTimeout),
        }
    }

    /// The code, loaded by whoever comes first.
    pub(crate) async fn load(&self) -> Result<&E::Function, Rejection> {
        let loaded = self.loaded.get_or_try_init(|| async {
            let executor = &self.host.executor;
            let packages = self.host.packages(&self.function, &self.version).await.map_err(Arc::new)?;
            let settings = self.version.settings.clone();
            match executor.load((*self.identity).clone(), settings, packages).await {
                Ok(function) => Ok(Ok(function)),
                // What is wrong with the code stays wrong; the platform's own failures may pass.
                Err(error) if error.code().fault() == Fault::Platform => Err(Arc::new(error)),
                Err(error) => Ok(Err(Arc::new(error))),
            }
        });
        let loaded = loaded.await.and_then(|loaded| loaded.as_ref().map_err(Arc::clone));
        loaded.map_err(Rejection::Load)
    }

    /// Starts what is to be started ahead.
    pub(crate) async fn care(self: Arc<Self>) {
        self.cared_for.store(false, Ordering::Relaxed);
        if self.is_too_early() {
            return;
        }
        loop {
            let jobs: Vec<_> = {
                let mut inner = self.inner.lock();
                std::iter::from_fn(|| inner.instances.care()).take(AT_ONCE).collect()
            };
            if jobs.is_empty() {
                return;
            }
            let failed = future::join_all(jobs.into_iter().map(|job| self.start_ahead(job))).await;
            if failed.contains(&true) {
                let after = self.host.clock.now() + PAUSE;
                self.care_after.store(after.as_millis(), Ordering::Relaxed);
                return;
            }
        }
    }

    /// Says whether it failed.
    async fn start_ahead(&self, job: Care) -> bool {
        let kind = match job {
            Care::StartReserved => Kind::Reserved,
            Care::StartSpare => Kind::Elastic,
        };
        let started = self.start(self.version.settings.memory, kind).await;
        let (instance, failed) = match started {
            Ok(slot) => (Some(slot), false),
            Err(failure) => {
                tracing::warn!(function = %self.function, version = %self.version.name, ?failure, "start an instance ahead");
                (None, true)
            }
        };
        let unwanted = self.inner.lock().instances.started_ahead(kind, instance);
        if let Some(slot) = unwanted {
            slot.stop().await;
        }
        failed
    }
}
