//! The tables, and how older databases get them.

use rusqlite::Connection;

/// Each brings a database from the version that is its place to the next. One that was released is never changed.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1_requests.sql"),
    include_str!("migrations/2_history.sql"),
    include_str!("migrations/3_documents.sql"),
    include_str!("migrations/4_streams.sql"),
    include_str!("migrations/5_failures.sql"),
];

/// The version that this program writes.
pub(super) fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The version that a database has; 0 when it is new.
pub(super) fn found(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Brings a database to the version that this program writes.
pub(super) fn upgrade(connection: &Connection) -> rusqlite::Result<()> {
    let done = usize::try_from(found(connection)?).unwrap_or(0);
    for (version, migration) in (1..).zip(MIGRATIONS).skip(done) {
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
