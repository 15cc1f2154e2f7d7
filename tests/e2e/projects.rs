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
    let kind = ["command", "http"].into_iter().find(|kind| template.starts_with(kind)).unwrap_or("event");
    assert!(built.stderr.contains(kind), "the kind is told: {}", built.stderr);
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
fn an_example_becomes_a_project_with_its_sample() {
    let folder = tempfile::tempdir().unwrap();
    let made = fngraph_in(folder.path(), ["new", "my-shop", "--template", "order-pipeline"]).success();
    let next = "fngraph run . --handler price --user-data @user-data.json --event @event.json";
    assert!(made.stderr.contains(next), "{}", made.stderr);
    let project = folder.path().join("my-shop");
    let args = next.split(' ').skip(1);
    let quote = fngraph_in(&project, args.collect::<Vec<_>>()).success();
    assert!(quote.json()["total_cents"].as_u64().unwrap() > 0, "{quote:?}");
    cargo_test(&project).success();
}

#[test]
fn templates_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let text = fngraph_in(folder.path(), ["new", "--list"]).success();
    assert!(text.stdout.contains("\nhello "), "{text:?}");
    let json = fngraph_in(folder.path(), ["new", "--list", "--output", "json"]).success().json();
    let templates = json["templates"].as_array().unwrap();
    assert_eq!(templates.len(), text.stdout.lines().count());
    assert!(templates.iter().any(|template| template["name"] == "order-pipeline"), "{json}");
    fngraph_in(folder.path(), ["new"]).failure(2, "NAME");
    fngraph_in(folder.path(), ["new", "x", "--template", "nothing"]).failure(2, "order-pipeline");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
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
