use super::*;

/// A component that exports the instance `name`, whose function `get` answers a number plus what it imports.
fn library(export: &str, number: u32, import: Option<&str>) -> Vec<u8> {
    let (mut imported, mut lowered, mut with, mut sum) = (String::new(), String::new(), String::new(), String::new());
    if let Some(import) = import {
        imported = format!(r#"(import "{import}" (instance $i (export "get" (func (result u32)))))"#);
        lowered = r#"(core func $get (canon lower (func $i "get")))"#.to_owned();
        with = r#"(with "i" (instance (export "get" (func $get))))"#.to_owned();
        sum = "(i32.add (call $get))".to_owned();
    }
    let core = if import.is_some() { r#"(import "i" "get" (func $get (result i32)))"# } else { "" };
    let text = format!(
        r#"(component
            {imported} {lowered}
            (core module $m {core} (func (export "get") (result i32) i32.const {number} {sum}))
            (core instance $c (instantiate $m {with}))
            (func $f (result u32) (canon lift (core func $c "get")))
            (instance $e (export "get" (func $f)))
            (export "{export}" (instance $e)))"#
    );
    wat::parse_str(text).unwrap()
}

fn parts(wasm: Vec<u8>, libraries: &[(&str, Vec<u8>)]) -> Parts {
    let libraries = libraries.iter().map(|(name, wasm)| ((*name).to_owned(), wasm.clone().into())).collect();
    Parts { wasm: wasm.into(), libraries }
}

/// Runs `get` of the composed component, whose export is `a:b/answer`.
fn answer(parts: &Parts) -> Result<u32, String> {
    let composed = parts.compose().map_err(|refusal| match refusal {
        Refusal::Malformed(reason) | Refusal::Unsupported(reason) => reason,
    })?;
    let engine = wasmtime::Engine::default();
    let component = wasmtime::component::Component::new(&engine, &composed).map_err(|error| format!("{error:#}"))?;
    let mut store = wasmtime::Store::new(&engine, ());
    let linker = wasmtime::component::Linker::new(&engine);
    let instance = linker.instantiate(&mut store, &component).map_err(|error| format!("{error:#}"))?;
    let (_, interface) = instance.get_export(&mut store, None, "a:b/answer").unwrap();
    let (_, get) = instance.get_export(&mut store, Some(&interface), "get").unwrap();
    let get = instance.get_typed_func::<(), (u32,)>(&mut store, get).unwrap();
    Ok(get.call(&mut store, ()).unwrap().0)
}

#[track_caller]
fn check(parts: &Parts, expected: u32) {
    assert_eq!(answer(parts), Ok(expected));
}

#[track_caller]
fn refused(parts: &Parts, words: &[&str]) {
    let reason = answer(parts).unwrap_err();
    assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
}

fn function() -> Vec<u8> {
    library("a:b/answer", 1, Some("a:b/one@1.2.0"))
}

#[test]
fn an_import_is_taken_from_the_library_that_exports_it() {
    check(&parts(function(), &[("lib", library("a:b/one@1.2.0", 10, None))]), 11);
}

#[test]
fn an_import_may_be_of_a_compatible_version() {
    check(&parts(function(), &[("lib", library("a:b/one@1.3.4", 10, None))]), 11);
    refused(&parts(function(), &[("lib", library("a:b/one@2.0.0", 10, None))]), &["a:b/one@1.2.0"]);
}

#[test]
fn libraries_may_need_libraries() {
    let libraries = [
        ("unrelated", library("a:b/other", 7, None)),
        ("one", library("a:b/one@1.2.0", 10, Some("a:b/two"))),
        ("two", library("a:b/two", 100, None)),
    ];
    check(&parts(function(), &libraries), 111);
}

#[test]
fn the_first_library_that_has_it_is_taken_and_a_wrapper_gets_the_next() {
    let (plain, other) = (library("a:b/one@1.2.0", 10, None), library("a:b/one@1.2.0", 20, None));
    check(&parts(function(), &[("x", plain.clone()), ("y", other)]), 11);
    let wrapper = library("a:b/one@1.2.0", 100, Some("a:b/one@1.2.0"));
    check(&parts(function(), &[("wrapper", wrapper), ("x", plain)]), 111);
}

#[test]
fn what_nobody_exports_stays_an_import_and_is_named() {
    refused(&parts(function(), &[("lib", library("a:b/other", 10, None))]), &["a:b/one@1.2.0"]);
    // Each needs the other, and nobody begins.
    let circle =
        [("one", library("a:b/one@1.2.0", 1, Some("a:b/two"))), ("two", library("a:b/two", 1, Some("a:b/one@1.2.0")))];
    refused(&parts(function(), &circle), &["a:b/one@1.2.0"]);
}

#[test]
fn an_export_of_another_type_is_no_match_and_says_so() {
    let other = r#"(component
        (core module $m (func (export "get") (result i64) i64.const 1))
        (core instance $c (instantiate $m))
        (func $f (result u64) (canon lift (core func $c "get")))
        (instance $e (export "get" (func $f)))
        (export "a:b/one@1.2.0" (instance $e)))"#;
    let other = wat::parse_str(other).unwrap();
    refused(&parts(function(), &[("lib", other.clone())]), &["a:b/one@1.2.0", "lib.wasm", "exports another"]);
    check(&parts(function(), &[("lib", other), ("fits", library("a:b/one@1.2.0", 10, None))]), 11);
}

