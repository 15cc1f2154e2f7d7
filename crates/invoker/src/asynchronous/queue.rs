//! Which request is next: an index over the stored requests that have not ended. Pure; events stay in the store.

use fngraph_store::Pending;
use fngraph_types::{FunctionId, RequestId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use tokio_util::sync::CancellationToken;

/// The requests that have not ended, in a line for each function.
///
/// Functions with a request that is due take turns, so that no function's backlog delays another's.
#[derive(Debug)]
pub(crate) struct Queue {
    lines: HashMap<FunctionId, Line>,
    /// Functions that have a request that is due, and room to run it, in the order of their turns.
    turns: VecDeque<FunctionId>,
    /// Functions that have room, by when their next request is due.
    timers: BTreeSet<(Timestamp, FunctionId)>,
    /// Requests whose attempt runs, and what cancels it.
    running: HashMap<RequestId, CancellationToken>,
    /// When the requests that wait were accepted.
    ages: BTreeSet<(Timestamp, RequestId)>,
    /// Most attempts at the same time: of all functions, of one.
    most_running: usize,
    most_running_of_one: usize,
    /// The most requests of one function.
    depth: usize,
}

/// The requests of one function.
#[derive(Debug, Default)]
struct Line {
    waiting: BTreeMap<(Timestamp, RequestId), Pending>,
    running: usize,
    /// Attempts that found no room lately: that many fewer run at the same time. Otherwise a function with few
    /// instances would try all of its backlog in vain, over and over.
    held_back: usize,
    /// Attempts since then that found room.
    credit: usize,
    /// Requests that are being accepted.
    promised: usize,
    /// Where the line stands among `turns` and `timers`.
    place: Place,
}

/// How often all that run at the same time have to find room before one more is tried.
const ROUNDS: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    #[default]
    Nowhere,
    Turn,
    Timer(Timestamp),
}

impl Queue {
    pub(crate) fn new(most_running: usize, most_running_of_one: usize, depth: usize) -> Self {
        Self {
            lines: HashMap::new(),
            turns: VecDeque::new(),
            timers: BTreeSet::new(),
            running: HashMap::new(),
            ages: BTreeSet::new(),
            most_running,
            most_running_of_one,
            depth,
        }
    }

    /// Keeps a place for a request that is being accepted; the number of requests if there is none.
    pub(crate) fn promise(&mut self, function: &FunctionId) -> Result<(), usize> {
        let line = match self.lines.get_mut(function) {
            Some(line) => line,
            None => self.lines.entry(function.clone()).or_default(),
        };
        let requests = line.waiting.len() + line.promised;
        if requests >= self.depth {
            return Err(requests);
        }
        line.promised += 1;
        Ok(())
    }

    /// Gives up a place.
    pub(crate) fn withdraw(&mut self, function: &FunctionId) {
        if let Some(line) = self.lines.get_mut(function) {
            line.promised -= 1;
        }
        self.tidy(function);
    }

    /// Fills a place with the request that was accepted.
    pub(crate) fn fulfil(&mut self, request: Pending) {
        if let Some(line) = self.lines.get_mut(&request.function) {
            line.promised -= 1;
        }
        self.add(request);
    }

    /// Adds a request without a promise: one that the store had, or one that may be tried again.
    pub(crate) fn add(&mut self, request: Pending) {
        let function = request.function.clone();
        self.ages.insert((request.accepted_at, request.id));
        let line = self.lines.entry(function.clone()).or_default();
        line.waiting.insert((request.due_at, request.id), request);
        self.place(&function);
    }

