//! From a URN to the pool that serves it.

use crate::{Rejection, executor::Executor, host::Host, pool::Pool, watch::Watches};
use fngraph_registry::{Alias, Function, Version};
use fngraph_types::{AliasName, FunctionId, UrnRef, VersionName};
use papaya::{Equivalent, Guard as _};
use parking_lot::Mutex;
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

/// The functions that were called since the process began, ready to be called again. Readers take no lock.
///
/// What is taken out of the map is freed later, by default when there is more of it. But a route has loaded code, and
/// its pools have the host that has them: so each change frees at once what nobody reads any more.
pub(crate) struct Routes<E: Executor> {
    current: papaya::HashMap<FunctionId, Arc<Route<E>>, foldhash::fast::RandomState>,
    /// Pools that were replaced or whose function is gone, until their last call has ended and is counted.
    retired: Mutex<Vec<Arc<Pool<E>>>>,
}

/// One function, with a pool for each of its versions.
pub(crate) struct Route<E: Executor> {
    pub(crate) function: Arc<Function>,
    /// Latest first, in the order of [`Function::versions`].
    pub(crate) pools: Vec<Arc<Pool<E>>>,
    /// What watches the versions, in the same order. They stand here and not with the pools, since what is watched
    /// may change where instances stay.
    watches: Vec<Watches>,
}

/// Where a call goes.
pub(crate) struct Target<E: Executor> {
    pub(crate) pool: Arc<Pool<E>>,
    /// The alias through which it came.
    pub(crate) alias: Option<Arc<str>>,
    pub(crate) watches: Watches,
}

/// A function's id, borrowed from a URN.
struct Key<'a>(&'a UrnRef<'a>);

impl Hash for Key<'_> {
    /// As the fields of [`FunctionId`] hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.project_id.hash(state);
        self.0.package.hash(state);
        self.0.name.hash(state);
    }
}

impl Equivalent<FunctionId> for Key<'_> {
    fn equivalent(&self, id: &FunctionId) -> bool {
        *id.name == *self.0.name && *id.package == *self.0.package && *id.project_id == *self.0.project_id
    }
}

impl<E: Executor> Default for Routes<E> {
    fn default() -> Self {
        let current = papaya::HashMap::with_hasher(foldhash::fast::RandomState::default());
        Self { current, retired: Mutex::default() }
    }
}

impl<E: Executor> Routes<E> {
    /// All pools of all functions that were called, those too that only finish what they began.
    pub(crate) fn pools(&self) -> Vec<Arc<Pool<E>>> {
        let current = self.current.pin();
        let current = current.values().flat_map(|route| &route.pools);
        current.chain(&*self.retired.lock()).map(Arc::clone).collect()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Route<E>>> {
        self.current.pin().values().map(Arc::clone).collect()
    }

    /// Forgets all functions; calls that run end on what they have.
    pub(crate) fn clear(&self) {
        let guard = self.current.guard();
        for route in self.current.values(&guard) {
            route.pools.iter().for_each(|pool| pool.close());
        }
        self.current.clear(&guard);
        guard.flush();
        self.retired.lock().clear();
    }

    pub(crate) fn contains(&self, id: &FunctionId) -> bool {
        self.current.pin().contains_key(id)
    }

    pub(crate) fn remove(&self, id: &FunctionId) -> Option<Arc<Route<E>>> {
        let guard = self.current.guard();
        let route = self.current.remove(id, &guard).map(Arc::clone)?;
        guard.flush();
        route.pools.iter().for_each(|pool| self.retire(pool));
        Some(route)
    }

    /// Has a pool finish what it began, and no more.
    fn retire(&self, pool: &Arc<Pool<E>>) {
        pool.close();
        self.retired.lock().push(Arc::clone(pool));
    }

    /// The pools that only finish what they began.
    pub(crate) fn retired(&self) -> Vec<Arc<Pool<E>>> {
        self.retired.lock().clone()
    }

    /// Forgets pools that have finished.
    pub(crate) fn forget(&self, ended: &[Arc<Pool<E>>]) {
        if !ended.is_empty() {
            self.retired.lock().retain(|pool| !ended.iter().any(|ended| Arc::ptr_eq(ended, pool)));
        }
    }
}

impl<E: Executor> Host<E> {
    /// Finds the pool for a call. `header` answers the rules of aliases.
    pub(crate) fn resolve<'h>(
        self: &Arc<Self>,
        urn: &UrnRef<'_>,
        header: &dyn Fn(&str) -> Option<&'h str>,
    ) -> Result<Target<E>, Rejection> {
        if let Some(route) = self.routes.current.pin().get(&Key(urn)) {
            return route.choose(urn.qualifier, || self.percent(), header);
        }
        self.route(urn)?.choose(urn.qualifier, || self.percent(), header)
    }

