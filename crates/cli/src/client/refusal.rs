//! What a server says when it does not do what it was asked.

use crate::exit::{Exit, Failure};
use anyhow::Error;
use bytes::Bytes;
use fngraph_api::{Content as _, ErrorBody, Json};
use fngraph_types::ErrorCode;

/// Why a call has no answer.
#[derive(Debug)]
pub(super) enum CallError {
    /// The server refused, and said why.
    Refused(Refusal),
    /// It came to nothing for another reason.
    Failed(Failure),
}

/// A refusal in the API's own words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The code as it was sent: `FSS.1051`, or one of the cloud's gateway.
    pub(super) code: String,
    /// The code, if we know it.
    pub(super) known: Option<ErrorCode>,
    /// The HTTP status.
    pub(super) status: u16,
    /// What the server says.
    pub(super) message: String,
}

impl Refusal {
    /// Reads a refusal; none when the body is something else.
    pub(super) fn read(status: u16, body: &Bytes) -> Option<Self> {
        let Json(ErrorBody { error_code, error_msg }) = Json::<ErrorBody>::read(body).ok()?;
        Some(Self { known: code(&error_code), code: error_code, status, message: error_msg })
    }
}

impl CallError {
    /// Whether the server said this.
    pub(super) fn is(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.known == Some(code))
    }
}

/// What there is; none when the server says with this code that there is nothing.
pub(super) fn found<T>(answer: Result<T, CallError>, missing: ErrorCode) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is(missing) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The code that is written so: `FSS.1051`, or its number alone.
pub(super) fn code(text: &str) -> Option<ErrorCode> {
    let number: u16 = text.strip_prefix("FSS.").unwrap_or(text).parse().ok()?;
    ErrorCode::ALL.iter().copied().find(|code| code.number() == number)
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => refusal.into(),
            CallError::Failed(failure) => failure,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let exit = match (refusal.known, refusal.status) {
            (Some(code), _) => Exit::for_code(code),
            // Codes that are not in the table are known by their status: the cloud's gateway has its own.
            (None, 401 | 403) => Exit::Server,
            (None, 404) => Exit::NotFound,
            (None, 400..500) => Exit::Usage,
            (None, _) => Exit::Platform,
        };
        let hint = hint(&refusal);
        let failure = Self::new(exit, Error::msg(refusal.message).context(refusal.code));
        Self { hint: hint.map(str::to_owned), ..failure }
    }
}

fn hint(refusal: &Refusal) -> Option<&'static str> {
    Some(match (refusal.known, refusal.status) {
        (Some(ErrorCode::FunctionNotFound), _) => {
            "`fngraph list` shows the functions; --project-id names another project"
        }
        (Some(ErrorCode::VersionNotFound), _) => "`fngraph versions NAME` lists them; an alias is written NAME@ALIAS",
        (Some(ErrorCode::AliasNotFound), _) => "`fngraph alias NAME` lists them; a version is written NAME:VERSION",
        (Some(ErrorCode::VersionAliased | ErrorCode::AdditionalVersionInUse), _) => "`fngraph alias NAME` lists them",
        (Some(ErrorCode::VersionExists), _) => "`fngraph versions NAME` lists the names that are taken",
        (Some(ErrorCode::ReservedInstancesExist | ErrorCode::ReleaseReserved), _) => {
            "`fngraph reserve` lists reservations; `fngraph reserve NAME 0` ends one"
        }
        (Some(ErrorCode::Timeout), _) => "`fngraph deploy … --timeout TIME` gives it longer",
        (Some(ErrorCode::InitializerTimeout), _) => "`fngraph deploy … --initializer-timeout TIME` gives it longer",
        (Some(ErrorCode::MemoryExceeded), _) => "`fngraph deploy … --memory MIB` gives it more",
        (_, 401) => {
            "a profile has access_key and secret_key, or token; so has the environment: FNGRAPH_ACCESS_KEY, \
             FNGRAPH_SECRET_KEY, FNGRAPH_TOKEN"
        }
        (Some(ErrorCode::Forbidden) | None, 403) => "--project-id names another project, --profile another caller",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &'static str) -> Option<Refusal> {
        Refusal::read(status, &Bytes::from_static(body.as_bytes()))
    }

    fn failure(status: u16, code: &str) -> Failure {
        let body = format!(r#"{{"error_code": "{code}", "error_msg": "no"}}"#);
        Refusal::read(status, &body.into()).unwrap().into()
    }

    #[test]
    fn a_refusal_is_told_with_its_code_and_what_to_type() {
        let failure = failure(404, "FSS.1051");
        assert_eq!(format!("{:#}", failure.error), "FSS.1051: no");
        assert_eq!(failure.exit, Exit::NotFound);
        assert!(failure.hint.unwrap().contains("fngraph list"));
    }

    #[test]
    fn exit_codes_go_by_the_code_and_else_by_the_status() {
        for (status, code, exit) in [
            (404, "FSS.1052", Exit::NotFound),
            (401, "FSS.0401", Exit::Server),
            (403, "FSS.0403", Exit::Server),
            (403, "FSS.1041", Exit::Limit),
            (400, "FSS.1002", Exit::Usage),
            (400, "FSS.1011", Exit::Refused),
            (500, "FSS.0500", Exit::Platform),
            (401, "APIGW.0301", Exit::Server),
            (404, "APIG.0101", Exit::NotFound),
            (400, "FSS.9999", Exit::Usage),
            (503, "APIGW.0503", Exit::Platform),
        ] {
            assert_eq!(failure(status, code).exit, exit, "{status} {code}");
        }
    }

    #[test]
    fn codes_come_with_and_without_their_letters() {
        assert_eq!(code("FSS.0401"), Some(ErrorCode::Unauthorized));
        assert_eq!(code("4010"), Some(ErrorCode::Timeout));
        assert_eq!((code("0"), code("FSS."), code("APIGW.0301")), (None, None, None));
    }

    #[test]
    fn what_is_no_refusal_is_none() {
        for body in ["", "<html>", "{}", r#"{"error_code": "FSS.1051"}"#] {
            assert_eq!(refusal(404, body), None, "{body}");
        }
    }
}
