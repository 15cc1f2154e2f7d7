//! Functions without WebAssembly: what they do is known beforehand, and each call is in the journal.

use crate::journal::Journal;
use crash_plan::{Function, Note};
use fngraph_engine::{FunctionError, Invocation, InvokeError, Log, Outcome, Receipt, StartError};
use fngraph_invoker::{Clock, Executor, InstanceLike, LoadError, Packages};
use fngraph_registry::Settings;
use fngraph_types::{Identity, Memory, RequestId};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// The longest call of [`Function::Slow`], in milliseconds.
const SLOWEST: u128 = 8;

/// Makes actors.
#[derive(Debug, Clone)]
pub(crate) struct Actors {
    journal: Arc<Journal>,
    clock: Clock,
}

/// A function as it was loaded.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    function: Function,
    identity: Arc<Identity>,
}

/// An instance.
#[derive(Debug)]
pub(crate) struct Actor {
    actors: Actors,
    role: Role,
    memory: Memory,
}

impl Actors {
    pub(crate) fn new(journal: Arc<Journal>, clock: Clock) -> Self {
        Self { journal, clock }
    }
}

impl Executor for Actors {
    type Function = Role;
    type Instance = Actor;

    async fn load(&self, identity: Identity, _: Settings, packages: Packages) -> Result<Role, LoadError> {
        let name = String::from_utf8_lossy(&packages.code);
        let function = name.parse().map_err(|error| LoadError::Internal(format!("{error:#}")))?;
        Ok(Role { function, identity: Arc::new(identity) })
    }

    async fn start(&self, role: &Role, memory: Memory) -> Result<Actor, StartError> {
        Ok(Actor { actors: self.clone(), role: role.clone(), memory })
    }

    fn memory_used(&self) -> u64 {
        0
    }
}

impl InstanceLike for Actor {
    async fn call(&mut self, invocation: Invocation) -> Outcome {
        let Invocation { event, request_id: id, attempt: earlier, .. } = invocation;
        let Role { function, identity } = &self.role;
        let journal = &self.actors.journal;
        journal.write(Note::Ran { id, earlier });
        match function {
            Function::Slow => tokio::time::sleep(pause(id)).await,
            Function::Heir => journal.write(Note::Heard { id, of: subject_of(&event) }),
            Function::Quick
            | Function::Shaky
            | Function::Doomed
            | Function::Filed
            | Function::Relay
            | Function::Keyed => {}
        }
        let at = self.actors.clock.now().into();
        let mut receipt = Receipt::new(id, Arc::clone(identity), self.memory, at);
        let result = if function.succeeds(earlier) { Ok(event) } else { Err(failure(earlier)) };
        receipt.error = result.as_ref().err().map(InvokeError::code);
        Outcome { result, receipt, log: Log::default() }
    }

    async fn stop(self) -> Log {
        Log::default()
    }

    fn charge_start(&self, _: &mut Outcome) {}

    fn is_alive(&self) -> bool {
        true
    }

    fn canceller(&self) -> Box<dyn Fn(Option<RequestId>) -> bool + Send + Sync> {
        Box::new(|_| false)
    }
}

fn pause(id: RequestId) -> Duration {
    Duration::from_millis(u64::try_from(id.as_u128() % SLOWEST).unwrap_or_default())
}

fn failure(earlier: u32) -> InvokeError {
    InvokeError::Function(FunctionError {
        error_message: format!("attempt {earlier} is to fail"),
        error_type: "Planned".to_owned(),
        stack_trace: Vec::new(),
    })
}

/// Whose end a notice tells.
fn subject_of(notice: &[u8]) -> RequestId {
    let notice: Value = serde_json::from_slice(notice).expect("a notice is JSON");
    let id = notice["request_context"]["request_id"].as_str().expect("a notice names its request");
    id.parse().expect("a request has an id")
}
