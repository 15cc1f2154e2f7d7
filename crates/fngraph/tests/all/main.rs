//! The whole model in process, with real guests.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;
mod sync;
