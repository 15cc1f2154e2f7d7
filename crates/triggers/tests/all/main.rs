//! Triggers of a real runtime, with real guests.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

mod buckets;
mod facade;
mod support;
mod timers;
mod topics;
