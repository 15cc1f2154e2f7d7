//! Who follows what: an index over the active triggers of one kind, by the name of what they follow.

use crate::caller::Callee;
use fngraph::{Function, FunctionId, Trigger};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The active triggers of some kind, by what they follow.
#[derive(Debug)]
pub(crate) struct Followers<T> {
    by_function: HashMap<FunctionId, Vec<Follower<T>>>,
    by_name: HashMap<Arc<str>, BTreeSet<FunctionId>>,
}

/// One active trigger.
#[derive(Debug)]
pub(crate) struct Follower<T> {
    pub(crate) callee: Callee,
    /// The topic, or the bucket.
    pub(crate) name: Arc<str>,
    /// What is said about it.
    pub(crate) rule: T,
}

impl<T> Default for Followers<T> {
    fn default() -> Self {
        Self { by_function: HashMap::new(), by_name: HashMap::new() }
    }
}

impl<T> Followers<T> {
    /// Takes over what a function's triggers are now; `read` tells what one follows, if it is of this kind.
    pub(crate) fn changed(
        &mut self,
        id: &FunctionId,
        function: Option<&Function>,
        read: impl Fn(&Trigger) -> Option<(Arc<str>, T)>,
    ) {
        for old in self.by_function.remove(id).into_iter().flatten() {
            if let Some(functions) = self.by_name.get_mut(&old.name) {
                functions.remove(id);
                if functions.is_empty() {
                    self.by_name.remove(&old.name);
                }
            }
        }
        let active = function.into_iter().flat_map(|function| &function.triggers).filter(|trigger| trigger.is_active);
        let follower = |trigger: &Trigger| {
            let (name, rule) = read(trigger)?;
            let (function, qualifier, trigger) = (id.clone(), trigger.qualifier.clone(), Arc::from(&*trigger.id));
            Some(Follower { callee: Callee { function, qualifier, trigger }, name, rule })
        };
        let followers: Vec<_> = active.filter_map(follower).collect();
        for follower in &followers {
            self.by_name.entry(Arc::clone(&follower.name)).or_default().insert(id.clone());
        }
        if !followers.is_empty() {
            self.by_function.insert(id.clone(), followers);
        }
    }

    /// Those that follow this name, in the order of their functions.
    pub(crate) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Follower<T>> + 'a {
        let functions = self.by_name.get(name).into_iter().flatten();
        let followers = functions.filter_map(|function| self.by_function.get(function)).flatten();
        followers.filter(move |follower| &*follower.name == name)
    }

    /// Whether a function has such triggers.
    pub(crate) fn has(&self, id: &FunctionId) -> bool {
        self.by_function.contains_key(id)
    }

    /// The names that somebody follows.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.by_name.keys()
    }
}
