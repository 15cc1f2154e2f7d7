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
});
