//! Events of the Cloud Trace Service.
//!
//! ```json
#![doc = include_str!("samples/cts.json")]
//! ```

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;

/// An operation on a resource of the cloud was recorded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CtsEvent {
    /// The record.
    pub cts: Trace,
}

/// The record of an operation. The fields from [`Trace::api_version`] on are sent, though not documented.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// When the operation took place. Mostly [`Trace::time`] is what you want.
    #[serde(rename = "time")]
    pub raw_time: u64,
    /// Who did it.
    pub user: User,
    /// The parameters of the operation.
    pub request: Value,
    /// The answer to the operation.
    pub response: Value,
    /// The HTTP status of the answer.
    #[serde(deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub code: Option<u64>,
    /// The service, such as `FunctionGraph`.
    pub service_type: String,
    /// The kind of the resource.
    pub resource_type: String,
    /// The name of the resource.
    pub resource_name: String,
    /// The id of the resource.
    pub resource_id: String,
    /// The operation, such as `deleteGraph`.
    pub trace_name: String,
    /// How it was done, such as `ConsoleAction`.
    pub trace_type: String,
    /// When the record was made. Mostly [`Trace::record_time`] is what you want.
    #[serde(rename = "record_time")]
    pub raw_record_time: u64,
    /// The id of the record.
    pub trace_id: String,
    /// How the operation ended: `normal`, `warning` or `incident`.
    pub trace_status: String,
    /// The version of the API that was used.
    pub api_version: String,
    /// The account of the resource.
    pub domain_id: String,
    /// What the service adds.
    pub message: Value,
    /// The operation as the API calls it.
    pub operation_id: String,
    /// The project of the resource.
    pub project_id: String,
    /// Whether the operation changed nothing.
    pub read_only: bool,
    /// The account that owns the resource.
    pub resource_account_id: String,
    /// The address that the operation came from.
    pub source_ip: String,
    /// The same as [`Trace::trace_status`], under its newer name.
    pub trace_rating: String,
}

impl Trace {
    /// When the operation took place.
    pub fn time(&self) -> SystemTime {
        seconds_or_milliseconds(self.raw_time)
    }

    /// When the record was made.
    pub fn record_time(&self) -> SystemTime {
        seconds_or_milliseconds(self.raw_record_time)
    }
}

/// Who did an operation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The user's name.
    pub name: String,
    /// The user's id.
    pub id: String,
    /// The user's account.
    pub domain: Domain,
}

/// An account of the cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Domain {
    /// The account's name.
    pub name: String,
    /// The account's id.
    pub id: String,
}

/// Documented samples count seconds since 1970, and captured events milliseconds.
fn seconds_or_milliseconds(time: u64) -> SystemTime {
    // In seconds this is the year 5138, in milliseconds the year 1973.
    const FIRST_MILLISECONDS: u64 = 100_000_000_000;
    let since_epoch = if time < FIRST_MILLISECONDS { Duration::from_secs(time) } else { Duration::from_millis(time) };
    SystemTime::UNIX_EPOCH + since_epoch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let CtsEvent { cts } = read(include_str!("samples/cts.json"));
        assert_eq!(cts.user.domain.name, "shop");
        assert_eq!(cts.code, Some(204));
        assert_eq!(cts.trace_name, "deleteGraph");
        assert_eq!(cts.source_ip, "192.0.2.7");
        assert_eq!(cts.time(), SystemTime::UNIX_EPOCH + Duration::from_millis(1_772_000_000_123));
        assert_eq!(cts.record_time(), SystemTime::UNIX_EPOCH + Duration::from_millis(1_772_000_000_456));
    }

    #[test]
    fn times_of_the_documentation_count_seconds() {
        let documented = r#"{"cts": {"time": 1529996047, "code": "204", "trace_name": "deleteGraph"}}"#;
        let CtsEvent { cts } = serde_json::from_str(documented).expect("the documented shape is an event");
        assert_eq!(cts.time(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_529_996_047));
        assert_eq!(cts.code, Some(204));
    }

    #[test]
    fn greatest_time_is_still_a_time() {
        let trace = Trace { raw_time: u64::MAX, ..Trace::default() };
        assert!(trace.time() > SystemTime::UNIX_EPOCH);
    }
}
