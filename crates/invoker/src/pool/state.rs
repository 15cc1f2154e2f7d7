//! The counts of a pool and the rules between them, without instances, tasks or time: what the property test drives.

use std::collections::VecDeque;

/// How many idle instances of a kind there are, how many live in all, and who waits.
///
/// `S` is an instance, `W` is whoever waits for one.
#[derive(Debug)]
pub(crate) struct State<S, W> {
    /// The most calls at the same time; 0 disables the function.
    limit: u32,
    in_flight: u32,
    /// The most calls at the same time since this was last taken.
    peak: u32,
    /// Idle elastic instances, the one that was used last at the end: it is the warmest.
    idle: Vec<S>,
    idle_reserved: Vec<S>,
    /// Elastic instances: idle, busy, and being started.
    elastic: u32,
    /// Reserved instances: idle, busy, and being started.
    reserved: u32,
    /// How many are to be reserved.
    target: u32,
    /// How many unused instances are to be ready, for functions whose instances serve once.
    spares: u32,
    /// Elastic instances that are being started without a call that waits for them.
    spares_starting: u32,
    waiting: VecDeque<W>,
    closed: bool,
}

/// Which count an instance belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Made because calls came.
    Elastic,
    /// Made ahead, because a reservation says so.
    Reserved,
}

/// An instance, as far as the counts care.
pub(crate) trait Counted {
    fn kind(&self) -> Kind;
    fn set_kind(&mut self, kind: Kind);
}

/// What a caller gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<S> {
    /// An instance that is ready.
    Ready(S),
    /// The right to start one. It counts already.
    Start,
    /// No; as many calls run as may.
    Full,
    /// No; the function is disabled.
    Disabled,
    /// No; the pool serves no more.
    Closed,
}

/// What a caller that is done leaves to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Released<S, W> {
    /// Who is served next, and the instance for it; none means that it has to start one.
    pub(crate) next: Option<(W, Option<S>)>,
    /// An instance that is no longer wanted.
    pub(crate) surplus: Option<S>,
}

/// What is to be done so that the pool is as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Care {
    /// Start a reserved instance. It counts already.
    StartReserved,
    /// Start an instance that will serve once. It counts already.
    StartSpare,
}

impl<T: Counted> Counted for Box<T> {
    fn kind(&self) -> Kind {
        (**self).kind()
    }

    fn set_kind(&mut self, kind: Kind) {
        (**self).set_kind(kind);
    }
}

