//! The cloud's own clients against the real server.
//!
//! What they do and what they expect stands in the scripts beside this file. `cargo xtask setup` installs the clients.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod client;
mod node;
mod otc;
mod python;
mod schema;
