//! Minutes: one row for each function, version and minute, added up in place.

use super::{
    Sqlite,
    failure::Failure,
    periods,
    row::{function_id, function_number, number, parsed, readable, stored},
};
use crate::{MinuteRecord, Period, PeriodQuery, StatisticsQuery, StatisticsStore, StoreFuture};
use fngraph_types::FunctionId;
use rusqlite::{Connection, Row, named_params};

/// How many rows go in one transaction when old ones are forgotten: some milliseconds, so that others get in between.
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// Sums stay integers at the end of their range because the lesser of a sum and that end is taken.
const ADD: &str =
    "INSERT INTO minutes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
ON CONFLICT (function, minute, version) DO UPDATE SET
    count = min(count + excluded.count, 9223372036854775807),
    function_errors = min(function_errors + excluded.function_errors, 9223372036854775807),
    system_errors = min(system_errors + excluded.system_errors, 9223372036854775807),
    rejects = min(rejects + excluded.rejects, 9223372036854775807),
    cold_starts = min(cold_starts + excluded.cold_starts, 9223372036854775807),
    duration_sum = min(duration_sum + excluded.duration_sum, 9223372036854775807),
    duration_min = min(duration_min, excluded.duration_min),
    duration_max = max(duration_max, excluded.duration_max),
    billed_sum = min(billed_sum + excluded.billed_sum, 9223372036854775807),
    memory_time = min(memory_time + excluded.memory_time, 9223372036854775807),
    memory_max = max(memory_max, excluded.memory_max),
    concurrency_max = max(concurrency_max, excluded.concurrency_max),
    elastic_max = max(elastic_max, excluded.elastic_max),
    reserved_max = max(reserved_max, excluded.reserved_max),
    handled = min(handled + excluded.handled, 9223372036854775807)";

impl StatisticsStore for Sqlite {
    fn add_minutes(&self, records: Vec<MinuteRecord>) -> StoreFuture<'_, ()> {
        self.write(move |connection| records.iter().try_for_each(|record| add(connection, record)))
    }

    fn minutes(&self, query: StatisticsQuery) -> StoreFuture<'_, Vec<MinuteRecord>> {
        self.read(move |connection| list(connection, &query))
    }

    fn periods(&self, query: PeriodQuery, width: u32) -> StoreFuture<'_, Vec<Period>> {
        self.read(move |connection| periods::periods(connection, &query, width.into()))
    }

    fn totals(&self, query: PeriodQuery) -> StoreFuture<'_, Vec<(FunctionId, Period)>> {
        self.read(move |connection| periods::totals(connection, &query))
    }

    fn failures(&self, functions: Vec<FunctionId>, from: i64) -> StoreFuture<'_, Vec<(FunctionId, u64)>> {
        self.read(move |connection| periods::failures(connection, &functions, from))
    }

    fn forget_minutes(&self, before: i64) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let mut forgotten = 0;
            loop {
                let step = self.write(move |connection| forget(connection, before)).await?;
                forgotten += step;
                if step < FORGOTTEN_AT_ONCE {
                    return Ok(forgotten);
                }
            }
        })
    }
}

fn add(connection: &Connection, record: &MinuteRecord) -> Result<(), Failure> {
    let function = function_number(connection, &record.function)?;
    let numbers = [
        record.count,
        record.function_errors,
        record.system_errors,
        record.rejects,
        record.cold_starts,
        record.duration_sum,
        record.duration_min,
        record.duration_max,
        record.billed_sum,
        record.memory_time,
        record.memory_max,
        record.concurrency_max,
        record.elastic_max,
        record.reserved_max,
        record.handled,
    ];
    let mut statement = connection.prepare_cached(ADD)?;
    statement.raw_bind_parameter(1, function)?;
    statement.raw_bind_parameter(2, record.minute)?;
    statement.raw_bind_parameter(3, record.version.as_str())?;
    for (place, number) in (4..).zip(numbers) {
        statement.raw_bind_parameter(place, stored(number))?;
    }
    statement.raw_execute()?;
    Ok(())
}

fn list(connection: &Connection, query: &StatisticsQuery) -> Result<Vec<MinuteRecord>, Failure> {
    // The form without a function reads all minutes of the time, the form with one only its own.
    let condition = match query.function {
        Some(_) => "i.project = :project AND i.package = :package AND i.name = :name",
        None => ":project IS NULL AND :package IS NULL AND :name IS NULL",
    };
    let statement = connection.prepare_cached(&format!(
        "SELECT m.function, m.minute, m.version, i.project, i.package, i.name, m.count, m.function_errors,
                m.system_errors, m.rejects, m.cold_starts, m.duration_sum, m.duration_min, m.duration_max,
                m.billed_sum, m.memory_time, m.memory_max, m.concurrency_max, m.elastic_max, m.reserved_max, m.handled
         FROM minutes m LEFT JOIN function_ids i ON i.number = m.function
         WHERE {condition} AND m.minute BETWEEN :from AND :until
               AND (:owner IS NULL OR i.project = :owner) AND (:version IS NULL OR m.version = :version)
         ORDER BY m.minute, i.project, i.package, i.name, m.version"
    ))?;
    let function = query.function.as_ref();
    let params = named_params! {
        ":project": function.map(|id| &id.project_id),
        ":package": function.map(|id| &id.package),
        ":name": function.map(|id| &id.name),
        ":from": query.from,
        ":until": query.until,
        ":owner": query.project_id,
        ":version": query.version.as_ref().map(|version| version.as_str()),
    };
    readable(statement, params, "minute", minute)
}

fn minute(row: &Row<'_>) -> rusqlite::Result<MinuteRecord> {
    let shortest = number(row, 12)?;
    Ok(MinuteRecord {
        minute: row.get(1)?,
        version: parsed(row, 2)?,
        function: function_id(row, 3)?,
        count: number(row, 6)?,
        function_errors: number(row, 7)?,
        system_errors: number(row, 8)?,
        rejects: number(row, 9)?,
        cold_starts: number(row, 10)?,
        duration_sum: number(row, 11)?,
        // None at all is the largest number, which SQLite cannot hold.
        duration_min: if stored(shortest) == i64::MAX { u64::MAX } else { shortest },
        duration_max: number(row, 13)?,
        billed_sum: number(row, 14)?,
        memory_time: number(row, 15)?,
        memory_max: number(row, 16)?,
        concurrency_max: number(row, 17)?,
        elastic_max: number(row, 18)?,
        reserved_max: number(row, 19)?,
        handled: number(row, 20)?,
    })
}

/// Forgets the oldest minutes, whole ones, so it may be some more rows than meant.
fn forget(connection: &Connection, before: i64) -> Result<u64, Failure> {
    let forget = "DELETE FROM minutes WHERE minute < coalesce(
                      (SELECT minute + 1 FROM minutes WHERE minute < ?1 ORDER BY minute LIMIT 1 OFFSET ?2 - 1), ?1)";
    let forgotten = connection.prepare_cached(forget)?.execute((before, stored(FORGOTTEN_AT_ONCE)))?;
    Ok(u64::try_from(forgotten).unwrap_or(u64::MAX))
}
