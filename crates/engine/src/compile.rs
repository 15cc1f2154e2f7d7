//! From wasm to a component that can be compiled, and what is refused on the way.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wasmparser::{Encoding, Parser, Payload};

/// Why bytes are not compiled.
pub(crate) enum Refusal {
    /// They are broken.
    Malformed(String),
    /// They are valid, but nothing that runs here.
    Unsupported(String),
}

/// Compiles wasm to native code. Takes seconds for large modules; never call it on an async thread.
pub(crate) fn compile(engine: &wasmtime::Engine, wasm: &[u8]) -> Result<Vec<u8>, Refusal> {
    let adapted;
    let component = if is_core_module(wasm)? {
        adapted = adapt_command(wasm)?;
        &adapted
    } else {
        wasm
    };
    engine.precompile_component(component).map_err(|error| Refusal::Malformed(format!("{error:#}")))
}

fn is_core_module(wasm: &[u8]) -> Result<bool, Refusal> {
    match Parser::new(0).parse_all(wasm).next() {
        Some(Ok(Payload::Version { encoding, .. })) => Ok(encoding == Encoding::Module),
        Some(Err(error)) => Err(Refusal::Malformed(error.to_string())),
        _ => Err(Refusal::Malformed("the header is missing".to_owned())),
    }
}

/// Turns a WASI 0.1 command into a component, so that there is one way to run things and one set of limits.
fn adapt_command(module: &[u8]) -> Result<Vec<u8>, Refusal> {
    check_command(module)?;
    let encode = || -> Result<Vec<u8>, _> {
        wit_component::ComponentEncoder::default()
            .validate(true)
            .module(module)?
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)?
            .encode()
    };
    encode().map_err(|error| Refusal::Malformed(format!("{error:#}")))
}

/// Names what keeps a core module from being a WASI 0.1 command.
fn check_command(module: &[u8]) -> Result<(), Refusal> {
    let malformed = |error: wasmparser::BinaryReaderError| Refusal::Malformed(error.to_string());
    let mut has_start = false;
    for payload in Parser::new(0).parse_all(module) {
        match payload.map_err(malformed)? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.map_err(malformed)?;
                    if import.module != WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME {
                        let name = format!("`{}` from `{}`", import.name, import.module);
                        return Err(Refusal::Unsupported(format!(
                            "it imports {name}; a core module may import only `{WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME}`"
                        )));
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    has_start |= export.map_err(malformed)?.name == "_start";
                }
            }
            _ => {}
        }
    }
    if has_start {
        return Ok(());
    }
    Err(Refusal::Unsupported(
        "it is a core module without `_start`; build a command for wasm32-wasip1 or a component for wasm32-wasip2"
            .to_owned(),
    ))
}
