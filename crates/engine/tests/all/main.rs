//! The engine against real guests, one test for each promise.

mod artifacts;
mod commands;
mod event;
mod http;
mod isolation;
mod limits;
mod support;
