//! The cloud's Python SDK.

use crate::client::{Checks, installed, python, scripts};
use std::process::Command;

#[test]
fn a_users_script_works_with_signatures() {
    python("scenario.py", Checks::Signatures);
}

#[test]
fn a_users_script_works_without_checks() {
    python("scenario.py", Checks::Nothing);
}

#[test]
fn wrong_signatures_are_refused() {
    python("signatures.py", Checks::Signatures);
}

#[test]
fn invocations() {
    python("invocations.py", Checks::Signatures);
}

#[test]
fn quotas() {
    python("quotas.py", Checks::Signatures);
}

#[test]
fn dependencies() {
    python("dependencies.py", Checks::Signatures);
}

#[test]
fn events() {
    python("events.py", Checks::Signatures);
}

#[test]
fn functions() {
    python("functions.py", Checks::Signatures);
}

#[test]
fn archives() {
    python("archive.py", Checks::Signatures);
}

#[test]
fn packages() {
    python("packages.py", Checks::Signatures);
}

#[test]
fn templates() {
    python("templates.py", Checks::Signatures);
}

#[test]
fn applications() {
    python("applications.py", Checks::Signatures);
}

#[test]
fn tags() {
    python("tags.py", Checks::Signatures);
}

#[test]
fn snapshots() {
    python("snapshots.py", Checks::Signatures);
}

#[test]
fn tracing() {
    python("tracing.py", Checks::Signatures);
}

#[test]
fn bridges() {
    python("bridges.py", Checks::Signatures);
}

#[test]
fn versions() {
    python("versions.py", Checks::Signatures);
}

#[test]
fn metrics() {
    python("metrics.py", Checks::Signatures);
}

#[test]
fn logs() {
    python("logs.py", Checks::Signatures);
}

#[test]
fn reservations() {
    python("reservations.py", Checks::Signatures);
}

#[test]
fn asynchronous() {
    python("asynchronous.py", Checks::Signatures);
}

#[test]
fn triggers() {
    python("triggers.py", Checks::Signatures);
}

/// An operation that no script calls would be an operation without a test.
#[test]
fn every_operation_of_the_sdk_is_called() {
    let mut command = Command::new(installed("python").join("bin/python"));
    command.args(["-B", "-W", "ignore"]).arg(scripts().join("python/operations.py"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