    /// The next request whose attempt is due, if one may run. It is running from now on.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<(Pending, CancellationToken)> {
        while let Some((due, function)) = self.timers.first().cloned()
            && due <= now
        {
            self.timers.remove(&(due, function.clone()));
            if let Some(line) = self.lines.get_mut(&function) {
                line.place = Place::Turn;
            }
            self.turns.push_back(function);
        }
        if self.running.len() >= self.most_running {
            return None;
        }
        let function = self.turns.pop_front()?;
        let line = self.lines.get_mut(&function)?;
        line.place = Place::Nowhere;
        line.running += 1;
        let (_, request) = line.waiting.pop_first()?;
        self.ages.remove(&(request.accepted_at, request.id));
        let token = CancellationToken::new();
        self.running.insert(request.id, token.clone());
        self.place(&function);
        Some((request, token))
    }

    /// Ends an attempt. `again` is the request if it waits for another one; `throttled` says that there was no room
    /// for this one.
    pub(crate) fn finish(&mut self, function: &FunctionId, id: RequestId, again: Option<Pending>, throttled: bool) {
        self.running.remove(&id);
        let most = self.most_running_of_one;
        if let Some(line) = self.lines.get_mut(function) {
            line.running -= 1;
            if throttled {
                // Down to what runs now, but never to nothing.
                line.held_back = line.held_back.max(most.saturating_sub(line.running.max(1)));
                line.credit = 0;
            } else if line.held_back > 0 {
                line.credit += 1;
                if line.credit >= ROUNDS * (line.running + 1) {
                    line.credit = 0;
                    line.held_back -= 1;
                }
            }
        }
        match again {
            Some(request) => self.add(request),
            None => self.place(function),
        }
    }

    /// Takes out a request that waits.
    pub(crate) fn remove(&mut self, function: &FunctionId, id: RequestId) -> Option<Pending> {
        let line = self.lines.get_mut(function)?;
        let key = *line.waiting.keys().find(|(_, waiting)| *waiting == id)?;
        let request = line.waiting.remove(&key)?;
        self.ages.remove(&(request.accepted_at, id));
        self.place(function);
        Some(request)
    }

    /// Takes out all requests of a function that was deleted.
    pub(crate) fn remove_function(&mut self, function: &FunctionId) {
        if let Some(line) = self.lines.get_mut(function) {
            for request in std::mem::take(&mut line.waiting).into_values() {
                self.ages.remove(&(request.accepted_at, request.id));
            }
        }
        self.place(function);
    }

    /// What cancels the running attempt of a request.
    pub(crate) fn running(&self, id: RequestId) -> Option<CancellationToken> {
        self.running.get(&id).cloned()
    }

    /// When the next attempt is due that is not due yet.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// Requests that have not ended.
    pub(crate) fn len(&self) -> usize {
        self.ages.len() + self.running.len()
    }

    /// When the oldest request that waits was accepted.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.ages.first().map(|(accepted_at, _)| *accepted_at)
    }

    /// Puts a function where it belongs: a timer for its next request if there is room to run it.
    fn place(&mut self, function: &FunctionId) {
        let Some(line) = self.lines.get_mut(function) else { return };
        let has_room = line.running + line.held_back < self.most_running_of_one;
        let wanted = line.waiting.first_key_value().filter(|_| has_room).map(|((due, _), _)| *due);
        match (line.place, wanted) {
            // Its turn comes anyway.
            (Place::Turn, Some(_)) => {}
            (Place::Timer(due), Some(wanted)) if due == wanted => {}
            (place, wanted) => {
                line.place = wanted.map_or(Place::Nowhere, Place::Timer);
                match place {
                    Place::Turn => self.turns.retain(|turn| turn != function),
                    Place::Timer(due) => drop(self.timers.remove(&(due, function.clone()))),
                    Place::Nowhere => {}
                }
                if let Some(due) = wanted {
                    self.timers.insert((due, function.clone()));
                }
            }
        }
        self.tidy(function);
    }

    /// Forgets a function that has no requests.
    fn tidy(&mut self, function: &FunctionId) {
        if self
            .lines
            .get(function)
            .is_some_and(|line| line.waiting.is_empty() && line.running == 0 && line.promised == 0)
        {
            self.lines.remove(function);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_types::Qualifier;
    use proptest::prelude::*;
    use std::time::Duration;

    fn request(function: &str, id: u128, due: i64) -> Pending {
        let due_at = Timestamp::from_millis(due);
        Pending {
            id: RequestId::from_u128(id),
            function: FunctionId::local(function),
            qualifier: Qualifier::latest(),
            attempts: 0,
            accepted_at: due_at,
            expires_at: due_at + Duration::from_secs(3600),
            due_at,
        }
    }

    fn ids(queue: &mut Queue, now: i64) -> Vec<u128> {
        std::iter::from_fn(|| queue.next(Timestamp::from_millis(now)))
            .map(|(request, _)| request.id.as_u128())
            .collect()
    }

    #[test]
    fn functions_take_turns() {
        let mut queue = Queue::new(100, 100, 100);
        for id in 1..=3 {
            queue.add(request("a", id, 0));
        }
        queue.add(request("b", 10, 0));
        assert_eq!(ids(&mut queue, 0), [1, 10, 2, 3]);
    }

    #[test]
    fn requests_wait_until_they_are_due_and_there_is_room() {
        let mut queue = Queue::new(3, 1, 100);
        queue.add(request("a", 1, 5));
        queue.add(request("a", 2, 6));
        assert_eq!(queue.next_due(), Some(Timestamp::from_millis(5)));
        assert_eq!(ids(&mut queue, 4), []);
        assert_eq!(ids(&mut queue, 9), [1], "one attempt of a function at a time");
        queue.finish(&FunctionId::local("a"), RequestId::from_u128(1), Some(request("a", 1, 20)), false);
        assert_eq!(ids(&mut queue, 9), [2]);
        assert_eq!(queue.len(), 2);
        assert_eq!(queue.oldest(), Some(Timestamp::from_millis(20)));
    }

    #[test]
    fn a_function_without_room_tries_fewer_at_once_until_it_has_some() {
        let mut queue = Queue::new(100, 4, 1000);
        let a = FunctionId::local("a");
        (0..200).for_each(|id| queue.add(request("a", id, 0)));
        assert_eq!(ids(&mut queue, 0), [0, 1, 2, 3]);
        for id in 1..4 {
            queue.finish(&a, RequestId::from_u128(id), Some(request("a", id, 5)), true);
        }
        assert_eq!(ids(&mut queue, 0), [], "one runs, and for more there is no room");
        let mut running = vec![0];
        for _ in 0..ROUNDS {
            queue.finish(&a, RequestId::from_u128(running.remove(0)), None, false);
            running.extend(ids(&mut queue, 0));
        }
        assert_eq!(running.len(), 2, "after a while one more is tried");
    }

    #[test]
    fn the_depth_counts_promises() {
        let mut queue = Queue::new(1, 1, 2);
        let a = FunctionId::local("a");
        assert_eq!((queue.promise(&a), queue.promise(&a), queue.promise(&a)), (Ok(()), Ok(()), Err(2)));
        queue.withdraw(&a);
        queue.fulfil(request("a", 1, 0));
        assert_eq!((queue.promise(&a), queue.promise(&a)), (Ok(()), Err(2)));
    }

    proptest! {
        #[test]
        fn every_request_runs_once_and_limits_hold(
            requests in prop::collection::vec((0..4_usize, 0..50_i64), 0..60),
            finishes in prop::collection::vec(any::<bool>(), 200),
        ) {
            let mut queue = Queue::new(5, 2, 1000);
            for (id, (function, due)) in requests.iter().enumerate() {
                queue.add(request(["a", "b", "c", "d"][*function], id as u128, *due));
            }
            let mut running: Vec<Pending> = Vec::new();
            let mut seen = Vec::new();
            let mut finishes = finishes.into_iter().cycle();
            for now in 0.. {
                while let Some((request, _)) = queue.next(Timestamp::from_millis(now)) {
                    prop_assert!(request.due_at.as_millis() <= now);
                    seen.push(request.id);
                    running.push(request);
                    prop_assert!(running.len() <= 5);
                    for name in ["a", "b", "c", "d"] {
                        prop_assert!(running.iter().filter(|request| &*request.function.name == name).count() <= 2);
                    }
                }
                if finishes.next() == Some(true) && let Some(request) = running.pop() {
                    queue.finish(&request.function, request.id, None, false);
                }
                if seen.len() == requests.len() && running.is_empty() || now > 2000 {
                    break;
                }
            }
            prop_assert_eq!(seen.len(), requests.len());
            prop_assert_eq!(queue.len(), 0);
            prop_assert!(queue.lines.is_empty() && queue.timers.is_empty() && queue.turns.is_empty());
        }
    }
}
