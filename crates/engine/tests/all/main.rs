//! The engine against real guests, one test for each promise.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod artifacts;
mod cancel;
mod commands;
mod dependencies;
mod event;
mod http;
mod isolation;
mod limits;
mod snapshot;
mod support;
