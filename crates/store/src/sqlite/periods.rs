//! Minutes added up by the database, so that half a year of them is never in memory.

use super::{
    failure::Failure,
    row::{function_id, number, readable, stored},
};
use crate::{Period, PeriodQuery, StoreError};
use fngraph_types::FunctionId;
use rusqlite::{Connection, Row, named_params};

/// The columns of a period. What adds up is added as a float, which cannot overflow, and cut to an integer.
const SUMS: &str = "CAST(total(count) AS INTEGER), CAST(total(handled) AS INTEGER),
    CAST(total(function_errors) AS INTEGER), CAST(total(system_errors) AS INTEGER), CAST(total(rejects) AS INTEGER),
    CAST(total(duration_sum) AS INTEGER), min(duration_min), max(duration_max), CAST(total(memory_time) AS INTEGER),
    max(concurrency), max(elastic), max(reserved)";

/// One row for each minute and what is told apart in it. What lives at once in a minute adds up over versions.
fn by_minute(query: &PeriodQuery, apart: &str) -> String {
    // The form without a function reads all minutes of the time, the form with one only its own.
    let condition = match query.function {
        Some(_) => "i.project = :project AND i.package = :package AND i.name = :name",
        None => ":project IS NULL AND :package IS NULL AND :name IS NULL",
    };
    format!(
        "SELECT {apart} AS apart, i.project AS project, i.package AS package, i.name AS name,
                sum(count) AS count, sum(handled) AS handled, sum(function_errors) AS function_errors,
                sum(system_errors) AS system_errors, sum(rejects) AS rejects, total(duration_sum) AS duration_sum,
                min(duration_min) AS duration_min, max(duration_max) AS duration_max,
                total(memory_time) AS memory_time, sum(concurrency_max) AS concurrency, sum(elastic_max) AS elastic,
                sum(reserved_max) AS reserved
         FROM minutes m JOIN function_ids i ON i.number = m.function
         WHERE {condition} AND m.minute BETWEEN :from AND :until AND (:owner IS NULL OR i.project = :owner)
               AND (:versions IS NULL OR m.version IN (SELECT value FROM json_each(:versions)))
         GROUP BY m.minute, {apart}"
    )
}

pub(super) fn periods(connection: &Connection, query: &PeriodQuery, width: i64) -> Result<Vec<Period>, Failure> {
    // Of the minute, which may be before 1970, the remainder is taken as mathematicians do.
    let width = width.max(1);
    let begin = format!("m.minute - ((m.minute % {width}) + {width}) % {width}");
    let minutes = by_minute(query, &begin);
    let sql = format!("SELECT apart, {SUMS} FROM ({minutes}) GROUP BY apart ORDER BY apart");
    list(connection, query, &sql, |row| {
        let begin = row.get(0)?;
        period(row, 1, begin)
    })
}

pub(super) fn totals(connection: &Connection, query: &PeriodQuery) -> Result<Vec<(FunctionId, Period)>, Failure> {
    let minutes = by_minute(query, "m.function");
    let sql = format!(
        "SELECT apart, project, package, name, {SUMS} FROM ({minutes}) GROUP BY apart ORDER BY project, package, name"
    );
    list(connection, query, &sql, |row| Ok((function_id(row, 1)?, period(row, 4, query.from)?)))
}

/// Its condition is that of the index, which has all that is read.
pub(super) const FAILURES: &str =
    "SELECT i.project, i.package, i.name, CAST(total(function_errors) + total(system_errors) AS INTEGER)
    FROM json_each(:functions) f
    JOIN function_ids i ON i.project = f.value ->> 0 AND i.package = f.value ->> 1 AND i.name = f.value ->> 2
    JOIN minutes m ON m.function = i.number
    WHERE m.minute >= :from AND (m.function_errors > 0 OR m.system_errors > 0)
    GROUP BY m.function";

pub(super) fn failures(
    connection: &Connection,
    functions: &[FunctionId],
    from: i64,
) -> Result<Vec<(FunctionId, u64)>, Failure> {
    let ids: Vec<_> = functions.iter().map(|id| [&*id.project_id, &*id.package, &*id.name]).collect();
    let ids = serde_json::to_string(&ids).map_err(|error| StoreError::Failed(error.to_string()))?;
    let params = named_params! { ":functions": ids, ":from": from };
    readable(connection.prepare_cached(FAILURES)?, params, "minute", |row| Ok((function_id(row, 0)?, number(row, 3)?)))
}

fn list<T>(
    connection: &Connection,
    query: &PeriodQuery,
    sql: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Failure> {
    let versions: Vec<_> = query.versions.iter().map(|version| version.as_str()).collect();
    let versions = (!versions.is_empty()).then(|| serde_json::to_string(&versions)).transpose();
    let versions = versions.map_err(|error| StoreError::Failed(error.to_string()))?;
    let function = query.function.as_ref();
    let params = named_params! {
        ":project": function.map(|id| &id.project_id),
        ":package": function.map(|id| &id.package),
        ":name": function.map(|id| &id.name),
        ":from": query.from,
        ":until": query.until,
        ":owner": query.project_id,
        ":versions": versions,
    };
    readable(connection.prepare_cached(sql)?, params, "minute", read)
}

fn period(row: &Row<'_>, first: usize, begin: i64) -> rusqlite::Result<Period> {
    let shortest = number(row, first + 6)?;
    Ok(Period {
        begin,
        count: number(row, first)?,
        handled: number(row, first + 1)?,
        function_errors: number(row, first + 2)?,
        system_errors: number(row, first + 3)?,
        rejects: number(row, first + 4)?,
        duration_sum: number(row, first + 5)?,
        // None at all is the largest number, which SQLite cannot hold.
        duration_min: if stored(shortest) == i64::MAX { u64::MAX } else { shortest },
        duration_max: number(row, first + 7)?,
        memory_time: number(row, first + 8)?,
        concurrency_max: number(row, first + 9)?,
        elastic_max: number(row, first + 10)?,
        reserved_max: number(row, first + 11)?,
    })
}
