//! A store in memory that can be made to fail or to wait.

use bytes::Bytes;
use fngraph_store::{
    CodeStore, Digest, DocumentRecord, DocumentStore, FunctionRecord, FunctionStore, Secret, StoreError, StoreFuture,
};
use fngraph_types::FunctionId;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

/// What is stored, with switches.
pub(crate) struct Shelf {
    pub(crate) records: Mutex<BTreeMap<FunctionId, FunctionRecord>>,
    packages: Mutex<BTreeMap<Digest, Bytes>>,
    /// By collection and key.
    pub(crate) documents: Mutex<BTreeMap<(String, String), DocumentRecord>>,
    pub(crate) secret: Secret,
    /// Whether writes fail.
    pub(crate) full: AtomicBool,
    /// Each write of a function takes one permit and gives it back.
    pub(crate) open: Semaphore,
    /// How many writes of functions have come so far.
    pub(crate) arrived: AtomicUsize,
}

impl Shelf {
    pub(crate) fn new() -> Self {
        Self {
            records: Mutex::default(),
            packages: Mutex::default(),
            documents: Mutex::default(),
            secret: Secret::from_bytes([7; 32]),
            full: AtomicBool::new(false),
            open: Semaphore::new(1_000_000),
            arrived: AtomicUsize::new(0),
        }
    }

    /// A shelf with one function, in this document.
    pub(crate) fn with(id: FunctionId, document: &str) -> Self {
        let shelf = Self::new();
        let record = FunctionRecord { id: id.clone(), revision: 7, document: document.to_owned() };
        shelf.records.lock().unwrap().insert(id, record);
        shelf
    }

    pub(crate) fn package_count(&self) -> usize {
        self.packages.lock().unwrap().len()
    }

    fn fail(&self) -> Result<(), StoreError> {
        if self.full.load(Ordering::SeqCst) { Err(StoreError::Full) } else { Ok(()) }
    }
}

impl FunctionStore for Shelf {
    fn secret(&self) -> &Secret {
        &self.secret
    }

    fn functions(&self) -> StoreFuture<'_, Vec<FunctionRecord>> {
        Box::pin(async { Ok(self.records.lock().unwrap().values().cloned().collect()) })
    }

    fn put_function(&self, record: FunctionRecord) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.arrived.fetch_add(1, Ordering::SeqCst);
            let _permit = self.open.acquire().await.unwrap();
            self.fail()?;
            let mut records = self.records.lock().unwrap();
            let stored = records.get(&record.id).map_or(0, |stored| stored.revision);
            if stored + 1 != record.revision {
                return Err(StoreError::Conflict);
            }
            records.insert(record.id.clone(), record);
            Ok(())
        })
    }

    fn delete_function(&self, id: FunctionId, revision: u64) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.fail()?;
            let mut records = self.records.lock().unwrap();
            match records.get(&id) {
                Some(stored) if stored.revision == revision => drop(records.remove(&id)),
                _ => return Err(StoreError::Conflict),
            }
            Ok(())
        })
    }
}

impl CodeStore for Shelf {
    fn put_code(&self, package: Bytes) -> StoreFuture<'_, Digest> {
        Box::pin(async move {
            let digest = Digest::of(&package);
            self.packages.lock().unwrap().insert(digest, package);
            Ok(digest)
        })
    }

    fn code(&self, digest: Digest) -> StoreFuture<'_, Option<Bytes>> {
        Box::pin(async move { Ok(self.packages.lock().unwrap().get(&digest).cloned()) })
    }

    fn sweep_code(&self, keep: Vec<Digest>) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            let mut packages = self.packages.lock().unwrap();
            let before = packages.len();
            packages.retain(|digest, _| keep.contains(digest));
            Ok((before - packages.len()) as u64)
        })
    }
}

impl DocumentStore for Shelf {
    fn documents(&self, collection: &str, prefix: &str) -> StoreFuture<'_, Vec<DocumentRecord>> {
        let (collection, prefix) = (collection.to_owned(), prefix.to_owned());
        let fits = move |record: &&DocumentRecord| record.collection == collection && record.key.starts_with(&prefix);
        Box::pin(async move { Ok(self.documents.lock().unwrap().values().filter(fits).cloned().collect()) })
    }

    fn document(&self, collection: &str, key: &str) -> StoreFuture<'_, Option<DocumentRecord>> {
        let place = (collection.to_owned(), key.to_owned());
        Box::pin(async move { Ok(self.documents.lock().unwrap().get(&place).cloned()) })
    }

    fn put_document(&self, record: DocumentRecord) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.fail()?;
            let mut documents = self.documents.lock().unwrap();
            let place = (record.collection.clone(), record.key.clone());
            if documents.get(&place).map_or(0, |stored| stored.revision) + 1 != record.revision {
                return Err(StoreError::Conflict);
            }
            documents.insert(place, record);
            Ok(())
        })
    }

    fn delete_document(&self, collection: &str, key: &str, revision: u64) -> StoreFuture<'_, ()> {
        let place = (collection.to_owned(), key.to_owned());
        Box::pin(async move {
            self.fail()?;
            let mut documents = self.documents.lock().unwrap();
            match documents.get(&place) {
                Some(stored) if stored.revision == revision => drop(documents.remove(&place)),
                _ => return Err(StoreError::Conflict),
            }
            Ok(())
        })
    }
}
