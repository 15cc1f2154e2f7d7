//! The instances of one function version.
//!
//! A pool's counts stand behind a lock of its own, held for some nanoseconds when a call begins and when it ends, never
//! while one runs. So functions share nothing on their way, and the rules stay in one plain struct, [`state::State`].

mod claim;
mod slot;
mod snapshot;
mod start;
mod state;
mod tally;

pub(crate) use claim::{Admitted, Claim};
pub(crate) use slot::Slot;

use crate::{LoadError, Rejection, executor::Executor, host::Host, invoke::Patience};
use fngraph_engine::Receipt;
use fngraph_registry::{Isolation, Scaling, Version};
use fngraph_store::MinuteRecord;
use fngraph_types::{ErrorCode, FunctionId, Identity, Memory, Timestamp};
use parking_lot::Mutex;
use snapshot::Snapshot;
use state::{Admission, Counted, Kind, State};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};
use tally::Tally;
use tokio::sync::{OnceCell, oneshot};

type Instances<E> = State<Box<Slot<E>>, oneshot::Sender<Claim<E>>>;

/// The instances of one version, and who waits for them.
pub(crate) struct Pool<E: Executor> {
    pub(crate) function: FunctionId,
    /// Code and settings; its scaling may be out of date, the pool has its own.
    pub(crate) version: Arc<Version>,
    pub(crate) identity: Arc<Identity>,
    host: Arc<Host<E>>,
    /// The code, or why it will never load.
    loaded: OnceCell<Result<E::Function, Arc<LoadError>>>,
    /// The code that new instances start from, when there is a snapshot.
    snapshot: Mutex<Option<Snapshot<E>>>,
    inner: Mutex<Inner<E>>,
    /// Whether somebody was told that instances are to be started ahead.
    cared_for: AtomicBool,
    /// No instance is started ahead before this moment, since the last one failed.
    care_after: AtomicI64,
}

struct Inner<E: Executor> {
    instances: Instances<E>,
    tally: Tally,
    last_used: Timestamp,
    /// How many instances the concurrency policies of a reservation want.
    policy_target: u32,
}

/// What lives in a pool right now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) in_flight: u32,
    pub(crate) elastic: u32,
    pub(crate) reserved: u32,
    pub(crate) reserved_target: u32,
    pub(crate) waiting: usize,
}

impl<E: Executor> Pool<E> {
    pub(crate) fn new(host: &Arc<Host<E>>, function: FunctionId, version: Arc<Version>) -> Arc<Self> {
        let identity = Identity {
            project_id: function.project_id.to_string(),
            package: function.package.to_string(),
            name: function.name.to_string(),
            version: version.name.to_string(),
        };
        let now = host.clock.now();
        let mut instances = State::new(limit(version.scaling));
        instances.set_spares(spares(&version));
        Arc::new(Self {
            function,
            identity: Arc::new(identity),
            host: Arc::clone(host),
            loaded: OnceCell::new(),
            snapshot: Mutex::new(snapshot::of::<E>(&version)),
            inner: Mutex::new(Inner { instances, tally: Tally::default(), last_used: now, policy_target: 0 }),
            cared_for: AtomicBool::new(false),
            care_after: AtomicI64::new(i64::MIN),
            version,
        })
    }

    /// Whether this pool still runs what `version` is.
    pub(crate) fn runs(&self, version: &Version) -> bool {
        self.version.name == version.name && self.version.revision == version.revision
    }

    /// Lets a call run now, or tells when it may, if it is patient.
    pub(crate) fn admit(self: Arc<Self>, memory: Memory, patience: Patience) -> Admitted<E> {
        let mut inner = self.inner.lock();
        let admission = inner.instances.admit(|slot| slot.memory == memory);
        match admission {
            Admission::Ready(slot) => {
                drop(inner);
                Admitted::Now(Claim::new(self, Some(slot)))
            }
            Admission::Start => {
                let crowding = if inner.instances.is_crowded() { inner.instances.evict() } else { None };
                drop(inner);
                if let Some(slot) = crowding {
                    self.host.spawn(slot.stop());
                }
                Admitted::Now(Claim::new(self, None))
            }
            Admission::Full if patience == Patience::None => {
                let rejection = Rejection::QueueFull { waiting: inner.instances.waiting() };
                drop(inner);
                Admitted::Refused(self, rejection)
            }
            Admission::Full => {
                let (sender, receiver) = oneshot::channel();
                let queued = inner.instances.wait(sender, self.host.options.queue_length, oneshot::Sender::is_closed);
                drop(inner);
                match queued {
                    Ok(()) => Admitted::Later(self, receiver),
                    Err(waiting) => Admitted::Refused(self, Rejection::QueueFull { waiting }),
                }
            }
            Admission::Disabled => {
                drop(inner);
                Admitted::Refused(self, Rejection::Disabled)
            }
            Admission::Closed => {
                drop(inner);
                Admitted::Elsewhere(self)
            }
        }
    }

