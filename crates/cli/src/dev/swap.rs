//! Gives functions new code while they serve.

use super::watch::blocking;
use crate::{
    code::Code,
    config::{Event, Settings},
    exit::{Exit, Failure},
    function::Function,
    output::{Accent, Output},
    project::Built,
    units,
};
use anyhow::Context as _;
use fngraph::{FunctionId, Runtime};
use fngraph_engine::{Engine, Kind, Network};
use fngraph_types::Handler;
use std::{collections::HashMap, fs, path::Path};
use tokio::{sync::watch, time::Instant};

/// Gives functions new code.
pub(super) struct Swapper {
    engine: Engine,
    runtime: Runtime,
    settings: Settings,
    url: String,
    output: Output,
    /// The code that each function has.
    code: HashMap<String, Vec<u8>>,
    functions: watch::Sender<Vec<FunctionId>>,
}

impl Swapper {
    /// Deploys into the runtime, with these settings. The engine finds out what there is to be called in the code.
    pub(super) fn new(engine: Engine, runtime: Runtime, settings: Settings, url: String, output: Output) -> Self {
        let functions = watch::Sender::default();
        Self { engine, runtime, settings, url, output, code: HashMap::new(), functions }
    }

    /// The functions that there are.
    pub(super) fn functions(&self) -> watch::Receiver<Vec<FunctionId>> {
        self.functions.subscribe()
    }

    /// Whether there are any.
    pub(super) fn has_functions(&self) -> bool {
        !self.code.is_empty()
    }

    /// Of several wasm files, the one that the handler names; all when it names none.
    pub(super) fn select(&self, built: Vec<Built>) -> Result<Vec<Built>, Failure> {
        select(built, self.settings.handler.as_ref())
    }

    /// Gives a function this code, unless it has it. The code is compiled first, so that code that does not run changes
    /// nothing; calls that run end with the old code.
    pub(super) async fn swap(&mut self, built: &Built) -> Result<(), Failure> {
        let Built { package: name, path } = built;
        let (bytes, code) = {
            let path = path.clone();
            blocking(move || read(&path)).await?
        };
        if self.code.get(name).is_some_and(|old| *old == bytes) {
            self.output.note(format_args!("{name} is the same as before"));
            return Ok(());
        }
        let begun = Instant::now();
        let function = Function::load_with(&self.engine, &code, &self.settings).await?;
        let deployed = self.runtime.deploy(name, bytes.clone(), settings(&function)).await;
        deployed.map_err(|error| {
            let exit = Exit::for_code(error.code());
            Failure::new(exit, anyhow::Error::new(error).context(format!("deploy {name}")))
        })?;
        let took = units::duration(begun.elapsed());
        if self.code.insert(name.clone(), bytes).is_some() {
            self.output.note(format_args!("swapped {name} in {took}"));
        } else {
            self.output.note(format_args!("deployed {name} in {took}"));
            let scope = self.runtime.scope();
            let id = FunctionId::new(scope.project_id.clone(), FunctionId::DEFAULT_PACKAGE, name.as_str());
            let event = Event::resolve(None)?.bytes(function.artifact.kind());
            let call = call(&self.url, &id, &String::from_utf8_lossy(&event));
            self.output.note(format_args!("  {}", self.output.paint(Accent::Strong, &call)));
            self.functions.send_modify(|functions| functions.push(id));
        }
        Ok(())
    }
}

/// What to type to call a function.
fn call(url: &str, function: &FunctionId, event: &str) -> String {
    let FunctionId { project_id, name, .. } = function;
    format!("curl {url}/v2/{project_id}/fgs/functions/{name}/invocations -d '{event}'")
}

fn read(path: &Path) -> Result<(Vec<u8>, Code), Failure> {
    let code = Code::read(path)?;
    let bytes = fs::read(path).with_context(|| format!("read {}", path.display()))?;
    Ok((bytes, code))
}

fn select(mut built: Vec<Built>, handler: Option<&Handler>) -> Result<Vec<Built>, Failure> {
    let Some(file) = handler.and_then(Handler::file).filter(|_| built.len() > 1) else { return Ok(built) };
    let stem = |built: &Built| built.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let files: Vec<_> = built.iter().map(|built| built.path.display().to_string()).collect();
    built.retain(|built| stem(built).as_deref() == Some(file));
    if built.is_empty() {
        let refusal = format!("there is no `{file}.wasm`, which the handler names");
        return Err(Failure::text(Exit::Refused, refusal).details(files));
    }
    Ok(built)
}

/// The settings of a function as the registry keeps them.
fn settings(function: &Function) -> fngraph::Settings {
    let config = function.prepared.config();
    let mut settings = fngraph::Settings::new(config.handler.clone());
    let runtime = if function.artifact.kind() == Kind::Http { "http" } else { "Custom" };
    settings.runtime = runtime.parse().expect("these are the runtimes that there are");
    settings.memory = config.memory;
    settings.timeout = config.timeout;
    settings.initializer.clone_from(&config.initializer);
    settings.initializer_timeout = config.initializer_timeout;
    settings.pre_stop.clone_from(&config.pre_stop);
    settings.pre_stop_timeout = config.pre_stop_timeout;
    settings.user_data.clone_from(&config.user_data);
    settings.network = match config.network {
        Network::Allowed => fngraph::Network::Allowed,
        _ => fngraph::Network::Denied,
    };
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_with_a_file_selects_one_of_several_functions() {
        let built = |name: &str| Built { package: name.to_owned(), path: format!("t/{name}.wasm").into() };
        let both = || vec![built("order"), built("refund")];
        let names = |all: Vec<Built>, handler: Option<&str>| {
            let handler = handler.map(|text| text.parse().unwrap());
            select(all, handler.as_ref()).map(|all| all.into_iter().map(|built| built.package).collect::<Vec<_>>())
        };
        assert_eq!(names(both(), None).unwrap(), ["order", "refund"]);
        assert_eq!(names(both(), Some("handler")).unwrap(), ["order", "refund"]);
        assert_eq!(names(both(), Some("refund.handler")).unwrap(), ["refund"]);
        assert_eq!(names(vec![built("order")], Some("in-the-zip.handler")).unwrap(), ["order"]);
        let failure = names(both(), Some("billing.handler")).unwrap_err();
        assert_eq!(failure.details, ["t/order.wasm", "t/refund.wasm"]);
    }

    #[test]
    fn the_call_is_one_line_for_the_shell() {
        let line = call("http://127.0.0.1:8080", &FunctionId::local("hello"), "{}");
        assert_eq!(line, "curl http://127.0.0.1:8080/v2/local/fgs/functions/hello/invocations -d '{}'");
    }
}
