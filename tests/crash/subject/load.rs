//! Callers, who go on until the process is killed.

use crate::{STEP, actor::Actors};
use anyhow::Result;
use crash_plan::{Function, Note};
use fastrand::Rng;
use fngraph_invoker::Invoker;
use std::io::{Write as _, stdout};
use tokio::task::JoinSet;

/// How many call at the same time.
const CALLERS: usize = 12;

/// How many requests a caller has accepted before the clock moves, at most.
const CALLS: usize = 6;

/// So few that a key comes again within a process and after it.
const KEYS: u32 = 200;

/// Calls, waits for what goes on, moves the clock, and so forth.
pub(crate) async fn submit(invoker: &Invoker<Actors>, seed: u64) -> Result<()> {
    let mut random = Rng::with_seed(seed);
    loop {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            callers.spawn(call(invoker.clone(), random.fork()));
        }
        while let Some(called) = callers.join_next().await {
            called??;
        }
        // It is still busy with what was accepted last.
        invoker.advance(STEP).await;
    }
}

async fn call(invoker: Invoker<Actors>, mut random: Rng) -> Result<()> {
    for _ in 0..random.usize(1..=CALLS) {
        let function = random.choice(Function::CALLED).unwrap_or(Function::Quick);
        let key = (function == Function::Keyed).then(|| random.u32(..KEYS));
        let event = format!("{{\"unique\":{}}}", random.u64(..));
        let id = invoker.invoke_async(function.name(), event, key.map(|key| key.to_string())).await?;
        // The line leaves with one write; the parent reads it even if we die now.
        stdout().write_all(format!("{}\n", Note::Accepted { id, function, key }).as_bytes())?;
    }
    Ok(())
}
