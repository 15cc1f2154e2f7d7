//! Functions whose package was merged with those of their dependencies, and which are composed with components of them.

use crate::support::{engine, handler, run, text};
use fngraph_engine::{CompileError, Engine, FunctionConfig, Origin, Package, SnapshotError};
use fngraph_test_support::{guests, package};
use fngraph_types::ErrorCode;

/// The guest `checkout`, with a dependency that has the library that it imports.
fn composed() -> Package {
    let code = Package::from_zip(&package(&[("checkout.wasm", guests::checkout())])).unwrap();
    let library = Package::dependency_from_zip(&package(&[("lib/discounts.wasm", guests::discounts())])).unwrap();
    code.with_dependencies(&[library]).unwrap()
}

fn config(initializer: Option<&str>) -> FunctionConfig {
    let mut config = FunctionConfig::new(handler("checkout.total"));
    config.initializer = initializer.map(handler);
    config
}

#[tokio::test]
async fn a_function_is_composed_with_the_library_that_it_imports() {
    let artifact = engine().compile(&composed(), &handler("checkout.total")).await.unwrap();
    assert!(!artifact.imports().iter().any(|import| import.starts_with("shop:")), "{:?}", artifact.imports());
    let function = artifact.prepare(config(Some("checkout.prepare"))).unwrap();
    let outcome = run(&function, r#"{"cents": 1000, "group": "member"}"#).await;
    assert_eq!(text(&outcome), r#"{"total":900}"#);
}

#[tokio::test]
async fn a_composed_function_is_kept_like_any_other() {
    let data = tempfile::tempdir().unwrap();
    for origin in [Origin::Compiled, Origin::Cached] {
        let engine = Engine::builder().instances(2).data_dir(data.path()).build().unwrap();
        let artifact = engine.compile(&composed(), &handler("checkout.total")).await.unwrap();
        assert_eq!(artifact.origin(), origin);
    }
}

#[tokio::test]
async fn an_import_that_no_dependency_has_is_named() {
    let code = Package::from_wasm("checkout", std::fs::read(guests::checkout()).unwrap()).unwrap();
    let other = Package::dependency_from_zip(&package(&[("hello.wasm", guests::hello())])).unwrap();
    for package in [code.clone(), code.with_dependencies(&[other]).unwrap()] {
        let error = engine().compile(&package, &handler("checkout.total")).await.unwrap_err();
        assert!(matches!(error, CompileError::Unsupported { .. }), "{error:?}");
        assert!(error.to_string().contains("shop:pricing/discount@1.0.0"), "{error}");
    }
}

#[tokio::test]
async fn files_of_a_dependency_are_beside_the_codes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("greeting.txt");
    std::fs::write(&path, "hello").unwrap();
    let words = Package::dependency_from_zip(&package(&[("words/greeting.txt", &path)])).unwrap();
    let package = composed().with_dependencies(&[words]).unwrap();
    let artifact = engine().compile(&package, &handler("checkout.read_file")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("checkout.read_file"))).unwrap();
    assert_eq!(text(&run(&function, "words/greeting.txt").await), "hello");
}

#[tokio::test]
async fn a_composed_function_has_no_snapshot_and_says_why() {
    let error = engine().snapshot(&composed(), &config(Some("checkout.prepare"))).await.unwrap_err();
    assert!(matches!(error, SnapshotError::Unsupported(_)), "{error:?}");
    assert!(error.to_string().contains("composed"), "{error}");
    assert_eq!(error.code(), ErrorCode::InvalidInitializer);
}
