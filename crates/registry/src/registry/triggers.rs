//! What calls functions by itself.

use super::Registry;
use crate::{Function, RegistryError, Trigger};
use fngraph_types::{FunctionId, Qualifier, limits};

impl Registry {
    /// Adds a trigger to the version or alias that it names.
    ///
    /// # Errors
    /// When it breaks a rule, its version or alias does not exist or has 10 triggers already, the function has 10 that
    /// poll and this would be one more, or its id, or its name among those of its kind, is taken.
    pub async fn create_trigger(&self, id: &FunctionId, trigger: Trigger) -> Result<(), RegistryError> {
        trigger.validate()?;
        self.change(id, |function| add(function, trigger)).await
    }

    /// Changes a trigger by an edit, which sees it as it is and leaves it as it is to be; its id, qualifier and kind
    /// stay.
    ///
    /// # Errors
    /// When there is no such trigger, the edit refuses, or what it leaves breaks a rule.
    ///
    /// # Panics
    /// When the edit changes the id or the kind.
    pub async fn update_trigger(
        &self,
        id: &FunctionId,
        trigger: &str,
        edit: impl FnOnce(&mut Trigger) -> Result<(), RegistryError> + Send + 'static,
    ) -> Result<Trigger, RegistryError> {
        let trigger = trigger.to_owned();
        let edit = move |function: &mut Function| {
            let mut changed = function.require_trigger(&trigger)?.clone();
            let kind = changed.kind();
            edit(&mut changed)?;
            assert_eq!((changed.id.as_str(), changed.kind()), (trigger.as_str(), kind), "an edit keeps id and kind");
            changed.validate()?;
            check_name(function, &changed)?;
            for place in function.triggers.iter_mut().filter(|other| other.id == trigger) {
                place.clone_from(&changed);
            }
            Ok(changed)
        };
        self.change(id, edit).await
    }

    /// Removes a trigger.
    ///
    /// # Errors
    /// When there is no such trigger.
    pub async fn delete_trigger(&self, id: &FunctionId, trigger: &str) -> Result<(), RegistryError> {
        let trigger = trigger.to_owned();
        let edit = move |function: &mut Function| {
            function.require_trigger(&trigger)?;
            function.triggers.retain(|other| other.id != trigger);
            Ok(())
        };
        self.change(id, edit).await
    }

    /// Removes the triggers of a version or an alias, or, without one, all triggers of the function (manual, 7.13.1).
    ///
    /// # Errors
    /// When there is no such function, version or alias.
    pub async fn delete_triggers(&self, id: &FunctionId, qualifier: Option<Qualifier>) -> Result<(), RegistryError> {
        let edit = move |function: &mut Function| {
            match &qualifier {
                Some(qualifier) => {
                    function.require_qualifier(qualifier)?;
                    function.triggers.retain(|trigger| trigger.qualifier != *qualifier);
                }
                None => function.triggers.clear(),
            }
            Ok(())
        };
        self.change(id, edit).await
    }
}

/// Adds a trigger that keeps those rules that can be seen without its function.
pub(super) fn add(function: &mut Function, trigger: Trigger) -> Result<(), RegistryError> {
    function.require_qualifier(&trigger.qualifier)?;
    let siblings = function.triggers.iter().filter(|other| other.qualifier == trigger.qualifier);
    if siblings.count() >= limits::TRIGGERS {
        return Err(RegistryError::TooManyTriggers { function: function.id.clone(), limit: limits::TRIGGERS });
    }
    let polled = function.triggers.iter().filter(|other| other.kind().is_polled()).count();
    if trigger.kind().is_polled() && polled >= limits::POLLED_TRIGGERS {
        let (function, limit) = (function.id.clone(), limits::POLLED_TRIGGERS);
        return Err(RegistryError::TooManyPolledTriggers { function, limit });
    }
    if function.trigger(&trigger.id).is_some() {
        return Err(exists(function, &trigger, &trigger.id));
    }
    check_name(function, &trigger)?;
    function.triggers.push(trigger);
    Ok(())
}

/// Whether no other trigger of its kind has its name, and none of its version or alias follows the same.
fn check_name(function: &Function, trigger: &Trigger) -> Result<(), RegistryError> {
    let others = || function.triggers.iter().filter(|other| other.id != trigger.id && other.kind() == trigger.kind());
    if let Some(name) = trigger.source.name()
        && others().any(|other| other.source.name() == Some(name))
    {
        return Err(exists(function, trigger, name));
    }
    if let Some(subject) = trigger.source.subject()
        && others().any(|other| other.qualifier == trigger.qualifier && other.source.subject() == Some(subject.clone()))
    {
        return Err(exists(function, trigger, &subject));
    }
    Ok(())
}

fn exists(function: &Function, trigger: &Trigger, name: &str) -> RegistryError {
    RegistryError::TriggerExists { function: function.id.clone(), kind: trigger.kind(), name: name.to_owned() }
}
