//! The process that the crash test kills: an invoker over a store that dies on request, and callers.
//!
//! ```text
//! crash-subject submit DIRECTORY JOURNAL NOW SEED [POINT]
//! crash-subject drain DIRECTORY JOURNAL NOW SEED
//! ```
//!
//! `submit` goes on until it is killed; `drain` ends when no request and no delivery is left.

mod actor;
mod destinations;
mod interrupted;
mod journal;
mod load;
mod setup;

use actor::Actors;
use anyhow::{Context, Result, bail, ensure};
use crash_plan::Point;
use destinations::Moody;
use fngraph_invoker::{Clock, Invoker, Options};
use fngraph_registry::{Limits, Registry};
use fngraph_store::{RequestStore as _, Sqlite, Store};
use fngraph_types::Timestamp;
use interrupted::Interrupted;
use journal::Journal;
use std::{path::Path, sync::Arc, time::Duration};

/// How far the clock moves at once: as long as the pause before a first retry.
const STEP: Duration = Duration::from_secs(1);

/// How long a drain may take, by the clock on the wall: some hundred requests are left, a matter of seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// How many steps a drain may take: longer than any pause, and than any number of throttled attempts.
const MOST_STEPS: u32 = 5000;

#[tokio::main(worker_threads = 4)]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["submit", directory, journal, now, seed, point @ ..] => {
            ensure!(point.len() <= 1, "there is one point at most");
            let point = point.first().map(|point| point.parse()).transpose()?;
            let subject = Subject::open(directory, journal, now, seed, point).await?;
            load::submit(&subject.invoker, seed.parse()?).await
        }
        ["drain", directory, journal, now, seed] => {
            let subject = Subject::open(directory, journal, now, seed, None).await?;
            tokio::time::timeout(PATIENCE, subject.drain()).await.context("wait for what does not end")?
        }
        _ => bail!("say `submit` or `drain`, a directory, a journal, a time and a seed"),
    }
}

struct Subject {
    invoker: Invoker<Actors>,
    registry: Registry,
    store: Arc<Interrupted>,
}

impl Subject {
    async fn open(directory: &str, journal: &str, now: &str, seed: &str, point: Option<Point>) -> Result<Self> {
        let directory = Path::new(directory);
        let now = Timestamp::from_millis(now.parse().context("read the time")?);
        let journal = Arc::new(Journal::create(Path::new(journal))?);
        let store = Sqlite::open(&directory.join("data"))?;
        let store = Arc::new(Interrupted::new(store, point, Arc::clone(&journal)));
        let (functions, code) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
        let registry = Registry::open(functions, code, Arc::clone(&store) as _, Limits::default()).await?;
        setup::functions(&registry, now).await?;
        let clock = Clock::manual(now);
        let mut options = Options::default();
        options.seed = Some(seed.parse().context("read the seed")?);
        let invoker = Invoker::open(
            Actors::new(journal, clock.clone()),
            registry.clone(),
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(Moody::new(directory.join("destinations"))),
            clock,
            options,
        )
        .await?;
        Ok(Self { invoker, registry, store })
    }

    async fn drain(self) -> Result<()> {
        for _ in 0..MOST_STEPS {
            self.invoker.advance(STEP).await;
            if self.invoker.vitals().async_requests == 0 && self.store.deliveries(0, 1).await?.is_empty() {
                ensure!(self.invoker.shutdown(Duration::from_secs(10)).await, "something did not end by itself");
                self.registry.close().await;
                return Ok(());
            }
        }
        let left = self.invoker.vitals().async_requests;
        let deliveries = self.store.deliveries(0, 1000).await?.len();
        bail!("{left} requests and {deliveries} deliveries are left after {MOST_STEPS} steps of {STEP:?}")
    }
}
