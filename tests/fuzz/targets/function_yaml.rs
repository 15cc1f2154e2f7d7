//! The YAML file of an archive: no text makes reading it panic, take long or take much memory, and what can be imported
//! is exported as something that can be imported again.
#![no_main]

use fngraph::{Archive, Export, Import, Runtime};
use libfuzzer_sys::fuzz_target;
use std::{
    io::{Cursor, Write as _},
    sync::OnceLock,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// The smallest module that runs here: a command that does nothing.
const CODE: &str = r#"(module (memory (export "memory") 0) (func (export "_start")))"#;

/// A runtime that never ends.
fn runtime() -> &'static (tokio::runtime::Runtime, Runtime) {
    static RUNTIME: OnceLock<(tokio::runtime::Runtime, Runtime)> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let threads = tokio::runtime::Runtime::new().expect("the system has threads to give");
        let runtime = threads.block_on(Runtime::builder().build()).expect("the defaults are valid");
        (threads, runtime)
    })
}

fn archive(yaml: &str) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let code = wat::parse_str(CODE).expect("it is a module");
    for (name, content) in [("f.yaml", yaml.as_bytes()), ("code.wasm", &code)] {
        zip.start_file(name, options).expect("a zip in memory takes any file");
        zip.write_all(content).expect("a zip in memory takes any file");
    }
    zip.finish().expect("a zip in memory can be finished").into_inner()
}

fuzz_target!(|yaml: &str| {
    let Ok(archive) = Archive::read(&archive(yaml)) else { return };
    let (threads, runtime) = runtime();
    threads.block_on(async {
        let import = |name: &str| Import {
            name: Some(name.to_owned()),
            package: Some("default".to_owned()),
            ..Import::default()
        };
        if runtime.import(&archive, import("f")).await.is_err() {
            return;
        }
        let all = Export { aliases: true, triggers: true };
        let exported = runtime.export("f", all).await.expect("what is there can be exported");
        let archive = Archive::read(&exported).expect("what was exported can be read");
        runtime.import(&archive, import("g")).await.expect("what was exported can be imported");
        for function in runtime.functions(None) {
            runtime.registry().delete(&function.id).await.expect("it is there");
        }
    });
});
