//! The API in process, over a real runtime and real guests.
#![allow(clippy::unwrap_used, reason = "a test that fails should panic")]

mod aliases;
mod applications;
mod archive;
mod async_invocations;
mod auth;
mod bridge;
mod code;
mod collect;
mod config;
mod dependencies;
mod deployed;
mod events;
mod extensions;
mod functions;
mod gateway;
mod invocations;
mod listen;
mod logs;
mod metrics;
mod otlp;
mod probes;
mod quotas;
mod reserved;
mod snapshots;
mod support;
mod tags;
mod templates;
mod topics;
mod traces;
mod triggers;
mod versions;
