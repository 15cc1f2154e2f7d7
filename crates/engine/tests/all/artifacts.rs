//! Compiling, keeping and refusing code.

use crate::support::{engine, error, handler, run, text};
use fngraph_engine::{CompileError, Engine, FunctionConfig, InvokeError, Origin, Package};
use fngraph_test_support::guests;
use fngraph_types::ErrorCode;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

async fn compile(engine: &Engine, wat: &str) -> Result<fngraph_engine::Artifact, CompileError> {
    let package = Package::from_wasm("index", wat::parse_str(wat).unwrap()).unwrap();
    engine.compile(&package, &handler("index.handler")).await
}

/// An event component whose start code is this.
fn component_with_start(start: &str) -> String {
    format!(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
                (func (export "handler") (param i32 i32) (result i32) i32.const 0)
                (func $start {start})
                (start $start))
            (core instance $i (instantiate $m))
            (type $error (record (field "kind" string) (field "message" string) (field "stack" (list string))))
            (export $e "error" (type $error))
            (func (export "handler") (param "event" (list u8)) (result (result (list u8) (error $e)))
                (canon lift (core func $i "handler") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#
    )
}

#[tokio::test]
async fn a_second_start_of_the_same_code_compiles_nothing() {
    let data = tempfile::tempdir().unwrap();
    let package = Package::read(guests::faults()).unwrap();
    for origin in [Origin::Compiled, Origin::Cached] {
        let engine = Engine::builder().instances(2).data_dir(data.path()).build().unwrap();
        let artifact = engine.compile(&package, &handler("faults.echo")).await.unwrap();
        assert_eq!(artifact.origin(), origin);
        assert!(artifact.compiled_bytes() > artifact.wasm_bytes() as u64);
        let function = artifact.prepare(FunctionConfig::new(handler("faults.echo"))).unwrap();
        assert_eq!(text(&run(&function, "hi").await), "hi");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_with_those_that_are() {
    let package = Package::read(guests::faults()).unwrap();
    let error = engine().compile(&package, &handler("index.echo")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::EntryNotFound);
    let text = error.to_string();
    assert!(text.contains("`index.wasm`") && text.contains("it has faults.wasm"), "{text}");
}

#[tokio::test]
async fn broken_wasm_is_refused() {
    let mut bytes = std::fs::read(guests::faults()).unwrap();
    bytes.truncate(bytes.len() / 2);
    let package = Package::from_wasm("index", bytes).unwrap();
    let error = engine().compile(&package, &handler("index.handler")).await.unwrap_err();
    assert!(matches!(error, CompileError::Malformed { .. }), "{error:?}");
}

#[tokio::test]
async fn code_that_is_no_function_is_refused_saying_what_is_missing() {
    let engine = engine();
    for (wat, reason) in [
        ("(module)", "without `_start`"),
        (r#"(module (import "env" "abort" (func)) (func (export "_start")))"#, "imports `abort` from `env`"),
        ("(component)", "exports neither a handler"),
        (
            r#"(component (import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func)))))"#,
            "wasi:keyvalue/store",
        ),
    ] {
        let error = compile(&engine, wat).await.unwrap_err();
        assert!(matches!(error, CompileError::Unsupported { .. }), "{wat}: {error:?}");
        assert!(error.to_string().contains(reason), "{wat}: {error}");
    }
}

#[tokio::test]
async fn code_beyond_the_limit_is_not_compiled() {
    let engine = Engine::builder().instances(1).code_limit(100).build().unwrap();
    let package = Package::read(guests::faults()).unwrap();
    let error = engine.compile(&package, &handler("faults.echo")).await.unwrap_err();
    assert!(matches!(error, CompileError::TooLarge { limit: 100, .. }), "{error:?}");
}

#[tokio::test]
async fn a_compilation_that_takes_too_long_is_a_load_timeout() {
    let engine = Engine::builder().instances(1).compile_timeout(Duration::from_nanos(1)).build().unwrap();
    let package = Package::read(guests::faults()).unwrap();
    let error = engine.compile(&package, &handler("faults.echo")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::LoadTimeout);
}

#[tokio::test(start_paused = true)]
async fn a_compilation_that_lasts_reports_its_progress() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let report = Arc::clone(&seen);
    let engine = Engine::builder()
        .instances(1)
        .on_compile(move |progress| report.lock().unwrap().push((progress.file, progress.done)))
        .build()
        .unwrap();
    let package = Package::read(guests::faults()).unwrap();
    let handler = handler("faults.echo");
    // A second passes while the compiler works.
    let (artifact, ()) = tokio::join!(engine.compile(&package, &handler), tokio::time::advance(Duration::from_secs(1)));
    assert_eq!(artifact.unwrap().origin(), Origin::Compiled);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.first(), Some(&("faults".to_owned(), false)));
    assert_eq!(seen.last(), Some(&("faults".to_owned(), true)));
}

#[tokio::test]
async fn start_code_that_fails_is_a_failure_to_start() {
    let artifact = compile(&engine(), &component_with_start("unreachable")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("index.handler"))).unwrap();
    let outcome = run(&function, "").await;
    assert_eq!(error(&outcome).code(), ErrorCode::StartFailed);
    assert!(matches!(error(&outcome), InvokeError::Start(_)), "{outcome:?}");
}

#[tokio::test]
async fn start_code_that_does_not_end_is_a_load_timeout() {
    let engine = Engine::builder().instances(1).start_timeout(Duration::from_millis(50)).build().unwrap();
    let artifact = compile(&engine, &component_with_start("(loop br 0)")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("index.handler"))).unwrap();
    assert_eq!(error(&run(&function, "").await).code(), ErrorCode::LoadTimeout);
}

#[tokio::test]
async fn memory_that_is_too_large_from_the_start_is_refused() {
    let wat = component_with_start("").replace(r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 3000)"#);
    let artifact = compile(&engine(), &wat).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("index.handler"))).unwrap();
    assert_eq!(error(&run(&function, "").await).code(), ErrorCode::MemoryExceeded);
}
