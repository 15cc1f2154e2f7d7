//! The pool against a model: whatever happens in whatever order, counts are right and nobody waits for ever.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fake {
    id: u32,
    kind: Kind,
}

impl Counted for Fake {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn set_kind(&mut self, kind: Kind) {
        self.kind = kind;
    }
}

/// What a caller holds.
#[derive(Debug, Clone, Copy)]
enum Held {
    Instance(Fake),
    Starting,
}

/// Something that happens to a pool. Numbers choose among what there is.
#[derive(Debug, Clone)]
enum Step {
    Arrive,
    /// A start ends well, or not.
    Started(usize, bool),
    /// A call ends; the instance survived, or not.
    Finish(usize, bool),
    /// A caller goes away: while it waits, starts, or runs.
    Cancel(usize),
    Limit(u32),
    Reserve(u32),
    Spares(u32),
    Reclaim,
    Evict,
    Care(bool),
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<usize>();
    let step = prop_oneof![
        8 => Just(Step::Arrive),
        6 => (index, prop::bool::weighted(0.8)).prop_map(|(index, well)| Step::Started(index, well)),
        8 => (index, prop::bool::weighted(0.8)).prop_map(|(index, survived)| Step::Finish(index, survived)),
        2 => index.prop_map(Step::Cancel),
        1 => (0..6_u32).prop_map(Step::Limit),
        1 => (0..5_u32).prop_map(Step::Reserve),
        1 => (0..3_u32).prop_map(Step::Spares),
        2 => Just(Step::Reclaim),
        1 => Just(Step::Evict),
        4 => prop::bool::weighted(0.8).prop_map(Step::Care),
    ];
    (prop::collection::vec(step, 0..200), any::<bool>()).prop_map(|(mut steps, close)| {
        if close {
            steps.push(Step::Close);
        }
        steps
    })
}

/// The pool, and everything that it handed out.
struct World {
    state: State<Fake, u32>,
    callers: Vec<Held>,
    /// Waiters that went away; the pool does not know yet.
    gone: Vec<u32>,
    made: u32,
    arrived: u32,
}

const QUEUE: usize = 5;

impl World {
    fn new() -> Self {
        Self { state: State::new(3), callers: Vec::new(), gone: Vec::new(), made: 0, arrived: 0 }
    }

    fn make(&mut self, kind: Kind) -> Fake {
        self.made += 1;
        Fake { id: self.made, kind }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Arrive => self.arrive(),
            Step::Started(index, well) => self.started(index, well),
            Step::Finish(index, survived) => self.finish(index, survived),
            Step::Cancel(index) => self.cancel(index),
            Step::Limit(limit) => {
                let admitted = self.state.set_limit(limit);
                self.serve(admitted);
            }
            Step::Reserve(target) => self.state.set_target(target),
            Step::Spares(spares) => self.state.set_spares(spares),
            Step::Reclaim => drop(self.state.reclaim()),
            Step::Evict => drop(self.state.evict()),
            Step::Care(well) => self.care(well),
            Step::Close => {
                let (_, waiting) = self.state.close();
                assert!(waiting.len() <= QUEUE);
                assert_eq!(self.state.admit(|_| true), Admission::Closed);
            }
        }
        self.check();
    }

    fn arrive(&mut self) {
        self.arrived += 1;
        match self.state.admit(|_| true) {
            Admission::Ready(instance) => self.callers.push(Held::Instance(instance)),
            Admission::Start => self.callers.push(Held::Starting),
            Admission::Full => drop(self.state.wait(self.arrived, QUEUE, |waiter| self.gone.contains(waiter))),
            Admission::Disabled => assert_eq!(self.state.limit, 0),
            Admission::Closed => assert!(self.state.closed),
        }
    }

    fn started(&mut self, index: usize, well: bool) {
        let starting: Vec<_> =
            (0..self.callers.len()).filter(|caller| matches!(self.callers[*caller], Held::Starting)).collect();
        let Some(caller) = pick(&starting, index) else { return };
        if well {
            self.callers[caller] = Held::Instance(self.make(Kind::Elastic));
        } else {
            self.callers.remove(caller);
            self.release(None, Kind::Elastic, false);
        }
    }

    fn finish(&mut self, index: usize, survived: bool) {
        let busy: Vec<_> =
            (0..self.callers.len()).filter(|caller| matches!(self.callers[*caller], Held::Instance(_))).collect();
        let Some(caller) = pick(&busy, index) else { return };
        if let Held::Instance(instance) = self.callers.remove(caller) {
            self.release(Some(instance), instance.kind, survived);
        }
    }

    fn cancel(&mut self, index: usize) {
        let waiting = self.state.waiting.len();
        if waiting > 0 && index.is_multiple_of(2) {
            self.gone.push(self.state.waiting[index / 2 % waiting]);
        } else if !self.callers.is_empty() {
            match self.callers.remove(index % self.callers.len()) {
                Held::Instance(instance) => self.release(Some(instance), instance.kind, false),
                Held::Starting => self.release(None, Kind::Elastic, false),
            }
        }
    }

    fn care(&mut self, well: bool) {
        let Some(care) = self.state.care() else { return };
        let kind = match care {
            Care::StartReserved => Kind::Reserved,
            Care::StartSpare => Kind::Elastic,
        };
        self.check();
        let instance = well.then(|| self.make(kind));
        assert_eq!(self.state.started_ahead(kind, instance), None);
    }

    fn release(&mut self, instance: Option<Fake>, kind: Kind, keep: bool) {
        let released = self.state.release(instance, kind, keep);
        self.serve(released.next.into_iter().collect());
    }

    /// Hands grants to waiters. A waiter that went away gives its grant back at once, as a dropped receiver does.
    fn serve(&mut self, grants: Vec<(u32, Option<Fake>)>) {
        for (waiter, instance) in grants {
            if self.gone.contains(&waiter) {
                let kind = instance.map_or(Kind::Elastic, |instance| instance.kind);
                self.release(instance, kind, true);
            } else {
                self.callers.push(instance.map_or(Held::Starting, Held::Instance));
            }
        }
    }

    fn check(&self) {
        let state = &self.state;
        assert_eq!(state.in_flight as usize, self.callers.len(), "calls in flight are those that hold something");
        let busy = |kind| {
            self.callers.iter().filter(|held| matches!(held, Held::Instance(instance) if instance.kind == kind)).count()
        };
        let starting = self.callers.iter().filter(|held| matches!(held, Held::Starting)).count();
        // While a start ahead is under way it counts too; `care` checks then.
        let ahead_elastic = state.elastic as usize - busy(Kind::Elastic) - starting - state.idle.len();
        let ahead_reserved = state.reserved as usize - busy(Kind::Reserved) - state.idle_reserved.len();
        assert!(ahead_elastic + ahead_reserved <= 1, "{state:?}");
        assert!(state.idle.iter().all(|instance| instance.kind == Kind::Elastic));
        assert!(state.idle_reserved.iter().all(|instance| instance.kind == Kind::Reserved));
        let mut ids: Vec<_> = state.idle.iter().chain(&state.idle_reserved).map(|instance| instance.id).collect();
        ids.extend(self.callers.iter().filter_map(|held| match held {
            Held::Instance(instance) => Some(instance.id),
            Held::Starting => None,
        }));
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "no instance serves two");
        if !state.waiting.is_empty() {
            assert!(state.in_flight >= state.limit, "somebody waits although there is room: {state:?}");
        }
    }
}

