//! The smallest function: a typed event in, a typed answer out.

use serde::{Deserialize, Serialize};

/// What the caller sends.
#[derive(Debug, Deserialize)]
pub struct Visitor {
    /// Whom to greet.
    pub name: String,
}

/// What the caller gets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Greeting {
    /// The greeting.
    pub message: String,
}

/// Greets whoever the event names.
#[fngraph_guest::handler]
pub fn handler(visitor: Visitor) -> Greeting {
    Greeting { message: format!("Hello, {}!", visitor.name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitor_is_greeted_by_name() {
        let event = serde_json::from_str(include_str!("../event.json")).expect("the sample is a visitor");
        let greeting = handler(event);
        assert_eq!(greeting, Greeting { message: "Hello, Ada!".to_owned() });
    }
}
