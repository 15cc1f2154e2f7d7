//! Shows what functions write.

use crate::output::{Accent, Output};
use fngraph::{FunctionId, LogPageQuery, LogStream, Runtime};
use std::{collections::HashMap, convert::Infallible, time::Duration};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

/// How often is looked: people take it for at once, and the store has nothing else to do.
const PAUSE: Duration = Duration::from_millis(200);

/// How many logs are read at a time, up to 256 KiB each.
const LIMIT: u64 = 100;

/// Shows the logs of functions as they come.
pub(super) async fn follow(
    runtime: &Runtime,
    functions: watch::Receiver<Vec<FunctionId>>,
    output: &Output,
) -> Infallible {
    let from = runtime.now();
    let mut markers: HashMap<FunctionId, i64> = HashMap::new();
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let functions = functions.borrow().clone();
        for function in functions {
            let query = LogPageQuery {
                function: function.clone(),
                stream: LogStream::Function,
                versions: Vec::new(),
                request: None,
                from,
                after: markers.get(&function).copied(),
                limit: LIMIT,
            };
            match runtime.log_page(query).await {
                Ok(page) => {
                    for line in page.records.iter().flat_map(|record| record.text.lines()) {
                        output.note(output.paint(Accent::Faint, line));
                    }
                    markers.insert(function, page.marker);
                }
                Err(error) => tracing::warn!(%error, "read the logs"),
            }
        }
    }
}
