//! `fngraph inspect`.

use crate::support::{fngraph, fngraph_in};
use fngraph_test_support::guests;
use std::fs;

#[test]
fn inspect_tells_the_kind_the_entries_and_the_imports() {
    let ran = fngraph(["inspect", guests::order_pipeline().to_str().unwrap()]).success();
    for word in ["event", "price", "confirm", "initializer", "pre-stop", "fngraph:function/logger"] {
        assert!(ran.stdout.contains(word), "{word:?} is not in {}", ran.stdout);
    }
    let http = fngraph(["inspect", guests::http_router().to_str().unwrap(), "--output", "json"]).success();
    assert!(http.stdout.contains(r#""http""#), "{}", http.stdout);
    let command = fngraph(["inspect", guests::word_count_c().to_str().unwrap()]).success();
    assert!(command.stdout.contains("command"), "{}", command.stdout);
}

#[test]
fn inspect_says_what_would_be_refused_and_why() {
    let folder = tempfile::tempdir().unwrap();
    // An empty core module: valid, but nothing to run.
    fs::write(folder.path().join("empty.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let ran = fngraph_in(folder.path(), ["inspect", "empty.wasm"]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("_start"), "{ran:?}");
}
