//! Values in rows: what is written is read back, and what cannot be read is told apart.

use super::failure::Failure;
use fngraph_types::{FunctionId, RequestId, Timestamp};
use rusqlite::{CachedStatement, Connection, Error, OptionalExtension, Params, Row, types::Type};
use std::{error, str::FromStr};

/// All rows that can be read. One that cannot must not keep the others from being of use: it is left out, and logged
/// with its first column for a name.
pub(super) fn readable<T>(
    mut statement: CachedStatement<'_>,
    params: impl Params,
    what: &'static str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    let mut rows = statement.query(params)?;
    let mut values = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(value) => values.push(value),
            Err(error) => tracing::error!(row = ?row.get_ref(0), %error, "a stored {what} is damaged and left out"),
        }
    }
    Ok(values)
}

/// The row that there is at most.
pub(super) fn single<T>(
    connection: &Connection,
    statement: &str,
    params: impl Params,
    what: &'static str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(statement)?;
    statement.query_row(params, read).optional().map_err(Failure::reading(what))
}

/// A request's id as it is stored: its bits, so that ids sort as they are.
pub(super) fn id_bytes(id: RequestId) -> [u8; 16] {
    id.as_u128().to_be_bytes()
}

pub(super) fn request_id(row: &Row<'_>, column: usize) -> rusqlite::Result<RequestId> {
    Ok(RequestId::from_u128(u128::from_be_bytes(row.get(column)?)))
}

/// A function in three columns, beginning with `first`.
pub(super) fn function_id(row: &Row<'_>, first: usize) -> rusqlite::Result<FunctionId> {
    let part = |column| row.get::<_, String>(column);
    Ok(FunctionId::new(part(first)?, part(first + 1)?, part(first + 2)?))
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_millis)
}

/// A value that is stored as a text.
pub(super) fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr<Err: error::Error + Send + Sync + 'static>,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error| Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// A number that [`stored`] wrote.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let stored: i64 = row.get(column)?;
    u64::try_from(stored).map_err(|_| Error::IntegralValueOutOfRange(column, stored))
}

/// A number as SQLite can hold it; nothing that is counted here comes near the end.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The number under which the rows of a function are kept, if there are any.
pub(super) fn known_function(connection: &Connection, id: &FunctionId) -> Result<Option<i64>, Failure> {
    let find = "SELECT number FROM function_ids WHERE project = ?1 AND package = ?2 AND name = ?3";
    single(connection, find, (&id.project_id, &id.package, &id.name), "function id", |row| row.get(0))
}

/// The number under which the rows of a function are kept.
pub(super) fn function_number(connection: &Connection, id: &FunctionId) -> Result<i64, Failure> {
    if let Some(number) = known_function(connection, id)? {
        return Ok(number);
    }
    let add = "INSERT INTO function_ids (project, package, name) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(add)?.execute((&id.project_id, &id.package, &id.name))?;
    Ok(connection.last_insert_rowid())
}
