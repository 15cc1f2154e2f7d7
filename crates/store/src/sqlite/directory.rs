//! A data directory: `fngraph.db`, `code/`, `secret.key` and `lock`.

use super::{packages::Packages, schema};
use crate::{OpenError, Secret};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::NamedTempFile;

/// What is open of a data directory. The order of the fields is the order in which they are closed.
pub(super) struct Directory {
    pub(super) reader: Connection,
    pub(super) writer: Connection,
    pub(super) packages: Packages,
    pub(super) secret: Secret,
    pub(super) lock: File,
}

impl Directory {
    /// Creates what is missing, locks the directory, and brings its database up to date.
    ///
    /// # Errors
    /// When another process uses the directory, a newer version wrote it, it is damaged, or the system refuses.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io { path: path.to_owned(), source };
        create(path).map_err(io)?;
        let code = path.join("code");
        create(&code).map_err(io)?;
        let lock = lock(path)?;
        let database = path.join("fngraph.db");
        let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let write = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let writer = Connection::open_with_flags(&database, write).map_err(refusal(path))?;
        prepare(&writer, path)?;
        let read = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
        let reader = Connection::open_with_flags(&database, read).map_err(refusal(path))?;
        configure(&reader).map_err(refusal(path))?;
        Ok(Self { reader, writer, packages: Packages::in_folder(code), secret: secret(path)?, lock })
    }
}

/// A database in memory.
///
/// # Errors
/// When the system refuses.
pub(super) fn memory() -> Result<Connection, OpenError> {
    let path = Path::new(":memory:");
    let connection = Connection::open_in_memory().map_err(refusal(path))?;
    prepare(&connection, path)?;
    Ok(connection)
}

/// Makes what is done to the names in a folder last.
///
/// # Errors
/// When the system refuses.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    // Elsewhere a folder cannot be opened, and names last as they are.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    // Events and environment variables may be secret: others on the machine do not read them.
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match fs::canonicalize(path)?.parent() {
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.open(path.join("lock")).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// The directory's secret, made when it is not there yet. Nobody else is at work here: the directory is locked.
fn secret(path: &Path) -> Result<Secret, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    let file = path.join("secret.key");
    match fs::read(&file) {
        Ok(bytes) => match bytes.try_into() {
            Ok(bytes) => Ok(Secret::from_bytes(bytes)),
            Err(bytes) => {
                let reason = format!("its secret.key has {} bytes instead of 32; restore the file", bytes.len());
                Err(OpenError::Damaged(path.to_owned(), reason))
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let secret = Secret::random().map_err(io)?;
            // A temporary file is private to its owner, and stays so under its name.
            let mut draft = NamedTempFile::new_in(path).map_err(io)?;
            draft.write_all(secret.as_bytes()).and_then(|()| draft.as_file().sync_all()).map_err(io)?;
            draft.persist(&file).map_err(|error| io(error.error))?;
            sync(path).map_err(io)?;
            Ok(secret)
        }
        Err(error) => Err(io(error)),
    }
}

/// Checks a database that may be new, old or damaged, and brings it up to date.
fn prepare(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let (found, known) = (schema::found(connection).map_err(refusal(path))?, schema::known());
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    configure(connection).map_err(refusal(path))?;
    tune(connection).map_err(refusal(path))?;
    let check = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], check).map_err(refusal(path))?;
    if verdict != "ok" {
        return Err(OpenError::Damaged(path.to_owned(), verdict));
    }
    schema::upgrade(connection).map_err(refusal(path))
}

/// What holds for each connection.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // Somebody may look at the database with a tool meanwhile.
    connection.busy_timeout(Duration::from_secs(5))?;
    // There are about 50 statements; the default of 16 would have them parsed again and again.
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // 16 MiB: the hot pages of the tables with a backlog of some 100,000 requests.
    connection.pragma_update(None, "cache_size", -16 * 1024)
}

/// How the connection that writes does so.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    // The pragma answers with the mode; a database in memory keeps its own.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // A commit waits for the disk: what is accepted survives a power failure.
    connection.pragma_update(None, "synchronous", "FULL")?;
    // In pages, so 4 MiB. The commit at a checkpoint waits for it. With 16 MiB the checkpoints are rarer and as much
    // longer: the same throughput, but twice the time at the 99th percentile when 512 clients write.
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    // The log of writes is cut to this after a burst.
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)
}

fn refusal(path: &Path) -> impl Fn(rusqlite::Error) -> OpenError {
    move |error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged(PathBuf::from(path), error.to_string())
        }
        _ => OpenError::Io { path: PathBuf::from(path), source: io::Error::other(error) },
    }
}
