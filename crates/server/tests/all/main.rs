//! The API in process, over a real runtime and real guests.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

mod aliases;
mod async_invocations;
mod auth;
mod bridge;
mod code;
mod collect;
mod config;
mod deployed;
mod events;
mod functions;
mod invocations;
mod listen;
mod logs;
mod metrics;
mod probes;
mod quotas;
mod reserved;
mod snapshots;
mod support;
mod tags;
mod versions;
