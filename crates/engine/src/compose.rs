//! Components that are put together from several: a function's, and those of its dependencies whose interfaces it
//! imports.
//!
//! What the host itself has (WASI and the contract in `guest-sdk/wit`) is never taken from a dependency. Everything else
//! that a component imports is looked for in the dependencies, and what those import in turn. Each of them becomes one
//! instance inside the function's, which has its memory to itself and is not shared with other functions.

use crate::{compile::Refusal, package::Digest};
use bytes::Bytes;
use std::{
    collections::HashSet,
    panic::{self, AssertUnwindSafe},
};
use wac_graph::{
    CompositionGraph, EncodeOptions, NodeId, PackageId,
    types::{ItemKind, Package, SubtypeChecker, are_semver_compatible},
};
use wasmparser::{Encoding, Parser, Payload};

/// Told apart from the digests of single files; the number grows when composing means something else.
const DOMAIN: &str = "fngraph composition 1";

/// How the names of interfaces begin that only the host has.
const OF_THE_HOST: [&str; 2] = ["wasi:", "fngraph:function/"];

/// A wasm file with those of the function's dependencies, which it may need.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) wasm: Bytes,
    /// The files of dependencies with their names, in the order in which they are looked into.
    pub(crate) libraries: Vec<(String, Bytes)>,
}

impl Parts {
    /// What is compiled from these parts is kept under this digest. It costs no composing, so that code that is on the
    /// disk is loaded as fast as any other.
    pub(crate) fn digest(&self) -> Digest {
        if self.libraries.is_empty() {
            return Digest::of(&self.wasm);
        }
        let mut hasher = blake3::Hasher::new_derive_key(DOMAIN);
        hasher.update(Digest::of(&self.wasm).as_bytes());
        for (_, library) in &self.libraries {
            hasher.update(Digest::of(library).as_bytes());
        }
        Digest::from(hasher.finalize())
    }

    /// One component of these parts: the file alone, if it imports nothing that a dependency exports. Takes a while for
    /// large files; never call it on an async thread.
    pub(crate) fn compose(&self) -> Result<Bytes, Refusal> {
        if self.libraries.is_empty() || !is_component(&self.wasm) {
            return Ok(self.wasm.clone());
        }
        // The composer is somebody else's code, and the bytes are too.
        let composed = panic::catch_unwind(AssertUnwindSafe(|| Composition::of(self)?.encode()));
        let panicked = |_| Err(Refusal::Unsupported("its code has a shape that cannot be composed".to_owned()));
        Ok(composed.unwrap_or_else(panicked)?.map_or_else(|| self.wasm.clone(), Bytes::from))
    }
}

fn is_component(wasm: &[u8]) -> bool {
    let first = Parser::new(0).parse_all(wasm).next();
    matches!(first, Some(Ok(Payload::Version { encoding: Encoding::Component, .. })))
}

/// A composition as it grows.
struct Composition {
    graph: CompositionGraph,
    function: PackageId,
    libraries: Vec<Library>,
    /// What is wrong with those components that cannot be read. They are missed only by who imports something.
    unreadable: Vec<String>,
}

/// A component among the dependencies' files.
struct Library {
    name: String,
    package: PackageId,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody needed it so far.
    Unused,
    /// What it imports is being looked for; it cannot serve that itself.
    Resolving,
    /// Its instance.
    Used(NodeId),
}

impl Composition {
    fn of(parts: &Parts) -> Result<Self, Refusal> {
        let mut graph = CompositionGraph::new();
        let function = register(&mut graph, "fngraph:composed-function", &parts.wasm).map_err(Refusal::Malformed)?;
        let (mut libraries, mut unreadable) = (Vec::new(), Vec::new());
        for (index, (name, wasm)) in parts.libraries.iter().enumerate() {
            // Other wasm files may be there for other reasons.
            if !is_component(wasm) {
                continue;
            }
            match register(&mut graph, &format!("fngraph:composed-library{index}"), wasm) {
                Ok(package) => libraries.push(Library { name: name.clone(), package, state: State::Unused }),
                Err(reason) => unreadable.push(format!("`{name}.wasm` cannot be read: {reason}")),
            }
        }
        Ok(Self { graph, function, libraries, unreadable })
    }

