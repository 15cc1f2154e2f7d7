//! What everything in an invoker shares.

use crate::{
    Clock, Options,
    activity::{Activity, Busy},
    executor::Executor,
    metrics::Metrics,
    observe::LogSink,
    pool::{Pool, Slot},
    room::{Room, Roster, Waiters},
    route::Routes,
    snapshots::Snapshots,
};
use fngraph_registry::Registry;
use parking_lot::Mutex;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{runtime::Handle, sync::mpsc};
use tokio_util::task::TaskTracker;

/// What everything in an invoker shares.
pub(crate) struct Host<E: Executor> {
    pub(crate) executor: E,
    pub(crate) registry: Registry,
    pub(crate) clock: Clock,
    pub(crate) options: Options,
    pub(crate) routes: Routes<E>,
    pub(crate) room: Room,
    pub(crate) roster: Arc<Roster>,
    pub(crate) waiters: Waiters,
    pub(crate) metrics: Metrics,
    pub(crate) logs: LogSink,
    pub(crate) activity: Arc<Activity>,
    pub(crate) snapshots: Arc<Snapshots>,
    /// Pools that have instances to start ahead.
    care: mpsc::UnboundedSender<Care<E>>,
    pub(crate) tasks: TaskTracker,
    pub(crate) runtime: Handle,
    pub(crate) closed: AtomicBool,
    random: Mutex<fastrand::Rng>,
}

/// A pool that has something to do beside its callers.
pub(crate) struct Care<E: Executor> {
    pool: Arc<Pool<E>>,
    used: Option<Box<Slot<E>>>,
    busy: Busy,
}

impl<E: Executor> Care<E> {
    pub(crate) async fn take(self) {
        drop(self.used);
        self.pool.care().await;
        drop(self.busy);
    }
}

impl<E: Executor> Host<E> {
    #[expect(clippy::too_many_arguments, reason = "the parts of an invoker, put together in one place")]
    pub(crate) fn new(
        executor: E,
        registry: Registry,
        clock: Clock,
        options: Options,
        logs: LogSink,
        activity: Arc<Activity>,
        care: mpsc::UnboundedSender<Care<E>>,
        tasks: TaskTracker,
    ) -> Self {
        let random = options.seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self {
            room: Room::new(options.instances),
            executor,
            registry,
            clock,
            options,
            routes: Routes::default(),
            roster: Arc::default(),
            waiters: Waiters::default(),
            metrics: Metrics::register(),
            logs,
            activity,
            snapshots: Arc::default(),
            care,
            tasks,
            runtime: Handle::current(),
            closed: AtomicBool::new(false),
            random: Mutex::new(random),
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// A number from 0 to 99.
    pub(crate) fn percent(&self) -> u8 {
        self.random.lock().u8(..100)
    }

    /// A number from 0 up to 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.random.lock().f64()
    }

    /// Has a pool's instances started ahead. There is something going on from now on.
    /// `used` is an instance to be ended first, where no caller waits for that.
    pub(crate) fn care_for(&self, pool: Arc<Pool<E>>, used: Option<Box<Slot<E>>>) {
        // Nobody listens any more when the invoker is gone.
        let _ = self.care.send(Care { pool, used, busy: self.activity.begin() });
    }

    /// Runs work that ends by itself beside the callers. Shutting down waits for it.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let busy = self.activity.begin();
        self.tasks.spawn_on(
            async move {
                work.await;
                drop(busy);
            },
            &self.runtime,
        );
    }

    /// The elastic instance that is missed least, of whatever function: of the pool that was idle longest.
    pub(crate) fn evict(&self) -> Option<Box<Slot<E>>> {
        let mut pools = self.routes.pools();
        pools.sort_by_key(|pool| pool.last_used());
        pools.iter().find_map(|pool| pool.evict())
    }
}
