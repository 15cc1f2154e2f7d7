//! What every store promises, in a directory and in memory, and what a directory promises besides.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod code;
mod deliveries;
mod directory;
mod documents;
mod functions;
mod history;
mod logs;
mod model;
mod requests;
mod statistics;
mod support;
