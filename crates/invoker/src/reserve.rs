//! How many instances are reserved: what reservations say right now.

use crate::{executor::Executor, host::Host, route::Route};
use fngraph_types::Timestamp;
use std::sync::Arc;

impl<E: Executor> Host<E> {
    /// Makes the pools of a function hold what its reservations want at `now`. `window_ends` says that a window of time
    /// is over, after which concurrency policies may want less.
    pub(crate) fn reserve(&self, route: &Arc<Route<E>>, now: Timestamp, window_ends: bool) {
        for (pool, version) in route.pools.iter().zip(route.function.versions()) {
            let target = match route.function.reservation_of(&version.name) {
                Some((_, reservation)) => {
                    let policy = reservation
                        .metric
                        .iter()
                        .map(|tactic| pool.follow_policy(tactic.threshold, window_ends).max(tactic.min))
                        .max();
                    reservation.target(now).max(policy.unwrap_or(0)).min(MOST_RESERVED)
                }
                None => 0,
            };
            pool.reserve(target);
        }
    }

    /// The functions that have reservations, made ready: nobody has called them yet in this process.
    pub(crate) fn reserve_all(self: &Arc<Self>) {
        for function in self.registry.functions(None) {
            if !function.reservations.is_empty() {
                self.install(function);
            }
        }
    }
}

/// The most instances that concurrency policies reserve for one version: the cloud's limit for a reservation.
const MOST_RESERVED: u32 = 1000;
