//! What can go wrong with stored state.

use std::{io, path::PathBuf};

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process uses it.
    #[error("the data directory {0} is in use by another process; stop that one, or choose another directory")]
    Locked(PathBuf),
    /// A newer version of this program wrote it.
    #[error(
        "the data directory {path} was written by a newer version (its schema is {found}, this program knows up to {known}); upgrade this program"
    )]
    Newer {
        /// The directory.
        path: PathBuf,
        /// The schema's version there.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database is damaged.
    #[error("the database in {0} is damaged: {1}")]
    Damaged(PathBuf, String),
    /// The system refused.
    #[error("open the data directory {path}")]
    Io {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Why an operation on stored state failed. It has changed nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else changed the record in between.
    #[error("the record was changed by somebody else")]
    Conflict,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// A stored value cannot be read.
    #[error("a stored {what} is damaged: {reason}")]
    Damaged {
        /// What kind of value.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// The system refused.
    #[error("{0}")]
    Failed(String),
}
