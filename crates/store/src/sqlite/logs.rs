//! Logs: texts with a total that is known without reading them.

use super::{
    Sqlite,
    failure::Failure,
    row::{
        function_id, function_number, id_bytes, known_function, number, parsed, readable, request_id, stored, timestamp,
    },
};
use crate::{LogPage, LogPageQuery, LogQuery, LogRecord, LogRetention, LogStore, LogStream, StoreError, StoreFuture};
use fngraph_types::RequestId;
use rusqlite::{Connection, Row, named_params};

/// How many logs go in one transaction when old ones are forgotten: some milliseconds, so that others get in between.
const FORGOTTEN_AT_ONCE: u64 = 500;

const RECORD: &str =
    "SELECT l.number, l.request, i.project, i.package, i.name, l.version, l.at, l.error_code, l.text, l.stream
    FROM logs l LEFT JOIN function_ids i ON i.number = l.function";

impl LogStore for Sqlite {
    fn add_logs(&self, records: Vec<LogRecord>) -> StoreFuture<'_, ()> {
        self.write(move |connection| records.iter().try_for_each(|record| add(connection, record)))
    }

    fn log(&self, request: RequestId) -> StoreFuture<'_, Vec<LogRecord>> {
        self.read(move |connection| {
            let statement = connection
                .prepare_cached(&format!("{RECORD} WHERE l.request = ?1 AND l.stream = 0 ORDER BY l.at, l.number"))?;
            readable(statement, [id_bytes(request)], "log", record)
        })
    }

    fn logs(&self, query: LogQuery) -> StoreFuture<'_, Vec<LogRecord>> {
        self.read(move |connection| list(connection, &query))
    }

    fn log_page(&self, query: LogPageQuery) -> StoreFuture<'_, LogPage> {
        self.read(move |connection| page(connection, &query))
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
        stream: if row.get::<_, i64>(9)? == 0 { LogStream::Function } else { LogStream::AsyncStatus },
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
            "INSERT INTO logs (request, function, version, at, error_code, bytes, text, stream)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            id_bytes(record.request),
            function,
            record.version.as_str(),
            record.at.as_millis(),
            record.error_code,
            i64::try_from(record.text.len()).unwrap_or(i64::MAX),
            &record.text,
            number_of(record.stream),
        ))?;
    Ok(())
}

fn list(connection: &Connection, query: &LogQuery) -> Result<Vec<LogRecord>, Failure> {
    let Some(function) = known_function(connection, &query.function)? else { return Ok(Vec::new()) };
    let statement = connection.prepare_cached(&format!(
        "{RECORD} WHERE l.function = ?1 AND l.stream = 0 AND l.at BETWEEN ?2 AND ?3 AND (?4 IS NULL OR l.version = ?4)
         ORDER BY l.at DESC, l.number DESC LIMIT ?5"
    ))?;
    let version = query.version.as_ref().map(|version| version.as_str());
    let params = (function, query.from.as_millis(), query.until.as_millis(), version, stored(query.limit));
    let mut records = readable(statement, params, "log", record)?;
    records.reverse();
    Ok(records)
}

/// A page ends where the table ended before it was read: what is stored meanwhile belongs to the next one.
fn page(connection: &Connection, query: &LogPageQuery) -> Result<LogPage, Failure> {
    let end = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'logs'), 0)";
    let end: i64 = connection.prepare_cached(end)?.query_row([], |row| row.get(0))?;
    let none = LogPage { records: Vec::new(), marker: end };
    let Some(function) = known_function(connection, &query.function)? else { return Ok(none) };
    // The index that leads to the fewest is made the only one.
    let owner = if query.request.is_some() { "+l.function" } else { "l.function" };
    let (after, order) = query.after.map_or((0, "DESC"), |after| (after, "ASC"));
    let statement = connection.prepare_cached(&format!(
        "{RECORD} WHERE {owner} = :function AND l.stream = :stream AND l.number > :after AND l.number <= :end
               AND l.at >= :from AND (:request IS NULL OR l.request = :request)
               AND (:versions IS NULL OR l.version IN (SELECT value FROM json_each(:versions)))
         ORDER BY l.number {order} LIMIT :limit"
    ))?;
    let versions: Vec<_> = query.versions.iter().map(|version| version.as_str()).collect();
    let versions = (!versions.is_empty()).then(|| serde_json::to_string(&versions)).transpose();
    let versions = versions.map_err(|error| StoreError::Failed(error.to_string()))?;
    let params = named_params! {
        ":function": function,
        ":stream": number_of(query.stream),
        ":after": after,
        ":end": end,
        ":from": query.from.as_millis(),
        ":request": query.request.map(id_bytes),
        ":versions": versions,
        ":limit": stored(query.limit),
    };
    let mut rows = readable(statement, params, "log", |row| Ok((row.get::<_, i64>(0)?, record(row)?)))?;
    if query.after.is_none() {
        rows.reverse();
    }
    let marker = rows.last().map_or(end, |(number, _)| *number);
    Ok(LogPage { records: rows.into_iter().map(|(_, record)| record).collect(), marker })
}

const fn number_of(stream: LogStream) -> i64 {
    match stream {
        LogStream::Function => 0,
        LogStream::AsyncStatus => 1,
    }
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
