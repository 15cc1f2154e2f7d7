//! What becomes of a request after an attempt: a pure decision.

use fngraph_registry::{AsyncConfig, Destination};
use fngraph_store::{Ending, NewDelivery, Pending, RequestStatus};
use fngraph_types::{ErrorCode, Fault, Timestamp, Urn};
use serde::Serialize;
use std::time::Duration;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The pause before the first retry; each further one is twice as long. The cloud does not say what its own are.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// The pause of a request that found no room.
const THROTTLED_PAUSE: Duration = Duration::from_secs(1);

/// How long a delivery is tried.
const DELIVERY_AGE: Duration = Duration::from_secs(3600);

/// How an attempt ended.
#[derive(Debug, Clone)]
pub(super) enum Attempted {
    /// With a result.
    Succeeded(bytes::Bytes),
    /// With a failure, and what it is told as.
    Failed {
        code: ErrorCode,
        message: String,
        /// The failure as the cloud answers it.
        payload: String,
    },
    /// It was never made: the request is too old.
    Expired,
    /// It was cancelled.
    Cancelled,
}

/// What a verdict goes by.
pub(super) struct Case<'a> {
    pub(super) request: &'a Pending,
    pub(super) urn: Urn,
    pub(super) event: &'a [u8],
    /// Attempts that counted before this one.
    pub(super) earlier: u32,
    pub(super) config: &'a AsyncConfig,
    pub(super) now: Timestamp,
    /// A number from 0 up to 1.
    pub(super) chance: f64,
}

impl Case<'_> {
    /// Decides.
    pub(super) fn judge(&self, attempted: Attempted) -> Ending {
        match attempted {
            Attempted::Succeeded(result) => {
                let payload = String::from_utf8_lossy(&result).into_owned();
                self.end(RequestStatus::Success, None, String::new(), "", payload)
            }
            Attempted::Expired => {
                let message = format!("the request was older than {:?} before it could be run", self.config.max_age);
                self.end(RequestStatus::Discard, Some(ErrorCode::Expired), message, "EventAgeExceeded", String::new())
            }
            Attempted::Cancelled => {
                let message = "the invocation was cancelled".to_owned();
                self.end(
                    RequestStatus::Fail,
                    Some(ErrorCode::Cancelled),
                    message,
                    "UnhandledInvocationError",
                    String::new(),
                )
            }
            Attempted::Failed { code, message, .. } if is_throttled(code) => Ending::Retry {
                due_at: self.now + spread(THROTTLED_PAUSE, self.chance),
                counts: false,
                error_code: code.number(),
                error_message: message,
            },
            Attempted::Failed { code, message, .. } if self.is_retried(code) => Ending::Retry {
                due_at: self.now + spread(pause(self.earlier), self.chance),
                counts: true,
                error_code: code.number(),
                error_message: message,
            },
            Attempted::Failed { code, message, payload } => {
                let condition = if self.earlier > 0 { "RetriesExhausted" } else { "UnhandledInvocationError" };
                self.end(RequestStatus::Fail, Some(code), message, condition, payload)
            }
        }
    }

    fn is_retried(&self, code: ErrorCode) -> bool {
        self.earlier < u32::from(self.config.max_retries) && !is_hopeless(code)
    }

    fn end(
        &self,
        status: RequestStatus,
        code: Option<ErrorCode>,
        message: String,
        condition: &'static str,
        response: String,
    ) -> Ending {
        let destination = match status {
            RequestStatus::Success => self.config.on_success.as_ref(),
            _ => self.config.on_failure.as_ref(),
        };
        Ending::Final {
            status,
            at: self.now,
            error_code: code.map_or(0, ErrorCode::number),
            error_message: message,
            delivery: destination.map(|destination| self.delivery(destination, code, condition, response)),
        }
    }

    fn delivery(
        &self,
        destination: &Destination,
        code: Option<ErrorCode>,
        condition: &'static str,
        response_payload: String,
    ) -> NewDelivery {
        let notice = Notice {
            timestamp: rfc3339(self.now),
            request_context: RequestContext {
                request_id: self.request.id.to_string(),
                function_urn: self.urn.to_string(),
                condition,
                approximate_invoke_count: self.earlier,
            },
            request_payload: String::from_utf8_lossy(self.event).into_owned(),
            response_context: ResponseContext {
                status_code: if code.is_none() { 200 } else { 500 },
                function_error: "",
            },
            response_payload,
        };
        NewDelivery {
            destination: serde_json::to_string(destination).expect("a destination is always JSON"),
            payload: serde_json::to_vec(&notice).expect("a notice is always JSON").into(),
            expires_at: self.now + DELIVERY_AGE,
        }
    }
}

/// What destinations receive: the cloud's shape.
#[derive(Debug, Serialize)]
struct Notice {
    timestamp: String,
    request_context: RequestContext,
    request_payload: String,
    response_context: ResponseContext,
    response_payload: String,
}

#[derive(Debug, Serialize)]
struct RequestContext {
    request_id: String,
    function_urn: String,
    condition: &'static str,
    /// Attempts before the last one.
    approximate_invoke_count: u32,
}

#[derive(Debug, Serialize)]
struct ResponseContext {
    status_code: u16,
    function_error: &'static str,
}

/// Whether there was no room, so that the attempt does not count.
fn is_throttled(code: ErrorCode) -> bool {
    code.fault() == Fault::Capacity || code == ErrorCode::Unavailable
}

/// Whether another attempt would fail the same way: the code does not load, or no instance of it comes up.
fn is_hopeless(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EntryNotFound
            | ErrorCode::InitializerFailed
            | ErrorCode::InitializerTimeout
            | ErrorCode::LoadTimeout
            | ErrorCode::StartFailed
            | ErrorCode::StartFailedRepeatedly
            | ErrorCode::CodeNotFound
    ) || code.fault() == Fault::Caller
}

fn pause(earlier: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(earlier)).min(LONGEST_PAUSE)
}

/// Between half of a pause and all of it, so that what failed together is not retried together.
pub(super) fn spread(pause: Duration, chance: f64) -> Duration {
    pause.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// The pause before a delivery is tried again.
pub(super) fn delivery_pause(attempts: u32, chance: f64) -> Duration {
    spread(pause(attempts), chance)
}

fn rfc3339(at: Timestamp) -> String {
    let at = OffsetDateTime::from(std::time::SystemTime::from(at));
    at.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string())
}
