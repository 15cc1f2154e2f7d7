//! No stored document makes opening the registry panic: what cannot be read is damaged, and the rest is there.
#![no_main]

use fngraph_registry::{Limits, Registry};
use fngraph_store::{FunctionRecord, FunctionStore as _, Sqlite};
use fngraph_types::FunctionId;
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Builder::new_current_thread().build().expect("make a runtime"));

fuzz_target!(|document: &str| {
    RUNTIME.block_on(async {
        let store = Arc::new(Sqlite::in_memory().expect("open a store"));
        let record = FunctionRecord { id: FunctionId::local("f"), revision: 1, document: document.to_owned() };
        store.put_function(record).await.expect("any text is stored");
        let (functions, code) = (Arc::clone(&store) as _, Arc::clone(&store) as _);
        let registry = Registry::open(functions, code, store, Limits::default()).await.expect("open");
        assert!(registry.functions(None).len() <= 1);
    });
});