    /// The route of a function that was not called before, or not for long.
    pub(crate) fn route(self: &Arc<Self>, urn: &UrnRef<'_>) -> Result<Arc<Route<E>>, Rejection> {
        let not_found = || Rejection::FunctionNotFound(FunctionId::new(urn.project_id, urn.package, urn.name));
        while !self.is_closed() {
            let function = self.registry.find(urn).ok_or_else(not_found)?;
            let route = self.install(function);
            // Should the function have changed meanwhile, nobody has told this route.
            let current = self.registry.find(urn).ok_or_else(not_found)?;
            // Whoever closes forgets all routes; a later one would keep the host for ever.
            if self.is_closed() {
                self.routes.clear();
                return Err(Rejection::ShuttingDown);
            }
            if current.revision == route.function.revision {
                return Ok(route);
            }
        }
        Err(Rejection::ShuttingDown)
    }

    /// Makes calls of a function go to what it is now. Pools of versions whose code and settings are the same stay.
    pub(crate) fn install(self: &Arc<Self>, function: Arc<Function>) -> Arc<Route<E>> {
        let (routes, guard) = (&self.routes.current, self.routes.current.guard());
        let watchers = &self.options.watchers;
        let watches: Vec<_> = function.versions().map(|version| watchers.watch(&function, version)).collect();
        let new = |old: Option<&Arc<Route<E>>>| {
            let pools = function.versions().map(|version| self.pool(old, &function.id, version)).collect();
            Arc::new(Route { function: Arc::clone(&function), pools, watches: watches.clone() })
        };
        let compute = |entry: Option<(&FunctionId, &Arc<Route<E>>)>| match entry {
            Some((_, old)) if old.function.revision >= function.revision => papaya::Operation::Abort(Arc::clone(old)),
            old => papaya::Operation::Insert(new(old.map(|(_, route)| route))),
        };
        let (route, old) = match routes.compute(function.id.clone(), compute, &guard) {
            papaya::Compute::Inserted(_, route) => (Arc::clone(route), None),
            papaya::Compute::Updated { new: (_, route), old: (_, old) } => (Arc::clone(route), Some(Arc::clone(old))),
            papaya::Compute::Aborted(route) => return route,
            papaya::Compute::Removed(..) => unreachable!("a route is never removed by installing one"),
        };
        guard.flush();
        self.tell(&route);
        for retired in old.iter().flat_map(|old| &old.pools) {
            if !route.pools.iter().any(|pool| Arc::ptr_eq(pool, retired)) {
                self.routes.retire(retired);
            }
        }
        self.reserve(&route, self.clock.now(), false);
        route
    }

    /// Tells pools what may change of their versions without another pool.
    fn tell(&self, route: &Arc<Route<E>>) {
        let mut told = Arc::clone(route);
        loop {
            for (pool, version) in told.pools.iter().zip(told.function.versions()) {
                pool.scale(version.scaling);
                pool.follow_snapshot(version);
            }
            // Should somebody have installed a later one meanwhile, that has the last word.
            let current = self.routes.current.pin().get(&route.function.id).map(Arc::clone);
            let Some(later) = current.filter(|current| !Arc::ptr_eq(current, &told)) else { return };
            told = later;
        }
    }

    fn pool(self: &Arc<Self>, old: Option<&Arc<Route<E>>>, id: &FunctionId, version: &Arc<Version>) -> Arc<Pool<E>> {
        let same = old.and_then(|old| old.pools.iter().find(|pool| pool.runs(version)));
        same.map_or_else(|| Pool::new(self, id.clone(), Arc::clone(version)), Arc::clone)
    }
}

impl<E: Executor> Route<E> {
    /// The pool for a qualifier as it stands in a URN.
    fn choose<'h>(
        &self,
        qualifier: Option<&str>,
        percent: impl Fn() -> u8,
        header: &dyn Fn(&str) -> Option<&'h str>,
    ) -> Result<Target<E>, Rejection> {
        match qualifier {
            None | Some(VersionName::LATEST) => Ok(self.target(0, None)),
            Some(text) => match text.strip_prefix('!') {
                Some(alias) => {
                    let name: AliasName = alias.parse()?;
                    let Some(alias) = self.function.alias(&name) else {
                        return Err(Rejection::AliasNotFound { function: self.function.id.clone(), alias: name });
                    };
                    let version = choose_version(alias, percent, header);
                    Ok(self.target(self.version(version.as_str())?, Some(name.to_shared())))
                }
                None => Ok(self.target(self.version(text)?, None)),
            },
        }
    }

    fn target(&self, index: usize, alias: Option<Arc<str>>) -> Target<E> {
        Target { pool: Arc::clone(&self.pools[index]), alias, watches: self.watches[index].clone() }
    }

    /// Where among the pools a version stands.
    fn version(&self, name: &str) -> Result<usize, Rejection> {
        let index = self.pools.iter().position(|pool| pool.version.name.as_str() == name);
        index.ok_or_else(|| Rejection::VersionNotFound {
            function: self.function.id.clone(),
            version: name.chars().take(80).collect(),
        })
    }
}

/// Which of an alias's versions a call goes to.
fn choose_version<'a, 'h>(
    alias: &'a Alias,
    percent: impl Fn() -> u8,
    header: &dyn Fn(&str) -> Option<&'h str>,
) -> &'a VersionName {
    match &alias.additional {
        Some(additional) if additional.routing.chooses(percent(), header) => &additional.version,
        _ => &alias.version,
    }
}
