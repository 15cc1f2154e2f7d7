//! The one place where failures become answers.

use crate::{auth::AuthError, routes::identified};
use axum::response::{IntoResponse, Response};
use fngraph::{ErrorCode, Fault, RegistryError, Rejection, StoreError};
use fngraph_api::{Content as _, ContentError, ErrorBody, Json};
use fngraph_triggers::{PublishError, TriggerError};
use fngraph_types::{NameError, UrnError};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use std::error::Error as StdError;

/// Why a request was refused or failed: the cloud's code, a text for the caller, and what we keep to ourselves.
#[derive(Debug)]
pub(crate) struct Failure {
    code: ErrorCode,
    text: String,
}

impl Failure {
    /// A failure with this code; `text` says what is wrong and what to do.
    pub(crate) fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// A failure whose text is that of the error. What is the platform's fault is logged here, with its whole chain,
    /// and told to nobody else.
    fn of(code: ErrorCode, error: &dyn StdError) -> Self {
        match code.fault() {
            Fault::Platform => {
                tracing::error!(%code, error = told(error), "a request failed");
                Self::new(code, "the platform failed; its log knows more")
            }
            Fault::Caller | Fault::Function | Fault::Capacity => Self::new(code, told(error)),
        }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// What is wrong and what to do, for the caller.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// An error and its causes, in one line.
fn told(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Json(ErrorBody { error_code: self.code.to_string(), error_msg: self.text }).write();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        identified(response)
    }
}

impl From<fngraph::Error> for Failure {
    fn from(error: fngraph::Error) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<TriggerError> for Failure {
    fn from(error: TriggerError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        Self::of(error.code(), &error)
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::of(rejection.code(), &rejection)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::of(ErrorCode::Internal, &error)
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        let is_known = error.status() == StatusCode::FORBIDDEN;
        Self::of(if is_known { ErrorCode::Forbidden } else { ErrorCode::Unauthorized }, &error)
    }
}

impl From<UrnError> for Failure {
    fn from(error: UrnError) -> Self {
        Self::of(ErrorCode::InvalidParameter, &error)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::of(ErrorCode::InvalidParameter, &error)
    }
}

impl From<ContentError> for Failure {
    fn from(error: ContentError) -> Self {
        Self::of(ErrorCode::InvalidParameter, &error)
    }
}
