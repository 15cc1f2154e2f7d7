//! An outcome as an emulator of the cloud answers it.

use bytes::Bytes;
use fngraph_engine::{Log, Outcome, Receipt};
use fngraph_invoker::Rejection;
use fngraph_types::{Fault, RequestId};
use std::{fmt::Write as _, time::Duration};

/// How much of the log an answer carries, in bytes: the header's limit in the cloud.
const LOG_TAIL_BYTES: usize = 2000;

/// What a program that emulates the cloud answers to a synchronous invocation (manual, 7.1.1). It knows no HTTP; each
/// field is what belongs into a header or the body.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The result, or the failure as JSON.
    pub body: Bytes,
    /// The invocation (`X-Cff-Request-Id`); none when it was rejected.
    pub request_id: Option<RequestId>,
    /// The code of the failure (`X-Func-Err-Code`); none for a success, which the cloud writes as `0`.
    pub error_code: Option<String>,
    /// Whether the function's own code is to blame (`X-Is-Func-Err`).
    pub is_function_error: bool,
    /// What is billed (`X-CFF-Billing-Duration`); zero when it was rejected.
    pub billed: Duration,
    /// The platform's closing line (`X-Cff-Invoke-Summary`); empty when it was rejected.
    pub summary: String,
    /// What the invocation cost and what it wrote; none when it was rejected.
    ran: Option<(Receipt, Log)>,
}

impl Reply {
    /// The end of the log, whole lines, with the platform's own (`X-Cff-Function-Log`, where it is base64); empty when
    /// the invocation was rejected.
    pub fn log_tail(&self) -> String {
        let log = self.ran.as_ref().map(|(receipt, log)| receipt.platform_log(log)).unwrap_or_default();
        last_lines(&log, LOG_TAIL_BYTES).to_owned()
    }
}

impl From<Result<Outcome, Rejection>> for Reply {
    fn from(result: Result<Outcome, Rejection>) -> Self {
        match result {
            Ok(outcome) => Self::from(outcome),
            Err(rejection) => Self {
                status: rejection.code().status(),
                body: Bytes::from(rejection.to_json().to_string()),
                request_id: None,
                error_code: Some(rejection.code().to_string()),
                is_function_error: rejection.fault() == Fault::Function,
                billed: Duration::ZERO,
                summary: String::new(),
                ran: None,
            },
        }
    }
}

/// The end of a text of lines: as many whole ones as fit into `bytes`.
fn last_lines(text: &str, bytes: usize) -> &str {
    // What stands before the end that fits decides whether that begins with a line.
    let Some(before) = text.len().checked_sub(bytes + 1) else { return text };
    let line = text.as_bytes()[before..].iter().position(|byte| *byte == b'\n');
    line.and_then(|line| text.get(before + line + 1..)).unwrap_or_default()
}

/// The receipt as text, which has about this many characters.
fn summary(receipt: &Receipt) -> String {
    let mut summary = String::with_capacity(192);
    // Texts take whatever is written.
    let _ = write!(summary, "{receipt}");
    summary
}

impl From<Outcome> for Reply {
    fn from(outcome: Outcome) -> Self {
        let Outcome { result, receipt, log } = outcome;
        let (status, body, error) = match result {
            Ok(result) => (200, result, None),
            Err(error) => (error.code().status(), Bytes::from(error.to_json().to_string()), Some(error)),
        };
        Self {
            status,
            body,
            request_id: Some(receipt.request_id),
            error_code: error.as_ref().map(|error| error.code().to_string()),
            is_function_error: error.is_some_and(|error| error.fault() == Fault::Function),
            billed: receipt.billed(),
            summary: summary(&receipt),
            ran: Some((receipt, log)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_has_whole_lines_only() {
        for (bytes, end) in [
            (0, ""),
            (3, ""),
            (4, "two\n"),
            (7, "two\n"),
            (8, "ä1\ntwo\n"),
            (11, "ä1\ntwo\n"),
            (12, "one\nä1\ntwo\n"),
            (13, "one\nä1\ntwo\n"),
        ] {
            assert_eq!(last_lines("one\nä1\ntwo\n", bytes), end, "{bytes}");
        }
        assert_eq!(last_lines("", 0), "");
        assert_eq!(last_lines("no line's end", 5), "");
    }
}
