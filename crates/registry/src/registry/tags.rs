//! Tags of functions.

use super::Registry;
use crate::{Function, RegistryError, tags};
use fngraph_types::FunctionId;
use std::collections::BTreeMap;

impl Registry {
    /// Gives a function these tags (manual, 7.6.16). Of a key that it has already, the value is replaced.
    ///
    /// # Errors
    /// When a tag breaks a rule, or the function would have more than 20.
    pub async fn add_tags(&self, id: &FunctionId, tags: BTreeMap<String, String>) -> Result<(), RegistryError> {
        let edit = move |function: &mut Function| {
            function.tags.extend(tags);
            Ok(tags::validate(&function.tags)?)
        };
        self.change(id, edit).await
    }

    /// Takes tags from a function (manual, 7.6.15): those of these keys, and where a value is named, only if they have
    /// it. One that is not there is no failure.
    ///
    /// # Errors
    /// When there is no such function.
    pub async fn remove_tags(
        &self,
        id: &FunctionId,
        tags: BTreeMap<String, Option<String>>,
    ) -> Result<(), RegistryError> {
        let named = move |key: &String, value: &String| {
            tags.get(key).is_some_and(|given| given.as_ref().is_none_or(|given| given == value))
        };
        let edit = move |function: &mut Function| {
            function.tags.retain(|key, value| !named(key, value));
            Ok(())
        };
        self.change(id, edit).await
    }
}
