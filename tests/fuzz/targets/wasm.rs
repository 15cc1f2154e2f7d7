//! Code from strangers: compiled or refused, never a panic.
#![no_main]

use fngraph_engine::{Engine, Package};
use fngraph_types::Handler;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().enable_all().build().expect("the system has a runtime to give"));
static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::builder().instances(1).build().expect("the machine runs WebAssembly"));
static HANDLER: LazyLock<Handler> = LazyLock::new(|| "index.handler".parse().expect("it is a handler"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(package) = Package::from_wasm("index", bytes.to_vec()) {
        let _ = RUNTIME.block_on(ENGINE.compile(&package, &HANDLER));
    }
});
