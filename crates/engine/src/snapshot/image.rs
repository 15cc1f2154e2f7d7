//! The component that an initialised instance is turned into.

use super::SnapshotError;
use crate::{clock, compile, host::Call, host::State, instance::EventGuest};
use fngraph_types::limits;
use wasmparser::{ComponentType, Parser, Payload};
use wasmtime::{
    Store,
    component::{Component, Instance, Lift, WasmList},
};
use wasmtime_wizer::{ComponentInstanceState, Wizer};

/// Adds exports that show memories and globals. Compiles, so never call it on an async thread.
pub(super) fn instrument(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Component, SnapshotError> {
    if defines_resources(wasm) {
        // Their handles are kept beside the memory, where nobody can read them.
        return Err(SnapshotError::Unsupported("the component defines resource types of its own".to_owned()));
    }
    let (_, instrumented) = wizer().instrument_component(wasm).map_err(unsupported)?;
    Component::new(engine, &instrumented).map_err(|error| SnapshotError::Internal(format!("{error:#}")))
}

/// The component with the memories and globals that a guest has now. Takes as long as reading all of it, so never call
/// it on an async thread.
pub(super) async fn read(wasm: &[u8], guest: EventGuest) -> Result<Vec<u8>, SnapshotError> {
    let EventGuest { mut store, instance, .. } = guest;
    // The guest's own code is over: what is called now reads, and the list that it returns is not copied.
    store.data_mut().begin(Call::start(clock::monotonic(), limits::LONGEST_TIMEOUT));
    store.set_epoch_deadline(1);
    store.set_hostcall_fuel(usize::MAX);
    let wizer = wizer();
    let (context, _) = wizer.instrument_component(wasm).map_err(unsupported)?;
    wizer.snapshot_component(&context, &mut Reader { store, instance }).await.map_err(unsupported)
}

/// Compiles the component.
pub(super) fn compile(engine: &wasmtime::Engine, image: &[u8]) -> Result<Vec<u8>, SnapshotError> {
    compile::compile(engine, image).map_err(|refusal| match refusal {
        compile::Refusal::Malformed(reason) | compile::Refusal::Unsupported(reason) => SnapshotError::Internal(reason),
    })
}

/// The initializer stays an export: handlers are found by type, and it may be one of several.
fn wizer() -> Wizer {
    let mut wizer = Wizer::new();
    wizer.keep_init_func(true);
    wizer
}

fn unsupported(error: wasmtime::Error) -> SnapshotError {
    SnapshotError::Unsupported(format!("{error:#}"))
}

fn defines_resources(wasm: &[u8]) -> bool {
    Parser::new(0).parse_all(wasm).any(|payload| match payload {
        Ok(Payload::ComponentTypeSection(types)) => {
            types.into_iter().any(|ty| matches!(ty, Ok(ComponentType::Resource { .. })))
        }
        _ => false,
    })
}

/// Calls the exports that instrumenting has added.
struct Reader {
    store: Store<State>,
    instance: Instance,
}

impl Reader {
    async fn call<R: Lift + Send + Sync + 'static>(&mut self, interface: &str, name: &str) -> R {
        const ADDED: &str = "instrumenting has added the export";
        let (_, interface) = self.instance.get_export(&mut self.store, None, interface).expect(ADDED);
        let (_, function) = self.instance.get_export(&mut self.store, Some(&interface), name).expect(ADDED);
        let function = self.instance.get_typed_func::<(), (R,)>(&mut self.store, function).expect(ADDED);
        let result = function.call_async(&mut self.store, ()).await;
        result.expect("it only reads, and nobody cancels it").0
    }
}

impl ComponentInstanceState for Reader {
    async fn call_func_ret_list_u8(&mut self, instance: &str, func: &str, contents: impl FnOnce(&[u8]) + Send) {
        let list: WasmList<u8> = self.call(instance, func).await;
        contents(list.as_le_slice(&self.store));
    }

    async fn call_func_ret_s32(&mut self, instance: &str, func: &str) -> i32 {
        self.call(instance, func).await
    }

    async fn call_func_ret_s64(&mut self, instance: &str, func: &str) -> i64 {
        self.call(instance, func).await
    }

    async fn call_func_ret_f32(&mut self, instance: &str, func: &str) -> u32 {
        self.call::<f32>(instance, func).await.to_bits()
    }

    async fn call_func_ret_f64(&mut self, instance: &str, func: &str) -> u64 {
        self.call::<f64>(instance, func).await.to_bits()
    }
}
