//! How the threads with a connection serve their jobs: reads one by one, writes in shared commits.

use super::{
    failure::Failure,
    lane::{Job, Jobs},
};
use crate::StoreError;
use rusqlite::Connection;

/// How many writes share a commit at most. A commit waits for the disk once, whatever its size; beyond this the wait
/// is a small part of the whole, and the first in line would wait for the work of the others.
pub(super) const BATCH: usize = 512;

type Batch = [Box<dyn Job<Connection>>];

/// Serves reads, each of which sees one moment.
pub(super) fn serve_reads(connection: Connection, mut jobs: Jobs<Connection>) {
    while let Some(mut job) = jobs.blocking_recv() {
        if let Err(Failure(error)) = undone(&connection, run_alone(&connection, &mut *job)) {
            job.fail(error);
        }
        job.answer();
    }
}

/// Serves writes: whatever waits shares a commit, and is answered after it.
pub(super) fn serve_writes(connection: Connection, mut jobs: Jobs<Connection>) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.blocking_recv_many(&mut batch, BATCH) > 0 {
        commit(&connection, &mut batch);
        for job in batch.drain(..) {
            job.answer();
        }
    }
}

/// Runs the jobs of a batch and commits once.
fn commit(connection: &Connection, batch: &mut Batch) {
    let Err(Failure(error)) = undone(connection, run_all(connection, batch)) else { return };
    match batch {
        // One big job must not take the small ones with it that still fit, such as those that make room.
        [_, _, ..] if matches!(error, StoreError::Full) => {
            for job in batch.chunks_mut(1) {
                commit(connection, job);
            }
        }
        _ => {
            for job in batch {
                job.fail(error.clone());
            }
        }
    }
}

fn run_all(connection: &Connection, batch: &mut Batch) -> Result<(), Failure> {
    execute(connection, "BEGIN IMMEDIATE")?;
    for job in batch {
        run_alone(connection, &mut **job)?;
    }
    execute(connection, "COMMIT")
}

/// Runs a job so that it alone is undone when it fails.
///
/// # Errors
/// When others are undone too. The failure of a job alone is in its answer.
fn run_alone(connection: &Connection, job: &mut dyn Job<Connection>) -> Result<(), Failure> {
    execute(connection, "SAVEPOINT job")?;
    if let Err(error) = job.run(connection) {
        // SQLite gives up the whole transaction when it cannot undo a statement alone, on a full disk for one.
        if connection.is_autocommit() {
            return Err(Failure(error));
        }
        execute(connection, "ROLLBACK TO job")?;
    }
    execute(connection, "RELEASE job")
}

/// Ends the transaction of what failed, so that the next can begin its own.
fn undone(connection: &Connection, outcome: Result<(), Failure>) -> Result<(), Failure> {
    if outcome.is_err() && !connection.is_autocommit() {
        // Whoever comes next tries again if this fails.
        let _ = execute(connection, "ROLLBACK");
    }
    outcome
}

fn execute(connection: &Connection, statement: &str) -> Result<(), Failure> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
