use std::{
    collections::BTreeMap,
    fmt,
    ops::{Deref, DerefMut},
};

/// Pairs whose values nobody reads by accident: `Debug` tells the keys only, and there is no serialised form.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeMap<String, String>);

impl Deref for Secrets {
    type Target = BTreeMap<String, String>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Secrets {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<BTreeMap<String, String>> for Secrets {
    fn from(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_shown() {
        let secrets = Secrets::from(BTreeMap::from([("PASSWORD".to_owned(), "hunter2".to_owned())]));
        assert_eq!(format!("{secrets:?}"), r#"{"PASSWORD"}"#);
        assert_eq!(secrets.get("PASSWORD").map(String::as_str), Some("hunter2"));
    }
}
