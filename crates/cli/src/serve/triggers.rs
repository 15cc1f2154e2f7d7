//! What the server's triggers are told of its configuration.

use super::Written;
use crate::exit::{Exit, Failure, OrExit as _};
use anyhow::Context as _;
use fngraph::{LocalDestinations, Runtime};
use fngraph_triggers::{Notices, Options, Triggers};
use std::path::{Path, PathBuf};

/// The folder whose folders are buckets.
fn buckets(written: &Written, data_dir: &Path) -> PathBuf {
    written.buckets.clone().unwrap_or_else(|| data_dir.join("destinations/obs"))
}

/// Where notices about asynchronous requests go: to files, and to whoever is subscribed to their topics.
pub(super) fn notices(written: &Written, data_dir: &Path) -> Notices {
    Notices::new(LocalDestinations::with_buckets(data_dir.join("destinations"), buckets(written, data_dir)))
}

/// Starts the triggers. `gateway` is the URL of the HTTP gateway, if there is one.
pub(super) async fn start(
    written: &Written,
    data_dir: &Path,
    runtime: &Runtime,
    notices: Notices,
    gateway: Option<String>,
) -> Result<Triggers, Failure> {
    let mut options = Options::default();
    options.gateway = gateway;
    options.buckets = Some(buckets(written, data_dir));
    options.timezone = Some(written.timezone.clone());
    options.notices = Some(notices);
    Triggers::start(runtime.clone(), options)
        .await
        .context("start the triggers")
        .or_exit(Exit::Usage, "`timezone` is a name such as Europe/Berlin")
}
