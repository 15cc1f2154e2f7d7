//! Documents: texts under keys in collections.

use super::{
    Sqlite,
    failure::Failure,
    row::{number, readable, single, stored},
};
use crate::{DocumentRecord, DocumentStore, StoreError, StoreFuture};
use rusqlite::{Connection, Row};

impl DocumentStore for Sqlite {
    fn documents(&self, collection: &str, prefix: &str) -> StoreFuture<'_, Vec<DocumentRecord>> {
        let (collection, prefix) = (collection.to_owned(), prefix.to_owned());
        self.read(move |connection| list(connection, &collection, &prefix))
    }

    fn document(&self, collection: &str, key: &str) -> StoreFuture<'_, Option<DocumentRecord>> {
        let (collection, key) = (collection.to_owned(), key.to_owned());
        self.read(move |connection| {
            let find = "SELECT key, collection, revision, body FROM documents WHERE collection = ?1 AND key = ?2";
            single(connection, find, (&collection, &key), "document", record)
        })
    }

    fn put_document(&self, record: DocumentRecord) -> StoreFuture<'_, ()> {
        self.write(move |connection| put(connection, &record))
    }

    fn delete_document(&self, collection: &str, key: &str, revision: u64) -> StoreFuture<'_, ()> {
        let (collection, key) = (collection.to_owned(), key.to_owned());
        self.write(move |connection| {
            let delete = "DELETE FROM documents WHERE collection = ?1 AND key = ?2 AND revision = ?3";
            changed(connection.prepare_cached(delete)?.execute((&collection, &key, stored(revision)))?)
        })
    }
}

fn list(connection: &Connection, collection: &str, prefix: &str) -> Result<Vec<DocumentRecord>, Failure> {
    // No text is greater than a blob, so an empty one is the end where the prefix leaves everything open.
    let statement = connection.prepare_cached(
        "SELECT key, collection, revision, body FROM documents
         WHERE collection = ?1 AND key >= ?2 AND key < ifnull(?3, x'') ORDER BY key",
    )?;
    readable(statement, (collection, prefix, after_prefix(prefix)), "document", record)
}

/// The first text after all that begin with a prefix, in the order of their bytes; none when nothing comes after them.
fn after_prefix(prefix: &str) -> Option<String> {
    let (place, last) = prefix.char_indices().rev().find(|(_, c)| *c != char::MAX)?;
    let next = (last..=char::MAX).nth(1)?;
    Some(format!("{}{next}", &prefix[..place]))
}

fn record(row: &Row<'_>) -> rusqlite::Result<DocumentRecord> {
    Ok(DocumentRecord { key: row.get(0)?, collection: row.get(1)?, revision: number(row, 2)?, body: row.get(3)? })
}

fn put(connection: &Connection, record: &DocumentRecord) -> Result<(), Failure> {
    let DocumentRecord { collection, key, revision, body } = record;
    changed(match revision {
        0 => 0,
        1 => connection
            .prepare_cached("INSERT INTO documents VALUES (?1, ?2, 1, ?3) ON CONFLICT DO NOTHING")?
            .execute((collection, key, body))?,
        next => connection
            .prepare_cached(
                "UPDATE documents SET revision = ?3, body = ?4 WHERE collection = ?1 AND key = ?2 AND revision = ?5",
            )?
            .execute((collection, key, stored(*next), body, stored(next - 1)))?,
    })
}

fn changed(rows: usize) -> Result<(), Failure> {
    if rows == 0 { Err(StoreError::Conflict.into()) } else { Ok(()) }
}
