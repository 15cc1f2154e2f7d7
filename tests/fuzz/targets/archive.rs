//! Archives from strangers: none makes reading panic, and what is refused creates nothing.
#![no_main]

use fngraph::{Archive, Import, Runtime};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// A runtime that never ends.
fn runtime() -> &'static (tokio::runtime::Runtime, Runtime) {
    static RUNTIME: OnceLock<(tokio::runtime::Runtime, Runtime)> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let threads = tokio::runtime::Runtime::new().expect("the system has threads to give");
        let runtime = threads.block_on(Runtime::builder().build()).expect("the defaults are valid");
        (threads, runtime)
    })
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(archive) = Archive::read(bytes) else { return };
    let (threads, runtime) = runtime();
    threads.block_on(async {
        let import = Import { name: Some("f".to_owned()), ..Import::default() };
        let imported = runtime.import(&archive, import).await;
        let functions = runtime.functions(None);
        assert_eq!(functions.len(), usize::from(imported.is_ok()));
        for function in functions {
            runtime.registry().delete(&function.id).await.expect("it is there");
        }
    });
});
