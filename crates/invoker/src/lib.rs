//! The invoker: takes calls for functions by name, and gives each an instance, a place in a queue, or a clear no.
//!
//! An [`Invoker`] stands between the registry, which knows what functions there are, and the engine, which runs code.
//! It keeps instances in a pool for each version, reserves them ahead where a reservation says so, works off
//! asynchronous requests until they have ended, and counts what happens. It knows no HTTP.
//!
//! # What holds
//! - No lock is held while a function runs; functions share nothing on the path of a call.
//! - What waits is bounded: callers by number and time, requests by number and age, logs by size and age.
//! - A dropped future leaves nothing behind: its instance ends, its place is free, who waits is served.
//! - An asynchronous request that was accepted is never lost; only attempts in flight run twice after a crash.
//! - Time comes from a [`Clock`], chance from a seed, so that tests decide both.
//!
//! Key types in reading order: [`Invoker`], [`Request`], [`Rejection`], [`Options`], [`Executor`].

mod activity;
mod alarm;
mod asynchronous;
mod call;
mod clock;
mod driver;
mod executor;
mod host;
mod invoke;
mod invoker;
pub mod metrics;
mod observe;
mod options;
mod pool;
mod rejection;
mod reserve;
mod room;
mod route;
mod snapshots;
mod statistics;
mod watch;

pub use alarm::Alarm;
pub use asynchronous::{Cancellation, DeliveryError, Destinations, LocalDestinations, MemoryDestinations};
pub use clock::Clock;
pub use executor::{Executor, InstanceLike, LoadError, Loaded, Packages};
pub use invoke::{AsyncRequest, Headers, Request};
pub use invoker::{Invoker, OpenError, VersionCensus};
pub use options::Options;
pub use rejection::Rejection;
pub use statistics::Vitals;
pub use watch::{Watch, Watched, Watcher, Watchers};
