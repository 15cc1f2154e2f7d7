//! The functions of each project in the order in which they are listed.

use crate::Function;
use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Which functions to list: those pinned to the top first, the latest of them before the others, then by their ids.
#[derive(Debug, Clone, Copy)]
pub struct FunctionQuery<'a> {
    /// Of this project.
    pub project: &'a str,
    /// Of this package only.
    pub package: Option<&'a str>,
    /// Of this name only, in whichever package.
    pub name: Option<&'a str>,
    /// How many to leave out at the beginning.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
}

/// Lists that are kept in order, so that a page costs what stands on it. A change moves pointers: 8 KB of them for a
/// thousand functions.
pub(crate) struct Listing(RwLock<HashMap<Arc<str>, Vec<Arc<Function>>>>);

/// Where a function stands. No two functions of a project stand at the same place.
fn place(function: &Function) -> impl Ord + use<'_> {
    (Reverse(function.collected_at), &function.id)
}

impl Listing {
    /// The lists of these functions.
    pub(crate) fn new(functions: impl IntoIterator<Item = Arc<Function>>) -> Self {
        let mut projects: HashMap<_, Vec<Arc<Function>>> = HashMap::new();
        for function in functions {
            projects.entry(Arc::clone(&function.id.project_id)).or_default().push(function);
        }
        for list in projects.values_mut() {
            list.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
        }
        Self(RwLock::new(projects))
    }

    /// Takes a function as it was from its place, if it was there, and puts it as it is to its own.
    pub(crate) fn replace(&self, before: Option<&Function>, after: Option<&Arc<Function>>) {
        let mut projects = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = before
            && let Some(list) = projects.get_mut(&before.id.project_id)
        {
            if let Ok(index) = list.binary_search_by(|other| place(other).cmp(&place(before))) {
                match after {
                    // Most changes leave a function where it stands.
                    Some(after) if after.collected_at == before.collected_at => {
                        list[index] = Arc::clone(after);
                        return;
                    }
                    _ => drop(list.remove(index)),
                }
            }
            if list.is_empty() {
                projects.remove(&before.id.project_id);
            }
        }
        if let Some(after) = after {
            let list = projects.entry(Arc::clone(&after.id.project_id)).or_default();
            let index = list.partition_point(|other| place(other) < place(after));
            list.insert(index, Arc::clone(after));
        }
    }

    /// All functions of a project.
    pub(crate) fn project(&self, project: &str) -> Vec<Arc<Function>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(project).cloned().unwrap_or_default()
    }

    /// One page, and how many functions there are on all.
    pub(crate) fn page(&self, query: FunctionQuery<'_>) -> (Vec<Arc<Function>>, usize) {
        let projects = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(list) = projects.get(query.project) else { return (Vec::new(), 0) };
        if let Some(name) = query.name {
            // Names are in order within a package only, and few ask for them: each function is looked at.
            let package = |function: &Function| query.package.is_none_or(|package| *function.id.package == *package);
            let matching: Vec<_> = list.iter().filter(|other| *other.id.name == *name && package(other)).collect();
            let page = matching.iter().skip(query.offset).take(query.limit);
            return (page.copied().cloned().collect(), matching.len());
        }
        let Some(package) = query.package else {
            return (list.iter().skip(query.offset).take(query.limit).cloned().collect(), list.len());
        };
        let (pinned, others) = list.split_at(list.partition_point(|function| function.collected_at.is_some()));
        let pinned: Vec<_> = pinned.iter().filter(|function| *function.id.package == *package).collect();
        let begin = others.partition_point(|function| *function.id.package < *package);
        let end = others.partition_point(|function| *function.id.package <= *package);
        let total = pinned.len() + end - begin;
        let page = pinned.into_iter().chain(&others[begin..end]).skip(query.offset).take(query.limit);
        (page.cloned().collect(), total)
    }
}

#[cfg(test)]
mod tests;
