//! What goes wrong, and how the command line says so: exit code, error, hint.

use crate::support::{fngraph, fngraph_in};
use fngraph_test_support::{guests, has_a_test};
use std::fs;

// The engine's own tests provoke every failure; here one of each exit code is seen from outside.
fngraph_test_support::each_test_guest!(has_a_test);

fn faults_run(handler: &str, more: &[&str]) -> crate::support::Ran {
    let mut args = vec!["run", guests::faults().to_str().unwrap(), "--handler", handler];
    args.extend(["--initializer", "none", "--pre-stop", "none"]);
    args.extend(more);
    fngraph(args)
}

#[test]
fn faults() {
    faults_run("fail", &[]).failure(1, "OutOfTea: no tea is left");
    faults_run("boom", &[]).failure(1, "the bottom is reached");
    faults_run("ehco", &[]).failure(3, "ehco");
    faults_run("spin", &["--timeout", "50ms"]).failure(4, "FSS.4010");
    faults_run("hog", &[]).failure(5, "FSS.4205");
    faults_run("answer", &["--event", "7000000"]).failure(5, "FSS.4004");
    faults_run("echo", &["--memory", "100"]).failure(2, "128");
}

#[test]
fn faults_http() {
    let wasm = guests::faults_http().to_str().unwrap();
    fngraph(["run", wasm, "--event", r#"{"httpMethod": "GET", "path": "/panic"}"#]).failure(1, "no answer today");
    fngraph(["run", wasm, "--event", "{}"]).failure(2, "httpMethod");
}

#[test]
fn faults_command() {
    let wasm = guests::faults_command().to_str().unwrap();
    fngraph(["run", wasm, "--event", "exit 3"]).failure(1, "exited with status");
    let ran = fngraph(["run", wasm, "--event", "echo hello"]).success();
    assert_eq!(ran.stdout, "hello");
}

#[test]
fn checkout() {
    // On its own: only a server has dependencies.
    fngraph(["run", guests::checkout().to_str().unwrap(), "--handler", "total"]).failure(3, "shop:pricing/discount");
}

#[test]
fn discounts() {
    fngraph(["run", guests::discounts().to_str().unwrap()]).failure(3, "it exports shop:pricing/discount@1.0.0");
}

#[test]
fn what_is_no_package_is_refused_saying_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    fngraph_in(folder.path(), ["run", "notes.txt"]).failure(3, "neither WebAssembly nor a zip");
    fngraph_in(folder.path(), ["run", "none.wasm"]).failure(3, "none.wasm");
    fngraph_in(folder.path(), ["run", "."]).failure(3, "no .wasm file");
}

#[test]
fn several_handlers_without_a_choice_are_listed() {
    let ran = fngraph(["run", guests::order_pipeline().to_str().unwrap()]).failure(3, "price");
    assert!(ran.stderr.contains("--handler"), "the error says what to type next: {}", ran.stderr);
}
