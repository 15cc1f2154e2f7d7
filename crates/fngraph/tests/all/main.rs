//! The whole model in process, with real guests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod blocking;
mod canary;
mod cancel;
mod damage;
mod deploy;
mod destinations;
mod faults;
mod logs;
mod manage;
mod memory;
mod reopen;
mod reply;
mod requests;
mod reserved;
mod shutdown;
mod snapshots;
mod sync;
