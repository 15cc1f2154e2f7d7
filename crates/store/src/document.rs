//! Documents: what belongs to a project or to the whole, rather than to one function.

use crate::StoreFuture;

/// One document, whose meaning is the business of whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// What kind of document it is: `projects`.
    pub collection: String,
    /// Its name in the collection.
    pub key: String,
    /// Counts the changes, from 1.
    pub revision: u64,
    /// What it says, JSON.
    pub body: String,
}

/// Keeps documents in collections.
pub trait DocumentStore: Send + Sync + 'static {
    /// The documents of a collection whose keys begin with `prefix`, in the order of their keys.
    fn documents(&self, collection: &str, prefix: &str) -> StoreFuture<'_, Vec<DocumentRecord>>;

    /// One document; none when there is no such.
    fn document(&self, collection: &str, key: &str) -> StoreFuture<'_, Option<DocumentRecord>>;

    /// Writes a document. Revision 1 creates it; any other replaces the one before it.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the stored revision is not the one before `record.revision` (for
    /// revision 1: when there is one).
    fn put_document(&self, record: DocumentRecord) -> StoreFuture<'_, ()>;

    /// Removes a document.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when its revision is another.
    fn delete_document(&self, collection: &str, key: &str, revision: u64) -> StoreFuture<'_, ()>;
}
