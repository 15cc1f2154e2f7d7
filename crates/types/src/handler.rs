use std::{fmt, str::FromStr};

/// Which code runs: `file.entry`, where `file` is a wasm file of the package without its ending (it may stand in a
/// folder, `src/index.handler`) and `entry` an export of it.
///
/// A text without a dot, such as the cloud's `bootstrap` for custom runtimes, names no entry: the only wasm file of
/// the package runs, or the one of that name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Handler {
    text: String,
    dot: Option<usize>,
}

/// Why a text is not a handler.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseHandlerError {
    /// Nothing stands before or after the dot, or nothing at all was given.
    #[error("the handler `{0}` is incomplete; write `file.entry`, such as `index.handler`")]
    Incomplete(String),
    /// The text is longer than the cloud allows.
    #[error("the handler has {0} characters; at most {max} are allowed", max = Handler::MAX_LENGTH)]
    TooLong(usize),
    /// The text has a character that neither a file nor an entry may have.
    #[error("the handler has the character {0:?}; letters, digits, `_`, `-`, `.`, `/` and `:` are allowed")]
    Character(char),
}

impl Handler {
    /// The most characters of a handler (manual, 7.6.2).
    pub const MAX_LENGTH: usize = 128;

    /// The entry that a handler without one means.
    pub const DEFAULT_ENTRY: &str = "handler";

    /// The wasm file without its ending; none when the text has no dot.
    pub fn file(&self) -> Option<&str> {
        self.dot.map(|dot| &self.text[..dot])
    }

    /// The entry in the file.
    pub fn entry(&self) -> &str {
        self.dot.map_or(Self::DEFAULT_ENTRY, |dot| &self.text[dot + 1..])
    }

    /// The handler as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Handler {
    type Err = ParseHandlerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let length = text.chars().count();
        if length > Self::MAX_LENGTH {
            return Err(ParseHandlerError::TooLong(length));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-./:".contains(c);
        if let Some(other) = text.chars().find(|c| !allowed(*c)) {
            return Err(ParseHandlerError::Character(other));
        }
        let dot = text.rfind('.');
        let empty = text.is_empty() || dot.is_some_and(|dot| dot == 0 || dot + 1 == text.len());
        if empty {
            return Err(ParseHandlerError::Incomplete(text.to_owned()));
        }
        Ok(Self { text: text.to_owned(), dot })
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, file: Option<&str>, entry: &str) {
        let handler: Handler = text.parse().unwrap();
        assert_eq!((handler.file(), handler.entry()), (file, entry), "{text}");
        assert_eq!(handler.to_string(), text);
    }

    #[test]
    fn the_last_dot_divides_file_and_entry() {
        check("index.handler", Some("index"), "handler");
        check("src/index.handler", Some("src/index"), "handler");
        check("com.example.Orders.handle", Some("com.example.Orders"), "handle");
    }

    #[test]
    fn without_a_dot_the_entry_is_the_default() {
        check("bootstrap", None, "handler");
        check("-", None, "handler");
    }

    #[test]
    fn half_a_handler_is_refused_with_the_form_to_write() {
        for text in ["", ".", "index.", ".handler"] {
            let error = text.parse::<Handler>().unwrap_err();
            assert!(error.to_string().contains("file.entry"), "{text}: {error}");
        }
    }

    #[test]
    fn long_and_foreign_texts_are_refused() {
        assert_eq!("a".repeat(129).parse::<Handler>(), Err(ParseHandlerError::TooLong(129)));
        assert_eq!("in dex.handler".parse::<Handler>(), Err(ParseHandlerError::Character(' ')));
    }

    proptest! {
        #[test]
        fn any_text_parses_to_itself_or_an_error(text in "\\PC{0,140}") {
            if let Ok(handler) = text.parse::<Handler>() {
                prop_assert_eq!(handler.as_str(), text);
            }
        }
    }
}
