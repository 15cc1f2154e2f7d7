//! A value that breaks a rule.

use fngraph_types::ErrorCode;
use std::{borrow::Cow, fmt};

/// A value that breaks a rule: its field, what was given, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    code: ErrorCode,
    field: &'static str,
    given: String,
    rule: Cow<'static, str>,
}

impl Invalid {
    /// A value of this field, in words, that breaks a rule: what is allowed.
    pub fn new(
        code: ErrorCode,
        field: &'static str,
        given: impl fmt::Display,
        rule: impl Into<Cow<'static, str>>,
    ) -> Self {
        // What a client sent may be long; its beginning tells enough.
        let given = given.to_string().chars().take(80).collect();
        Self { code, field, given, rule: rule.into() }
    }

    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The field, in words: `initializer timeout`.
    pub fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} is `{}`; allowed: {}", self.field, self.given, self.rule)
    }
}

impl std::error::Error for Invalid {}