    /// The composed component; none when nothing of the dependencies is needed.
    fn encode(mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let function = self.graph.instantiate(self.function);
        self.satisfy(function, self.function)?;
        if self.libraries.iter().all(|library| library.state == State::Unused) {
            return Ok(None);
        }
        let exports: Vec<_> = self.world(self.function).exports.keys().cloned().collect();
        for name in exports {
            let export = self.graph.alias_instance_export(function, &name).map_err(refused)?;
            self.graph.export(export, &name).map_err(refused)?;
        }
        self.graph.encode(EncodeOptions::default()).map(Some).map_err(refused)
    }

    /// Gives an instance what it imports and a library exports.
    fn satisfy(&mut self, instance: NodeId, package: PackageId) -> Result<(), Refusal> {
        let imports: Vec<_> = self.world(package).imports.clone().into_iter().collect();
        for (import, kind) in imports {
            if OF_THE_HOST.iter().any(|beginning| import.starts_with(beginning)) {
                continue;
            }
            let Some((index, export)) = self.find(&import, kind)? else {
                // The linker will name the import; it knows nothing of what might have exported it.
                let Some(reason) = self.unreadable.first() else { continue };
                let text = format!("it imports `{import}`, which no dependency exports that can be read; {reason}");
                return Err(Refusal::Unsupported(text));
            };
            let library = self.instance(index)?;
            let export = self.graph.alias_instance_export(library, &export).map_err(refused)?;
            self.graph.set_instantiation_argument(instance, &import, export).map_err(refused)?;
        }
        Ok(())
    }

    /// The library that exports an interface, and the name under which it does. A library that wraps an interface, which
    /// imports and exports it, is given that of another one.
    fn find(&self, import: &str, wanted: ItemKind) -> Result<Option<(usize, String)>, Refusal> {
        let mut misfit = None;
        for (index, library) in self.libraries.iter().enumerate() {
            if library.state == State::Resolving {
                continue;
            }
            let exports = &self.world(library.package).exports;
            let exact = exports.get_key_value(import);
            let found = exact.or_else(|| exports.iter().find(|(name, _)| are_semver_compatible(name, import)));
            let Some((export, given)) = found else { continue };
            let (mut cache, types) = (HashSet::new(), self.graph.types());
            match SubtypeChecker::new(&mut cache).is_subtype(*given, types, wanted, types) {
                Ok(()) => return Ok(Some((index, export.clone()))),
                Err(reason) => {
                    let name = &library.name;
                    misfit.get_or_insert_with(|| {
                        format!(
                            "it imports `{import}`, and `{name}.wasm` of its dependencies exports another: {reason:#}"
                        )
                    });
                }
            }
        }
        misfit.map_or(Ok(None), |text| Err(Refusal::Unsupported(text)))
    }

    /// The instance of a library, made when it is first needed.
    fn instance(&mut self, index: usize) -> Result<NodeId, Refusal> {
        let Library { package, state, .. } = self.libraries[index];
        if let State::Used(instance) = state {
            return Ok(instance);
        }
        let instance = self.graph.instantiate(package);
        self.libraries[index].state = State::Resolving;
        self.satisfy(instance, package)?;
        self.libraries[index].state = State::Used(instance);
        Ok(instance)
    }

    fn world(&self, package: PackageId) -> &wac_graph::types::World {
        &self.graph.types()[self.graph[package].ty()]
    }
}

fn register(graph: &mut CompositionGraph, name: &str, wasm: &[u8]) -> Result<PackageId, String> {
    let package = Package::from_bytes(name, None, wasm.to_vec(), graph.types_mut());
    let package = package.map_err(|error| format!("{error:#}"))?;
    graph.register_package(package).map_err(|error| error.to_string())
}

fn refused(error: impl std::error::Error) -> Refusal {
    let mut text = format!("it cannot be composed with its dependencies: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Refusal::Unsupported(text)
}

#[cfg(test)]
mod tests;
