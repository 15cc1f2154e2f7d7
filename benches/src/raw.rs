//! The same components on wasmtime alone.

use crate::Guest;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use std::path::Path;
use tokio::sync::oneshot;
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, Module, PoolingAllocationConfig, Store,
    component::{Component, ComponentType, InstancePre, Lift, Linker, ResourceTable, TypedFunc},
};
use wasmtime_wasi::{
    WasiCtx, WasiCtxView, WasiView,
    p1::{self, WasiP1Ctx},
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
};
use wasmtime_wasi_http::{
    WasiHttpCtx, WasiHttpCtxView, WasiHttpView, default_hooks,
    p2::bindings::{Proxy, ProxyPre, http::types::Scheme},
};

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
    http: WasiHttpCtx,
    table: ResourceTable,
}

impl State {
    fn new() -> Self {
        Self { wasi: WasiCtx::builder().build(), http: WasiHttpCtx::new(), table: ResourceTable::new() }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: default_hooks(), table: &mut self.table, ctx: &mut self.http }
    }
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
        Self::of(engine, &Component::from_binary(engine, &guest.wasm).expect("guests compile"), guest.entry)
    }

    /// Loads a guest that was compiled into this file.
    ///
    /// # Panics
    /// When it does not load.
    pub fn load(engine: &Engine, compiled: &Path, guest: &Guest) -> Self {
        // SAFETY: the bench has just written the file with what the compiler returned.
        #[expect(unsafe_code, reason = "the baseline of loading compiled code is loading compiled code")]
        let component = unsafe { Component::deserialize_file(engine, compiled) }.expect("the file was just written");
        Self::of(engine, &component, guest.entry)
    }

    fn of(engine: &Engine, component: &Component, entry: &'static str) -> Self {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).expect("nothing is there yet");
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).expect("nothing is there yet");
        if component.component_type().imports(engine).any(|(name, _)| name.starts_with("fngraph:")) {
            // The contract's imports are not called by these guests.
            linker.define_unknown_imports_as_traps(component).expect("imports have types");
        }
        let pre = linker.instantiate_pre(component).expect("all imports are there");
        Self { engine: engine.clone(), pre, entry }
    }

    /// A new instance.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn instantiate(&self) -> Live {
        let mut store = Store::new(&self.engine, State::new());
        // Nobody ticks here.
        store.set_epoch_deadline(1);
        let instance = self.pre.instantiate_async(&mut store).await.expect("guests start");
        let handler = instance.get_typed_func(&mut store, self.entry).expect("guests have their entries");
        Live { store, handler }
    }
}

impl Live {
    /// One call without async.
    ///
    /// # Panics
    /// When the guest fails, or imports something that may wait.
    pub fn call_sync(&mut self, event: Bytes) -> Bytes {
        let (result,) = self.handler.call(&mut self.store, (event,)).expect("guests succeed");
        result.expect("guests succeed")
    }

    /// One call.
    ///
    /// # Panics
    /// When the guest fails.
    pub async fn call(&mut self, event: Bytes) -> Bytes {
        let (result,) = self.handler.call_async(&mut self.store, (event,)).await.expect("guests succeed");
        result.expect("guests succeed")
    }
}

/// A live HTTP component.
#[expect(missing_debug_implementations, reason = "wasmtime's types have none worth printing")]
pub struct Http {
    store: Store<State>,
    proxy: Proxy,
}

impl Http {
    /// A new instance.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(raw: &Raw) -> Self {
        let mut store = Store::new(&raw.engine, State::new());
        store.set_epoch_deadline(1);
        let pre = ProxyPre::new(raw.pre.clone()).expect("the guest answers HTTP");
        let proxy = pre.instantiate_async(&mut store).await.expect("guests start");
        Self { store, proxy }
    }

    /// Sends one request and reads the whole response.
    ///
    /// # Panics
    /// When the guest fails.
    pub async fn post(&mut self, path: &str, body: Bytes) -> Bytes {
        let body = Full::new(body);
        let uri = format!("http://localhost{path}");
        let request = http::Request::post(uri).header("host", "localhost").body(body).expect("the request is valid");
        let (sender, response) = oneshot::channel();
        let mut http = self.store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request).expect("there is room");
        let out = http.new_response_outparam(sender).expect("there is room");
        let handle = self.proxy.wasi_http_incoming_handler().call_handle(&mut self.store, request, out);
        let read = async {
            let response = response.await.expect("guests respond").expect("guests succeed");
            response.into_body().collect().await.expect("guests end their responses").to_bytes()
        };
        let (handled, body) = tokio::join!(handle, read);
        handled.expect("guests succeed");
        body
    }
}

/// A WASI 0.1 command, run as the core module that it is.
#[expect(missing_debug_implementations, reason = "wasmtime's types have none worth printing")]
pub struct Command {
    engine: Engine,
    pre: wasmtime::InstancePre<WasiP1Ctx>,
}

impl Command {
    /// Compiles a command.
    ///
    /// # Panics
    /// When it does not compile.
    pub fn new(engine: &Engine, guest: &Guest) -> Self {
        let module = Module::from_binary(engine, &guest.wasm).expect("guests compile");
        let mut linker = wasmtime::Linker::new(engine);
        p1::add_to_linker_async(&mut linker, |wasi: &mut WasiP1Ctx| wasi).expect("nothing is there yet");
        let pre = linker.instantiate_pre(&module).expect("all imports are there");
        Self { engine: engine.clone(), pre }
    }

    /// Runs the command once.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run(&self, event: Bytes) -> Bytes {
        let stdout = MemoryOutputPipe::new(1 << 20);
        let wasi = WasiCtx::builder().stdin(MemoryInputPipe::new(event)).stdout(stdout.clone()).build_p1();
        let mut store = Store::new(&self.engine, wasi);
        store.set_epoch_deadline(1);
        let instance = self.pre.instantiate_async(&mut store).await.expect("guests start");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("it is a command");
        start.call_async(&mut store, ()).await.expect("guests succeed");
        stdout.contents()
    }
}
