//! Names of headers, in lower case, as HTTP/2 wants them; HTTP does not care.

use http::HeaderName;

/// Asks for the tail of the log: `tail`, or nothing (manual, 7.1.1).
pub const LOG_TYPE: HeaderName = HeaderName::from_static("x-cff-log-type");

/// Asks for a form of the answer: `v0`, the bytes of the result (the default), or `v1`, JSON (manual, 7.1.1).
pub const REQUEST_VERSION: HeaderName = HeaderName::from_static("x-cff-request-version");

/// Asks for instances with this memory, in MiB (manual, 7.1.1).
pub const INSTANCE_MEMORY: HeaderName = HeaderName::from_static("x-cff-instance-memory");

/// The summary of an invocation, as JSON.
pub const INVOKE_SUMMARY: HeaderName = HeaderName::from_static("x-cff-invoke-summary");

/// The id of an invocation. On a request: the id that it is to have.
pub const CFF_REQUEST_ID: HeaderName = HeaderName::from_static("x-cff-request-id");

/// The last 2,000 bytes of the log, as base64, when [`LOG_TYPE`] asked for it.
pub const FUNCTION_LOG: HeaderName = HeaderName::from_static("x-cff-function-log");

/// What was billed, in milliseconds.
pub const BILLING_DURATION: HeaderName = HeaderName::from_static("x-cff-billing-duration");

/// The form of the answer: `v0` or `v1`.
pub const RESPONSE_VERSION: HeaderName = HeaderName::from_static("x-cff-response-version");

/// The code of the invocation's failure; 0 for none.
pub const FUNCTION_ERROR_CODE: HeaderName = HeaderName::from_static("x-func-err-code");

/// Whether the function failed rather than the platform: `true` or `false`.
pub const IS_FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-is-func-err");

/// A token, of the caller (manual, 4.2).
pub const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// A token that was issued (manual, 4.2).
pub const SUBJECT_TOKEN: HeaderName = HeaderName::from_static("x-subject-token");

/// When a request was signed: `20261123T010203Z`.
pub const SDK_DATE: HeaderName = HeaderName::from_static("x-sdk-date");

/// The SHA-256 of the body that was signed, in hex, or `UNSIGNED-PAYLOAD`.
pub const SDK_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-sdk-content-sha256");

/// The id of a request to the API, on every answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The project that a signed request is about.
pub const PROJECT_ID: HeaderName = HeaderName::from_static("x-project-id");

/// The algorithm of a signature in the `Authorization` header.
pub const SIGNATURE_ALGORITHM: &str = "SDK-HMAC-SHA256";
