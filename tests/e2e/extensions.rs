//! Extensions of functions run where the configuration allows it, and nowhere else.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_test_support::{Setup, guests, package};
use serde_json::json;
use std::fs;

const PROJECT: &str = "/v2/0123456789abcdef0123456789abcdef";

/// Calls a function whose dependency has an extension; says whether that was started.
fn check(setup: Setup) -> bool {
    let (script, mark) = (setup.directory().join("extension.sh"), setup.directory().join("started"));
    fs::write(&script, format!("echo x > '{}'\nexit 1\n", mark.display())).unwrap();
    let server = setup.start();
    let file = BASE64_STANDARD.encode(package(&[("extension/extension.sh", &script)]));
    let dependency = json!({"depend_type": "zip", "runtime": "Custom", "name": "agent", "depend_file": file});
    let dependency = server.post(&format!("{PROJECT}/fgs/dependencies/version"), &dependency).success(200).json();
    let code = BASE64_STANDARD.encode(package(&[("faults.wasm", guests::faults())]));
    let function = json!({
        "func_name": "f", "package": "default", "runtime": "Custom", "timeout": 3, "memory_size": 128,
        "handler": "faults.echo", "code_type": "zip", "code_filename": "faults.zip", "func_code": {"file": code},
        "depend_version_list": [dependency["id"]],
    });
    let function = server.post(&format!("{PROJECT}/fgs/functions"), &function).success(200).json();
    let urn = function["func_urn"].as_str().unwrap();
    let event = json!({"key": "value"});
    let answer = server.post(&format!("{PROJECT}/fgs/functions/{urn}/invocations"), &event).success(200);
    assert_eq!(answer.json(), event);
    server.stop();
    let left = fs::read_dir(setup.directory().join("data/extensions")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the files of the extension are removed");
    mark.exists()
}

#[test]
fn extensions_run_where_they_are_allowed() {
    let setup = Setup::new().config("[extensions]\nenabled = true\nports = 'assigned'\n");
    assert!(check(setup.expect_log("an extension ended by itself")));
}

#[test]
fn extensions_do_not_run_where_nothing_is_said_of_them() {
    assert!(!check(Setup::new()));
}
