//! Ten thousand functions: what it takes to create one more, to list a page, and to start with all of them.
#![allow(missing_docs, reason = "it is a program")]

use axum::{Router, body::Body};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{Limits, Runtime};
use fngraph_benches::{Guest, machine::Busy, report::Report, threads};
use fngraph_server::{App, Auth, Options};
use hdrhistogram::Histogram;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::{path::Path, time::Instant};
use tower::ServiceExt as _;

const CREATE: &str = "api/create/10000";
const LIST: &str = "api/list-400/10000";
const START: &str = "start/10000";

const FUNCTIONS: usize = 10_000;
/// How many more are created, and pages listed, while it is measured.
const MEASURED: usize = 200;
const STARTS: usize = 10;

fn main() {
    let report = Report::new(env!("CARGO_TARGET_TMPDIR"));
    if !report.wants_any(&[CREATE, LIST, START]) {
        return;
    }
    let threads = threads();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder is writable");
    threads.block_on(async {
        let runtime = open(folder.path()).await;
        let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
        for number in 0..FUNCTIONS {
            create(&router, number).await;
        }
        let busy = Busy::begin();
        let mut latency = histogram();
        for number in FUNCTIONS..FUNCTIONS + MEASURED {
            measure(&mut latency, create(&router, number)).await;
        }
        report.latency(CREATE, &latency, busy);
        let busy = Busy::begin();
        let mut latency = histogram();
        for number in 0..MEASURED {
            let path = format!("/fgs/functions?marker={}&maxitems=400", number * 400 % FUNCTIONS);
            measure(&mut latency, call(&router, Method::GET, &path, Value::Null)).await;
        }
        report.latency(LIST, &latency, busy);
        runtime.shutdown(std::time::Duration::from_secs(10)).await;
    });
    let busy = Busy::begin();
    let mut latency = histogram();
    for _ in 0..STARTS {
        threads.block_on(async {
            let begin = now();
            let runtime = open(folder.path()).await;
            let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
            call(&router, Method::GET, "/fgs/functions?maxitems=1", Value::Null).await;
            record(&mut latency, begin);
            runtime.shutdown(std::time::Duration::from_secs(10)).await;
        });
    }
    report.latency(START, &latency, busy);
}

async fn open(folder: &Path) -> Runtime {
    let limits = Limits { functions_per_project: 100_000, ..Limits::default() };
    Runtime::builder().data_dir(folder).limits(limits).build().await.expect("the directory is ours")
}

async fn create(router: &Router, number: usize) {
    let code = BASE64_STANDARD.encode(Guest::tiny().wasm);
    let function = json!({
        "func_name": format!("tiny-{number}"), "package": "default", "runtime": "Custom", "timeout": 3,
        "handler": "index.handler", "memory_size": 128, "code_type": "inline", "func_code": { "file": code },
    });
    call(router, Method::POST, "/fgs/functions", function).await;
}

async fn call(router: &Router, method: Method, path: &str, body: Value) {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder().method(method).uri(format!("/v2/p1{path}")).body(body).expect("it is a request");
    let (head, body) = router.clone().oneshot(request).await.expect("routers answer").into_parts();
    let body = body.collect().await.expect("it is in memory").to_bytes();
    assert!(head.status.is_success(), "{path}: {}", String::from_utf8_lossy(&body));
}

async fn measure(latency: &mut Histogram<u64>, work: impl Future<Output = ()>) {
    let begin = now();
    work.await;
    record(latency, begin);
}

fn record(latency: &mut Histogram<u64>, begin: Instant) {
    let taken = begin.elapsed().as_nanos().try_into().unwrap_or(u64::MAX);
    latency.record(taken).expect("histograms grow as they must");
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are allowed")
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}
