//! Why an invocation never reached an instance.

use crate::LoadError;
use fngraph_types::{AliasName, ErrorCode, Fault, FunctionId, NameError, UrnError};
use std::sync::Arc;

/// Why an invocation never reached an instance.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// The text names no function.
    #[error(transparent)]
    Urn(#[from] UrnError),
    /// What follows the function's name is no version or alias.
    #[error(transparent)]
    Qualifier(#[from] NameError),
    /// There is no such function.
    #[error("there is no function `{0}`")]
    FunctionNotFound(FunctionId),
    /// There is no such version.
    #[error("the function `{function}` has no version `{version}`")]
    VersionNotFound {
        /// The function.
        function: FunctionId,
        /// The version that was asked for.
        version: String,
    },
    /// There is no such alias.
    #[error("the function `{function}` has no alias `{alias}`")]
    AliasNotFound {
        /// The function.
        function: FunctionId,
        /// The alias that was asked for.
        alias: AliasName,
    },
    /// The memory that was asked for is none of the sizes on offer.
    #[error("{0} is not a memory size")]
    Memory(String),
    /// The function is disabled: it may have no instances.
    #[error("the function is disabled; allow it instances with `max_instances`")]
    Disabled,
    /// As many callers wait as may wait.
    #[error("all instances are busy and {waiting} callers wait already; allow more instances or call later")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// No instance became free in time.
    #[error("no instance became free in time; allow more instances or call later")]
    QueueTimeout,
    /// The event of an asynchronous invocation is larger than the limit.
    #[error("the event has {bytes} bytes; an asynchronous invocation may have {limit}")]
    EventTooLarge {
        /// The event's size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The invocation was cancelled before it reached an instance.
    #[error("the invocation was cancelled")]
    Cancelled,
    /// The code cannot be loaded.
    #[error("the function cannot be loaded")]
    Load(#[source] Arc<LoadError>),
    /// The invoker takes no more calls.
    #[error("the platform is shutting down")]
    ShuttingDown,
    /// What was to be stored could not be.
    #[error("store the request: {0}")]
    Storage(String),
}

impl Rejection {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Urn(_) | Self::Qualifier(_) => ErrorCode::InvalidParameter,
            Self::FunctionNotFound(_) => ErrorCode::FunctionNotFound,
            Self::VersionNotFound { .. } => ErrorCode::VersionNotFound,
            Self::AliasNotFound { .. } => ErrorCode::AliasNotFound,
            Self::Memory(_) => ErrorCode::NotAcceptable,
            Self::Disabled | Self::QueueFull { .. } | Self::QueueTimeout => ErrorCode::TooManyRequests,
            Self::EventTooLarge { .. } => ErrorCode::RequestTooLarge,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Load(error) => error.code(),
            Self::ShuttingDown => ErrorCode::Unavailable,
            Self::Storage(_) => ErrorCode::Internal,
        }
    }

    /// Whose fault the failure is.
    pub fn fault(&self) -> Fault {
        self.code().fault()
    }

    /// The failure as the cloud answers it.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error_code": self.code().to_string(), "error_msg": self.to_string() })
    }
}
