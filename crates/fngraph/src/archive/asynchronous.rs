//! Asynchronous configurations in the YAML file.

use super::ArchiveError;
use fngraph_registry::{AsyncConfig, Destination};
use fngraph_types::{FunctionId, Qualifier, Scope, Timestamp, Urn};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An asynchronous configuration, by the names of 7.15.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AsyncDocument {
    max_async_event_age_in_seconds: u64,
    max_async_retry_attempts: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_success: Option<DestinationDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_failure: Option<DestinationDocument>,
    #[serde(default)]
    enable_async_status_log: bool,
}

/// Who hears of an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum DestinationDocument {
    FunctionGraph {
        /// Without region and project: those of the function that it belongs to.
        func_urn: String,
    },
    #[serde(rename = "OBS")]
    Obs {
        bucket: String,
        #[serde(default)]
        prefix: String,
        #[serde(default)]
        expires: u16,
    },
    #[serde(rename = "SMN")]
    Smn { topic_urn: String },
    #[serde(rename = "DIS")]
    Dis { stream_name: String },
}

impl AsyncDocument {
    /// As it is written for a function of this project.
    pub(super) fn of(config: &AsyncConfig, project_id: &str) -> Result<Self, ArchiveError> {
        let written = |destination: &Option<Destination>| {
            destination.as_ref().map(|destination| DestinationDocument::of(destination, project_id)).transpose()
        };
        Ok(Self {
            max_async_event_age_in_seconds: config.max_age.as_secs(),
            max_async_retry_attempts: config.max_retries,
            on_success: written(&config.on_success)?,
            on_failure: written(&config.on_failure)?,
            enable_async_status_log: config.status_log,
        })
    }

    /// The configuration that it says, for a function of this project.
    pub(super) fn config(&self, scope: &Scope, at: Timestamp) -> Result<AsyncConfig, ArchiveError> {
        let read = |destination: &Option<DestinationDocument>| {
            destination.as_ref().map(|destination| destination.destination(scope)).transpose()
        };
        Ok(AsyncConfig {
            max_age: Duration::from_secs(self.max_async_event_age_in_seconds),
            max_retries: self.max_async_retry_attempts,
            on_success: read(&self.on_success)?,
            on_failure: read(&self.on_failure)?,
            status_log: self.enable_async_status_log,
            ..AsyncConfig::new(at)
        })
    }
}

impl DestinationDocument {
    fn of(destination: &Destination, project_id: &str) -> Result<Self, ArchiveError> {
        Ok(match destination {
            Destination::Function { urn } => Self::FunctionGraph { func_urn: shortened(urn, project_id) },
            Destination::Obs { bucket, prefix, expires_days } => {
                Self::Obs { bucket: bucket.clone(), prefix: prefix.clone(), expires: *expires_days }
            }
            Destination::Smn { topic_urn } => Self::Smn { topic_urn: topic_urn.clone() },
            Destination::Dis { stream_name } => Self::Dis { stream_name: stream_name.clone() },
            other => return Err(ArchiveError::Unknown { what: "destination", given: format!("{other:?}") }),
        })
    }

    fn destination(&self, scope: &Scope) -> Result<Destination, ArchiveError> {
        Ok(match self {
            Self::FunctionGraph { func_urn } => Destination::Function { urn: completed(func_urn, scope)? },
            Self::Obs { bucket, prefix, expires } => {
                Destination::Obs { bucket: bucket.clone(), prefix: prefix.clone(), expires_days: *expires }
            }
            Self::Smn { topic_urn } => Destination::Smn { topic_urn: topic_urn.clone() },
            Self::Dis { stream_name } => Destination::Dis { stream_name: stream_name.clone() },
        })
    }
}

/// `package:name` or `package:name:qualifier` of a function of the project; the full URN of another.
fn shortened(text: &str, project_id: &str) -> String {
    match Urn::parse(text, &Scope::default()) {
        Ok(Urn { function: FunctionId { project_id: project, package, name }, qualifier, .. })
            if *project == *project_id =>
        {
            qualifier.map_or_else(|| format!("{package}:{name}"), |qualifier| format!("{package}:{name}:{qualifier}"))
        }
        Ok(urn) => urn.to_string(),
        Err(_) => text.to_owned(),
    }
}

/// The full URN. One of another project is refused: whoever may import into this one need not be allowed to call it.
fn completed(text: &str, scope: &Scope) -> Result<String, ArchiveError> {
    let refused = || ArchiveError::Destination(text.chars().take(120).collect());
    let fields: Vec<_> = text.split(':').collect();
    let urn = match fields[..] {
        // In other places three fields are a project, a package and a name.
        [package, name, qualifier] if !package.is_empty() && !name.is_empty() => Urn {
            region: scope.region.clone(),
            function: FunctionId::new(scope.project_id.clone(), package, name),
            qualifier: Some(qualifier.parse::<Qualifier>().map_err(|_| refused())?),
        },
        _ => Urn::parse(text, scope).map_err(|_| refused())?,
    };
    if urn.function.project_id == scope.project_id { Ok(urn.to_string()) } else { Err(refused()) }
}
