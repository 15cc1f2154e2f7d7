//! Compiled code that runs here: what it is, what can be called in it, and how it is bound to a function's settings.

use crate::{
    FunctionConfig, PrepareError, PreparedFunction,
    engine::Shared,
    function::{Plan, Prepared},
    host::{Folders, State},
    instance::EventPlan,
    snapshot::Initialized,
    store::OnDisk,
};
use fngraph_types::{Handler, limits};
use heck::ToKebabCase as _;
use std::{sync::Arc, time::Duration};
use wasmtime::component::{
    Component, ComponentExportIndex, InstancePre,
    types::{ComponentFunc, ComponentItem, Type},
};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// What kind of function an artifact is. It is recognised from what the code exports, never from a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A component whose handlers take an event and return a result.
    Event,
    /// A component that answers HTTP requests (`wasi:http/incoming-handler`).
    Http,
    /// A program that reads the event from stdin and writes the result to stdout.
    Command,
}

impl Kind {
    /// The word for this kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Http => "http",
            Self::Command => "command",
        }
    }
}

/// What an entry of an event component is for. Its type tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Takes events.
    Handler,
    /// Prepares a new instance.
    Initializer,
    /// Cleans up before an instance is stopped.
    PreStop,
}

impl Role {
    /// The word for this role.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Initializer => "initializer",
            Self::PreStop => "pre-stop",
        }
    }
}

/// Something that a handler setting may name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Entry {
    /// The export's name, in kebab case.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

/// Where an artifact came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It was compiled just now.
    Compiled,
    /// It was compiled earlier and loaded from the data directory.
    Cached,
}

/// Compiled code, loaded and checked. Cheap to clone.
#[derive(Clone)]
pub struct Artifact(Arc<Loaded>);

struct Loaded {
    engine: Arc<Shared>,
    file: String,
    kind: KindPre,
    pre: InstancePre<State>,
    entries: Vec<(Entry, ComponentExportIndex)>,
    imports: Vec<String>,
    facts: Facts,
}

/// What loading an artifact found out besides the code.
pub(crate) struct Facts {
    pub(crate) origin: Origin,
    pub(crate) load_time: Duration,
    pub(crate) wasm_bytes: usize,
    pub(crate) compiled_bytes: u64,
    pub(crate) on_disk: OnDisk,
    /// What the initializer left behind on the host's side, when it has run already and the code holds its memory.
    pub(crate) initialized: Option<Initialized>,
}

enum KindPre {
    Event,
    Http(ProxyPre<State>),
    Command(CommandPre<State>),
}

impl Artifact {
    /// Recognises what a component is. The error says what is missing.
    pub(crate) fn recognise(
        engine: Arc<Shared>,
        file: String,
        component: &Component,
        facts: Facts,
    ) -> Result<Self, String> {
        let pre = engine.linker.instantiate_pre(component).map_err(|error| format!("{error:#}"))?;
        let ty = component.component_type();
        let wasmtime = &engine.wasmtime;
        let entries: Vec<_> = ty
            .exports(wasmtime)
            .filter_map(|(name, export)| {
                let ComponentItem::ComponentFunc(function) = export.ty else { return None };
                let entry = Entry { name: name.to_owned(), role: role_of(&function)? };
                Some((entry, component.get_export_index(None, name)?))
            })
            .collect();
        let exports = |interface: &str| ty.exports(wasmtime).any(|(name, _)| name.starts_with(interface));
        let kind = if entries.iter().any(|(entry, _)| entry.role == Role::Handler) {
            KindPre::Event
        } else if exports("wasi:http/incoming-handler@") {
            KindPre::Http(ProxyPre::new(pre.clone()).map_err(|error| format!("{error:#}"))?)
        } else if exports("wasi:cli/run@") {
            KindPre::Command(CommandPre::new(pre.clone()).map_err(|error| format!("{error:#}"))?)
        } else {
            let names: Vec<_> = ty.exports(wasmtime).map(|(name, _)| name.to_owned()).collect();
            return Err(format!(
                "it exports neither a handler `func(event: list<u8>) -> result<list<u8>, error>`, nor \
                 `wasi:http/incoming-handler`, nor `wasi:cli/run`; it exports {}",
                list(&names)
            ));
        };
        let imports = ty.imports(wasmtime).map(|(name, _)| name.to_owned()).collect();
        Ok(Self(Arc::new(Loaded { engine, file, kind, pre, entries, imports, facts })))
    }

    /// What it has in the data directory.
    pub(crate) fn on_disk(&self) -> OnDisk {
        self.0.facts.on_disk.clone()
    }

    /// What kind of function this is.
    pub fn kind(&self) -> Kind {
        match &self.0.kind {
            KindPre::Event => Kind::Event,
            KindPre::Http(_) => Kind::Http,
            KindPre::Command(_) => Kind::Command,
        }
    }

