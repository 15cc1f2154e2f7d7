//! Code packages, by content.

use crate::StoreFuture;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha512};
use std::{fmt, str::FromStr};

/// The content address of a code package: its SHA-512, as the cloud shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 64]);

/// A text that is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a SHA-512; it has 128 lower-case hexadecimal digits")]
pub struct ParseDigestError(String);

/// Keeps code packages as they were uploaded.
pub trait CodeStore: Send + Sync + 'static {
    /// Keeps a package. Keeping the same one again changes nothing.
    fn put_code(&self, package: Bytes) -> StoreFuture<'_, Digest>;

    /// A package; none when it is not there or not what its digest says.
    fn code(&self, digest: Digest) -> StoreFuture<'_, Option<Bytes>>;

    /// Removes the packages that are not among `keep`, and tells how many those were.
    fn sweep_code(&self, keep: Vec<Digest>) -> StoreFuture<'_, u64>;
}

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha512::digest(bytes).into())
    }
}

/// 128 lower-case hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The beginning, which is enough to tell digests apart.
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What a client sent may be long; its beginning tells enough.
        let error = || ParseDigestError(text.chars().take(140).collect());
        let digits = text.as_bytes();
        if digits.len() != 128 {
            return Err(error());
        }
        let mut bytes = [0; 64];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().try_fold(0, |high, digit| Some(high << 4 | value(*digit)?)).ok_or_else(error)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = ParseDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// Upper case is refused: a digest is a file's name, which must have one form.
fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_the_sha_512_in_lower_case() {
        let digest = Digest::of(b"abc");
        let text = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest));
        assert_eq!(format!("{digest:?}"), "Digest(ddaf35a19361…)");
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    }

    #[test]
    fn other_texts_are_refused() {
        let digest = Digest::of(b"abc").to_string();
        for text in ["", "abc", &digest[1..], &digest.to_uppercase(), &digest.replace('d', "x"), &"é".repeat(64)] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Digest>("\"abc\"").unwrap_err().to_string().contains("128"));
    }
}
