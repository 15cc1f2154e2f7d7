//! Events to try functions with.

use super::Registry;
use crate::{Function, RegistryError, TestEvent, test_event};
use fngraph_types::{FunctionId, Timestamp, limits};
use std::sync::Arc;

impl Registry {
    /// Adds a test event.
    ///
    /// # Errors
    /// When it breaks a rule, its name or id is taken, or the function has 10 test events already.
    pub async fn create_test_event(&self, id: &FunctionId, event: TestEvent) -> Result<(), RegistryError> {
        event.validate()?;
        let edit = move |function: &mut Function| {
            let taken = |other: &TestEvent| other.name == event.name || other.id == event.id;
            if function.test_events.iter().any(taken) {
                return Err(RegistryError::TestEventExists { function: function.id.clone(), name: event.name });
            }
            if function.test_events.len() >= limits::TEST_EVENTS {
                let limit = limits::TEST_EVENTS;
                return Err(RegistryError::TooManyTestEvents { function: function.id.clone(), limit });
            }
            function.test_events.push(event);
            Ok(())
        };
        self.change(id, edit).await
    }

    /// Gives a test event other content.
    ///
    /// # Errors
    /// When the content is too large, or there is no such test event.
    pub async fn update_test_event(
        &self,
        id: &FunctionId,
        event: &str,
        content: impl Into<Arc<str>>,
        at: Timestamp,
    ) -> Result<TestEvent, RegistryError> {
        let (event, content) = (event.to_owned(), content.into());
        test_event::validate_content(&content)?;
        let edit = move |function: &mut Function| {
            let not_found = not_found(function, &event);
            let found = function.test_events.iter_mut().find(|other| other.id == event).ok_or(not_found)?;
            (found.content, found.modified_at) = (content, at);
            Ok(found.clone())
        };
        self.change(id, edit).await
    }

    /// Removes a test event.
    ///
    /// # Errors
    /// When there is no such test event.
    pub async fn delete_test_event(&self, id: &FunctionId, event: &str) -> Result<(), RegistryError> {
        let event = event.to_owned();
        let edit = move |function: &mut Function| {
            let before = function.test_events.len();
            function.test_events.retain(|other| other.id != event);
            if function.test_events.len() < before { Ok(()) } else { Err(not_found(function, &event)) }
        };
        self.change(id, edit).await
    }
}

fn not_found(function: &Function, event: &str) -> RegistryError {
    RegistryError::TestEventNotFound { function: function.id.clone(), event: event.chars().take(80).collect() }
}
