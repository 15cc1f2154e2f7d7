//! The registry's rules, seen from outside, over a store that can be made to fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod aliases;
mod async_configs;
mod dependencies;
mod documents;
mod functions;
mod observers;
mod reservations;
mod scenario;
mod shelf;
mod snapshots;
mod tags;
mod test_events;
mod triggers;
mod versions;
mod writes;
