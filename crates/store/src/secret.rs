//! What a store keeps to itself.

use std::{fmt, io};

/// How many bytes a secret has.
pub(crate) const BYTES: usize = 32;

/// Random bytes that belong to a store, made when it was. Keys are derived from them: those that encrypt what is
/// stored, and those that sign what the outside brings back.
#[derive(Clone)]
pub struct Secret([u8; BYTES]);

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// The one with these bytes.
    pub fn from_bytes(bytes: [u8; BYTES]) -> Self {
        Self(bytes)
    }

    /// A key for one purpose, which is a text that no other purpose has, such as `fngraph server tokens`. The same
    /// purpose gives the same key; from one key neither another nor the secret can be told.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.0)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_of_each_secret_has_a_key_of_its_own() {
        let (one, other) = (Secret::from_bytes([1; BYTES]), Secret::random().unwrap());
        assert_eq!(one.derive("tokens"), one.clone().derive("tokens"));
        assert_ne!(one.derive("tokens"), one.derive("documents"));
        assert_ne!(one.derive("tokens"), other.derive("tokens"));
        assert_ne!(one.derive(""), *one.as_bytes());
        assert_eq!(format!("{one:?}"), "Secret");
    }
}
