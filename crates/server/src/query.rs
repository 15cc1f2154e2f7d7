//! Parameters of queries. Clients send all of them as texts; an empty one is as good as none.

use crate::failure::Failure;
use fngraph::{ErrorCode, Timestamp};
use fngraph_api::time;
use std::str::FromStr;

/// What was given, if anything.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// Reads a parameter; `rule` says what it must be.
///
/// # Errors
/// `FSS.1001` when it is something else.
pub(crate) fn read<T: FromStr>(name: &str, text: Option<&str>, rule: &str) -> Result<Option<T>, Failure> {
    given(text).map(|text| text.parse().map_err(|_| refused(name, rule))).transpose()
}

/// Reads a moment, as [`time::parse`] does.
///
/// # Errors
/// `FSS.1001` when it is none.
pub(crate) fn moment(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Failure> {
    let refused = || refused(name, "a moment in UTC, such as `2026-11-23T01:02:03`, or milliseconds since 1970");
    given(text).map(|text| time::parse(text).ok_or_else(refused)).transpose()
}

/// Refuses a parameter.
pub(crate) fn refused(name: &str, rule: &str) -> Failure {
    Failure::new(ErrorCode::InvalidQuery, format!("the `{name}` must be {rule}"))
}
