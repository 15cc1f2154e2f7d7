//! The same components on wasmtime alone.

use crate::Guest;
use bytes::Bytes;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Store,
    component::{Component, ComponentType, InstancePre, Lift, Linker, ResourceTable, TypedFunc},
};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

/// The contract's error, as the guest returns it.
#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub struct Error {
    /// The class.
    pub kind: String,
    /// The message.
    pub message: String,
    /// The frames.
    pub stack: Vec<String>,
}

type Handler = TypedFunc<(Bytes,), (Result<Bytes, Error>,)>;

/// What the store of a guest holds: WASI and nothing else.
#[expect(missing_debug_implementations, reason = "WASI's context has none")]
pub struct State {
    wasi: WasiCtx,
    table: ResourceTable,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

/// A guest that is ready to be instantiated.
#[expect(missing_debug_implementations, reason = "wasmtime's types have none worth printing")]
pub struct Raw {
    engine: Engine,
    pre: InstancePre<State>,
    entry: &'static str,
}

/// A live guest.
#[expect(missing_debug_implementations, reason = "wasmtime's types have none worth printing")]
pub struct Live {
    store: Store<State>,
    handler: Handler,
}

/// An engine with the settings that ours has too.
///
/// # Panics
/// When the machine cannot run WebAssembly.
pub fn engine() -> Engine {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(1000)
        .total_core_instances(5000)
        .total_memories(1250)
        .total_tables(3000)
        .total_stacks(1000)
        .table_elements(100_000)
        .max_core_instance_size(10 << 20)
        .max_component_instance_size(10 << 20);
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .epoch_interruption(true)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Engine::new(&config).expect("the machine runs WebAssembly")
}

impl Raw {
    /// Compiles a guest.
    ///
    /// # Panics
    /// When it does not compile.
    pub fn new(engine: &Engine, guest: &Guest) -> Self {
        let component = Component::from_binary(engine, &guest.wasm).expect("guests compile");
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("nothing is there yet");
        // The contract's imports are not called by these guests.
        linker.define_unknown_imports_as_traps(&component).expect("imports have types");
        let pre = linker.instantiate_pre(&component).expect("all imports are there");
        Self { engine: engine.clone(), pre, entry: guest.entry }
    }

    /// A new instance.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn instantiate(&self) -> Live {
        let state = State { wasi: WasiCtx::builder().build(), table: ResourceTable::new() };
        let mut store = Store::new(&self.engine, state);
        // Nobody ticks here.
        store.set_epoch_deadline(1);
        let instance = self.pre.instantiate_async(&mut store).await.expect("guests start");
        let handler = instance.get_typed_func(&mut store, self.entry).expect("guests have their entries");
        Live { store, handler }
    }
}

impl Live {
    /// One call.
    ///
    /// # Panics
    /// When the guest fails.
    pub async fn call(&mut self, event: Bytes) -> Bytes {
        let (result,) = self.handler.call_async(&mut self.store, (event,)).await.expect("guests succeed");
        result.expect("guests succeed")
    }
}
