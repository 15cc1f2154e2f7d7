//! Work of others that is due at moments of the invoker's clock: timers.

use fngraph_types::Timestamp;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::{Arc, Weak};

/// Somebody who has something to do at moments that the invoker's clock tells: when time passes, or when
/// [`crate::Invoker::advance`] moves it.
pub trait Alarm: Send + Sync + 'static {
    /// When it rings next; none when it need not. It is asked often: be quick. Call [`crate::Invoker::wake`] when it
    /// becomes earlier.
    fn due(&self) -> Option<Timestamp>;

    /// What is due until `now` is taken, so that [`Alarm::due`] is later than that, and its work comes back. The work
    /// runs beside the callers: shutting down, settling, and moving the clock wait for it.
    fn ring(&self, now: Timestamp) -> BoxFuture<'static, ()>;
}

/// The alarms that are set. Those that are gone are forgotten.
#[derive(Default)]
pub(crate) struct Alarms(Mutex<Vec<Weak<dyn Alarm>>>);

impl Alarms {
    pub(crate) fn add(&self, alarm: Weak<dyn Alarm>) {
        self.0.lock().push(alarm);
    }

    /// The work that is due, and when there is more.
    pub(crate) fn ring(&self, now: Timestamp) -> (Vec<BoxFuture<'static, ()>>, Option<Timestamp>) {
        let alarms: Vec<Arc<dyn Alarm>> = {
            let mut alarms = self.0.lock();
            alarms.retain(|alarm| alarm.strong_count() > 0);
            alarms.iter().filter_map(Weak::upgrade).collect()
        };
        let due = alarms.iter().filter(|alarm| alarm.due().is_some_and(|due| due <= now));
        let work = due.map(|alarm| alarm.ring(now)).collect();
        (work, alarms.iter().filter_map(|alarm| alarm.due()).min())
    }
}