impl<S: Counted, W> State<S, W> {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            in_flight: 0,
            peak: 0,
            idle: Vec::new(),
            idle_reserved: Vec::new(),
            elastic: 0,
            reserved: 0,
            target: 0,
            spares: 0,
            spares_starting: 0,
            waiting: VecDeque::new(),
            closed: false,
        }
    }

    /// Admits a call, if it may run now. `fits` says which instances can serve it.
    pub(crate) fn admit(&mut self, fits: impl Fn(&S) -> bool) -> Admission<S> {
        if self.closed {
            return Admission::Closed;
        }
        if self.limit == 0 {
            return Admission::Disabled;
        }
        // Who comes now does not overtake who waits.
        if self.in_flight >= self.limit || !self.waiting.is_empty() {
            return Admission::Full;
        }
        self.in_flight += 1;
        self.peak = self.peak.max(self.in_flight);
        match self.take(fits) {
            Some(instance) => Admission::Ready(instance),
            None => {
                self.elastic += 1;
                Admission::Start
            }
        }
    }

    /// An idle instance, reserved ones first.
    fn take(&mut self, fits: impl Fn(&S) -> bool) -> Option<S> {
        [&mut self.idle_reserved, &mut self.idle].into_iter().find_map(|idle| {
            let index = idle.iter().rposition(&fits)?;
            // The one that was used last is what nearly every call gets, and costs no move.
            Some(idle.remove(index))
        })
    }

    /// Queues a caller that was told [`Admission::Full`], unless as many wait as may; then it tells their number.
    /// `is_gone` says which of them do not wait any more.
    pub(crate) fn wait(&mut self, waiter: W, limit: usize, is_gone: impl Fn(&W) -> bool) -> Result<(), usize> {
        if self.waiting.len() >= limit {
            self.waiting.retain(|waiter| !is_gone(waiter));
        }
        if self.waiting.len() >= limit {
            return Err(self.waiting.len());
        }
        self.waiting.push_back(waiter);
        Ok(())
    }

    /// Ends a call. `instance` is the one that it had, unless that is gone, of kind `kind`; `keep` says whether it may
    /// serve again.
    pub(crate) fn release(&mut self, instance: Option<S>, kind: Kind, keep: bool) -> Released<S, W> {
        let mut surplus = None;
        let kept = match instance {
            Some(instance) if keep && !self.closed => Some(instance),
            other => {
                self.forget(kind);
                surplus = other;
                None
            }
        };
        // With a lowered limit, calls end until it is met.
        let next = if self.in_flight <= self.limit { self.waiting.pop_front() } else { None };
        match (next, kept) {
            (Some(waiter), kept) => {
                let instance = kept.or_else(|| self.take(|_| true));
                if instance.is_none() {
                    self.elastic += 1;
                }
                Released { next: Some((waiter, instance)), surplus }
            }
            (None, kept) => {
                self.in_flight -= 1;
                if let Some(instance) = kept {
                    self.park(instance);
                }
                Released { next: None, surplus }
            }
        }
    }

    /// Puts an instance to the idle ones. One that is reserved beyond the target becomes elastic.
    fn park(&mut self, mut instance: S) {
        if instance.kind() == Kind::Reserved && self.reserved > self.target {
            self.reserved -= 1;
            self.elastic += 1;
            instance.set_kind(Kind::Elastic);
        }
        match instance.kind() {
            Kind::Elastic => self.idle.push(instance),
            Kind::Reserved => self.idle_reserved.push(instance),
        }
    }

    /// Takes back that an instance counts.
    fn forget(&mut self, kind: Kind) {
        match kind {
            Kind::Elastic => self.elastic -= 1,
            Kind::Reserved => self.reserved -= 1,
        }
    }

    /// Ends a start ahead: `instance` is what came of it. It comes back when the pool is closed.
    pub(crate) fn started_ahead(&mut self, kind: Kind, instance: Option<S>) -> Option<S> {
        if kind == Kind::Elastic {
            self.spares_starting -= 1;
        }
        match instance {
            Some(instance) if !self.closed => {
                self.park(instance);
                None
            }
            other => {
                self.forget(kind);
                other
            }
        }
    }

    /// A caller gives up the instance that it got, and starts another.
    pub(crate) fn exchange(&mut self, kind: Kind) {
        self.forget(kind);
        self.elastic += 1;
    }

    /// Says what is to be started ahead, and counts it. Instances that are there are reserved before any is started.
    pub(crate) fn care(&mut self) -> Option<Care> {
        if self.closed {
            return None;
        }
        while self.reserved < self.target
            && let Some(mut instance) = self.idle.pop()
        {
            self.elastic -= 1;
            self.reserved += 1;
            instance.set_kind(Kind::Reserved);
            self.idle_reserved.push(instance);
        }
        if self.reserved < self.target {
            self.reserved += 1;
            return Some(Care::StartReserved);
        }
        if self.idle.len() + (self.spares_starting as usize) < self.spares as usize {
            self.spares_starting += 1;
            self.elastic += 1;
            return Some(Care::StartSpare);
        }
        None
    }

    /// Whether [`State::care`] may have something to do.
    pub(crate) fn wants_care(&self) -> bool {
        !self.closed
            && (self.reserved < self.target || self.idle.len() + (self.spares_starting as usize) < self.spares as usize)
    }

    /// Whether more instances live than calls may run, so that an idle one should make room for one that is started.
    pub(crate) fn is_crowded(&self) -> bool {
        self.elastic + self.reserved > self.limit.max(self.target)
    }

    /// Changes how many calls may run at the same time. Those that run go on; those that may run now come back.
    pub(crate) fn set_limit(&mut self, limit: u32) -> Vec<(W, Option<S>)> {
        self.limit = limit;
        let mut admitted = Vec::new();
        while self.in_flight < self.limit
            && let Some(waiter) = self.waiting.pop_front()
        {
            self.in_flight += 1;
            self.peak = self.peak.max(self.in_flight);
            let instance = self.take(|_| true);
            if instance.is_none() {
                self.elastic += 1;
            }
            admitted.push((waiter, instance));
        }
        admitted
    }

    /// Changes how many instances are reserved. Those that are too many stay as elastic ones.
    pub(crate) fn set_target(&mut self, target: u32) {
        self.target = target;
        while self.reserved > self.target
            && let Some(mut instance) = self.idle_reserved.pop()
        {
            self.reserved -= 1;
            self.elastic += 1;
            instance.set_kind(Kind::Elastic);
            // At the cold end, where reclaim takes from.
            self.idle.insert(0, instance);
        }
    }

    /// Changes how many unused instances are to be ready.
    pub(crate) fn set_spares(&mut self, spares: u32) {
        self.spares = spares;
    }

    /// Ends a window of time: elastic instances beyond the peak in it, or beyond the spares, are no longer wanted.
    pub(crate) fn reclaim(&mut self) -> Vec<S> {
        let peak = std::mem::replace(&mut self.peak, self.in_flight);
        let wanted = peak.saturating_sub(self.reserved).max(self.spares) as usize;
        let busy = (self.elastic as usize).saturating_sub(self.idle.len());
        let surplus = self.idle.len().saturating_sub(wanted.saturating_sub(busy));
        #[expect(clippy::cast_possible_truncation, reason = "not more than `elastic`")]
        {
            self.elastic -= surplus as u32;
        }
        self.idle.drain(..surplus).collect()
    }

    /// Gives up the elastic instance that was idle longest.
    pub(crate) fn evict(&mut self) -> Option<S> {
        if self.idle.is_empty() {
            return None;
        }
        self.elastic -= 1;
        Some(self.idle.remove(0))
    }

    /// Serves no more: what is idle and who waits come back; instances that are busy come back when they are released.
    pub(crate) fn close(&mut self) -> (Vec<S>, Vec<W>) {
        self.closed = true;
        self.target = 0;
        #[expect(clippy::cast_possible_truncation, reason = "not more than the counts")]
        {
            self.elastic -= self.idle.len() as u32;
            self.reserved -= self.idle_reserved.len() as u32;
        }
        let idle = self.idle.drain(..).chain(self.idle_reserved.drain(..)).collect();
        (idle, self.waiting.drain(..).collect())
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    pub(crate) fn peak(&self) -> u32 {
        self.peak
    }

    pub(crate) fn elastic(&self) -> u32 {
        self.elastic
    }

    pub(crate) fn reserved(&self) -> u32 {
        self.reserved
    }

    pub(crate) fn target(&self) -> u32 {
        self.target
    }

    /// Who waits, to be sent away.
    pub(crate) fn drain_waiting(&mut self) -> Vec<W> {
        self.waiting.drain(..).collect()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(test)]
mod tests;
