//! The real binary, used as a person uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bench;
mod client;
mod dev;
mod examples;
mod extensions;
mod failures;
mod gateway;
mod inspect;
mod metrics;
mod output;
mod projects;
mod readme;
mod restart;
mod support;
mod triggers;
