//! From code and settings to something that can be called: chooses the entries that were not named.

use crate::{
    args::Hook,
    code::Code,
    config::Settings,
    exit::{Exit, Failure},
    platform::{self, Platform},
};
use fngraph_engine::{Artifact, Engine, Kind, Package, PreparedFunction, Role};
use fngraph_types::Handler;

/// A function that is ready to be called.
#[derive(Debug)]
pub(crate) struct Function {
    /// The wasm file that runs, compiled.
    pub(crate) artifact: Artifact,
    /// The entry that runs.
    pub(crate) handler: Handler,
    /// Both, with the function's settings.
    pub(crate) prepared: PreparedFunction,
}

impl Function {
    /// Compiles the code and binds it to the settings.
    pub(crate) fn load(platform: &Platform, code: &Code, settings: &Settings) -> Result<Self, Failure> {
        let module = module(&code.package, settings)?;
        let artifact = platform.compile(&code.package, &module)?;
        Self::bind(artifact, module, settings)
    }

    /// [`Function::load`] within an asynchronous program.
    pub(crate) async fn load_with(engine: &Engine, code: &Code, settings: &Settings) -> Result<Self, Failure> {
        let module = module(&code.package, settings)?;
        let artifact = platform::compile(engine, &code.package, &module).await?;
        Self::bind(artifact, module, settings)
    }

    fn bind(artifact: Artifact, module: String, settings: &Settings) -> Result<Self, Failure> {
        let entries = Entries::of(&artifact, module);
        let handler = match artifact.kind() {
            Kind::Event => entries.handler(settings.handler.as_ref())?,
            _ => entries.qualified(Handler::DEFAULT_ENTRY)?,
        };
        let mut config = settings.function_config(handler.clone());
        config.initializer = entries.hook(Role::Initializer, settings.initializer.as_ref())?;
        config.pre_stop = entries.hook(Role::PreStop, settings.pre_stop.as_ref())?;
        let prepared = artifact.prepare(config).map_err(|error| entries.explain(error.into()))?;
        Ok(Self { artifact, handler, prepared })
    }
}

/// The wasm file of a package that runs.
fn module(package: &Package, settings: &Settings) -> Result<String, Failure> {
    // A handler may name a file of a dependency.
    let named = settings.handler.as_ref().and_then(|handler| package.module_for(handler));
    named.map_or_else(|| choose(&package.modules().collect::<Vec<_>>(), settings.handler.as_ref()), Ok)
}

/// The wasm file that runs: the one the handler names, else the only one.
fn choose(modules: &[String], handler: Option<&Handler>) -> Result<String, Failure> {
    let named = handler.and_then(Handler::file).or_else(|| handler.map(Handler::as_str));
    if let Some(module) = modules.iter().find(|module| Some(module.as_str()) == named) {
        return Ok(module.clone());
    }
    let refusal = match (handler.and_then(Handler::file), modules) {
        (None, [only]) => return Ok(only.clone()),
        (None, _) => "the package has several wasm files".to_owned(),
        (Some(file), _) => format!("the package has no `{file}.wasm`"),
    };
    let first = modules.first().map_or("file", String::as_str);
    let hint = format!("{}; `fngraph inspect` lists the entries", handler_hint(first, Handler::DEFAULT_ENTRY));
    let files = modules.iter().map(|module| format!("{module}.wasm"));
    Err(Failure::text(Exit::Refused, refusal).details(files).hint(hint))
}

fn handler_hint(module: &str, entry: &str) -> String {
    format!("--handler {module}.{entry}")
}

/// What a wasm file exports, by role.
#[derive(Debug)]
struct Entries {
    module: String,
    handlers: Vec<String>,
    initializers: Vec<String>,
    pre_stops: Vec<String>,
}

impl Entries {
    fn of(artifact: &Artifact, module: String) -> Self {
        let with = |role| {
            artifact.entries().filter(|entry| entry.role == role).map(|entry| entry.name.clone()).collect::<Vec<_>>()
        };
        let (handlers, initializers, pre_stops) = (with(Role::Handler), with(Role::Initializer), with(Role::PreStop));
        Self { module, handlers, initializers, pre_stops }
    }

    /// The handler that was named, else the only one, else the one with the usual name.
    fn handler(&self, named: Option<&Handler>) -> Result<Handler, Failure> {
        match named {
            Some(handler) if handler.file().is_some() => return Ok(handler.clone()),
            Some(entry) if entry.as_str() != self.module => return self.qualified(entry.as_str()),
            _ => {}
        }
        let usual = || self.handlers.iter().find(|name| *name == Handler::DEFAULT_ENTRY);
        match (self.handlers.as_slice(), usual()) {
            ([only], _) | (_, Some(only)) => self.qualified(only),
            (several, None) => Err(self.ambiguous("handler", "--handler", several)),
        }
    }

