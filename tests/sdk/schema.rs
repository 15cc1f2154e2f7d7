//! Requests that a fuzzer makes up from the server's own description of its API.

use crate::client::{Checks, installed, setup};
use std::process::Command;

/// Of each operation and kind of request. All of them together take a quarter of a minute.
const EXAMPLES: &str = "10";

#[test]
fn no_request_makes_the_server_fail() {
    let setup = setup(Checks::Nothing);
    let server = setup.start();
    let mut fuzzer = Command::new(installed("python").join("bin/schemathesis"));
    fuzzer.args(["run", &format!("{}/openapi.json", server.endpoint())]);
    fuzzer.args(["--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing"]);
    // The same requests in every run.
    fuzzer.args(["--max-examples", EXAMPLES, "--generation-deterministic", "--workers", "2"]);
    fuzzer.args(["--request-timeout", "10", "--no-color", "--warnings", "off"]);
    // It leaves examples and reports in its folder.
    fuzzer.current_dir(setup.directory()).env("HYPOTHESIS_STORAGE_DIRECTORY", setup.directory().join("examples"));
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        fuzzer.env_remove(name).env_remove(name.to_uppercase());
    }
    let output = fuzzer.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    server.stop();
}
