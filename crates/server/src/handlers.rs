//! What the operations do: one file for each resource, one function for each operation.

pub(crate) mod aliases;
pub(crate) mod applications;
pub(crate) mod archive;
pub(crate) mod async_invocations;
pub(crate) mod bridge;
pub(crate) mod code;
pub(crate) mod collect;
pub(crate) mod config;
pub(crate) mod dependencies;
pub(crate) mod events;
pub(crate) mod functions;
pub(crate) mod invocations;
pub(crate) mod logs;
pub(crate) mod metadata;
pub(crate) mod metrics;
pub(crate) mod probes;
pub(crate) mod quotas;
pub(crate) mod reserved;
pub(crate) mod snapshots;
pub(crate) mod tags;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod topics;
pub(crate) mod tracing;
pub(crate) mod triggers;
pub(crate) mod versions;
