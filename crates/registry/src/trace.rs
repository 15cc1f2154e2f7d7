//! Whether and for whom a function is traced.

use crate::Invalid;
use fngraph_types::{ErrorCode, limits};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A function's access to the service that traces its calls (manual, 7.5). A function that has one is traced.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracing {
    /// The access key (AK), 1 to 128 visible ASCII characters without a colon, which would end it in a header.
    pub access_key: String,
    /// The secret key (SK), as the access key. It is encrypted where it is stored, and `Debug` does not show it.
    pub secret_key: String,
}

impl Tracing {
    /// Whether both keys are what a header can carry.
    ///
    /// # Errors
    /// `FSS.0400` for the first one that is not.
    pub fn validate(&self) -> Result<(), Invalid> {
        let rule = "1 to 128 visible ASCII characters";
        let check = |field, key: &str, shown: &str| {
            let fits = (1..=limits::TRACING_KEY_BYTES).contains(&key.len());
            if fits && key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Ok(());
            }
            Err(Invalid::new(ErrorCode::InvalidParameter, field, shown, rule))
        };
        check("access key for tracing", &self.access_key, &self.access_key)?;
        if self.access_key.contains(':') {
            let rule = "no colon";
            return Err(Invalid::new(ErrorCode::InvalidParameter, "access key for tracing", &self.access_key, rule));
        }
        check("secret key for tracing", &self.secret_key, "*****")
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracing").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracing(access_key: &str, secret_key: &str) -> Tracing {
        Tracing { access_key: access_key.to_owned(), secret_key: secret_key.to_owned() }
    }

    #[test]
    fn keys_are_such_as_a_header_carries() {
        let long = "k".repeat(128);
        assert_eq!(tracing("ak", "s/k+=").validate(), Ok(()));
        assert_eq!(tracing(&long, &long).validate(), Ok(()));
        for wrong in ["", "a b", "ä", "a\n", &"k".repeat(129)] {
            for (tracing, field) in [(tracing(wrong, "sk"), "access"), (tracing("ak", wrong), "secret")] {
                let invalid = tracing.validate().unwrap_err();
                assert_eq!(invalid.code(), ErrorCode::InvalidParameter);
                assert!(invalid.field().starts_with(field), "{invalid}");
            }
        }
        assert_eq!(tracing("ak", "s:k").validate(), Ok(()));
        assert!(tracing("a:k", "sk").validate().is_err());
    }

    #[test]
    fn the_secret_key_is_not_shown() {
        assert_eq!(format!("{:?}", tracing("ak", "hush")), r#"Tracing { access_key: "ak", .. }"#);
        assert!(!tracing("ak", "hush hush").validate().unwrap_err().to_string().contains("hush"));
    }
}