    /// Ends a call: its instance goes to whoever waits, to the idle ones, or away.
    fn release(self: &Arc<Self>, slot: Option<Box<Slot<E>>>, used: bool, receipt: Option<&Receipt>) {
        let mut giving = Some((slot, used));
        let mut receipt = receipt;
        while let Some((slot, used)) = giving.take() {
            let kind = slot.as_ref().map_or(Kind::Elastic, Counted::kind);
            let keep = slot.as_ref().is_some_and(|slot| self.keeps(slot, used));
            let mut inner = self.inner.lock();
            if let Some(receipt) = receipt.take() {
                let instances = &inner.instances;
                let counts = (instances.in_flight(), instances.elastic(), instances.reserved());
                inner.tally.add(receipt, counts);
            }
            let released = inner.instances.release(slot, kind, keep);
            let wants_care = inner.instances.wants_care();
            drop(inner);
            match released.surplus {
                // Ending an instance takes longer than many calls; who prepares the next one does it.
                Some(used) if spares(&self.version) > 0 => self.host.care_for(Arc::clone(self), Some(used)),
                _ if wants_care => self.care_soon(),
                _ => {}
            }
            if let Some((waiter, slot)) = released.next
                && let Err(claim) = waiter.send(Claim::new(Arc::clone(self), slot))
            {
                // Who waited is gone; the next one may have it.
                giving = Some((claim.dissolve(), false));
            }
        }
    }

    /// Whether an instance may serve again.
    fn keeps(&self, slot: &Slot<E>, used: bool) -> bool {
        use crate::executor::InstanceLike as _;
        let serves_again = !used || self.version.settings.isolation == Isolation::Reuse;
        let room = slot.kind() == Kind::Reserved || !self.host.room.is_wanted();
        serves_again && room && slot.instance.is_alive()
    }

    /// Notes a call that was rejected.
    pub(crate) fn reject(&self, code: ErrorCode) {
        self.inner.lock().tally.reject(code);
    }

    /// Follows a change of how many calls may run.
    pub(crate) fn scale(self: &Arc<Self>, scaling: Scaling) {
        let mut inner = self.inner.lock();
        let admitted = inner.instances.set_limit(limit(scaling));
        // With the function disabled nobody is served any more.
        let refused = if limit(scaling) == 0 { inner.instances.drain_waiting() } else { Vec::new() };
        drop(inner);
        drop(refused);
        for (waiter, slot) in admitted {
            // Should the waiter be gone, the claim gives the instance back when it is dropped.
            drop(waiter.send(Claim::new(Arc::clone(self), slot)));
        }
    }

    /// Follows a change of how many instances are reserved.
    pub(crate) fn reserve(self: &Arc<Self>, target: u32) {
        let mut inner = self.inner.lock();
        if inner.instances.target() != target {
            inner.instances.set_target(target);
        }
        let wants_care = inner.instances.wants_care();
        drop(inner);
        if wants_care {
            self.care_soon();
        }
    }

    /// What a concurrency policy wants so that at most `threshold` percent of the reserved instances are in use. Up at
    /// once; down when a whole window needed less.
    pub(crate) fn follow_policy(&self, threshold: u32, window_ends: bool) -> u32 {
        let mut inner = self.inner.lock();
        let busy = if window_ends { inner.instances.peak() } else { inner.instances.in_flight() };
        let wanted = busy.saturating_mul(100).div_ceil(threshold.max(1));
        inner.policy_target = if window_ends { wanted } else { inner.policy_target.max(wanted) };
        inner.policy_target
    }

    /// Stops the elastic instances that the last window did not need.
    pub(crate) fn reclaim(&self) {
        let surplus = self.inner.lock().instances.reclaim();
        for slot in surplus {
            self.host.spawn(slot.stop());
        }
    }

    pub(crate) fn evict(&self) -> Option<Box<Slot<E>>> {
        self.inner.lock().instances.evict()
    }

    /// Serves no more: calls that run end on this code, idle instances are stopped, and who waits asks anew.
    pub(crate) fn close(&self) {
        let (idle, waiting) = self.inner.lock().instances.close();
        drop(waiting);
        for slot in idle {
            self.host.spawn(slot.stop());
        }
    }

    pub(crate) fn census(&self) -> Census {
        let inner = self.inner.lock();
        let instances = &inner.instances;
        Census {
            in_flight: instances.in_flight(),
            elastic: instances.elastic(),
            reserved: instances.reserved(),
            reserved_target: instances.target(),
            waiting: instances.waiting(),
        }
    }

    pub(crate) fn last_used(&self) -> Timestamp {
        self.inner.lock().last_used
    }

    /// Hands over what happened since this was last asked, as part of the minute of `at`.
    pub(crate) fn take_minute(&self, at: Timestamp) -> Option<MinuteRecord> {
        let mut inner = self.inner.lock();
        if inner.tally.is_used() {
            inner.last_used = at;
        }
        let counts = (inner.instances.in_flight(), inner.instances.elastic(), inner.instances.reserved());
        inner.tally.take(counts).map(|tally| tally.into_record(&self.function, &self.version.name, at.minute()))
    }

    /// Whether a start ahead failed only just now.
    fn is_too_early(&self) -> bool {
        self.host.clock.now().as_millis() < self.care_after.load(Ordering::Relaxed)
    }

    /// Has instances started ahead, soon and elsewhere.
    pub(crate) fn care_soon(self: &Arc<Self>) {
        if !self.is_too_early() && !self.cared_for.swap(true, Ordering::Relaxed) {
            self.host.care_for(Arc::clone(self), None);
        }
    }
}

impl<E: Executor> fmt::Debug for Pool<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("function", &self.function)
            .field("version", &self.version.name)
            .field("census", &self.census())
            .finish_non_exhaustive()
    }
}

/// The most calls at once. One instance serves one call at a time, so a function that takes several requests in one
/// instance gets that many instances here.
fn limit(scaling: Scaling) -> u32 {
    match scaling.max_instances.limit() {
        Some(instances) => instances.saturating_mul(scaling.concurrency),
        None => u32::MAX,
    }
}

fn spares(version: &Version) -> u32 {
    match version.settings.isolation {
        Isolation::Fresh => version.settings.warm_pool,
        Isolation::Reuse => 0,
    }
}
