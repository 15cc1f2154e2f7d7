//! `fngraph bench`: that it measures and reports. What it measures is not judged here.

use crate::support::fngraph;
use fngraph_test_support::guests;
use serde_json::Value;
use std::fs;

const EVENT: &str = r#"{"name": "Ada"}"#;

#[test]
fn bench_reports_percentiles_and_keeps_every_sample() {
    let folder = tempfile::tempdir().unwrap();
    let (json, html) = (folder.path().join("samples.json"), folder.path().join("report.html"));
    let ran = fngraph([
        "bench",
        guests::hello().to_str().unwrap(),
        "--event",
        EVENT,
        "--iterations",
        "200",
        "--warm-up",
        "0s",
        "--json",
        json.to_str().unwrap(),
        "--report",
        html.to_str().unwrap(),
    ])
    .success();
    for word in ["cold", "warm", "p50", "p99.9", "max"] {
        assert!(ran.stdout.contains(word), "{word:?} is not in {}", ran.stdout);
    }
    let samples: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert!(samples.to_string().matches(',').count() > 400, "every sample of both modes is there");
    assert!(fs::read_to_string(html).unwrap().contains("<svg"));
}

#[test]
fn bench_compares_two_files_with_a_verdict() {
    let wasm = guests::hello().to_str().unwrap();
    let args = ["bench", wasm, "--event", EVENT, "--mode", "warm", "--duration", "300ms", "--warm-up", "0s"];
    let ran = fngraph(args.into_iter().chain(["--compare", wasm])).success();
    let verdict = ran.stdout.to_lowercase();
    assert!(["noise", "faster", "slower"].iter().any(|word| verdict.contains(word)), "{}", ran.stdout);
}

#[test]
fn bench_runs_at_a_given_rate() {
    let wasm = guests::hello().to_str().unwrap();
    let args = ["bench", wasm, "--event", EVENT, "--mode", "warm", "--duration", "300ms", "--warm-up", "0s"];
    let ran = fngraph(args.into_iter().chain(["--rate", "200"])).success();
    assert!(ran.stdout.contains("200"), "{}", ran.stdout);
}

#[test]
fn a_function_that_fails_is_not_measured_quietly() {
    let wasm = guests::faults().to_str().unwrap();
    let args = ["bench", wasm, "--handler", "fail", "--initializer", "none", "--pre-stop", "none"];
    let ran = fngraph(args.into_iter().chain(["--iterations", "10", "--warm-up", "0s", "--mode", "warm"]));
    assert_ne!(ran.status, 0, "{ran:?}");
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("OutOfTea"), "{ran:?}");
}