    /// The initializer or pre-stop that was named, else the only one there is.
    fn hook(&self, role: Role, named: Option<&Hook>) -> Result<Option<Handler>, Failure> {
        let (candidates, flag) = match role {
            Role::Initializer => (&self.initializers, "--initializer"),
            _ => (&self.pre_stops, "--pre-stop"),
        };
        match (named, candidates.as_slice()) {
            (Some(Hook::None), _) | (None, []) => Ok(None),
            (Some(Hook::Entry(entry)), _) if entry.file().is_some() => Ok(Some(entry.clone())),
            (Some(Hook::Entry(entry)), _) => self.qualified(entry.as_str()).map(Some),
            (None, [only]) => self.qualified(only).map(Some),
            (None, several) => Err(self.ambiguous(role.as_str(), flag, several)),
        }
    }

    /// The entry with the file in front.
    fn qualified(&self, entry: &str) -> Result<Handler, Failure> {
        format!("{}.{entry}", self.module).parse().map_err(|error| Failure::new(Exit::Usage, anyhow::Error::new(error)))
    }

    fn ambiguous(&self, what: &str, flag: &str, candidates: &[String]) -> Failure {
        let first = candidates.first().map_or(Handler::DEFAULT_ENTRY, String::as_str);
        Failure::text(Exit::Refused, format!("`{}.wasm` has several entries that can be the {what}", self.module))
            .details(candidates.iter().map(|name| format!("{}.{name}", self.module)))
            .hint(format!("{flag} {}.{first}", self.module))
    }

    /// Adds what to type when an entry is missing.
    fn explain(&self, failure: Failure) -> Failure {
        match self.handlers.first() {
            Some(first) if failure.exit == Exit::Refused => failure.hint(handler_hint(&self.module, first)),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(handlers: &[&str], initializers: &[&str]) -> Entries {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Entries {
            module: "shop".to_owned(),
            handlers: owned(handlers),
            initializers: owned(initializers),
            pre_stops: Vec::new(),
        }
    }

    fn check(handlers: &[&str], named: Option<&str>, expected: &str) {
        let named = named.map(|text| text.parse().unwrap());
        let chosen = entries(handlers, &[]).handler(named.as_ref()).map(|handler| handler.to_string());
        assert_eq!(chosen.unwrap(), expected, "{handlers:?} {named:?}");
    }

    #[test]
    fn the_handler_is_the_named_the_only_or_the_usual_one() {
        check(&["order"], None, "shop.order");
        check(&["order", "handler"], None, "shop.handler");
        check(&["order", "refund"], Some("shop.refund"), "shop.refund");
        check(&["order", "refund"], Some("refund"), "shop.refund");
        check(&["order"], Some("shop"), "shop.order");
    }

    #[test]
    fn several_handlers_are_listed_with_what_to_type() {
        let failure = entries(&["order", "refund"], &[]).handler(None).unwrap_err();
        assert_eq!(failure.exit, Exit::Refused);
        assert_eq!(failure.details, ["shop.order", "shop.refund"]);
        assert_eq!(failure.hint.as_deref(), Some("--handler shop.order"));
    }

    #[test]
    fn the_only_initializer_runs_unless_told_otherwise() {
        let chosen = |entries: Entries, named: Option<&str>| {
            let named = named.map(|text| text.parse().unwrap());
            entries.hook(Role::Initializer, named.as_ref()).map(|hook| hook.map(|hook| hook.to_string()))
        };
        assert_eq!(chosen(entries(&[], &["start"]), None).unwrap().as_deref(), Some("shop.start"));
        assert_eq!(chosen(entries(&[], &["start"]), Some("none")).unwrap(), None);
        assert_eq!(chosen(entries(&[], &[]), None).unwrap(), None);
        assert_eq!(chosen(entries(&[], &["a", "b"]), Some("b")).unwrap().as_deref(), Some("shop.b"));
        let failure = chosen(entries(&[], &["a", "b"]), None).unwrap_err();
        assert_eq!(failure.hint.as_deref(), Some("--initializer shop.a"));
    }

    #[test]
    fn a_package_of_several_files_needs_a_handler() {
        let modules = ["a", "b"].map(str::to_owned);
        assert_eq!(choose(&modules, Some(&"b.handler".parse().unwrap())).unwrap(), "b");
        assert_eq!(choose(&modules, Some(&"a".parse().unwrap())).unwrap(), "a");
        assert_eq!(choose(&modules[..1], Some(&"order".parse().unwrap())).unwrap(), "a");
        for handler in [None, Some("c.handler")] {
            let failure = choose(&modules, handler.map(|text| text.parse().unwrap()).as_ref()).unwrap_err();
            assert_eq!(failure.details, ["a.wasm", "b.wasm"]);
            assert!(failure.hint.unwrap().starts_with("--handler a.handler"));
        }
    }
}
