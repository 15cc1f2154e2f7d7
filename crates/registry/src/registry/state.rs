//! What the clones of a registry share.

use super::dependencies::Dependencies;
use crate::{
    Function, Limits, Observer, RegistryError,
    cipher::Cipher,
    document,
    ledger::{Ledger, Usage},
    listing::Listing,
    turns::Turns,
};
use fngraph_store::{CodeStore, DocumentStore, FunctionStore, StoreError};
use fngraph_types::{FunctionId, UrnRef};
use papaya::{Equivalent, HashMap};
use std::{
    collections::BTreeMap,
    panic,
    sync::{Arc, PoisonError, RwLock},
};
use tokio_util::task::TaskTracker;

pub(super) struct State {
    functions: HashMap<FunctionId, Arc<Function>>,
    /// The same functions, in order.
    pub(super) listing: Listing,
    /// Why those functions that cannot be read cannot be read.
    damaged: BTreeMap<FunctionId, String>,
    records: Arc<dyn FunctionStore>,
    pub(super) packages: Arc<dyn CodeStore>,
    pub(super) dependencies: Dependencies,
    cipher: Cipher,
    pub(super) ledger: Ledger,
    turns: Turns,
    /// Who stores code reads this until a function has it; who sweeps writes. It is taken before a turn.
    sweep: tokio::sync::RwLock<()>,
    observers: RwLock<Vec<Arc<dyn Observer>>>,
    writes: TaskTracker,
}

/// A function's id, borrowed. It hashes as [`FunctionId`] does: its fields in their order.
#[derive(Hash)]
struct Key<'a> {
    project_id: &'a str,
    package: &'a str,
    name: &'a str,
}

impl Equivalent<FunctionId> for Key<'_> {
    fn equivalent(&self, id: &FunctionId) -> bool {
        *self.name == *id.name && *self.package == *id.package && *self.project_id == *id.project_id
    }
}

/// Tells what was being done when the store failed.
pub(super) fn storing(verb: &'static str) -> impl FnOnce(StoreError) -> RegistryError {
    move |source| RegistryError::Store { verb, source }
}

impl State {
    pub(super) async fn open(
        records: Arc<dyn FunctionStore>,
        packages: Arc<dyn CodeStore>,
        documents: Arc<dyn DocumentStore>,
        limits: Limits,
    ) -> Result<Self, RegistryError> {
        limits.validate()?;
        let stored = records.functions().await.map_err(storing("read the functions"))?;
        let cipher = Cipher::new(records.secret());
        let functions = HashMap::with_capacity(stored.len());
        let mut damaged = BTreeMap::new();
        let ledger = Ledger::new(limits);
        for record in stored {
            match document::read(&record, &cipher) {
                Ok(function) => {
                    ledger.add(&function);
                    functions.pin().insert(record.id, Arc::new(function));
                }
                Err(reason) => {
                    tracing::error!(function = %record.id, reason, "a stored function is damaged and left alone");
                    damaged.insert(record.id, reason);
                }
            }
        }
        let dependencies = Dependencies::open(documents).await.map_err(storing("read the dependencies"))?;
        for dependency in dependencies.all() {
            ledger.take(&dependency.project_id, Usage::of_dependency(&dependency));
        }
        let listing = Listing::new(functions.pin().values().cloned());
        Ok(Self {
            functions,
            listing,
            damaged,
            records,
            packages,
            dependencies,
            cipher,
            ledger,
            turns: Turns::new(),
            sweep: tokio::sync::RwLock::default(),
            observers: RwLock::default(),
            writes: TaskTracker::new(),
        })
    }

    pub(super) fn function(&self, id: &FunctionId) -> Option<Arc<Function>> {
        self.functions.pin().get(id).cloned()
    }

