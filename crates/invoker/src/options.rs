//! What a host allows.

use crate::Watchers;
use fngraph_types::Scope;
use std::{collections::HashSet, sync::Arc, time::Duration};

/// Limits and habits of an invoker. [`Options::default`] gives values that are safe to keep.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// How many instances may live at once, 1 to 10 000. Default: 1000, the cloud's limit for a tenant.
    pub instances: u32,
    /// How many callers of one function may wait for an instance. Default: 1000.
    pub queue_length: usize,
    /// How long a caller waits for an instance. Default: 5 s.
    pub queue_timeout: Duration,
    /// How often elastic instances beyond the peak of the last window are stopped. Default: 60 s, as in the cloud.
    pub reclaim_window: Duration,
    /// What short URNs leave out. Default: region and project `local`.
    pub scope: Scope,
    /// Asynchronous attempts that may run at once, of all functions. Default: 64.
    pub async_concurrency: u32,
    /// Asynchronous attempts of one function that may run at once. Default: 16, so that no function takes all.
    pub async_concurrency_per_function: u32,
    /// Asynchronous requests of one function that may wait. Default: 100 000.
    pub async_depth: usize,
    /// Projects in which changes of the status of asynchronous requests are logged, of those functions whose
    /// configuration asks for it. [`crate::Invoker::set_status_logs`] changes it later. Default: none.
    pub status_logs: HashSet<Arc<str>>,
    /// How long ended asynchronous requests are listed. Default: 7 days.
    pub request_retention: Duration,
    /// How long logs are kept. Default: 3 days.
    pub log_retention: Duration,
    /// How much text of logs is kept, in bytes. Default: 256 MiB.
    pub log_bytes: u64,
    /// How long minute statistics are kept. Default: 180 days, the longest that the statistics API reports.
    pub statistics_retention: Duration,
    /// Where chance comes from: alias weights, jitter. Default: the machine.
    pub seed: Option<u64>,
    /// Who hears of invocations. Default: nobody.
    pub watchers: Watchers,
}

impl Default for Options {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self {
            instances: 1000,
            queue_length: 1000,
            queue_timeout: Duration::from_secs(5),
            reclaim_window: Duration::from_secs(60),
            scope: Scope::default(),
            async_concurrency: 64,
            async_concurrency_per_function: 16,
            async_depth: 100_000,
            status_logs: HashSet::new(),
            request_retention: DAY * 7,
            log_retention: DAY * 3,
            log_bytes: 256 * 1024 * 1024,
            statistics_retention: DAY * 180,
            seed: None,
            watchers: Watchers::default(),
        }
    }
}
