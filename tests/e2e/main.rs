//! The real binary, used as a person uses it.

mod bench;
mod examples;
mod failures;
mod inspect;
mod output;
mod projects;
mod readme;
mod support;