fn pick(among: &[usize], index: usize) -> Option<usize> {
    (!among.is_empty()).then(|| among[index % among.len()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn counts_never_go_wrong_and_nobody_waits_for_ever(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        // Everybody who still waits is served once there is room and those before are done.
        world.step(&Step::Limit(3));
        while let Some(held) = world.callers.first().copied() {
            match held {
                Held::Starting => world.started(0, true),
                Held::Instance(_) => world.finish(0, true),
            }
            world.check();
        }
        prop_assert_eq!(world.state.waiting(), 0);
        // And what nobody needs is given up.
        world.state.set_target(0);
        world.state.set_spares(0);
        world.state.reclaim();
        world.state.reclaim();
        prop_assert_eq!((world.state.elastic(), world.state.reserved()), (0, 0));
    }
}

fn reserved(state: &mut State<Fake, u32>, count: u32) {
    state.set_target(count);
    let mut id = 100;
    while state.care() == Some(Care::StartReserved) {
        id += 1;
        state.started_ahead(Kind::Reserved, Some(Fake { id, kind: Kind::Reserved }));
    }
}

#[test]
fn reserved_instances_are_used_before_elastic_ones() {
    let mut state = State::new(3);
    assert_eq!(state.admit(|_| true), Admission::Start);
    state.release(Some(Fake { id: 1, kind: Kind::Elastic }), Kind::Elastic, true);
    reserved(&mut state, 1);
    // The idle one is reserved rather than a new one started.
    assert_eq!((state.reserved(), state.elastic()), (1, 0));
    assert_eq!(state.admit(|_| true), Admission::Ready(Fake { id: 1, kind: Kind::Reserved }));
    assert_eq!(state.admit(|_| true), Admission::Start);
}

#[test]
fn reclaim_keeps_what_the_window_needed() {
    let mut state: State<Fake, u32> = State::new(10);
    for _ in 0..3 {
        assert_eq!(state.admit(|_| true), Admission::Start);
    }
    for id in 1..=3 {
        state.release(Some(Fake { id, kind: Kind::Elastic }), Kind::Elastic, true);
    }
    assert_eq!(state.reclaim(), [], "three were needed in this window");
    let Admission::Ready(instance) = state.admit(|_| true) else { panic!("{state:?}") };
    state.release(Some(instance), Kind::Elastic, true);
    assert_eq!(state.reclaim().len(), 2, "one was needed in this one");
    assert_eq!(state.reclaim().len(), 1, "none in this one");
}

#[test]
fn a_lowered_limit_lets_calls_end_first() {
    let mut state: State<Fake, u32> = State::new(2);
    assert_eq!(state.admit(|_| true), Admission::Start);
    assert_eq!(state.admit(|_| true), Admission::Start);
    assert_eq!(state.admit(|_| true), Admission::Full);
    state.wait(6, 1, |_| false).unwrap();
    assert_eq!(state.wait(7, 1, |_| false), Err(1));
    assert_eq!(state.wait(7, 1, |waiter| *waiter == 6), Ok(()), "who is gone makes room");
    assert_eq!(state.set_limit(1), []);
    assert_eq!(state.release(None, Kind::Elastic, false).next, None);
    assert_eq!(state.release(None, Kind::Elastic, false).next, Some((7, None)));
}
