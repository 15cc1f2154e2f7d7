//! Functions: a document under a number.

use super::{
    Sqlite,
    failure::Failure,
    row::{function_id, function_number, known_function, number, readable, stored},
};
use crate::{FunctionRecord, FunctionStore, Secret, StoreError, StoreFuture};
use fngraph_types::FunctionId;
use rusqlite::Connection;

/// What else is known of a function. Events go by their requests, so they have to go before them.
const BELONGINGS: [&str; 6] = [
    "DELETE FROM events WHERE seq IN (SELECT seq FROM requests WHERE function = ?1)",
    "DELETE FROM requests WHERE function = ?1",
    "DELETE FROM deliveries WHERE function = ?1",
    "DELETE FROM minutes WHERE function = ?1",
    "DELETE FROM logs WHERE function = ?1",
    "DELETE FROM function_ids WHERE number = ?1",
];

impl FunctionStore for Sqlite {
    fn secret(&self) -> &Secret {
        &self.shared.secret
    }

    fn functions(&self) -> StoreFuture<'_, Vec<FunctionRecord>> {
        self.read(list)
    }

    fn put_function(&self, record: FunctionRecord) -> StoreFuture<'_, ()> {
        self.write(move |connection| put(connection, &record))
    }

    fn delete_function(&self, id: FunctionId, revision: u64) -> StoreFuture<'_, ()> {
        self.write(move |connection| delete(connection, &id, revision))
    }
}

fn list(connection: &Connection) -> Result<Vec<FunctionRecord>, Failure> {
    let statement = connection.prepare_cached(
        "SELECT o.function, i.project, i.package, i.name, o.revision, o.document
         FROM functions o LEFT JOIN function_ids i ON i.number = o.function
         ORDER BY i.project, i.package, i.name",
    )?;
    readable(statement, [], "function", |row| {
        Ok(FunctionRecord { id: function_id(row, 1)?, revision: number(row, 4)?, document: row.get(5)? })
    })
}

fn put(connection: &Connection, record: &FunctionRecord) -> Result<(), Failure> {
    let function = function_number(connection, &record.id)?;
    let changed = match record.revision {
        0 => 0,
        1 => connection
            .prepare_cached("INSERT INTO functions VALUES (?1, 1, ?2) ON CONFLICT DO NOTHING")?
            .execute((function, &record.document))?,
        next => connection
            .prepare_cached("UPDATE functions SET revision = ?2, document = ?3 WHERE function = ?1 AND revision = ?4")?
            .execute((function, stored(next), &record.document, stored(next - 1)))?,
    };
    if changed == 0 { Err(StoreError::Conflict.into()) } else { Ok(()) }
}

fn delete(connection: &Connection, id: &FunctionId, revision: u64) -> Result<(), Failure> {
    let Some(function) = known_function(connection, id)? else { return Err(StoreError::Conflict.into()) };
    let delete = "DELETE FROM functions WHERE function = ?1 AND revision = ?2";
    if connection.prepare_cached(delete)?.execute((function, stored(revision)))? == 0 {
        return Err(StoreError::Conflict.into());
    }
    for statement in BELONGINGS {
        connection.prepare_cached(statement)?.execute([function])?;
    }
    Ok(())
}
