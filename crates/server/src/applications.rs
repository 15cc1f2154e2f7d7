//! The applications of the application centre (manual, 7.16): what they are made of, and how that is made and removed.
//!
//! An application is a document that says what is to be there and what is. It is written before each step and after it,
//! so that whoever opens the directory next knows what had begun: what was being made is finished, what was being
//! removed is removed.

mod part;
mod record;
mod work;

pub(crate) use part::function_id;
pub(crate) use record::{Part, PartKind, Record, Status, Step, Stored, deployments};
pub(crate) use work::{create, remove, resources, resume};

use crate::{app::App, failure::Failure};
use fngraph::StoreError;
use tokio::sync::{Mutex, MutexGuard};
use tokio_util::task::TaskTracker;

/// What goes on with applications.
#[derive(Default)]
pub(crate) struct Applications {
    /// Held by whoever begins something with an application, so that nobody else does at the same time.
    beginning: Mutex<()>,
    /// What goes on beside the requests.
    tasks: TaskTracker,
}

impl Applications {
    /// Lets nobody else begin anything while the guard lives.
    pub(crate) async fn begin(&self) -> MutexGuard<'_, ()> {
        self.beginning.lock().await
    }

    /// Waits until nothing goes on beside the requests.
    pub(crate) async fn settle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }
}

/// The applications of a project, the oldest first.
pub(crate) async fn list(app: &App, project: &str) -> Result<Vec<Record>, StoreError> {
    let mut all = record::read_all(app, &format!("{project}/")).await?;
    all.sort_by(|a, b| (a.record.created_at, &a.record.id).cmp(&(b.record.created_at, &b.record.id)));
    Ok(all.into_iter().map(|stored| stored.record).collect())
}

/// Has work done that ends even when its caller goes away, and waits for it.
pub(crate) async fn finish<T: Send + 'static>(
    app: &App,
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failure> {
    let stopped = |_| Failure::new(fngraph::ErrorCode::Unavailable, "the platform stopped");
    app.applications.tasks.spawn(work).await.map_err(stopped)?
}
