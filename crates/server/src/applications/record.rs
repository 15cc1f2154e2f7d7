//! An application as it is stored.

use crate::app::App;
use fngraph::{DocumentRecord, StoreError, Timestamp};
use fngraph_api::applications as wire;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The collection of applications; keys are `<project>/<id>`.
const COLLECTION: &str = "applications";

/// The collection of how often templates were deployed; keys are `<project>/<template>`.
const COUNTS: &str = "application_counts";

/// An application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) project: String,
    /// Unique in the project.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The id of its template.
    pub(crate) template: String,
    /// What was chosen.
    #[serde(default)]
    pub(crate) params: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) enterprise_project: Option<String>,
    #[serde(default)]
    pub(crate) agency: Option<String>,
    pub(crate) status: Status,
    /// Why it could not be made or removed.
    #[serde(default)]
    pub(crate) message: String,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    /// In the order in which they are made.
    pub(crate) parts: Vec<Part>,
}

/// A part of an application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) kind: PartKind,
    /// The name of the function that it is, or belongs to.
    pub(crate) function: String,
    /// What it is called.
    pub(crate) name: String,
    /// What it is called in the template.
    pub(crate) logical: String,
    /// The URN of a function or an alias, the id of a trigger; empty until it is there.
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) step: Step,
    /// What went wrong.
    #[serde(default)]
    pub(crate) message: String,
    /// When the function was created: another one of its name is not the application's.
    #[serde(default)]
    pub(crate) made_at: Option<Timestamp>,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartKind {
    Function,
    Alias,
    /// A trigger, and its type.
    Trigger(String),
}

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Its parts are being made.
    Creating,
    /// A part could not be made, and those before it are being removed.
    RollingBack,
    /// It is there.
    Created,
    /// It could not be made, and nothing of it is left.
    Failed,
    /// Its parts are being removed.
    Deleting,
    /// A part could not be removed.
    DeleteFailed,
}

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    Pending,
    /// It may be there or not.
    Creating,
    Created,
    /// It could not be made.
    Failed,
    /// It could not be removed.
    DeleteFailed,
    /// It is gone.
    Deleted,
}

/// An application with the revision of its document.
pub(crate) struct Stored {
    pub(crate) record: Record,
    /// 0 for one that is not written yet.
    revision: u64,
}

impl Status {
    /// As the API calls it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            // Whoever waits for the end goes on waiting.
            Self::Creating | Self::RollingBack => wire::CREATING,
            Self::Created => wire::SUCCESS,
            Self::Failed => wire::CREATE_FAIL,
            Self::Deleting => wire::DELETING,
            Self::DeleteFailed => wire::DELETE_FAIL,
        }
    }
}

impl Step {
    /// As the API calls it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => wire::PENDING,
            Self::Creating => wire::CREATING,
            Self::Created => wire::SUCCESS,
            Self::Failed => wire::CREATE_FAIL,
            Self::DeleteFailed => wire::DELETE_FAIL,
            Self::Deleted => wire::DELETED,
        }
    }
}

impl Stored {
    /// An application that is not written yet.
    pub(crate) fn new(record: Record) -> Self {
        Self { record, revision: 0 }
    }

    /// The application of this id; none when the project has no such.
    pub(crate) async fn read(app: &App, project: &str, id: &str) -> Result<Option<Self>, StoreError> {
        let document = app.runtime.documents().document(COLLECTION, &key(project, id)).await?;
        document.map(Self::of).transpose()
    }

    /// Writes it as it is now.
    pub(crate) async fn write(&mut self, app: &App) -> Result<(), StoreError> {
        self.record.modified_at = app.now();
        let document = DocumentRecord {
            collection: COLLECTION.to_owned(),
            key: key(&self.record.project, &self.record.id),
            revision: self.revision + 1,
            body: serde_json::to_string(&self.record).expect("its keys are texts and nothing in it refuses"),
        };
        app.runtime.documents().put_document(document).await?;
        self.revision += 1;
        Ok(())
    }

    /// Removes it from the store.
    pub(crate) async fn erase(self, app: &App) -> Result<(), StoreError> {
        let key = key(&self.record.project, &self.record.id);
        app.runtime.documents().delete_document(COLLECTION, &key, self.revision).await
    }

    fn of(document: DocumentRecord) -> Result<Self, StoreError> {
        let record = serde_json::from_str(&document.body);
        let record = record.map_err(|error| StoreError::Damaged { what: "application", reason: error.to_string() })?;
        Ok(Self { record, revision: document.revision })
    }
}

/// The applications whose keys begin with this. One that cannot be read stays as it is, and disturbs no other.
pub(crate) async fn read_all(app: &App, prefix: &str) -> Result<Vec<Stored>, StoreError> {
    let documents = app.runtime.documents().documents(COLLECTION, prefix).await?;
    let read = |document: DocumentRecord| {
        let key = document.key.clone();
        Stored::of(document).inspect_err(|error| tracing::error!(key, %error, "an application is left out")).ok()
    };
    Ok(documents.into_iter().filter_map(read).collect())
}

/// How often a project deployed a template with success.
pub(crate) async fn deployments(app: &App, project: &str, template: &str) -> Result<u64, StoreError> {
    Ok(count(app, &key(project, template)).await?.0)
}

/// Counts a deployment.
pub(crate) async fn count_deployment(app: &App, project: &str, template: &str) -> Result<(), StoreError> {
    let key = key(project, template);
    loop {
        let (count, revision) = count(app, &key).await?;
        let (collection, body) = (COUNTS.to_owned(), (count + 1).to_string());
        let document = DocumentRecord { collection, key: key.clone(), revision: revision + 1, body };
        match app.runtime.documents().put_document(document).await {
            // Somebody else counted.
            Err(StoreError::Conflict) => {}
            written => return written,
        }
    }
}

async fn count(app: &App, key: &str) -> Result<(u64, u64), StoreError> {
    let Some(document) = app.runtime.documents().document(COUNTS, key).await? else { return Ok((0, 0)) };
    let count = document.body.parse();
    let count = count.map_err(|_| StoreError::Damaged { what: "count of deployments", reason: document.body })?;
    Ok((count, document.revision))
}

fn key(project: &str, id: &str) -> String {
    format!("{project}/{id}")
}
