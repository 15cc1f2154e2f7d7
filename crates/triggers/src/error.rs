//! Why triggers refuse.

use fngraph::{ErrorCode, FunctionId, Invalid, RegistryError, Rejection, TriggerKind};
use std::io;

/// Why triggers cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The time zone is none.
    #[error("`{0}` is no time zone; write a name such as `Europe/Berlin`")]
    TimeZone(String),
}

/// Why a trigger is neither created nor changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TriggerError {
    /// The registry refuses.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// What makes it fire is not here.
    #[error("triggers of the kind {kind} need {missing}, which this server does not have; configure `{option}`")]
    Unavailable {
        /// The trigger's kind.
        kind: TriggerKind,
        /// What it needs.
        missing: &'static str,
        /// What would bring it.
        option: &'static str,
    },
    /// Another trigger answers these requests.
    #[error("the function `{0}` has a gateway trigger that answers the same requests; choose another path or method")]
    PathTaken(FunctionId),
    /// Another trigger follows these objects.
    #[error(
        "the function `{0}` has a trigger that follows the same objects of the bucket; choose another prefix or suffix"
    )]
    BucketOverlap(FunctionId),
    /// The topic belongs to another project.
    #[error("the topic `{0}` belongs to another project than the function")]
    ForeignTopic(String),
    /// The bucket's folder cannot be made or watched.
    #[error("make the bucket `{bucket}`")]
    Bucket {
        /// The bucket.
        bucket: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl From<Invalid> for TriggerError {
    fn from(invalid: Invalid) -> Self {
        Self::Registry(invalid.into())
    }
}

impl TriggerError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Registry(error) => error.code(),
            Self::Unavailable { .. } => ErrorCode::TriggerUnavailable,
            Self::PathTaken(_) => ErrorCode::PathExists,
            Self::BucketOverlap(_) => ErrorCode::BucketConflict,
            Self::ForeignTopic(_) => ErrorCode::InvalidSmnTrigger,
            Self::Bucket { .. } => ErrorCode::Internal,
        }
    }
}

/// Why a message is not published. Functions that took it before the failure are called; whoever publishes again under
/// the same id calls none of them twice.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The text names no topic.
    #[error("`{0}` is no topic; write `urn:smn:<region>:<project>:<topic>`")]
    Topic(String),
    /// The message, or its subject, is too long.
    #[error("the {what} has {bytes} bytes; it may have {limit}")]
    TooLarge {
        /// What is too long.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A subscribed function takes no more events.
    #[error("the function `{function}` does not take the message")]
    Refused {
        /// The function.
        function: FunctionId,
        /// Why.
        #[source]
        source: Rejection,
    },
    /// What was published cannot be noted.
    #[error("note the message")]
    Note(#[source] fngraph::DeliveryError),
}

impl PublishError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Topic(_) | Self::TooLarge { .. } => ErrorCode::InvalidParameter,
            Self::Refused { source, .. } => source.code(),
            Self::Note(_) => ErrorCode::Internal,
        }
    }
}
