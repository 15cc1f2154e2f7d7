//! What the database and the file system say, in the words of the store.

use crate::StoreError;
use rusqlite::{Error, ErrorCode, ffi};
use std::io;

/// A [`StoreError`] that other errors turn into with `?`; the public one stays free of their types.
#[derive(Debug)]
pub(super) struct Failure(pub(super) StoreError);

impl Failure {
    /// A stored value that cannot be read.
    pub(super) fn damaged(what: &'static str, reason: impl ToString) -> Self {
        Self(StoreError::Damaged { what, reason: reason.to_string() })
    }

    /// Says what kind of value it was that could not be read.
    pub(super) fn reading(what: &'static str) -> impl Fn(Error) -> Self {
        move |error| match Self::from(error) {
            Self(StoreError::Damaged { reason, .. }) => Self::damaged(what, reason),
            other => other,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(Failure(error): Failure) -> Self {
        error
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::SqliteFailure(cause, _) => match (cause.code, cause.extended_code) {
                // The index of the log of writes is a file too, whose growth has a code of its own.
                (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Self(StoreError::Full),
                (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::damaged("database", error),
                _ => Self(StoreError::Failed(error.to_string())),
            },
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => Self::damaged("value", error),
            _ => Self(StoreError::Failed(error.to_string())),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self(StoreError::Full),
            _ => Self(StoreError::Failed(error.to_string())),
        }
    }
}
