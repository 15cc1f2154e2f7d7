//! What the benches share: the guests, our engine on them, and raw wasmtime on them as the baseline.
//!
//! The baseline is what an embedder would write who wants nothing but the call: the same wasmtime settings, the same
//! WASI, no deadline, no memory limit, no log, no receipt.

use fngraph::Settings;
use fngraph_engine::{Artifact, Engine, FunctionConfig, Package, PreparedFunction};
use fngraph_types::Handler;
use tokio::runtime::{Builder, Runtime};

pub mod http;
pub mod load;
pub mod machine;
pub mod raw;
pub mod report;

/// A guest with the name of its handler.
#[derive(Debug, Clone)]
pub struct Guest {
    /// What the bench's id calls it.
    pub name: &'static str,
    /// The component.
    pub wasm: Vec<u8>,
    /// The handler's export.
    pub entry: &'static str,
}

impl Guest {
    /// Echoes its event without allocating: what is left is the call itself.
    ///
    /// # Panics
    /// Never: the text is part of the program.
    pub fn tiny() -> Self {
        let wasm = wat::parse_str(TINY).expect("the text is valid");
        Self { name: "tiny", wasm, entry: "handler" }
    }

    /// Answers every request to the gateway with 128 bytes, without looking at it: what is left is the gateway.
    ///
    /// # Panics
    /// Never: the text is part of the program.
    pub fn answer() -> Self {
        let answer = format!(r#"{{"statusCode":200,"body":"{}"}}"#, "x".repeat(128));
        let constant =
            format!("(i32.store (i32.const 4) (i32.const 16)) (i32.store (i32.const 8) (i32.const {}))", answer.len());
        let data = format!("(data (i32.const 16) \"{}\")", answer.replace('"', "\\22"));
        let wat = TINY
            .replace(ECHO, &constant)
            .replace("(func (export \"realloc\")", &format!("{data} (func (export \"realloc\")"));
        Self { name: "answer", wasm: wat::parse_str(wat).expect("the text is valid"), entry: "handler" }
    }

    /// Echoes its event; in Rust, through the guest SDK.
    pub fn echo() -> Self {
        Self { name: "echo", wasm: read(fngraph_test_support::guests::faults()), entry: "echo" }
    }

    /// Reads a JSON event and answers JSON; in Rust, through the guest SDK.
    pub fn hello() -> Self {
        Self { name: "hello", wasm: read(fngraph_test_support::guests::hello()), entry: "handler" }
    }

    /// Answers HTTP requests.
    pub fn http() -> Self {
        Self { name: "http", wasm: read(fngraph_test_support::guests::faults_http()), entry: "handler" }
    }

    /// A WASI 0.1 command.
    pub fn command() -> Self {
        Self { name: "command", wasm: read(fngraph_test_support::guests::faults_command()), entry: "handler" }
    }

    /// Looks a number up in a table of 30 000 entries, which its initializer `start-building` builds.
    pub fn table() -> Self {
        Self { name: "table", wasm: read(fngraph_test_support::guests::faults()), entry: "look-up" }
    }

    /// Never returns.
    pub fn spin() -> Self {
        Self { name: "spin", wasm: read(fngraph_test_support::guests::faults()), entry: "spin" }
    }

    /// The guest as a package.
    ///
    /// # Panics
    /// When the guest is no wasm.
    pub fn package(&self) -> Package {
        Package::from_wasm("index", self.wasm.clone()).expect("guests are wasm")
    }

    /// The guest's handler.
    ///
    /// # Panics
    /// When the guest's entry is no name.
    pub fn handler(&self) -> Handler {
        format!("index.{}", self.entry).parse().expect("entries are names")
    }

    /// The guest, compiled or loaded.
    ///
    /// # Panics
    /// When it does not compile.
    pub fn artifact(&self, runtime: &Runtime, engine: &Engine) -> Artifact {
        runtime.block_on(engine.compile(&self.package(), &self.handler())).expect("guests compile")
    }

    /// The guest's handler with the settings that a function has by default.
    pub fn settings(&self) -> Settings {
        Settings::new(self.handler())
    }

    /// Deploys the guest under this name.
    ///
    /// # Panics
    /// When it does not compile.
    pub async fn deploy(&self, functions: &fngraph::Runtime, name: &str, settings: Settings) {
        functions.deploy(name, self.wasm.clone(), settings).await.expect("guests compile");
    }

    /// The guest with default settings.
    ///
    /// # Panics
    /// When it does not compile.
    pub fn prepare(&self, runtime: &Runtime, engine: &Engine) -> PreparedFunction {
        let config = FunctionConfig::new(self.handler());
        self.artifact(runtime, engine).prepare(config).expect("guests have their entries")
    }
}

fn read(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).expect("guests are compiled with this package")
}

/// One thread, as for one caller.
///
/// # Panics
/// When the system gives none.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the system has a runtime to give")
}

/// A thread for each processor, as a server has.
///
/// # Panics
/// When the system gives none.
pub fn threads() -> Runtime {
    Builder::new_multi_thread().enable_all().build().expect("the system has threads to give")
}

/// An engine as everybody gets it.
///
/// # Panics
/// When the machine cannot run WebAssembly.
pub fn engine() -> Engine {
    Engine::builder().build().expect("the machine runs WebAssembly")
}

/// The whole function model in memory, as everybody gets it.
///
/// # Panics
/// When the machine cannot run WebAssembly.
pub fn functions(runtime: &Runtime) -> fngraph::Runtime {
    runtime.block_on(fngraph::Runtime::builder().build()).expect("the defaults are valid")
}

/// An event of about this many bytes: JSON that every guest understands.
pub fn event(bytes: usize) -> bytes::Bytes {
    const FRAME: usize = r#"{"name":""}"#.len();
    format!(r#"{{"name":"{}"}}"#, "x".repeat(bytes.saturating_sub(FRAME))).into()
}

/// The part of [`TINY`] that says what is returned.
const ECHO: &str = "(i32.store (i32.const 4) (local.get $at))
      (i32.store (i32.const 8) (local.get $length))";

/// The event lands at 4096 in a memory that is large enough for all of them, and is returned from there.
const TINY: &str = r#"
(component
  (core module $m
    (memory (export "memory") 32)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 4096)
    (func (export "handler") (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 0) (i32.const 0))
      (i32.store (i32.const 4) (local.get $at))
      (i32.store (i32.const 8) (local.get $length))
      i32.const 0))
  (core instance $i (instantiate $m))
  (type $error (record (field "kind" string) (field "message" string) (field "stack" (list string))))
  (export $e "error" (type $error))
  (func (export "handler") (param "event" (list u8)) (result (result (list u8) (error $e)))
    (canon lift (core func $i "handler") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
"#;