    pub(super) fn find(&self, urn: &UrnRef<'_>) -> Option<Arc<Function>> {
        let key = Key { project_id: urn.project_id, package: urn.package, name: urn.name };
        self.functions.pin().get(&key).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Function>> {
        self.functions.pin().values().cloned().collect()
    }

    pub(super) fn subscribe(&self, observer: Arc<dyn Observer>) {
        self.observers.write().unwrap_or_else(PoisonError::into_inner).push(observer);
    }

    pub(super) async fn close(&self) {
        self.writes.close();
        self.writes.wait().await;
    }

    /// The function of this id, or why there is none.
    pub(super) fn require(&self, id: &FunctionId) -> Result<Arc<Function>, RegistryError> {
        self.sound(id)?;
        self.function(id).ok_or_else(|| RegistryError::FunctionNotFound(id.clone()))
    }

    /// Refuses a function whose stored document cannot be read.
    fn sound(&self, id: &FunctionId) -> Result<(), RegistryError> {
        match self.damaged.get(id) {
            Some(reason) => Err(RegistryError::Damaged { id: id.clone(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Runs a change to its end, even when nobody waits for it any more: the store may commit at any moment, and then
    /// readers must come to know.
    pub(super) async fn finish<T: Send + 'static>(
        &self,
        change: impl Future<Output = Result<T, RegistryError>> + Send + 'static,
    ) -> Result<T, RegistryError> {
        match self.writes.spawn(change).await {
            Ok(answer) => answer,
            Err(error) => match error.try_into_panic() {
                Ok(reason) => panic::resume_unwind(reason),
                Err(_) => Err(RegistryError::Interrupted),
            },
        }
    }

    /// Keeps what is stored from now on from being swept, until the guard is dropped.
    pub(super) async fn keep_code(&self) -> tokio::sync::RwLockReadGuard<'_, ()> {
        self.sweep.read().await
    }

    pub(super) async fn sweep_code(&self) -> Result<u64, RegistryError> {
        if !self.damaged.is_empty() || self.dependencies.is_damaged() {
            tracing::warn!(
                damaged = self.damaged.len(),
                "code is not swept: some may belong to damaged functions or dependencies"
            );
            return Ok(0);
        }
        let _alone = self.sweep.write().await;
        let functions = self.all();
        let versions = functions.iter().flat_map(|function| function.versions());
        let mut keep: Vec<_> = versions.map(|version| version.code).chain(self.dependency_digests()).collect();
        keep.sort_unstable();
        keep.dedup();
        self.packages.sweep_code(keep).await.map_err(storing("remove code"))
    }

    pub(super) async fn create(&self, function: Function) -> Result<Arc<Function>, RegistryError> {
        let _turn = self.turns.of(&function.id).lock().await;
        self.absent(&function.id)?;
        let _kept = self.dependencies.keep(None, &function).await?;
        self.commit(Usage::NONE, function).await
    }

    /// Refuses a function that exists.
    pub(super) fn absent(&self, id: &FunctionId) -> Result<(), RegistryError> {
        self.sound(id)?;
        match self.function(id) {
            Some(_) => Err(RegistryError::FunctionExists(id.clone())),
            None => Ok(()),
        }
    }

    pub(super) async fn edit<T>(
        &self,
        id: &FunctionId,
        edit: impl FnOnce(&mut Function) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let _turn = self.turns.of(id).lock().await;
        let before = self.require(id)?;
        let mut function = Function::clone(&before);
        function.revision += 1;
        let answer = edit(&mut function)?;
        let _kept = self.dependencies.keep(Some(&before), &function).await?;
        self.commit(Usage::of(&before), function).await?;
        Ok(answer)
    }

    pub(super) async fn delete(&self, id: &FunctionId) -> Result<(), RegistryError> {
        let _turn = self.turns.of(id).lock().await;
        let function = self.require(id)?;
        let deleted = self.records.delete_function(id.clone(), function.revision).await;
        deleted.map_err(storing("delete the function"))?;
        self.ledger.release(&function);
        self.functions.pin().remove(id);
        self.listing.replace(Some(&function), None);
        self.announce(id, None);
        Ok(())
    }

    /// Writes a function, then shows it. Whose turn it is calls this.
    async fn commit(&self, before: Usage, function: Function) -> Result<Arc<Function>, RegistryError> {
        let claim = self.ledger.claim(&function.id.project_id, before, Usage::of(&function))?;
        let written = self.records.put_function(document::write(&function, &self.cipher)).await;
        written.map_err(storing("write the function"))?;
        claim.settle();
        let function = Arc::new(function);
        let before = self.functions.pin().insert(function.id.clone(), Arc::clone(&function)).cloned();
        self.listing.replace(before.as_deref(), Some(&function));
        self.announce(&function.id, Some(&function));
        Ok(function)
    }

    fn announce(&self, id: &FunctionId, function: Option<&Arc<Function>>) {
        // A copy, so that an observer may subscribe another.
        let observers = self.observers.read().unwrap_or_else(PoisonError::into_inner).clone();
        for observer in observers {
            observer.changed(id, function);
        }
    }
}