    /// What handler settings may name; only event components have entries.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.0.entries.iter().map(|(entry, _)| entry)
    }

    /// The interfaces that the code imports.
    pub fn imports(&self) -> &[String] {
        &self.0.imports
    }

    /// Where the artifact came from.
    pub fn origin(&self) -> Origin {
        self.0.facts.origin
    }

    /// How long it took to compile or load it.
    pub fn load_time(&self) -> Duration {
        self.0.facts.load_time
    }

    /// The size of the wasm file, in bytes.
    pub fn wasm_bytes(&self) -> usize {
        self.0.facts.wasm_bytes
    }

    /// The size of the compiled code, in bytes.
    pub fn compiled_bytes(&self) -> u64 {
        self.0.facts.compiled_bytes
    }

    /// Binds the code to a function's settings.
    ///
    /// # Errors
    /// When a handler names an entry that is not there or has another role, an initializer or pre-stop names
    /// another file than the handler, or a timeout is zero or beyond 72 hours.
    pub fn prepare(&self, config: FunctionConfig) -> Result<PreparedFunction, PrepareError> {
        for (setting, timeout) in [
            ("timeout", config.timeout),
            ("initializer_timeout", config.initializer_timeout),
            ("pre_stop_timeout", config.pre_stop_timeout),
        ] {
            if timeout.is_zero() || timeout > limits::LONGEST_TIMEOUT {
                let reason = "is out of range; it must be longer than 0 s and at most 259 200 s (72 hours)";
                return Err(PrepareError::Setting { setting, reason });
            }
        }
        for (setting, hook) in [("initializer", &config.initializer), ("pre_stop", &config.pre_stop)] {
            if hook.as_ref().is_some_and(|hook| hook.file() != config.handler.file()) {
                return Err(PrepareError::Setting { setting, reason: "names another file than the handler does" });
            }
        }
        let Loaded { engine, kind, pre, imports, facts, .. } = &*self.0;
        let plan = match kind {
            KindPre::Event => Plan::Event(EventPlan {
                pre: pre.clone(),
                handler: self.entry(Role::Handler, &config.handler)?,
                initializer: self
                    .optional_entry(Role::Initializer, config.initializer.as_ref())?
                    .filter(|_| facts.initialized.is_none()),
                initialized: facts.initialized,
                pre_stop: self.optional_entry(Role::PreStop, config.pre_stop.as_ref())?,
            }),
            KindPre::Http(pre) => Plan::Http(pre.clone()),
            KindPre::Command(pre) => Plan::Command(pre.clone()),
        };
        // Building an environment that nobody reads would be the larger part of a cold start.
        let reads_environment = imports.iter().any(|import| import.starts_with("wasi:cli/environment@"));
        let with_user_data = self.kind() != Kind::Event;
        let environment = if reads_environment { config.environment(with_user_data) } else { Vec::new() };
        Ok(PreparedFunction::new(Prepared {
            engine: Arc::clone(engine),
            plan,
            program: format!("{}.wasm", self.0.file),
            folders: Arc::new(Folders::new(self.on_disk(), engine.store.tmp())),
            load_time: facts.load_time,
            environment,
            identity: Arc::new(config.identity.clone()),
            config: Arc::new(config),
        }))
    }

    fn optional_entry(
        &self,
        role: Role,
        handler: Option<&Handler>,
    ) -> Result<Option<ComponentExportIndex>, PrepareError> {
        handler.map(|handler| self.entry(role, handler)).transpose()
    }

    fn entry(&self, role: Role, handler: &Handler) -> Result<ComponentExportIndex, PrepareError> {
        let name = handler.entry().to_kebab_case();
        let mut candidates = self.0.entries.iter().filter(|(entry, _)| entry.role == role);
        let found = candidates.find(|(entry, _)| entry.name == name || entry.name == handler.entry());
        found.map(|(_, index)| *index).ok_or_else(|| {
            let available: Vec<_> =
                self.entries().map(|entry| format!("{} ({})", entry.name, entry.role.as_str())).collect();
            PrepareError::EntryNotFound {
                file: self.0.file.clone(),
                role: role.as_str(),
                entry: handler.entry().to_owned(),
                available: list(&available),
            }
        })
    }
}

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Artifact").field("file", &self.0.file).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

/// Some names as a list for people.
pub(crate) fn list(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// What a function with this type is for, if it is for anything.
fn role_of(function: &ComponentFunc) -> Option<Role> {
    let params: Vec<_> = function.params().map(|(_, ty)| ty).collect();
    let results: Vec<_> = function.results().collect();
    match (params.as_slice(), results.as_slice()) {
        ([event], [Type::Result(result)]) => {
            let bytes_out = result.ok().is_some_and(|ok| is_bytes(&ok));
            (is_bytes(event) && bytes_out && is_error(result.err())).then_some(Role::Handler)
        }
        ([], [Type::Result(result)]) => (result.ok().is_none() && is_error(result.err())).then_some(Role::Initializer),
        ([], []) => Some(Role::PreStop),
        _ => None,
    }
}

fn is_bytes(ty: &Type) -> bool {
    matches!(ty, Type::List(list) if list.ty() == Type::U8)
}

/// Whether a type is the contract's `error` record.
fn is_error(ty: Option<Type>) -> bool {
    let Some(Type::Record(record)) = ty else { return false };
    let fields: Vec<_> = record.fields().map(|field| (field.name, field.ty)).collect();
    match fields.as_slice() {
        [("kind", Type::String), ("message", Type::String), ("stack", Type::List(list))] => list.ty() == Type::String,
        _ => false,
    }
}
