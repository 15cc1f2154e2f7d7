//! Which timer fires when: pure, the clock comes in.

use crate::caller::Callee;
use chrono_tz::Tz;
use fngraph::{FunctionId, Qualifier, Source, Timestamp, Timing, Trigger};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

/// All active timers, those of one function together, and when each fires next. It knows no clock: time comes in.
#[derive(Debug)]
pub struct Timetable {
    /// The zone of schedules that name none.
    zone: Tz,
    by_function: HashMap<FunctionId, Vec<u64>>,
    timers: HashMap<u64, Slot>,
    /// The moment, then the number of the slot, so that timers fire in the order in which they came.
    due: BTreeSet<(Timestamp, u64)>,
    next_slot: u64,
}

#[derive(Debug)]
struct Slot {
    timer: Arc<Timer>,
    /// None when its schedule has ended.
    next: Option<Timestamp>,
}

/// An active timer.
#[derive(Debug)]
pub(crate) struct Timer {
    pub(crate) callee: Callee,
    pub(crate) name: String,
    pub(crate) user_event: String,
    /// The zone whose offset its events show.
    pub(crate) zone: Tz,
    timing: Timing,
    since: Timestamp,
}

/// A timer whose moment has come.
#[derive(Debug)]
pub struct Ring {
    pub(crate) timer: Arc<Timer>,
    /// The moment.
    pub moment: Timestamp,
    /// Whether there were moments before this one that nobody saw.
    pub skipped: bool,
}

impl Timetable {
    /// Without any timer. `zone` is the one whose offset is shown for schedules that name none.
    pub fn new(zone: Tz) -> Self {
        let (by_function, timers, due) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { zone, by_function, timers, due, next_slot: 0 }
    }

    /// When the next timer fires.
    pub fn due(&self) -> Option<Timestamp> {
        self.due.first().map(|(moment, _)| *moment)
    }

    /// Takes over what a function's timers are now. One that goes on as before keeps its next moment. For any other,
    /// the latest moment since it was set is due at once, if it is at most `late` ago.
    pub fn changed(
        &mut self,
        id: &FunctionId,
        triggers: &[Trigger],
        now: Timestamp,
        late: impl Fn(&Qualifier) -> Duration,
    ) {
        let old: Vec<Slot> =
            self.by_function.remove(id).into_iter().flatten().filter_map(|slot| self.remove(slot)).collect();
        let timers: Vec<_> = triggers.iter().filter_map(|trigger| self.read(id, trigger)).collect();
        let mut slots = Vec::with_capacity(timers.len());
        for timer in timers {
            let before = old.iter().find(|slot| slot.timer.callee.is(&timer.callee.trigger));
            let next = match before.filter(|slot| slot.timer.goes_as(&timer)) {
                Some(slot) => slot.next,
                None => timer.first(now, late(&timer.callee.qualifier)),
            };
            slots.push(self.insert(timer, next));
        }
        if !slots.is_empty() {
            self.by_function.insert(id.clone(), slots);
        }
    }

    /// Takes the timers that are due until `now`, in their order; each goes on with its first moment after that.
    pub fn take(&mut self, now: Timestamp) -> Vec<Ring> {
        let mut rings = Vec::new();
        while let Some((due, number)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.pop_first();
            let Some(slot) = self.timers.get_mut(&number) else { continue };
            slot.next = slot.timer.timing.next_after(now, slot.timer.since);
            self.due.extend(slot.next.map(|next| (next, number)));
            let latest = slot.timer.timing.schedule().latest_until(now, slot.timer.since);
            let moment = latest.map_or(due, |latest| latest.max(due));
            rings.push(Ring { timer: Arc::clone(&slot.timer), moment, skipped: moment > due });
        }
        rings
    }

    fn read(&self, id: &FunctionId, trigger: &Trigger) -> Option<Timer> {
        let Source::Timer(timer) = &trigger.source else { return None };
        let named = timer.timing.schedule().zone().and_then(|zone| zone.parse().ok());
        let timer = Timer {
            callee: Callee {
                function: id.clone(),
                qualifier: trigger.qualifier.clone(),
                trigger: Arc::from(&*trigger.id),
            },
            name: timer.name.clone(),
            user_event: timer.user_event.clone(),
            zone: named.unwrap_or(self.zone),
            timing: timer.timing.clone(),
            since: trigger.active_since,
        };
        trigger.is_active.then_some(timer)
    }

    fn insert(&mut self, timer: Timer, next: Option<Timestamp>) -> u64 {
        let number = self.next_slot;
        self.next_slot += 1;
        self.due.extend(next.map(|next| (next, number)));
        self.timers.insert(number, Slot { timer: Arc::new(timer), next });
        number
    }

    fn remove(&mut self, number: u64) -> Option<Slot> {
        let slot = self.timers.remove(&number)?;
        if let Some(next) = slot.next {
            self.due.remove(&(next, number));
        }
        Some(slot)
    }
}

impl Timer {
    fn goes_as(&self, other: &Self) -> bool {
        self.since == other.since && self.timing == other.timing
    }

    /// The moment that a timer begins with.
    fn first(&self, now: Timestamp, late: Duration) -> Option<Timestamp> {
        let latest = self.timing.schedule().latest_until(now, self.since);
        let missed = latest.filter(|latest| *latest > self.since && now.since(*latest) <= late);
        missed.or_else(|| self.timing.next_after(now.max(self.since), self.since))
    }
}

#[cfg(test)]
mod tests;
