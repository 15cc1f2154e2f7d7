//! What is measured, behind a seam: the engine's instances here, fakes in tests.

use crate::{args::Mode, exit::Failure};
use bytes::Bytes;
use fngraph_engine::{Instance, Invocation, PreparedFunction};
use fngraph_types::ErrorCode;

/// Something that is called again and again by one caller at a time.
pub(super) trait Worker: Send + 'static {
    /// Prepares the next call; takes no part in what is measured.
    fn ready(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The call that is measured.
    fn call(&mut self) -> impl Future<Output = Result<(), ErrorCode>> + Send;

    /// Cleans up after the last call.
    fn finish(self) -> impl Future<Output = ()> + Send;
}

/// A worker over the engine.
#[derive(Debug)]
pub(super) struct EngineWorker {
    prepared: PreparedFunction,
    event: Bytes,
    start: Start,
    /// For warm calls the instance that takes the next one; for cold calls the one that took the last.
    instance: Option<Instance>,
}

/// What a call includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// The call alone.
    Warm,
    /// The making of a new instance, its initializer, and the call.
    Cold,
}

impl Start {
    /// The starts that a mode measures.
    pub(super) fn of(mode: Mode) -> &'static [Self] {
        match mode {
            Mode::Warm => &[Self::Warm],
            Mode::Cold => &[Self::Cold],
            Mode::Both => &[Self::Warm, Self::Cold],
        }
    }

    /// The word that is printed.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

impl EngineWorker {
    pub(super) fn new(prepared: PreparedFunction, event: Bytes, start: Start) -> Self {
        Self { prepared, event, start, instance: None }
    }
}

impl Worker for EngineWorker {
    async fn ready(&mut self) -> Result<(), Failure> {
        match (self.start, &self.instance) {
            (Start::Warm, Some(instance)) if instance.is_alive() => {}
            (Start::Warm, _) => {
                let instance = self.prepared.instantiate().await;
                self.instance = Some(instance.map_err(|failed| Failure::invoke(failed.error))?);
            }
            (Start::Cold, _) => {
                if let Some(instance) = self.instance.take() {
                    instance.stop().await;
                }
            }
        }
        Ok(())
    }

    async fn call(&mut self) -> Result<(), ErrorCode> {
        let instance = match (self.start, &mut self.instance) {
            (Start::Warm, Some(instance)) => instance,
            _ => {
                let instance = self.prepared.instantiate().await.map_err(|failed| failed.error.code())?;
                self.instance.insert(instance)
            }
        };
        let outcome = instance.call(Invocation::new(self.event.clone())).await;
        outcome.result.map(drop).map_err(|error| error.code())
    }

    async fn finish(self) {
        if let Some(instance) = self.instance {
            instance.stop().await;
        }
    }
}
