//! Functions: one document each.

use crate::{Secret, StoreFuture};
use fngraph_types::FunctionId;

/// One function with everything that belongs to it, as a document whose meaning is the registry's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionRecord {
    /// The function.
    pub id: FunctionId,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// The document, JSON.
    pub document: String,
}

/// Keeps functions.
pub trait FunctionStore: Send + Sync + 'static {
    /// What documents encrypt their secrets with. It is the same for all who open this store, and lasts as long.
    fn secret(&self) -> &Secret;

    /// All functions, in the order of their ids.
    fn functions(&self) -> StoreFuture<'_, Vec<FunctionRecord>>;

    /// Writes a function. Revision 1 creates it; any other replaces the one before it.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the stored revision is not the one before `record.revision` (for
    /// revision 1: when there is one).
    fn put_function(&self, record: FunctionRecord) -> StoreFuture<'_, ()>;

    /// Removes a function with its requests, statistics and logs.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when its revision is another.
    fn delete_function(&self, id: FunctionId, revision: u64) -> StoreFuture<'_, ()>;
}
