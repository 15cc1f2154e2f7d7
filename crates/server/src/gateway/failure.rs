//! The one place where the gateway's failures become answers, in the shape and with the codes of the cloud's gateway
//! (`APIG.…`). What the function is to blame for keeps its own code (`FSS.…`).

use crate::{auth::AuthError, failure, routes::header};
use axum::{body::Body, response::Response};
use fngraph::{ErrorCode, Fault, GatewayAuth, InvokeError, Rejection};
use fngraph_api::headers;
use fngraph_triggers::gateway::AnswerError;
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use std::time::Duration;

/// Why a request gets no answer of a function.
#[derive(Debug)]
pub(super) enum Failure {
    /// No trigger answers it.
    NoApi,
    /// Nobody knows who calls.
    Unauthorized { auth: GatewayAuth, text: String },
    /// The caller may not call this.
    Forbidden { auth: GatewayAuth, text: String },
    /// The body is too large.
    BodyTooLarge { limit: usize },
    /// The body did not come as a whole.
    BodyBroken,
    /// The function did not answer in time.
    Timeout { limit: Duration },
    /// The function was not called, failed, or answered what cannot be sent.
    Function { code: ErrorCode, text: String },
}

/// A failure as the client sees it.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error_msg: &'a str,
    error_code: &'a str,
    request_id: &'a str,
}

impl Failure {
    /// A caller who is refused.
    pub(super) fn refused(auth: GatewayAuth, error: &AuthError) -> Self {
        let text = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        match error.status() {
            StatusCode::FORBIDDEN => Self::Forbidden { auth, text },
            _ => Self::Unauthorized { auth, text },
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoApi => StatusCode::NOT_FOUND,
            Self::Unauthorized { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Function { code, .. } => match code {
                ErrorCode::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                ErrorCode::Timeout | ErrorCode::InitializerTimeout | ErrorCode::LoadTimeout => {
                    StatusCode::GATEWAY_TIMEOUT
                }
                code => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            },
        }
    }

    /// The code, and the text, which for the gateway's own codes begins as the cloud's does.
    fn told(&self) -> (String, String) {
        let (code, text) = match self {
            Self::NoApi => ("APIG.0101", "The API does not exist or has not been published in the environment".into()),
            Self::Unauthorized { auth: GatewayAuth::App, text } => {
                ("APIG.0303", format!("Incorrect app authentication information: {text}"))
            }
            Self::Unauthorized { auth: GatewayAuth::Iam | GatewayAuth::None, text } => {
                ("APIG.0301", format!("Incorrect IAM authentication information: {text}"))
            }
            Self::Forbidden { auth: GatewayAuth::App, text } => {
                ("APIG.0304", format!("The app is not authorized to access the API: {text}"))
            }
            Self::Forbidden { auth: GatewayAuth::Iam | GatewayAuth::None, text } => {
                ("APIG.0302", format!("The IAM user is not authorized to access the API: {text}"))
            }
            Self::BodyTooLarge { limit } => {
                ("APIG.0201", format!("Request entity too large: a body may have {limit} bytes"))
            }
            Self::BodyBroken => ("APIG.0201", "API request error: the body ended early".to_owned()),
            Self::Timeout { limit } => ("APIG.0203", format!("Backend timeout: the function took over {limit:?}")),
            Self::Function { code, text } => return (code.to_string(), text.clone()),
        };
        (code.to_owned(), text)
    }

    pub(super) fn into_response(self, id: &str) -> Response {
        let (code, text) = self.told();
        tracing::debug!(code, text, "the gateway refuses a request");
        let body = ErrorBody { error_msg: &text, error_code: &code, request_id: id };
        let body = serde_json::to_vec(&body).expect("texts are always JSON");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let answer = response.headers_mut();
        answer.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Self::Function { code, .. } = self {
            answer.insert(headers::FUNCTION_ERROR_CODE, header(code.to_string()));
            let is_function_error = if code.fault() == Fault::Function { "true" } else { "false" };
            answer.insert(headers::IS_FUNCTION_ERROR, HeaderValue::from_static(is_function_error));
        }
        response
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        // What the platform keeps to itself is kept there.
        let failure = failure::Failure::from(rejection);
        Self::Function { code: failure.code(), text: failure.text().to_owned() }
    }
}

impl From<InvokeError> for Failure {
    fn from(error: InvokeError) -> Self {
        let code = error.code();
        let text = match error.function_error() {
            // Where it went wrong is for the log, and not for whoever calls.
            Some(reported) => format!("{error}: {reported}"),
            None if code.fault() == Fault::Platform => {
                tracing::error!(%code, %error, "a request to the gateway failed");
                "the platform failed; its log knows more".to_owned()
            }
            None => error.to_string(),
        };
        Self::Function { code, text }
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        Self::Function { code: error.code(), text: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_those_that_clients_of_gateways_know() {
        let function = |code| Failure::Function { code, text: String::new() }.status().as_u16();
        for (code, status) in [
            (ErrorCode::FunctionFailed, 500),
            (ErrorCode::StatusMissing, 500),
            (ErrorCode::ResponseInvalid, 500),
            (ErrorCode::ResponseBodyTooLarge, 500),
            (ErrorCode::Timeout, 504),
            (ErrorCode::InitializerTimeout, 504),
            (ErrorCode::LoadTimeout, 504),
            (ErrorCode::RequestTooLarge, 413),
            (ErrorCode::TooManyRequests, 429),
            (ErrorCode::Unavailable, 503),
            (ErrorCode::Cancelled, 500),
        ] {
            assert_eq!(function(code), status, "{code}");
        }
    }

    #[test]
    fn what_the_platform_did_wrong_is_its_own_matter() {
        let failure = Failure::from(InvokeError::Internal("the disk is full of secrets".to_owned()));
        assert!(!failure.told().1.contains("secrets"), "{failure:?}");
    }
}
