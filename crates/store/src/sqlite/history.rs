//! Requests as people look at them.

use super::{
    failure::Failure,
    row::{function_id, id_bytes, known_function, number, parsed, readable, request_id, single, stored, timestamp},
};
use crate::{RequestQuery, RequestRecord, StoreError};
use fngraph_types::{RequestId, Timestamp};
use rusqlite::{Connection, Row, named_params};

const RECORD: &str = "SELECT r.seq, r.id, i.project, i.package, i.name, r.qualifier, r.status, r.attempts,
    r.accepted_at, r.started_at, r.ended_at, r.error_code, r.error_message
    FROM requests r LEFT JOIN function_ids i ON i.number = r.function";

fn record(row: &Row<'_>) -> rusqlite::Result<RequestRecord> {
    Ok(RequestRecord {
        id: request_id(row, 1)?,
        function: function_id(row, 2)?,
        qualifier: parsed(row, 5)?,
        status: parsed(row, 6)?,
        attempts: row.get(7)?,
        accepted_at: timestamp(row, 8)?,
        started_at: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_millis),
        ended_at: row.get::<_, Option<i64>>(10)?.map(Timestamp::from_millis),
        error_code: row.get(11)?,
        error_message: row.get(12)?,
    })
}

pub(super) fn request(connection: &Connection, id: RequestId) -> Result<Option<RequestRecord>, Failure> {
    single(connection, &format!("{RECORD} WHERE r.id = ?1"), [id_bytes(id)], "request", record)
}

pub(super) fn requests(connection: &Connection, query: &RequestQuery) -> Result<(Vec<RequestRecord>, u64), Failure> {
    let Some(function) = known_function(connection, &query.function)? else { return Ok((Vec::new(), 0)) };
    // Each condition names its parameter even when it is off, so that all forms take the same ones. A `+` keeps SQLite
    // from walking a function's whole history, when ids or the end lead to the few that are asked for.
    let condition = |on: bool, text: &'static str, off: &'static str| if on { text } else { off };
    let history = query.ids.is_empty() && !query.active;
    let conditions = [
        condition(history, "r.function = :function", "+r.function = :function"),
        condition(history, "r.accepted_at BETWEEN :from AND :until", "+r.accepted_at BETWEEN :from AND :until"),
        condition(query.qualifier.is_some(), "r.qualifier = :qualifier", ":qualifier IS NULL"),
        condition(query.status.is_some(), "r.status = :status", ":status IS NULL"),
        condition(query.ids.is_empty(), ":ids IS NULL", "r.id IN (SELECT unhex(value) FROM json_each(:ids))"),
        condition(query.active, "r.ended_at IS NULL", "true"),
    ]
    .join(" AND ");
    let ids = (!query.ids.is_empty()).then(|| listed(&query.ids)).transpose()?;
    let (from, until) = (query.from.as_millis(), query.until.as_millis());
    let qualifier = query.qualifier.as_ref().map(ToString::to_string);
    let status = query.status.map(|status| status.as_str());

    let mut count = connection.prepare_cached(&format!("SELECT count(*) FROM requests r WHERE {conditions}"))?;
    let params = named_params! { ":function": function, ":from": from, ":until": until, ":qualifier": qualifier,
    ":status": status, ":ids": ids };
    let count = count.query_row(params, |row| number(row, 0))?;

    let page = format!("{RECORD} WHERE {conditions} ORDER BY r.accepted_at, r.id LIMIT :limit OFFSET :offset");
    let params = named_params! { ":function": function, ":from": from, ":until": until, ":qualifier": qualifier,
    ":status": status, ":ids": ids, ":limit": stored(query.limit), ":offset": stored(query.offset) };
    let records = readable(connection.prepare_cached(&page)?, params, "request", record)?;
    Ok((records, count))
}

/// Ids as one parameter, however many they are: SQLite limits how many parameters there may be.
fn listed(ids: &[RequestId]) -> Result<String, Failure> {
    let texts: Vec<_> = ids.iter().map(|id| format!("{:032x}", id.as_u128())).collect();
    serde_json::to_string(&texts).map_err(|error| StoreError::Failed(error.to_string()).into())
}

pub(super) fn forget(connection: &Connection, before: Timestamp, limit: u64) -> Result<u64, Failure> {
    let forget = "DELETE FROM requests WHERE seq IN
                  (SELECT seq FROM requests WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2)";
    let forgotten = connection.prepare_cached(forget)?.execute((before.as_millis(), stored(limit)))?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}
