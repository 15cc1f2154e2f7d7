//! `fngraph new`, `build` and `run` on a project, and the project's own tests.

use crate::support::{Ran, environment, fngraph_in};
use std::{fs, path::Path, process::Command};

fn cargo_test(project: &Path) -> Ran {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(["test", "--quiet"]).current_dir(project).envs(environment()).output();
    Ran::of(output.unwrap())
}

/// Makes a project from a template, builds it, runs it, and runs its tests.
fn a_new_project_works(template: &str, event: &str, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("my-{template}");
    fngraph_in(folder.path(), ["new", &name, "--template", template]).success();
    let built = fngraph_in(folder.path(), ["build", &name]).success();
    let wasm = Path::new(built.stdout.trim());
    assert!(wasm.is_file(), "stdout is the path of the wasm file: {built:?}");
    assert!(built.stderr.contains(template), "the kind is told: {}", built.stderr);
    if template == "event" {
        let size = fs::metadata(wasm).unwrap().len();
        assert!(size < 150_000, "the template's component has {size} bytes");
    }
    let ran = fngraph_in(folder.path(), ["run", &name, "--event", event]).success();
    assert!(ran.stdout.contains(expected), "{ran:?}");
    cargo_test(&folder.path().join(&name)).success();
}

#[test]
fn a_new_event_function_works() {
    a_new_project_works("event", r#"{"name": "Ada"}"#, "Ada");
}

#[test]
fn a_new_http_function_works() {
    a_new_project_works("http", r#"{"httpMethod": "GET", "path": "/"}"#, r#""statusCode":200"#);
}

#[test]
fn a_new_command_works() {
    a_new_project_works("command", "two words", r#""words": 2"#);
}

#[test]
fn a_folder_that_exists_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("taken")).unwrap();
    fs::write(folder.path().join("taken/precious"), "1").unwrap();
    fngraph_in(folder.path(), ["new", "taken"]).failure(2, "taken");
    fngraph_in(folder.path(), ["new", "1st"]).failure(2, "1st");
    assert_eq!(fs::read_dir(folder.path().join("taken")).unwrap().count(), 1);
}

#[test]
fn a_project_that_does_not_compile_shows_the_compilers_words() {
    let folder = tempfile::tempdir().unwrap();
    fngraph_in(folder.path(), ["new", "broken"]).success();
    let source = folder.path().join("broken/src/lib.rs");
    fs::write(&source, "#[fngraph_guest::handler]\npub async fn handler(event: String) {}\n").unwrap();
    fngraph_in(folder.path(), ["build", "broken"]).failure(7, "async");
}
