//! One registry, one function, and short ways to act on it.

use crate::shelf::Shelf;
use fngraph_registry::{
    Additional, Alias, Function, Limits, NewFunction, Publish, Registry, RegistryError, Reservation, Routing, Settings,
};
use fngraph_types::{AliasName, ErrorCode, FunctionId, Qualifier, Timestamp, VersionName};
use std::sync::Arc;

pub(crate) struct Scenario {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) registry: Registry,
    pub(crate) id: FunctionId,
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

pub(crate) fn settings() -> Settings {
    Settings::new("index.handler".parse().unwrap())
}

/// Settings that differ from others by their description.
pub(crate) fn described(text: &str) -> Settings {
    Settings { description: text.to_owned(), ..settings() }
}

pub(crate) fn version(name: &str) -> VersionName {
    name.parse().unwrap()
}

pub(crate) fn alias_name(name: &str) -> AliasName {
    name.parse().unwrap()
}

pub(crate) fn qualifier(text: &str) -> Qualifier {
    text.parse().unwrap()
}

pub(crate) fn alias(name: &str, main: &str) -> Alias {
    Alias::new(alias_name(name), version(main), at(0))
}

/// An alias with an additional version that serves half of the calls.
pub(crate) fn split(name: &str, main: &str, additional: &str) -> Alias {
    let additional = Additional { version: version(additional), routing: Routing::Weight(50) };
    Alias { additional: Some(additional), ..alias(name, main) }
}

/// The result failed, with this code and these words.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, RegistryError>, code: ErrorCode, words: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

impl Scenario {
    /// One function, `latest` only.
    pub(crate) async fn new() -> Self {
        Self::limited(Limits::default()).await
    }

    pub(crate) async fn limited(limits: Limits) -> Self {
        let scenario = Self::open(Shelf::new(), limits).await;
        scenario.create("f").await.unwrap();
        scenario
    }

    pub(crate) async fn open(shelf: Shelf, limits: Limits) -> Self {
        let shelf = Arc::new(shelf);
        let registry = Registry::open(shelf.clone(), shelf.clone(), shelf.clone(), limits).await.unwrap();
        Self { shelf, registry, id: FunctionId::local("f") }
    }

    /// The same store, opened again.
    pub(crate) async fn reopened(&self) -> Registry {
        let shelf = &self.shelf;
        Registry::open(shelf.clone(), shelf.clone(), shelf.clone(), Limits::default()).await.unwrap()
    }

    pub(crate) fn function(&self) -> Arc<Function> {
        self.registry.function(&self.id).unwrap()
    }

    pub(crate) async fn create(&self, name: &str) -> Result<Arc<Function>, RegistryError> {
        let new = NewFunction::new(FunctionId::local(name), settings(), "code".into(), at(1));
        self.registry.create(new).await
    }

    /// Changes `latest`, and publishes it under this name.
    pub(crate) async fn publish(&self, name: &str) {
        let latest = VersionName::latest();
        self.registry.update_settings(&self.id, &latest, described(name), at(2)).await.unwrap();
        let publish = Publish { version: Some(version(name)), ..Publish::default() };
        self.registry.publish(&self.id, publish, at(3)).await.unwrap();
    }

    pub(crate) async fn reserve(&self, whose: &str, count: u32) -> Result<(), RegistryError> {
        self.registry.reserve(&self.id, &qualifier(whose), Reservation::new(count, at(4))).await
    }
}
