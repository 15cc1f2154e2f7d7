//! A function that gets a typed event and answers with a typed result.

use fngraph_guest::{Context, Error};
use serde::{Deserialize, Serialize};

/// What the caller sends, as JSON.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// Whom to greet; the world when it is missing.
    pub name: Option<String>,
}

/// What the caller gets, as JSON.
#[derive(Debug, PartialEq, Serialize)]
pub struct Greeting {
    /// The greeting.
    pub message: String,
}

/// Greets whoever the event names. The word to greet with is the function's user data `GREETING`.
///
/// # Errors
/// `EmptyName` when the event's name is empty.
#[fngraph_guest::handler]
pub fn handler(event: Event, context: &Context) -> Result<Greeting, Error> {
    let name = event.name.as_deref().unwrap_or("world");
    if name.is_empty() {
        return Err(Error::new("EmptyName", "the event's `name` is empty"));
    }
    context.logger().info(format_args!("greeting {name}"));
    let word = context.user_data("GREETING").unwrap_or_else(|| "Hello".to_owned());
    Ok(Greeting { message: format!("{word}, {name}!") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str) -> Event {
        Event { name: Some(name.to_owned()) }
    }

    #[test]
    fn greets_by_name_in_the_words_of_the_user_data() {
        let context = Context::builder().user_data("GREETING", "Good morning").build();
        let greeting = handler(event("Ada"), &context).unwrap();
        assert_eq!(greeting.message, "Good morning, Ada!");
        assert_eq!(context.logged()[0].message, "greeting Ada");
    }

    #[test]
    fn an_empty_name_is_an_error_that_callers_can_match_on() {
        let context = Context::builder().build();
        let error = handler(event(""), &context).unwrap_err();
        assert_eq!(error.kind(), "EmptyName");
    }
}
