//! What is to be delivered after requests have ended.

use super::{
    failure::Failure,
    queue,
    row::{function_id, id_bytes, readable, request_id, stored, timestamp},
};
use crate::{Delivery, NewDelivery, NewRequest};
use bytes::Bytes;
use fngraph_types::{RequestId, Timestamp};
use rusqlite::Connection;

pub(super) fn add(
    connection: &Connection,
    request: RequestId,
    function: i64,
    delivery: &NewDelivery,
    due_at: Timestamp,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO deliveries (request, function, attempts, due_at, expires_at, destination, payload)
             VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            id_bytes(request),
            function,
            due_at.as_millis(),
            delivery.expires_at.as_millis(),
            &delivery.destination,
            &delivery.payload[..],
        ))?;
    Ok(())
}

pub(super) fn list(connection: &Connection, after: i64, limit: u64) -> Result<Vec<Delivery>, Failure> {
    let statement = connection.prepare_cached(
        "SELECT d.number, d.request, i.project, i.package, i.name, d.destination, d.payload, d.attempts, d.due_at,
                d.expires_at
         FROM deliveries d LEFT JOIN function_ids i ON i.number = d.function
         WHERE d.number > ?1 ORDER BY d.number LIMIT ?2",
    )?;
    readable(statement, (after, stored(limit)), "delivery", |row| {
        Ok(Delivery {
            number: row.get(0)?,
            request: request_id(row, 1)?,
            function: function_id(row, 2)?,
            destination: row.get(5)?,
            payload: Bytes::from(row.get::<_, Vec<u8>>(6)?),
            attempts: row.get(7)?,
            due_at: timestamp(row, 8)?,
            expires_at: timestamp(row, 9)?,
        })
    })
}

pub(super) fn postpone(connection: &Connection, number: i64, due_at: Timestamp) -> Result<(), Failure> {
    let postpone = "UPDATE deliveries SET attempts = attempts + 1, due_at = ?2 WHERE number = ?1";
    connection.prepare_cached(postpone)?.execute((number, due_at.as_millis()))?;
    Ok(())
}

pub(super) fn settle(connection: &Connection, number: i64, request: Option<&NewRequest>) -> Result<(), Failure> {
    let settled = connection.prepare_cached("DELETE FROM deliveries WHERE number = ?1")?.execute([number])?;
    if settled > 0
        && let Some(request) = request
    {
        // A duplicate is as well accepted as a new one.
        queue::accept(connection, request)?;
    }
    Ok(())
}