#[test]
fn what_is_not_needed_changes_nothing() {
    let alone = library("a:b/answer", 1, None);
    let unrelated = [("lib", library("a:b/one", 1, None)), ("core", wat::parse_str("(module)").unwrap())];
    assert_eq!(parts(alone.clone(), &unrelated).compose().ok(), Some(Bytes::from(alone.clone())));
    let module = wat::parse_str(r#"(module (import "a:b/one" "get" (func)))"#).unwrap();
    assert_eq!(parts(module.clone(), &unrelated).compose().ok(), Some(Bytes::from(module)));
    // What the host has, no library replaces.
    let clock = library("a:b/answer", 1, Some("wasi:clocks/one@0.2.0"));
    let fake = [("fake", library("wasi:clocks/one@0.2.0", 10, None))];
    assert_eq!(parts(clock.clone(), &fake).compose().ok(), Some(Bytes::from(clock)));
}

#[test]
fn a_broken_library_matters_to_whoever_misses_something() {
    let broken = b"\0asm\x0d\0\x01\0\xff\xff\xff".to_vec();
    check(&parts(library("a:b/answer", 1, None), &[("broken", broken.clone())]), 1);
    let good = library("a:b/one@1.2.0", 10, None);
    check(&parts(function(), &[("broken", broken.clone()), ("good", good)]), 11);
    refused(&parts(function(), &[("broken", broken)]), &["a:b/one@1.2.0", "broken.wasm"]);
}

#[test]
fn the_digest_tells_what_is_composed() {
    let (one, two) = (library("a:b/one", 1, None), library("a:b/two", 1, None));
    let digest = |libraries: &[(&str, Vec<u8>)]| parts(function(), libraries).digest();
    assert!(digest(&[]) == Digest::of(&function()));
    assert!(digest(&[("x", one.clone())]) == digest(&[("y", one.clone())]), "names are not part of the code");
    assert!(digest(&[("x", one.clone())]) != digest(&[("x", two.clone())]));
    assert!(digest(&[("x", one.clone()), ("y", two.clone())]) != digest(&[("x", two), ("y", one)]));
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic_the_composer(at in 8usize..300, byte in proptest::prelude::any::<u8>(), of_library: bool) {
        let (mut function, mut library) = (function(), library("a:b/one@1.2.0", 10, None));
        let damaged = if of_library { &mut library } else { &mut function };
        let at = at % damaged.len();
        damaged[at] = byte;
        let _ = parts(function, &[("lib", library)]).compose();
    }
}
