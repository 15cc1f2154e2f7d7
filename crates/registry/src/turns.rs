//! One writer at a time for each function.

use fngraph_types::FunctionId;
use std::hash::{BuildHasher, RandomState};
use tokio::sync::Mutex;

/// How many writers there can be at a time, and so how many can share a commit of the store. Two functions that meet
/// here by chance only wait for each other. A thousand locks take some 40 KB.
const TURNS: u64 = 1024;

/// Locks that functions share by their hash. They are held while the store commits, so they are asynchronous.
pub(crate) struct Turns {
    hasher: RandomState,
    locks: Box<[Mutex<()>]>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), locks: (0..TURNS).map(|_| Mutex::new(())).collect() }
    }

    /// The lock to hold while this function is written.
    pub(crate) fn of(&self, id: &FunctionId) -> &Mutex<()> {
        let turn = usize::try_from(self.hasher.hash_one(id) % TURNS).expect("a thousand fits anywhere");
        &self.locks[turn]
    }
}
