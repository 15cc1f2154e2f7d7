//! The life of a request: accepted, begun, finished, and recovered after a stop.

use super::{
    deliveries,
    failure::Failure,
    row::{function_id, function_number, id_bytes, parsed, readable, request_id, single, timestamp},
};
use crate::{Acceptance, Attempt, Ending, NewDelivery, NewRequest, Pending, RequestStatus, StoreError};
use bytes::Bytes;
use fngraph_types::{RequestId, Timestamp};
use rusqlite::Connection;
use std::time::Duration;

/// No attempt is ever due later than this: a request that is, was written under a clock that went backwards since,
/// and would wait for the old time to come again.
const FARTHEST: Duration = Duration::from_secs(60 * 60);

pub(super) fn accept(connection: &Connection, request: &NewRequest) -> Result<Acceptance, Failure> {
    let function = function_number(connection, &request.function)?;
    if let Some(key) = &request.idempotency_key {
        let find = "SELECT id FROM requests WHERE function = ?1 AND idempotency_key = ?2 AND accepted_at >= ?3
                    ORDER BY accepted_at, seq LIMIT 1";
        let params = (function, key, request.duplicates_since.as_millis());
        if let Some(first) = single(connection, find, params, "request", |row| request_id(row, 0))? {
            return Ok(Acceptance::Duplicate(first));
        }
    }
    let added = connection
        .prepare_cached(
            "INSERT INTO requests (id, function, qualifier, status, attempts, accepted_at, expires_at, due_at,
                                   error_code, error_message, idempotency_key)
             VALUES (?1, ?2, ?3, 'WAIT', 0, ?4, ?5, ?4, 0, '', ?6) ON CONFLICT (id) DO NOTHING",
        )?
        .execute((
            id_bytes(request.id),
            function,
            request.qualifier.to_string(),
            request.accepted_at.as_millis(),
            request.expires_at.as_millis(),
            &request.idempotency_key,
        ))?;
    if added == 0 {
        return Ok(Acceptance::Duplicate(request.id));
    }
    let seq = connection.last_insert_rowid();
    connection.prepare_cached("INSERT INTO events VALUES (?1, ?2)")?.execute((seq, &request.event[..]))?;
    Ok(Acceptance::New)
}

pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<Vec<Pending>, Failure> {
    let (due, farthest) = (now.as_millis(), (now + FARTHEST).as_millis());
    connection
        .prepare_cached(
            "UPDATE requests SET status = 'WAIT', due_at = ?1
             WHERE ended_at IS NULL AND (status = 'RUNNING' OR status = 'WAIT' AND due_at > ?2)",
        )?
        .execute((due, farthest))?;
    let statement = connection.prepare_cached(
        "SELECT r.seq, r.id, i.project, i.package, i.name, r.qualifier, r.attempts, r.accepted_at, r.expires_at,
                r.due_at, r.status
         FROM requests r LEFT JOIN function_ids i ON i.number = r.function
         WHERE r.ended_at IS NULL ORDER BY r.accepted_at, r.id",
    )?;
    readable(statement, [], "request", |row| {
        parsed::<RequestStatus>(row, 10)?;
        Ok(Pending {
            id: request_id(row, 1)?,
            function: function_id(row, 2)?,
            qualifier: parsed(row, 5)?,
            attempts: row.get(6)?,
            accepted_at: timestamp(row, 7)?,
            expires_at: timestamp(row, 8)?,
            due_at: timestamp(row, 9)?,
        })
    })
}

pub(super) fn begin(connection: &Connection, id: RequestId, now: Timestamp) -> Result<Option<Attempt>, Failure> {
    let begin = "UPDATE requests SET status = 'RUNNING', started_at = ?2, attempts = attempts + 1
                 WHERE id = ?1 AND status = 'WAIT' RETURNING seq, attempts - 1";
    let begun = single(connection, begin, (id_bytes(id), now.as_millis()), "request", |row| {
        Ok((row.get::<_, i64>(0)?, row.get(1)?))
    })?;
    let Some((seq, earlier)) = begun else { return Ok(None) };
    let find = "SELECT event FROM events WHERE seq = ?1";
    let event = single(connection, find, [seq], "event", |row| row.get::<_, Vec<u8>>(0))?;
    let event = event.ok_or_else(|| Failure::damaged("event", format!("the event of request {id} is gone")))?;
    Ok(Some(Attempt { earlier, event: Bytes::from(event) }))
}

pub(super) fn finish(connection: &Connection, id: RequestId, ending: &Ending) -> Result<bool, Failure> {
    match ending {
        Ending::Retry { due_at, counts, error_code, error_message } => {
            // Only a running request has an attempt that could be taken back.
            let retry = "UPDATE requests
                         SET attempts = max(0, attempts - (?3 AND status = 'RUNNING')), status = 'WAIT', due_at = ?2,
                             error_code = ?4, error_message = ?5
                         WHERE id = ?1 AND ended_at IS NULL";
            let params = (id_bytes(id), due_at.as_millis(), !counts, error_code, error_message);
            Ok(connection.prepare_cached(retry)?.execute(params)? > 0)
        }
        Ending::Final { status, at, error_code, error_message, delivery } => {
            let outcome = Outcome { status: *status, at: *at, error_code: *error_code, error_message };
            end(connection, id, &outcome, delivery.as_ref())
        }
    }
}

struct Outcome<'a> {
    status: RequestStatus,
    at: Timestamp,
    error_code: u16,
    error_message: &'a str,
}

fn end(
    connection: &Connection,
    id: RequestId,
    outcome: &Outcome<'_>,
    delivery: Option<&NewDelivery>,
) -> Result<bool, Failure> {
    let Outcome { status, at, error_code, error_message } = outcome;
    if !status.is_final() {
        return Err(StoreError::Failed(format!("a request does not end in {}", status.as_str())).into());
    }
    let end = "UPDATE requests SET status = ?2, ended_at = ?3, error_code = ?4, error_message = ?5
               WHERE id = ?1 AND ended_at IS NULL RETURNING seq, function";
    let params = (id_bytes(id), status.as_str(), at.as_millis(), error_code, error_message);
    let ended = single(connection, end, params, "request", |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    let Some((seq, function)) = ended else { return Ok(false) };
    connection.prepare_cached("DELETE FROM events WHERE seq = ?1")?.execute([seq])?;
    if let Some(delivery) = delivery {
        deliveries::add(connection, id, function, delivery, *at)?;
    }
    Ok(true)
}
