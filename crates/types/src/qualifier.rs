use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// The name of a version: 1 to 42 letters, digits, `_`, `-` and `.`, beginning and ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionName(Arc<str>);

/// The name of an alias: 1 to 63 letters, digits, `_` and `-`, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AliasName(Arc<str>);

/// What follows a function's name: a version, or an alias with a `!` before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Qualifier {
    /// `v1`, or `latest`.
    Version(VersionName),
    /// `!prod`.
    Alias(AliasName),
}

/// A text that names no version or alias.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no name of {what}: {rule}")]
pub struct NameError {
    text: String,
    what: &'static str,
    rule: &'static str,
}

impl NameError {
    pub(crate) fn new(text: &str, what: &'static str, rule: &'static str) -> Self {
        // What a client sent may be long; its beginning tells enough.
        let text = text.chars().take(80).collect();
        Self { text, what, rule }
    }
}

impl VersionName {
    /// The name of the version that can be edited.
    pub const LATEST: &str = "latest";

    /// The version that can be edited.
    pub fn latest() -> Self {
        Self(Arc::from(Self::LATEST))
    }

    /// Whether this is the version that can be edited.
    pub fn is_latest(&self) -> bool {
        &*self.0 == Self::LATEST
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AliasName {
    /// The name, without the `!`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, shared.
    pub fn to_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl Qualifier {
    /// The version that can be edited.
    pub fn latest() -> Self {
        Self::Version(VersionName::latest())
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

impl FromStr for VersionName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inside = text.len() <= 42 && text.chars().all(|c| is_word(c) || c == '.');
        if inside && ends(text.chars().next()) && ends(text.chars().next_back()) {
            return Ok(Self(Arc::from(text)));
        }
        let rule = "1 to 42 letters, digits, `_`, `-` and `.`, with a letter or digit at both ends";
        Err(NameError::new(text, "a version", rule))
    }
}

impl FromStr for AliasName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if begins && text.len() <= 63 && text.chars().all(is_word) {
            return Ok(Self(Arc::from(text)));
        }
        Err(NameError::new(text, "an alias", "1 to 63 letters, digits, `_` and `-`, with a letter at the start"))
    }
}

impl FromStr for Qualifier {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.strip_prefix('!') {
            Some(alias) => alias.parse().map(Self::Alias),
            None => text.parse().map(Self::Version),
        }
    }
}

impl fmt::Display for VersionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.fmt(f),
            Self::Alias(alias) => write!(f, "!{alias}"),
        }
    }
}

macro_rules! text_like {
    ($($type:ty),*) => {$(
        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.to_string()
            }
        }
    )*};
}

text_like!(VersionName, AliasName, Qualifier);
