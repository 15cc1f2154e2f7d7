//! The store that comes along: SQLite, in a data directory or in memory.

mod commit;
mod deliveries;
mod directory;
mod documents;
mod failure;
mod functions;
mod history;
mod lane;
mod logs;
mod packages;
mod periods;
mod queue;
mod requests;
mod row;
mod schema;
mod statistics;

use crate::{OpenError, Secret, StoreFuture};
use directory::Directory;
use failure::Failure;
use lane::Lane;
use packages::Packages;
use rusqlite::Connection;
use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A store in a data directory, or in memory. Clones are cheap and the same store.
///
/// Its work is done by threads of its own, so futures only wait, and need no runtime. When the last clone is dropped,
/// what was submitted is finished, the threads end, and the directory is free for another process.
///
/// # Cancel safety
/// What a future was to write may be written or not when the future is dropped before it resolves; never a part.
#[derive(Clone)]
pub struct Sqlite {
    shared: Arc<Shared>,
}

/// The order of the fields is the order of the end: the last connection to close puts the log of writes into the
/// database, so that has to be the one that may write, and the lock outlives them all.
struct Shared {
    reader: Option<Lane<Connection>>,
    writer: Lane<Connection>,
    packages: Lane<Packages>,
    secret: Secret,
    path: Option<PathBuf>,
    _lock: Option<File>,
}

impl Sqlite {
    /// The store in a data directory, which is created when it is not there.
    ///
    /// # Errors
    /// When another process uses the directory, a newer version wrote it, it is damaged, or the system refuses.
    pub fn open(directory: &Path) -> Result<Self, OpenError> {
        let opened = Directory::open(directory)?;
        let io = |source| OpenError::Io { path: directory.to_owned(), source };
        Ok(Self {
            shared: Arc::new(Shared {
                reader: Some(Lane::start("store-reader", opened.reader, commit::serve_reads).map_err(io)?),
                writer: Lane::start("store-writer", opened.writer, commit::serve_writes).map_err(io)?,
                packages: Lane::start("store-packages", opened.packages, lane::serve).map_err(io)?,
                secret: opened.secret,
                path: Some(directory.to_owned()),
                _lock: Some(opened.lock),
            }),
        })
    }

    /// A store that ends with its last clone.
    ///
    /// # Errors
    /// When the system refuses memory or threads.
    pub fn in_memory() -> Result<Self, OpenError> {
        let io = |source| OpenError::Io { path: PathBuf::from(":memory:"), source };
        let connection = directory::memory()?;
        Ok(Self {
            shared: Arc::new(Shared {
                reader: None,
                writer: Lane::start("store-writer", connection, commit::serve_writes).map_err(io)?,
                packages: Lane::start("store-packages", Packages::in_memory(), lane::serve).map_err(io)?,
                secret: Secret::random().map_err(io)?,
                path: None,
                _lock: None,
            }),
        })
    }

    /// Changes the database, with everything that `work` does or with nothing. It may be done again when its company
    /// in a commit does not fit on the disk.
    fn write<T, F>(&self, work: F) -> StoreFuture<'_, T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        self.shared.writer.submit(work)
    }

    /// Reads the database as it is at one moment.
    fn read<T, F>(&self, work: F) -> StoreFuture<'_, T>
    where
        T: Send + 'static,
        F: Fn(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        // A database in memory has one connection.
        self.shared.reader.as_ref().unwrap_or(&self.shared.writer).submit(work)
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shared.path {
            Some(path) => write!(f, "Sqlite({})", path.display()),
            None => f.write_str("Sqlite(:memory:)"),
        }
    }
}

#[cfg(test)]
mod tests;
