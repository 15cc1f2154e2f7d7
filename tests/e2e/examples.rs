//! Every example, with the event that lies beside it. An example without a test here does not compile.

use crate::support::{Ran, fngraph, root};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_test_support::{guests, has_a_test, programs};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

fngraph_test_support::each_example!(has_a_test);

fn run(folder: &str, wasm: &Path, more: &[&str]) -> Ran {
    let event = format!("@{}", example(folder, "event.json").display());
    let wasm = wasm.to_str().unwrap();
    let mut args = vec!["run", wasm, "--event", &event];
    args.extend(more);
    fngraph(args).success()
}

fn example(folder: &str, file: &str) -> std::path::PathBuf {
    root().join("examples/functions").join(folder).join(file)
}

fn decoded(text: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(text.as_str().unwrap()).unwrap()
}

#[test]
fn hello() {
    assert_eq!(run("hello", guests::hello(), &[]).json(), json!({"message": "Hello, Ada!"}));
}

#[test]
fn event() {
    assert_eq!(run("event", guests::event(), &[]).json(), json!({"message": "Hello, Ada!"}));
    let ahoy = run("event", guests::event(), &["--user-data", "GREETING=Ahoy"]).json();
    assert_eq!(ahoy, json!({"message": "Ahoy, Ada!"}));
}

#[test]
fn http() {
    let answer = run("http", guests::http(), &[]).json();
    assert_eq!((&answer["statusCode"], decoded(&answer["body"])), (&json!(200), b"Hello, Ada!\n".to_vec()));
}

#[test]
fn command() {
    let event = format!("@{}", example("command", "event.txt").display());
    let counts = fngraph(["run", guests::command().to_str().unwrap(), "--event", &event]).success().json();
    assert_eq!(counts["words"], 6);
}

#[test]
fn uploads() {
    let args = ["--handler", "uploaded", "--user-data", "MAX_BYTES=1000"];
    let report = run("uploads", guests::uploads(), &args);
    assert_eq!(report.json()["uploads"][0]["key"], "holiday/sun set.png");
    assert_eq!(report.json()["too_large"], 1);
    assert!(report.stderr.contains("823596 bytes"), "the warning is shown: {}", report.stderr);

    let message = format!("@{}", example("uploads", "message.json").display());
    let wasm = guests::uploads().to_str().unwrap();
    let read = fngraph(["run", wasm, "--handler", "announced", "--event", &message]).success();
    assert_eq!(read.json(), json!({"messages": 1}));
    assert!(read.stderr.contains("disk is full"), "{}", read.stderr);
}

#[test]
fn thumbnail() {
    let answer = run("thumbnail", guests::thumbnail(), &["--timeout", "30s"]).json();
    assert_eq!(answer["format"], "jpeg");
    assert!(decoded(&answer["image"]).starts_with(&[0xFF, 0xD8]), "a JPEG comes back as a JPEG");

    let photo = BASE64_STANDARD.encode(fs::read(example("thumbnail", "photo.png")).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let event = folder.path().join("event.json");
    fs::write(&event, json!({"image": photo, "width": 96}).to_string()).unwrap();
    let event = format!("@{}", event.display());
    let wasm = guests::thumbnail().to_str().unwrap();
    let answer = fngraph(["run", wasm, "--timeout", "30s", "--event", &event]).success().json();
    assert_eq!((&answer["width"], &answer["height"]), (&json!(96), &json!(64)));
    assert!(decoded(&answer["image"]).starts_with(b"\x89PNG"));
}

#[test]
fn http_router() {
    let answer = run("http-router", guests::http_router(), &[]).json();
    assert_eq!(answer["statusCode"], 200);
    let body = String::from_utf8(decoded(&answer["body"])).unwrap();
    assert!(body.contains("Ada"), "{body}");
}

#[test]
fn order_pipeline() {
    let prices = format!("@{}", example("order-pipeline", "user-data.json").display());
    let priced = run("order-pipeline", guests::order_pipeline(), &["--handler", "price", "--user-data", &prices]);
    assert!(priced.json()["total_cents"].as_u64().unwrap() > 0);
    assert!(priced.stderr.contains("cents"), "the function's log is shown: {}", priced.stderr);

    let wasm = guests::order_pipeline().to_str().unwrap();
    let unknown = r#"{"items": [{"item": "unicorn", "count": 1}]}"#;
    let args = ["run", wasm, "--handler", "price", "--user-data", &prices, "--event", unknown];
    fngraph(args).failure(1, "UnknownItem");
}

#[test]
fn apig() {
    let answer = run("apig", guests::apig(), &[]).json();
    assert_eq!(answer["statusCode"], 200);
    assert!(answer["body"].as_str().unwrap().contains("Ada"), "{answer}");
}

#[test]
fn timer() {
    let due = run("timer", guests::timer(), &[]).json();
    assert_eq!(due["report"], "sales");
}

#[test]
fn word_count() {
    let counts = run("word-count", guests::word_count(), &[]).json();
    let event = fs::read_to_string(example("word-count", "event.json")).unwrap();
    assert_eq!(counts["words"], json!(event.split_whitespace().count()));
    assert_eq!(counts["bytes"], json!(event.len()));
}

#[test]
fn word_count_c() {
    let counts = run("word-count-c", guests::word_count_c(), &[]).json();
    assert!(counts["words"].as_u64().unwrap() > 0);
    let same_event = format!("@{}", example("word-count-c", "event.json").display());
    let rust = fngraph(["run", guests::word_count().to_str().unwrap(), "--event", &same_event]).success();
    assert_eq!(counts, rust.json(), "the C program and the Rust program agree");
}

#[test]
fn embed() {
    let mut embed = Command::new(programs::embed());
    let output = embed.arg(guests::hello()).arg(r#"{"name": "Grace"}"#).output().unwrap();
    let ran = Ran::of(output).success();
    assert_eq!(ran.json(), json!({"message": "Hello, Grace!"}));
    assert!(ran.stderr.contains("Finish invoke request"), "{}", ran.stderr);
}
