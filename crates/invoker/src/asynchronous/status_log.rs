//! Changes of the status of asynchronous requests, as lines of a log (manual, 7.9.4).

use fngraph_store::{Ending, LogRecord, LogStream, Pending, RequestStatus};
use fngraph_types::{Timestamp, Urn, VersionName};
use parking_lot::RwLock;
use serde::Serialize;
use std::{collections::HashSet, sync::Arc};

/// Projects in which changes of status are logged, of those functions whose configuration asks for it.
#[derive(Debug)]
pub(super) struct StatusLogs(RwLock<HashSet<Arc<str>>>);

impl StatusLogs {
    pub(super) fn new(projects: HashSet<Arc<str>>) -> Self {
        Self(RwLock::new(projects))
    }

    pub(super) fn set(&self, project: Arc<str>, on: bool) {
        let mut projects = self.0.write();
        if on {
            projects.insert(project);
        } else {
            projects.remove(&project);
        }
    }

    pub(super) fn are_on(&self, project: &str) -> bool {
        self.0.read().contains(project)
    }
}

/// A status that a request has from now on, and the failure that goes with it: code 0 and no message for none.
pub(super) struct Change<'a> {
    pub(super) status: RequestStatus,
    pub(super) error_code: u16,
    pub(super) error_message: &'a str,
}

impl Change<'_> {
    /// The status of a request with which nothing is wrong.
    pub(super) fn to(status: RequestStatus) -> Self {
        Self { status, error_code: 0, error_message: "" }
    }

    /// What an ending makes of it.
    pub(super) fn by(ending: &Ending) -> Change<'_> {
        match ending {
            Ending::Retry { error_code, error_message, .. } => {
                Change { status: RequestStatus::Wait, error_code: *error_code, error_message }
            }
            Ending::Final { status, error_code, error_message, .. } => {
                Change { status: *status, error_code: *error_code, error_message }
            }
        }
    }

    /// The change as it is logged: one line of JSON with the cloud's fields in the cloud's order, and the status' name.
    pub(super) fn record(&self, request: &Pending, version: VersionName, urn: &Urn, at: Timestamp) -> LogRecord {
        let line = Line {
            function_urn: urn.to_string(),
            request_id: request.id.to_string(),
            seq_status: RequestStatus::ALL.iter().position(|status| *status == self.status).unwrap_or_default(),
            operation_timestamp: at.as_millis(),
            error_code: self.error_code,
            error_message: self.error_message,
            status: self.status.as_str(),
        };
        LogRecord {
            stream: LogStream::AsyncStatus,
            request: request.id,
            function: request.function.clone(),
            version,
            at,
            error_code: self.error_code,
            text: serde_json::to_string(&line).expect("texts and numbers are always JSON") + "\n",
        }
    }
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    function_urn: String,
    request_id: String,
    /// The place of the status in the order of a request's life.
    seq_status: usize,
    /// Milliseconds since 1970.
    operation_timestamp: i64,
    error_code: u16,
    error_message: &'a str,
    status: &'static str,
}
