//! Zip files from strangers.
#![no_main]

use fngraph_engine::Package;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(package) = Package::from_zip(bytes) {
        let handlers = package.modules().filter_map(|module| format!("{module}.handler").parse().ok());
        for handler in handlers {
            assert!(package.module_for(&handler).is_some(), "a file that is listed is found");
        }
    }
    if let Ok(dependency) = Package::dependency_from_zip(bytes) {
        let code = Package::from_wasm("index", &b"\0asm\x0d\0\x01\0"[..]).expect("that is a component's header");
        if let Ok(merged) = code.with_dependencies(&[dependency]) {
            assert_eq!(merged.modules().collect::<Vec<_>>(), ["index"], "a dependency adds no file of the code's own");
        }
    }
});
