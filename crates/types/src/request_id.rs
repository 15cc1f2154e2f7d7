use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The id of one invocation: a UUID, printed in lower case. All attempts of an asynchronous invocation share it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Uuid);

/// A text that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a request id; it has the form 00000000-0000-0000-0000-000000000000")]
pub struct ParseRequestIdError(String);

impl RequestId {
    /// A fresh random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id with these bits; for callers that bring their own randomness.
    pub const fn from_u128(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// The id as text, in a buffer of the caller's.
    pub fn encode(self, buffer: &mut [u8; 36]) -> &str {
        self.0.hyphenated().encode_lower(buffer)
    }

    /// The id as bits.
    pub const fn as_u128(self) -> u128 {
        self.0.as_u128()
    }
}

impl FromStr for RequestId {
    type Err = ParseRequestIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self).map_err(|_| ParseRequestIdError(text.to_owned()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_print_in_lower_case_and_parse_back() {
        let id: RequestId = "960D089C-0000-4000-8000-00000000000A".parse().unwrap();
        assert_eq!(id.to_string(), "960d089c-0000-4000-8000-00000000000a");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_ne!(RequestId::random(), RequestId::random());
    }

    #[test]
    fn other_texts_are_refused() {
        assert!("hello".parse::<RequestId>().unwrap_err().to_string().contains("hello"));
    }
}
