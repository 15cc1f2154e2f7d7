//! Facts about the running invocation, and its log.

use std::fmt;
use std::time::Duration;

mod logger;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(target_family = "wasm")]
pub(crate) mod wasm;

#[cfg(not(target_family = "wasm"))]
use native::Host;
#[cfg(target_family = "wasm")]
use wasm::Host;

pub use logger::{Level, Logger};
#[cfg(not(target_family = "wasm"))]
pub use native::{ContextBuilder, LogLine};

/// Facts about the running invocation and its function.
///
/// Nothing is asked of the host before a method asks for it. A context lives as long as one invocation: hand out
/// what it says, do not keep it.
///
/// On any other target than WebAssembly there is no host, and a context is built by a test: see
/// [`Context::builder`].
#[derive(Debug)]
pub struct Context {
    host: Host,
}

impl Context {
    /// The context of the running invocation.
    #[cfg(target_family = "wasm")]
    pub(crate) fn of_invocation() -> Self {
        Self { host: Host::default() }
    }

    /// A context for a unit test, with these values where the test sets no others:
    ///
    /// | what                               | value                                  |
    /// | ---------------------------------- | -------------------------------------- |
    /// | request id, instance id            | the UUID of only zeros                 |
    /// | attempt                            | 0                                      |
    /// | timeout, remaining time            | 3 s; no time passes                    |
    /// | name, package, version             | `function`, `default`, `latest`        |
    /// | handler                            | `function.handler`                     |
    /// | project id                         | `project`                              |
    /// | memory, CPU                        | 128 MiB, 300 millicores                |
    /// | alias, agency, workflow, user data | none                                   |
    /// | trace                              | none                                   |
    #[cfg(not(target_family = "wasm"))]
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// The id of this invocation: a lower-case UUID. All attempts of an asynchronous invocation share it.
    pub fn request_id(&self) -> String {
        self.host.request_id()
    }

    /// How often this invocation was attempted before: 0 on the first attempt.
    pub fn attempt(&self) -> u32 {
        self.host.attempt()
    }

    /// The time until the invocation times out; zero when none is left.
    pub fn remaining_time(&self) -> Duration {
        self.host.remaining_time()
    }

    /// The configured timeout of one invocation, which the cloud calls running time.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.host.function().timeout)
    }

    /// One value of the function's user data, decrypted; `None` when the key is not set.
    pub fn user_data(&self, key: &str) -> Option<String> {
        self.host.user_data(key)
    }

    /// Every key of the function's user data, in ascending order.
    pub fn user_data_keys(&self) -> Vec<String> {
        self.host.user_data_keys()
    }

    /// The function's name.
    pub fn function_name(&self) -> &str {
        &self.host.function().name
    }

    /// The version that runs; `latest` unless a published version was invoked.
    pub fn version(&self) -> &str {
        &self.host.function().version
    }

    /// The alias through which the function was invoked, if it was.
    pub fn alias(&self) -> Option<String> {
        self.host.alias()
    }

    /// The package (the cloud also says app) that groups the function; mostly `default`.
    pub fn package(&self) -> &str {
        &self.host.function().package
    }

    /// The project that owns the function.
    pub fn project_id(&self) -> &str {
        &self.host.function().project_id
    }

    /// The handler setting, `file.entry`.
    pub fn handler(&self) -> &str {
        &self.host.function().handler
    }

    /// The memory limit, in MiB.
    pub fn memory(&self) -> u32 {
        self.host.function().memory
    }

    /// The CPU share, in millicores.
    pub fn cpu(&self) -> u32 {
        self.host.function().cpu
    }

    /// The id of this instance: a lower-case UUID. Two invocations that see the same id share memory.
    pub fn instance_id(&self) -> String {
        self.host.instance_id()
    }

    /// Temporary credentials of the function's agency; `None` when the function has no agency.
    pub fn agency(&self) -> Option<Credentials> {
        self.host.agency()
    }

    /// The function flow that invoked the function, if one did.
    pub fn workflow(&self) -> Option<Workflow> {
        self.host.workflow()
    }

    /// Where this invocation stands in a distributed trace: the value of the header `traceparent`, to be sent along
    /// with calls to others; `None` when it is part of no trace.
    pub fn traceparent(&self) -> Option<String> {
        self.host.traceparent()
    }

    /// What the vendors of the trace say of it: the value of the header `tracestate`, to be sent along with
    /// [`Context::traceparent`]; `None` when they say nothing.
    pub fn tracestate(&self) -> Option<String> {
        self.host.tracestate()
    }

    /// The invocation's log.
    pub fn logger(&self) -> Logger<'_> {
        Logger::new(&self.host)
    }

    /// The lines that were logged and kept so far, oldest first.
    #[cfg(not(target_family = "wasm"))]
    pub fn logged(&self) -> Vec<LogLine> {
        self.host.logged()
    }
}

/// Temporary credentials of a function's agency.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key (AK).
    pub access_key: String,
    /// The secret key (SK).
    pub secret_key: String,
    /// The token that makes the pair valid.
    pub security_token: String,
    /// The IAM token of the agency.
    pub token: String,
}

/// Shows the access key, which is no secret, and nothing else.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Where in a function flow an invocation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workflow {
    /// The id of the flow.
    pub workflow_id: String,
    /// The id of this execution of the flow.
    pub run_id: String,
    /// The id of the state (node) that invoked the function.
    pub state_id: String,
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests;
