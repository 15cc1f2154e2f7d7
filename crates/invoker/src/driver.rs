//! What happens because time passes: due attempts, reservations, reclaim, statistics, and forgetting.

use crate::{alarm::Alarms, asynchronous::AsyncInvoker, executor::Executor, host::Host, statistics::Statistics};
use fngraph_store::{LogRetention, Store};
use fngraph_types::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// How often reservations are looked after and gauges set.
const BEAT: Duration = Duration::from_secs(1);

/// How often what need not be kept is removed.
const SWEEP: Duration = Duration::from_secs(60);

/// How often code that no version has any more is removed.
const SWEEP_CODE: Duration = Duration::from_secs(3600);

/// How often compiled code that nobody uses any more is removed. The first time is when the process begins.
const SWEEP_COMPILED: Duration = Duration::from_secs(24 * 3600);

/// How long compiled code and snapshots are kept that nobody uses. Whoever comes later waits until they are made again,
/// seconds at most; whoever deploys a new build every few minutes has a disk full of old ones by then.
const UNUSED: Duration = Duration::from_secs(14 * 24 * 3600);

/// How long a function is ready to be called after its last call, when it has no instances left.
const READY: Duration = Duration::from_secs(600);

/// How many ended requests are removed at once.
const FORGET_AT_ONCE: u64 = 10_000;

/// Turns time into work. One turn runs at a time.
pub(crate) struct Driver<E: Executor> {
    host: Arc<Host<E>>,
    store: Arc<dyn Store>,
    requests: Arc<AsyncInvoker<E>>,
    statistics: Arc<Statistics>,
    /// What others have to do when the time comes.
    pub(crate) alarms: Alarms,
    turn: Mutex<Turn>,
}

/// When what was done last.
struct Turn {
    beat: Timestamp,
    window: Timestamp,
    sweep: Timestamp,
    sweep_code: Timestamp,
    sweep_compiled: Timestamp,
}

impl<E: Executor> Driver<E> {
    pub(crate) fn new(
        host: Arc<Host<E>>,
        store: Arc<dyn Store>,
        requests: Arc<AsyncInvoker<E>>,
        statistics: Arc<Statistics>,
    ) -> Self {
        let now = host.clock.now();
        let sweep_compiled = now - SWEEP_COMPILED;
        let turn = Mutex::new(Turn { beat: now, window: now, sweep: now, sweep_code: now, sweep_compiled });
        Self { host, store, requests, statistics, alarms: Alarms::default(), turn }
    }

    /// Drives until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let next = self.turn().await;
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.requests.wake.notified() => {}
                () = self.host.clock.sleep_until(next) => {}
            }
        }
    }

    /// Does what is due, and says when something is due next.
    pub(crate) async fn turn(&self) -> Timestamp {
        let mut turn = self.turn.lock().await;
        let now = self.host.clock.now();
        if now >= turn.beat + BEAT {
            self.beat(&mut turn, now).await;
        }
        let rings = if self.host.is_closed() { None } else { self.ring(now) };
        self.requests.dispatch();
        // What is due already waits for room, which announces itself.
        let due = self.requests.next_due().filter(|due| *due > now);
        [due, rings].into_iter().flatten().fold(turn.beat + BEAT, Timestamp::min)
    }

    /// Begins the work of alarms, and says when they ring next.
    fn ring(&self, now: Timestamp) -> Option<Timestamp> {
        let (work, next) = self.alarms.ring(now);
        work.into_iter().for_each(|work| self.host.spawn(work));
        next
    }

    async fn beat(&self, turn: &mut Turn, now: Timestamp) {
        let host = &self.host;
        self.statistics.collect(host, turn.beat);
        let last_minute = turn.beat.minute();
        turn.beat = now;
        let window_ends = now >= turn.window + host.options.reclaim_window;
        for route in host.routes.all() {
            host.reserve(&route, now, window_ends);
            for pool in &route.pools {
                if window_ends {
                    pool.reclaim();
                }
            }
        }
        if window_ends {
            turn.window = now;
        }
        self.gauge(now);
        if now.minute() > last_minute
            && let Err(error) = self.statistics.store(&*self.store, |minute| minute < now.minute()).await
        {
            tracing::error!(%error, "store statistics");
        }
        if now >= turn.sweep + SWEEP {
            turn.sweep = now;
            self.sweep(now).await;
        }
        if now >= turn.sweep_code + SWEEP_CODE {
            turn.sweep_code = now;
            if let Err(error) = host.registry.sweep_code().await {
                tracing::error!(%error, "remove code");
            }
        }
        if now >= turn.sweep_compiled + SWEEP_COMPILED {
            turn.sweep_compiled = now;
            let host = Arc::clone(host);
            self.host.spawn(async move {
                match host.executor.sweep(UNUSED).await {
                    Ok(0) => {}
                    Ok(removed) => tracing::info!(removed, "removed compiled code that nobody used"),
                    Err(error) => tracing::error!(%error, "remove compiled code"),
                }
            });
        }
    }

    fn gauge(&self, now: Timestamp) {
        let metrics = &self.host.metrics;
        let (mut in_flight, mut elastic, mut reserved) = (0, 0, 0);
        for pool in self.host.routes.pools() {
            let census = pool.census();
            in_flight += census.in_flight;
            elastic += census.elastic;
            reserved += census.reserved;
        }
        metrics.in_flight.set(in_flight);
        metrics.elastic_instances.set(elastic);
        metrics.reserved_instances.set(reserved);
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics.memory.set(self.host.executor.memory_used() as f64);
        let (depth, oldest) = self.requests.backlog();
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics.queue_depth.set(depth as f64);
        metrics.queue_age.set(oldest.map_or(0.0, |oldest| now.since(oldest).as_secs_f64()));
    }

    /// Removes what need not be kept.
    async fn sweep(&self, now: Timestamp) {
        let options = &self.host.options;
        let logs = LogRetention { before: now - options.log_retention, bytes: options.log_bytes };
        let minutes = (now - options.statistics_retention).minute();
        let swept = async {
            self.store.forget_logs(logs).await?;
            self.store.forget_minutes(minutes).await?;
            self.store.forget_requests(now - options.request_retention, FORGET_AT_ONCE).await
        };
        if let Err(error) = swept.await {
            tracing::error!(%error, "remove what need not be kept");
        }
        for route in self.host.routes.all() {
            let idle = route.pools.iter().all(|pool| {
                let census = pool.census();
                census == Default::default() && now.since(pool.last_used()) >= READY
            });
            if idle && route.function.reservations.is_empty() {
                self.host.routes.remove(&route.function.id);
            }
        }
    }
}
