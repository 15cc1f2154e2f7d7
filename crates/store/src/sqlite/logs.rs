//! Logs: texts with a total that is known without reading them.

use super::{
    Sqlite,
    failure::Failure,
    row::{
        function_id, function_number, id_bytes, known_function, number, parsed, readable, request_id, stored, timestamp,
    },
};
use crate::{LogQuery, LogRecord, LogRetention, LogStore, StoreFuture};
use fngraph_types::RequestId;
use rusqlite::{Connection, Row};

/// How many logs go in one transaction when old ones are forgotten: some milliseconds, so that others get in between.
const FORGOTTEN_AT_ONCE: u64 = 500;

const RECORD: &str = "SELECT l.number, l.request, i.project, i.package, i.name, l.version, l.at, l.error_code, l.text
    FROM logs l LEFT JOIN function_ids i ON i.number = l.function";

impl LogStore for Sqlite {
    fn add_logs(&self, records: Vec<LogRecord>) -> StoreFuture<'_, ()> {
        self.write(move |connection| records.iter().try_for_each(|record| add(connection, record)))
    }

    fn log(&self, request: RequestId) -> StoreFuture<'_, Vec<LogRecord>> {
        self.read(move |connection| {
            let statement =
                connection.prepare_cached(&format!("{RECORD} WHERE l.request = ?1 ORDER BY l.at, l.number"))?;
            readable(statement, [id_bytes(request)], "log", record)
        })
    }

    fn logs(&self, query: LogQuery) -> StoreFuture<'_, Vec<LogRecord>> {
        self.read(move |connection| list(connection, &query))
    }

    fn forget_logs(&self, retention: LogRetention) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let mut forgotten = 0;
            loop {
                let step = self.write(move |connection| forget(connection, retention)).await?;
                forgotten += step;
                if step < FORGOTTEN_AT_ONCE {
                    return Ok(forgotten);
                }
            }
        })
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<LogRecord> {
    Ok(LogRecord {
        request: request_id(row, 1)?,
        function: function_id(row, 2)?,
        version: parsed(row, 5)?,
        at: timestamp(row, 6)?,
        error_code: row.get(7)?,
        text: row.get(8)?,
    })
}

fn add(connection: &Connection, record: &LogRecord) -> Result<(), Failure> {
    let function = function_number(connection, &record.function)?;
    connection
        .prepare_cached(
            "INSERT INTO logs (request, function, version, at, error_code, bytes, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            id_bytes(record.request),
            function,
            record.version.as_str(),
            record.at.as_millis(),
            record.error_code,
            i64::try_from(record.text.len()).unwrap_or(i64::MAX),
            &record.text,
        ))?;
    Ok(())
}

fn list(connection: &Connection, query: &LogQuery) -> Result<Vec<LogRecord>, Failure> {
    let Some(function) = known_function(connection, &query.function)? else { return Ok(Vec::new()) };
    let statement = connection.prepare_cached(&format!(
        "{RECORD} WHERE l.function = ?1 AND l.at BETWEEN ?2 AND ?3 AND (?4 IS NULL OR l.version = ?4)
         ORDER BY l.at DESC, l.number DESC LIMIT ?5"
    ))?;
    let version = query.version.as_ref().map(|version| version.as_str());
    let params = (function, query.from.as_millis(), query.until.as_millis(), version, stored(query.limit));
    let mut records = readable(statement, params, "log", record)?;
    records.reverse();
    Ok(records)
}

/// Forgets the oldest logs that need not be kept, a bounded number of them.
fn forget(connection: &Connection, retention: LogRetention) -> Result<u64, Failure> {
    let total: i64 = connection.prepare_cached("SELECT total FROM log_bytes")?.query_row([], |row| row.get(0))?;
    let mut excess = total.saturating_sub(stored(retention.bytes));
    let mut oldest = connection.prepare_cached("SELECT number, at, bytes FROM logs ORDER BY at, number LIMIT ?1")?;
    let mut delete = connection.prepare_cached("DELETE FROM logs WHERE number = ?1")?;
    let mut rows = oldest.query([stored(FORGOTTEN_AT_ONCE)])?;
    let mut doomed = Vec::new();
    while let Some(row) = rows.next()? {
        if excess <= 0 && timestamp(row, 1)? >= retention.before {
            break;
        }
        excess = excess.saturating_sub(stored(number(row, 2)?));
        doomed.push(row.get::<_, i64>(0)?);
    }
    drop(rows);
    for number in &doomed {
        delete.execute([number])?;
    }
    Ok(u64::try_from(doomed.len()).unwrap_or(u64::MAX))
}
