//! Timers: all of them in one set, ordered by when they fire next.
//!
//! Nobody writes down what fired. A firing is an asynchronous invocation with the timer and its moment as the
//! idempotency key, so the firing that was the latest when the process began can simply be done again: if it was done
//! before, it is the same request.

mod event;
mod table;

use crate::{
    caller::{Callee, Caller},
    metrics::Outcome,
};
use chrono_tz::Tz;
use fngraph::{Alarm, AsyncConfig, Function, FunctionId, Qualifier, Timestamp, TriggerKind, VersionName};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use parking_lot::Mutex;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
pub use table::{Ring, Timetable};

/// How late a firing may be: what was missed by more, because no process ran or the machine slept, is skipped. Of
/// several that were missed, only the latest is made up for.
pub(crate) const LATEST: Duration = Duration::from_secs(5 * 60);

/// How many firings are stored at a time. The store writes them in groups, which more of them fill better.
const AT_ONCE: usize = 128;

/// All active timers.
#[derive(Debug)]
pub(crate) struct Timers {
    caller: Caller,
    table: Mutex<Timetable>,
    ended: AtomicBool,
}

impl Timers {
    /// `zone` is the one whose offset is shown for schedules that name none.
    pub(crate) fn new(caller: Caller, zone: Tz) -> Self {
        Self { caller, table: Mutex::new(Timetable::new(zone)), ended: AtomicBool::new(false) }
    }

    /// A function's triggers are these now.
    pub(crate) fn changed(&self, id: &FunctionId, read: impl FnOnce() -> Option<Arc<Function>>) {
        let earlier = {
            let mut table = self.table.lock();
            let before = table.due();
            let function = read();
            let now = self.caller.runtime().now();
            let triggers = function.as_deref().map_or(&[][..], |function| &function.triggers);
            table.changed(id, triggers, now, |qualifier| {
                // A request with the same key is only known as long as requests of the function may wait.
                LATEST.min(function.as_deref().map_or(LATEST, |function| max_age(function, qualifier)))
            });
            table.due().is_some_and(|due| before.is_none_or(|before| due < before))
        };
        if earlier {
            self.caller.runtime().wake();
        }
    }

    /// Fires no more.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

impl Alarm for Timers {
    fn due(&self) -> Option<Timestamp> {
        if self.ended.load(Ordering::Relaxed) { None } else { self.table.lock().due() }
    }

    fn ring(&self, now: Timestamp) -> BoxFuture<'static, ()> {
        let rings = self.table.lock().take(now);
        let caller = self.caller.clone();
        async move { stream::iter(rings).for_each_concurrent(AT_ONCE, |ring| fire(&caller, ring, now)).await }.boxed()
    }
}

/// Calls the function of one timer, unless it is too late for that.
async fn fire(caller: &Caller, ring: Ring, now: Timestamp) {
    let Ring { timer, moment, skipped } = ring;
    let callee = &timer.callee;
    let (trigger, function) = (&*callee.trigger, &callee.function);
    let is_late = now.since(moment) > LATEST;
    if skipped || is_late {
        tracing::warn!(trigger, %function, %is_late, "firings of a timer were missed");
        caller.metrics().count(TriggerKind::Timer, Outcome::Missed);
    }
    if is_late {
        return;
    }
    let event = event::event(&timer.name, &timer.user_event, moment, timer.zone);
    let key = format!("timer:{trigger}:{}", moment.as_millis());
    // What the queue refuses is counted and logged there; the next firing is another one.
    let _ = caller.call(TriggerKind::Timer, callee, event, Some(key)).await;
}

/// How long requests for a version or alias may wait.
fn max_age(function: &Function, qualifier: &Qualifier) -> Duration {
    let version = match qualifier {
        Qualifier::Version(version) => Some(version),
        Qualifier::Alias(alias) => function.alias(alias).map(|alias| &alias.version),
    };
    let latest = VersionName::latest();
    let config = function.async_configs.get(version.unwrap_or(&latest));
    config.map_or_else(|| AsyncConfig::unconfigured().max_age, |config| config.max_age)
}

impl Callee {
    fn is(&self, trigger: &str) -> bool {
        &*self.trigger == trigger
    }
}
