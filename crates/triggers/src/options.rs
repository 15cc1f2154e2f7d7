//! What can be chosen about triggers.

use crate::Notices;
use std::path::PathBuf;

/// What can be chosen about triggers.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// The URL under which the HTTP gateway is reached, without a slash at the end: `http://127.0.0.1:8081`. Default:
    /// there is no gateway, and triggers of its kinds are refused (FSS.1153).
    pub gateway: Option<String>,
    /// The folder whose folders are the buckets. Default: there are no buckets, and triggers of their kinds are
    /// refused (FSS.1153).
    pub buckets: Option<PathBuf>,
    /// The zone whose offset the events of timers show that name none, such as `Asia/Shanghai`. Schedules without a
    /// zone go by UTC all the same. Default: UTC.
    pub timezone: Option<String>,
    /// Where what is published to topics is noted; give the same to the runtime's builder, so that notices about
    /// asynchronous requests reach topics. Default: nowhere.
    pub notices: Option<Notices>,
}
