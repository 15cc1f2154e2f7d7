//! The context of a unit test: plain values, and a log that the test can read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use super::{Context, Credentials, Level, Workflow};

/// The id that stands for "no particular one".
const NIL_UUID: &str = "00000000-0000-0000-0000-000000000000";

/// One line that a handler logged in a unit test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How important the line is.
    pub level: Level,
    /// What it says.
    pub message: String,
}

/// Builds the [`Context`] of a unit test, see [`Context::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ContextBuilder {
    host: Host,
}

impl ContextBuilder {
    /// Sets the id of the invocation.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.host.request_id = id.into();
        self
    }

    /// Sets how often the invocation was attempted before.
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.host.attempt = attempt;
        self
    }

    /// Sets the time until the invocation times out. No time passes in a test.
    pub fn remaining_time(mut self, remaining: Duration) -> Self {
        self.host.remaining_time = Some(remaining);
        self
    }

    /// Sets the configured timeout, which is also the remaining time unless that is set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.host.function.timeout = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self
    }

    /// Adds one value to the function's user data.
    pub fn user_data(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.host.user_data.insert(key.into(), value.into());
        self
    }

    /// Sets the function's name.
    pub fn function_name(mut self, name: impl Into<String>) -> Self {
        self.host.function.name = name.into();
        self
    }

    /// Sets the version that runs.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.host.function.version = version.into();
        self
    }

    /// Sets the alias through which the function was invoked.
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.host.alias = Some(alias.into());
        self
    }

    /// Sets the package that groups the function.
    pub fn package(mut self, package: impl Into<String>) -> Self {
        self.host.function.package = package.into();
        self
    }

    /// Sets the project that owns the function.
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.host.function.project_id = id.into();
        self
    }

    /// Sets the handler setting, `file.entry`.
    pub fn handler(mut self, handler: impl Into<String>) -> Self {
        self.host.function.handler = handler.into();
        self
    }

    /// Sets the memory limit, in MiB.
    pub fn memory(mut self, memory: u32) -> Self {
        self.host.function.memory = memory;
        self
    }

    /// Sets the CPU share, in millicores.
    pub fn cpu(mut self, cpu: u32) -> Self {
        self.host.function.cpu = cpu;
        self
    }

    /// Sets the id of the instance.
    pub fn instance_id(mut self, id: impl Into<String>) -> Self {
        self.host.instance_id = id.into();
        self
    }

    /// Gives the function an agency.
    pub fn agency(mut self, credentials: Credentials) -> Self {
        self.host.agency = Some(credentials);
        self
    }

    /// Makes the invocation one of a function flow.
    pub fn workflow(mut self, workflow: Workflow) -> Self {
        self.host.workflow = Some(workflow);
        self
    }

    /// Makes the invocation part of a distributed trace.
    pub fn traceparent(mut self, traceparent: impl Into<String>) -> Self {
        self.host.traceparent = Some(traceparent.into());
        self
    }

    /// Sets what the vendors of the trace say of it.
    pub fn tracestate(mut self, tracestate: impl Into<String>) -> Self {
        self.host.tracestate = Some(tracestate.into());
        self
    }

    /// The context.
    pub fn build(self) -> Context {
        Context { host: self.host }
    }
}

/// What stands in for the host.
#[derive(Clone, Debug)]
pub(super) struct Host {
    request_id: String,
    attempt: u32,
    remaining_time: Option<Duration>,
    alias: Option<String>,
    instance_id: String,
    user_data: BTreeMap<String, String>,
    agency: Option<Credentials>,
    workflow: Option<Workflow>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    function: Metadata,
    level: Cell<Level>,
    log: RefCell<Vec<LogLine>>,
}

/// What the contract's record `metadata` is natively.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) project_id: String,
    pub(super) package: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) handler: String,
    pub(super) memory: u32,
    pub(super) cpu: u32,
    pub(super) timeout: u64,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            request_id: NIL_UUID.to_owned(),
            attempt: 0,
            remaining_time: None,
            alias: None,
            instance_id: NIL_UUID.to_owned(),
            user_data: BTreeMap::new(),
            agency: None,
            workflow: None,
            traceparent: None,
            tracestate: None,
            function: Metadata::default(),
            level: Cell::new(Level::Info),
            log: RefCell::default(),
        }
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self {
            project_id: "project".to_owned(),
            package: "default".to_owned(),
            name: "function".to_owned(),
            version: "latest".to_owned(),
            handler: "function.handler".to_owned(),
            // The cloud's smallest size, its share of the CPU, and its default timeout.
            memory: 128,
            cpu: 300,
            timeout: 3_000,
        }
    }
}

impl Host {
    pub(super) fn function(&self) -> &Metadata {
        &self.function
    }

    pub(super) fn request_id(&self) -> String {
        self.request_id.clone()
    }

    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    pub(super) fn remaining_time(&self) -> Duration {
        self.remaining_time.unwrap_or_else(|| Duration::from_millis(self.function.timeout))
    }

    pub(super) fn alias(&self) -> Option<String> {
        self.alias.clone()
    }

    pub(super) fn instance_id(&self) -> String {
        self.instance_id.clone()
    }

    pub(super) fn user_data(&self, key: &str) -> Option<String> {
        self.user_data.get(key).cloned()
    }

    pub(super) fn user_data_keys(&self) -> Vec<String> {
        self.user_data.keys().cloned().collect()
    }

    pub(super) fn agency(&self) -> Option<Credentials> {
        self.agency.clone()
    }

    pub(super) fn workflow(&self) -> Option<Workflow> {
        self.workflow.clone()
    }

    pub(super) fn traceparent(&self) -> Option<String> {
        self.traceparent.clone()
    }

    pub(super) fn tracestate(&self) -> Option<String> {
        self.tracestate.clone()
    }

    pub(super) fn enabled(&self, level: Level) -> bool {
        level >= self.level.get()
    }

    pub(super) fn set_level(&self, level: Level) {
        self.level.set(level);
    }

    pub(super) fn log(&self, level: Level, message: &str) {
        self.log.borrow_mut().push(LogLine { level, message: message.to_owned() });
    }

    pub(super) fn logged(&self) -> Vec<LogLine> {
        self.log.borrow().clone()
    }
}
