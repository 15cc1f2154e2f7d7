//! How applications are made and removed, part by part, and what becomes of work that a process left behind.

use super::{Record, Status, Step, Stored, part, record};
use crate::{app::App, failure::Failure};
use fngraph::{ErrorCode, StoreError};
use fngraph_templates::{Application, ApplicationError, Resource, applications};
use tracing::Instrument as _;

/// How the making of an application ended.
enum Made {
    /// Everything is there.
    Whole,
    /// The server ends; whoever opens the directory next goes on.
    Interrupted,
    /// A part could not be made.
    Failed(Failure),
}

/// What is to be made for an application.
pub(crate) fn resources(app: &App, template: &Application, record: &Record) -> Result<Vec<Resource>, Failure> {
    let region = &app.runtime.scope().region;
    let deployment = template.deploy(&record.name, &record.project, region, &record.params);
    let refused = |error: ApplicationError| Failure::new(ErrorCode::InvalidParameter, error.to_string());
    Ok(deployment.map_err(refused)?.resources)
}

/// Writes a new application down and has it made beside the requests.
pub(crate) async fn create(app: &App, mut record: Record, resources: &[Resource]) -> Result<(), StoreError> {
    record.parts = resources.iter().map(part::planned).collect();
    let mut stored = Stored::new(record);
    stored.write(app).await?;
    spawn(app, stored, Work::Make);
    Ok(())
}

/// Removes an application with all its parts.
pub(crate) async fn remove(app: &App, mut stored: Stored) -> Result<(), Failure> {
    stored.record.status = Status::Deleting;
    stored.record.message.clear();
    stored.write(app).await?;
    match unmake_all(app, &mut stored).await? {
        None => Ok(stored.erase(app).await?),
        Some(failure) => {
            stored.record.status = Status::DeleteFailed;
            stored.record.message = told(&failure);
            stored.write(app).await?;
            Err(failure)
        }
    }
}

/// Goes on with what a process before this one began and did not end.
pub(crate) async fn resume(app: &App) -> Result<(), StoreError> {
    for stored in record::read_all(app, "").await? {
        match stored.record.status {
            Status::Creating => spawn(app, stored, Work::Make),
            Status::RollingBack => spawn(app, stored, Work::RollBack),
            Status::Deleting => spawn(app, stored, Work::Remove),
            Status::Created | Status::Failed | Status::DeleteFailed => {}
        }
    }
    Ok(())
}

/// What is done with an application beside the requests.
enum Work {
    Make,
    RollBack,
    Remove,
}

fn spawn(app: &App, stored: Stored, work: Work) {
    let span = tracing::info_span!("application", name = stored.record.name, project = stored.record.project);
    let own = app.clone();
    let task = async move {
        let done = match work {
            Work::Make => make(&own, stored).await,
            Work::RollBack => roll_back(&own, stored).await,
            // What could not be removed is written down.
            Work::Remove => {
                if let Err(failure) = remove(&own, stored).await {
                    tracing::warn!(code = %failure.code(), "an application could not be removed");
                }
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::error!(%error, "write an application down; what is left to do is done when the server starts again");
        }
    };
    app.applications.tasks.spawn(task.instrument(span));
}

async fn make(app: &App, mut stored: Stored) -> Result<(), StoreError> {
    match make_all(app, &mut stored).await? {
        Made::Whole => {
            stored.record.status = Status::Created;
            stored.write(app).await?;
            record::count_deployment(app, &stored.record.project, &stored.record.template).await
        }
        Made::Interrupted => Ok(()),
        Made::Failed(failure) => {
            tracing::info!(code = %failure.code(), "an application could not be made");
            stored.record.message = told(&failure);
            roll_back(app, stored).await
        }
    }
}

async fn make_all(app: &App, stored: &mut Stored) -> Result<Made, StoreError> {
    let resources = match planned(app, &stored.record) {
        Ok(resources) => resources,
        Err(failure) => return Ok(Made::Failed(failure)),
    };
    for (at, resource) in resources.iter().enumerate() {
        if stored.record.parts[at].step == Step::Created {
            continue;
        }
        if app.is_draining() {
            return Ok(Made::Interrupted);
        }
        stored.record.parts[at].step = Step::Creating;
        let mut made = part::announce(app, &mut stored.record, at);
        stored.write(app).await?;
        let mut id = String::new();
        if made.is_ok() {
            made = part::make(app, &stored.record, at, resource).await.map(|made| id = made);
        }
        let part = &mut stored.record.parts[at];
        part.step = if made.is_ok() { Step::Created } else { Step::Failed };
        part.id = id;
        if let Err(failure) = made {
            part.message = told(&failure);
            return Ok(Made::Failed(failure));
        }
        stored.write(app).await?;
    }
    Ok(Made::Whole)
}

/// The resources that belong to the parts. Another version of the program may have another template.
fn planned(app: &App, record: &Record) -> Result<Vec<Resource>, Failure> {
    let gone = || Failure::new(ErrorCode::NotFound, "the application's template is not what it was; create it again");
    let template = applications().iter().find(|template| template.id == record.template).ok_or_else(gone)?;
    let resources = resources(app, template, record)?;
    let planned = resources.iter().map(part::planned);
    let fits = planned.map(|part| part.logical).eq(record.parts.iter().map(|part| part.logical.clone()));
    if fits { Ok(resources) } else { Err(gone()) }
}

/// Removes what was made of an application that could not be made.
async fn roll_back(app: &App, mut stored: Stored) -> Result<(), StoreError> {
    stored.record.status = Status::RollingBack;
    stored.write(app).await?;
    unmake_all(app, &mut stored).await?;
    stored.record.status = Status::Failed;
    stored.write(app).await
}

/// Removes all parts, the last one first. Answers the first failure; what else can be removed is.
async fn unmake_all(app: &App, stored: &mut Stored) -> Result<Option<Failure>, StoreError> {
    let mut first = None;
    for at in (0..stored.record.parts.len()).rev() {
        let unmade = match stored.record.parts[at].step {
            Step::Pending | Step::Deleted => continue,
            Step::Creating | Step::Created | Step::Failed | Step::DeleteFailed => {
                part::unmake(app, &stored.record, at).await
            }
        };
        let part = &mut stored.record.parts[at];
        match unmade {
            // What went wrong with it stays to be seen.
            Ok(()) => part.step = if part.step == Step::Failed { Step::Failed } else { Step::Deleted },
            Err(failure) => {
                part.step = Step::DeleteFailed;
                part.message = told(&failure);
                first.get_or_insert(failure);
            }
        }
        stored.write(app).await?;
    }
    Ok(first)
}

fn told(failure: &Failure) -> String {
    format!("{}: {}", failure.code(), failure.text())
}
