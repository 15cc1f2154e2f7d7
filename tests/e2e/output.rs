//! What goes to stdout and what to stderr.

use crate::support::fngraph;
use fngraph_test_support::guests;
use serde_json::json;

#[test]
fn stdout_is_the_result_and_nothing_else() {
    let wasm = guests::faults().to_str().unwrap();
    let base = ["run", wasm, "--initializer", "none", "--pre-stop", "none", "--handler"];
    let ran = fngraph(base.into_iter().chain(["write_log", "--event", "oh dear"])).success();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("from stdout") && ran.stderr.contains("oh dear"), "{}", ran.stderr);
    let ran = fngraph(base.into_iter().chain(["echo", "--event", "verbatim"])).success();
    assert_eq!(ran.stdout, "verbatim", "not even a line's end is added");
}

#[test]
fn json_output_is_one_object_with_result_receipt_and_log() {
    let ran = fngraph(["run", guests::hello().to_str().unwrap(), "--event", r#"{"name":"Ada"}"#, "--output", "json"]);
    let answer = ran.success().json();
    assert_eq!(answer["result"], json!({"message": "Hello, Ada!"}).to_string());
    assert_eq!(answer["receipt"]["start"], "cold");
    assert!(answer["receipt"]["memory_used_bytes"].as_u64().unwrap() > 0, "{answer}");
    assert_eq!(answer["log"], json!([]));
}

#[test]
fn json_output_of_a_failure_has_the_error_and_the_exit_code_tells_too() {
    let wasm = guests::faults().to_str().unwrap();
    let args = ["run", wasm, "--initializer", "none", "--pre-stop", "none", "--handler", "fail", "--output", "json"];
    let ran = fngraph(args);
    assert_eq!(ran.status, 1);
    let error = &ran.json()["error"];
    assert_eq!((&error["code"], &error["type"]), (&json!("FSS.4002"), &json!("OutOfTea")));
}

#[test]
fn an_initializer_of_a_component_with_only_one_runs_by_itself() {
    let wasm = guests::order_pipeline().to_str().unwrap();
    let order = r#"{"items": [{"item": "tea", "count": 1}]}"#;
    fngraph(["run", wasm, "--handler", "price", "--user-data", "{}", "--event", order]).failure(1, "");
    fngraph(["run", wasm, "--handler", "price", "--initializer", "none", "--event", order]).failure(1, "NotPrepared");
}
