//! The invoker with an executor that does what each event says: every rule between a name and an instance.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod fake;
mod faulty;
mod scenario;

mod cancel;
mod deliveries;
mod destinations;
mod exchanges;
mod faults;
mod host;
mod instances;
mod limits;
mod metrics;
mod queue;
mod reopen;
mod requests;
mod reserved;
mod retries;
mod routes;
mod shutdown;
mod snapshots;
mod statistics;
mod tactics;
mod updates;
mod watch;
