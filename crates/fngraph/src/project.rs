//! What holds for a project as a whole.

use crate::{Error, Runtime};
use fngraph_store::{DocumentRecord, DocumentStore, StoreError};
use fngraph_types::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc};

const COLLECTION: &str = "projects";

/// What holds for a project as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSettings {
    /// Since when logs go to the log store for all to search (manual, 7.9.3, LTS); none when they do not.
    pub lts_logs_since: Option<Timestamp>,
    /// Since when each change of an asynchronous request's status may be logged (manual, 7.9.4); none when it may not.
    pub async_status_logs_since: Option<Timestamp>,
}

impl Runtime {
    /// The settings of a project; the defaults when nobody changed them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn project(&self, project: &str) -> Result<ProjectSettings, Error> {
        Ok(read(self.documents(), project).await?.0)
    }

    /// Changes the settings of a project, and tells what they are then. `edit` may be called again when somebody else
    /// changed them in between.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn update_project(
        &self,
        project: &str,
        edit: impl Fn(&mut ProjectSettings) + Send,
    ) -> Result<ProjectSettings, Error> {
        let documents = self.documents();
        loop {
            let (before, revision) = read(documents, project).await?;
            let mut after = before.clone();
            edit(&mut after);
            if after == before {
                return Ok(after);
            }
            match documents.put_document(record(project, &after, revision + 1)).await {
                Ok(()) => {
                    self.set_status_logs(project, after.async_status_logs_since.is_some());
                    return Ok(after);
                }
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn record(project: &str, settings: &ProjectSettings, revision: u64) -> DocumentRecord {
    let (collection, key) = (COLLECTION.to_owned(), project.to_owned());
    let body = serde_json::to_string(settings).expect("moments are always JSON");
    DocumentRecord { collection, key, revision, body }
}

/// The projects in which changes of the status of asynchronous requests are logged.
pub(crate) async fn with_status_logs(documents: &dyn DocumentStore) -> Result<HashSet<Arc<str>>, StoreError> {
    let records = documents.documents(COLLECTION, "").await?;
    let logged = records.into_iter().filter_map(|record| {
        let settings = serde_json::from_str::<ProjectSettings>(&record.body).ok()?;
        settings.async_status_logs_since.map(|_| Arc::from(record.key))
    });
    Ok(logged.collect())
}

/// The settings and their revision, 0 when there are none.
async fn read(documents: &dyn DocumentStore, project: &str) -> Result<(ProjectSettings, u64), StoreError> {
    let Some(record) = documents.document(COLLECTION, project).await? else { return Ok(Default::default()) };
    let settings = serde_json::from_str(&record.body);
    let settings = settings.map_err(|error| StoreError::Damaged { what: "project", reason: error.to_string() })?;
    Ok((settings, record.revision))
}
