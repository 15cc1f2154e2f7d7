//! What one invocation came to, for people and for programs.

use crate::{exit, units};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_engine::{Artifact, InvokeError, LogLine, Origin, Outcome, Receipt, Source};
use serde::Serialize;
use std::{error::Error as _, time::Duration};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What `--output json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    /// The result, when it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    /// The result, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
    receipt: ReceiptReport,
    log: Vec<LineReport>,
}

impl Document {
    pub(super) fn of(outcome: &Outcome, receipt: ReceiptReport) -> Self {
        let (result, result_base64, error) = match &outcome.result {
            Ok(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => (Some(text.to_owned()), None, None),
                Err(_) => (None, Some(BASE64_STANDARD.encode(bytes)), None),
            },
            Err(error) => (None, None, Some(ErrorReport::of(error))),
        };
        let log = outcome.log.lines().map(LineReport::of).collect();
        Self { result, result_base64, error, receipt, log }
    }
}

/// Why there is no result.
#[derive(Debug, Serialize)]
struct ErrorReport {
    code: String,
    r#type: String,
    message: String,
    stack: Vec<String>,
}

impl ErrorReport {
    fn of(error: &InvokeError) -> Self {
        let (r#type, message) = match error {
            InvokeError::Function(reported) | InvokeError::Initializer(reported) | InvokeError::Start(reported) => {
                (reported.error_type.clone(), reported.error_message.clone())
            }
            other => {
                let message = match other.source() {
                    Some(source) => format!("{other}: {source}"),
                    None => other.to_string(),
                };
                (format!("{:?}", other.code()), message)
            }
        };
        Self { code: error.code().to_string(), r#type, message, stack: exit::stack(error).to_vec() }
    }
}

/// One line of the log.
#[derive(Debug, Serialize)]
struct LineReport {
    time: String,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
    text: String,
}

impl LineReport {
    fn of(line: &LogLine) -> Self {
        let (source, level) = match line.source {
            Source::Stdout => ("stdout", None),
            Source::Stderr => ("stderr", None),
            Source::Logger(level) => ("logger", Some(level.as_str())),
        };
        let at = OffsetDateTime::from(line.at);
        let time = at.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string());
        Self { time, source, level, text: line.text.clone() }
    }
}

/// What an invocation cost.
#[derive(Debug, Serialize)]
pub(super) struct ReceiptReport {
    request_id: String,
    start: &'static str,
    origin: &'static str,
    load_micros: f64,
    instantiate_micros: f64,
    initialize_micros: f64,
    handle_micros: f64,
    total_micros: f64,
    billed_millis: u64,
    memory_used_bytes: u64,
    memory_mib: u32,
    bytes_in: usize,
    bytes_out: usize,
}

impl ReceiptReport {
    pub(super) fn of(receipt: &Receipt, artifact: &Artifact) -> Self {
        let origin = match artifact.origin() {
            Origin::Compiled => "compiled",
            _ => "cached",
        };
        Self {
            request_id: receipt.request_id.to_string(),
            start: receipt.start.as_str(),
            origin,
            load_micros: micros(receipt.load),
            instantiate_micros: micros(receipt.instantiate),
            initialize_micros: micros(receipt.initialize),
            handle_micros: micros(receipt.handle),
            total_micros: micros(receipt.total()),
            billed_millis: u64::try_from(receipt.billed().as_millis()).unwrap_or(u64::MAX),
            memory_used_bytes: receipt.memory_used,
            memory_mib: receipt.memory.as_mib(),
            bytes_in: receipt.bytes_in,
            bytes_out: receipt.bytes_out,
        }
    }

    /// The receipt for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut row = |label: &str, value: String| text.push_str(&format!("{label:<11} {value}\n"));
        row("request", self.request_id.clone());
        row(&format!("{} start", self.start), self.start_text());
        row("handler", from_micros(self.handle_micros));
        row("memory", format!("{} of {} MB", units::bytes(self.memory_used_bytes), self.memory_mib));
        let bytes = (units::bytes(self.bytes_in as u64), units::bytes(self.bytes_out as u64));
        row("bytes", format!("{} in, {} out", bytes.0, bytes.1));
        row("billed", format!("{} ms", self.billed_millis));
        text
    }

    /// The time to the first call and the steps it went into; steps that took none are left out.
    fn start_text(&self) -> String {
        let load = if self.origin == "compiled" { "compiled" } else { "loaded" };
        let steps = [
            (load, self.load_micros),
            ("instantiated", self.instantiate_micros),
            ("initialised", self.initialize_micros),
        ];
        let total = from_micros(steps.iter().map(|(_, micros)| micros).sum());
        let taken = steps.iter().filter(|(_, micros)| *micros > 0.0);
        let parts: Vec<_> = taken.map(|(step, micros)| format!("{step} in {}", from_micros(*micros))).collect();
        if parts.is_empty() { total } else { format!("{total} ({})", parts.join(", ")) }
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn from_micros(micros: f64) -> String {
    units::duration(Duration::from_secs_f64(micros / 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_engine::FunctionError;

    fn receipt() -> ReceiptReport {
        ReceiptReport {
            request_id: "960d089c-0000-4000-8000-00000000000a".to_owned(),
            start: "cold",
            origin: "cached",
            load_micros: 310.2,
            instantiate_micros: 48.0,
            initialize_micros: 0.0,
            handle_micros: 1812.5,
            total_micros: 2170.7,
            billed_millis: 2,
            memory_used_bytes: 1_572_864,
            memory_mib: 128,
            bytes_in: 15,
            bytes_out: 26,
        }
    }

    #[test]
    fn the_receipt_is_short_and_aligned() {
        insta::assert_snapshot!(receipt().text(), @r"
        request     960d089c-0000-4000-8000-00000000000a
        cold start  358 µs (loaded in 310 µs, instantiated in 48.0 µs)
        handler     1.81 ms
        memory      1.50 MB of 128 MB
        bytes       15 B in, 26 B out
        billed      2 ms
        ");
    }

    #[test]
    fn an_error_of_the_function_keeps_its_own_words() {
        let reported = FunctionError {
            error_message: "the id is missing".to_owned(),
            error_type: "KeyError".to_owned(),
            stack_trace: vec!["handler".to_owned()],
        };
        let value = serde_json::to_value(ErrorReport::of(&InvokeError::Function(reported))).unwrap();
        let expected = serde_json::json!({
            "code": "FSS.4002", "type": "KeyError", "message": "the id is missing", "stack": ["handler"],
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn an_error_of_the_platform_is_named_by_its_code() {
        let error = InvokeError::Disk { limit: 512 };
        let report = ErrorReport::of(&error);
        assert_eq!((report.code.as_str(), report.r#type.as_str()), ("FSS.4207", "DiskExceeded"));
        assert_eq!(report.message, error.to_string());
    }
}
