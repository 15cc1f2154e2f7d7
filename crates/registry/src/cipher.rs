//! What is encrypted of a stored document.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Payload},
};
use fngraph_store::Secret;

/// What the key is for. Whoever changes it can read no older document.
const PURPOSE: &str = "fngraph registry: encrypted user data";

/// 24 random bytes never meet again, so nothing has to be counted.
const NONCE_BYTES: usize = 24;

/// Encrypts texts with a key of the store's. A text stands for its place only: moved to another, it is refused.
pub(crate) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub(crate) fn new(secret: &Secret) -> Self {
        Self(XChaCha20Poly1305::new(&secret.derive(PURPOSE).into()))
    }

    /// The text as it is stored at a place.
    pub(crate) fn seal(&self, place: &str, text: &str) -> String {
        let mut sealed = vec![0; NONCE_BYTES];
        getrandom::fill(&mut sealed).expect("the system gave random numbers for the store's secret too");
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let encrypted = self.0.encrypt(XNonce::from_slice(&sealed), payload);
        sealed.extend(encrypted.expect("only texts of 256 GiB are too long"));
        STANDARD.encode(sealed)
    }

    /// What was sealed at a place; none when it was not, or with another key.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Option<String> {
        let sealed = STANDARD.decode(sealed).ok()?;
        let (nonce, encrypted) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: encrypted, aad: place.as_bytes() };
        let text = self.0.decrypt(XNonce::from_slice(nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cipher(seed: u8) -> Cipher {
        Cipher::new(&Secret::from_bytes([seed; 32]))
    }

    #[test]
    fn a_text_is_read_at_its_place_with_its_key_only() {
        let sealed = cipher(1).seal("f latest", "hunter2");
        assert_eq!(cipher(1).open("f latest", &sealed).as_deref(), Some("hunter2"));
        assert_eq!(cipher(2).open("f latest", &sealed), None);
        assert_eq!(cipher(1).open("g latest", &sealed), None);
        assert_ne!(cipher(1).seal("f latest", "hunter2"), sealed, "equal texts are not seen to be equal");
    }

    proptest! {
        #[test]
        fn what_is_sealed_is_opened_and_nothing_else(text in "\\PC{0,40}", other in "[A-Za-z0-9+/]{0,80}={0,2}") {
            let sealed = cipher(1).seal("p", &text);
            prop_assert_eq!(cipher(1).open("p", &sealed), Some(text));
            prop_assert_eq!(cipher(1).open("p", &other), None);
        }
    }
}
