//! What a function reports when it fails.

use std::any::type_name;
use std::error::Error as StdError;
use std::fmt;

/// What a function returns when it can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure that a function reports on purpose.
///
/// A caller sees it as `{"errorType": kind, "errorMessage": message, "stackTrace": []}`, so the kind is what callers
/// match on, and the message is for people.
///
/// Every error of the standard library's trait converts into it with `?`. For that to work this type does not
/// implement [`std::error::Error`] itself.
///
/// ```
/// fn parse(text: &str) -> fngraph_guest::Result<u16> {
///     if text.is_empty() {
///         return Err(fngraph_guest::Error::new("EmptyText", "there is no number in an empty text"));
///     }
///     Ok(text.parse()?)
/// }
///
/// assert_eq!(parse("").unwrap_err().kind(), "EmptyText");
/// assert_eq!(parse("x").unwrap_err().to_string(), "ParseIntError: invalid digit found in string");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    kind: String,
    message: String,
}

impl Error {
    /// A failure of this kind, such as `KeyError`, with a message for a person.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into() }
    }

    /// The class of the failure: a short name that callers may match on.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What went wrong, for a person.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The kind and the message.
    #[cfg(target_family = "wasm")]
    pub(crate) fn into_parts(self) -> (String, String) {
        (self.kind, self.message)
    }
}

impl<E: StdError + 'static> From<E> for Error {
    /// The kind is the name of `E` without its path and its generic arguments, the message is the error and its
    /// sources: `a: b: c`.
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        Self::new(kind_of(type_name::<E>()), message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind, self.message)
    }
}

/// The same as [`fmt::Display`]: this is what `unwrap` and a failed test print.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// `Name` of `path::to::Name<Generics>`.
fn kind_of(type_name: &str) -> &str {
    let plain = type_name.split('<').next().unwrap_or(type_name);
    plain.rsplit("::").next().unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer<T>(T);

    impl<T> fmt::Display for Outer<T> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("load the order")
        }
    }

    impl<T: StdError + 'static> StdError for Outer<T> {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn kind_is_the_bare_name_and_message_the_whole_chain() {
        let cause = "x".parse::<u8>().expect_err("x is no number");
        let error = Error::from(Outer(Outer(cause)));
        assert_eq!(error.kind(), "Outer");
        assert_eq!(error.message(), "load the order: load the order: invalid digit found in string");
        assert_eq!(format!("{error:?}"), format!("Outer: {}", error.message()));
    }

    #[test]
    fn kind_is_cut_out_of_any_type_name() {
        for (name, kind) in [("KeyError", "KeyError"), ("a::b::C", "C"), ("a::B<c::D<e::F>>", "B"), ("", "")] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
    }
}
