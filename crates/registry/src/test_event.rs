//! Events to try a function with.

use crate::Invalid;
use fngraph_types::{ErrorCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An event to try a function with (manual, 7.4). A function has up to 10, so they stand in its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestEvent {
    /// Its id, unique in the function; whoever creates it chooses one.
    pub id: String,
    /// Its name, unique in the function: 1 to 25 letters, digits, `_` and `-`, with a letter at the start.
    pub name: String,
    /// The event itself, up to 4096 bytes.
    pub content: Arc<str>,
    /// When it was last written.
    pub modified_at: Timestamp,
}

impl TestEvent {
    /// Whether the test event keeps those rules that can be seen without its function.
    ///
    /// # Errors
    /// The first rule that is broken: `FSS.1074` for the name, `FSS.1069` for the content.
    pub fn validate(&self) -> Result<(), Invalid> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let begins = self.name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !begins || self.name.len() > limits::TEST_EVENT_NAME_CHARS || !self.name.chars().all(word) {
            let rule = "1 to 25 letters, digits, `_` and `-`, with a letter at the start";
            return Err(Invalid::new(ErrorCode::InvalidTestEvent, "test event's name", &self.name, rule));
        }
        validate_content(&self.content)
    }
}

pub(crate) fn validate_content(content: &str) -> Result<(), Invalid> {
    if content.len() <= limits::TEST_EVENT_BYTES {
        return Ok(());
    }
    let field = "size of the test event";
    Err(Invalid::new(ErrorCode::TestEventTooLarge, field, content.len(), "up to 4096 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, content: &str, expected: Result<(), ErrorCode>) {
        let (id, name, content) = ("1".to_owned(), name.to_owned(), Arc::from(content));
        let event = TestEvent { id, name, content, modified_at: Timestamp::EPOCH };
        assert_eq!(event.validate().map_err(|invalid| invalid.code()), expected, "{event:?}");
    }

    #[test]
    fn events_have_names_and_are_small() {
        check("event-k9r3", r#"{"k":"v"}"#, Ok(()));
        check(&"a".repeat(25), &"a".repeat(4096), Ok(()));
        for name in ["", "1st", "_a", "a b", "ä", &"a".repeat(26)] {
            check(name, "", Err(ErrorCode::InvalidTestEvent));
        }
        check("a", &"ä".repeat(2049), Err(ErrorCode::TestEventTooLarge));
    }
}
