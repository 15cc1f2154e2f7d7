//! How people name functions.

use fngraph_types::{FunctionId, NameError, Qualifier, Scope, Urn};
use std::{fmt, str::FromStr, sync::Arc};

/// A function as people name it: `[PACKAGE/]NAME`, with `:VERSION` or `@ALIAS` if they like, or a whole URN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FunctionName {
    /// What is left out is the server's.
    Short {
        /// The package.
        package: String,
        /// The function.
        name: String,
        /// The version or alias.
        qualifier: Option<Qualifier>,
    },
    /// Nothing is left out.
    Full(Urn),
}

impl FunctionName {
    /// The version or alias.
    pub(crate) fn qualifier(&self) -> Option<&Qualifier> {
        match self {
            Self::Short { qualifier, .. } => qualifier.as_ref(),
            Self::Full(urn) => urn.qualifier.as_ref(),
        }
    }

    /// The same function with this version or alias, or with none.
    pub(crate) fn with(&self, qualifier: Option<Qualifier>) -> Self {
        match self.clone() {
            Self::Short { package, name, .. } => Self::Short { package, name, qualifier },
            Self::Full(urn) => Self::Full(Urn { qualifier, ..urn }),
        }
    }

    /// The whole URN.
    pub(crate) fn urn(&self, scope: &Scope) -> Urn {
        match self {
            Self::Short { package, name, qualifier } => Urn {
                region: Arc::clone(&scope.region),
                function: FunctionId::new(Arc::clone(&scope.project_id), package.as_str(), name.as_str()),
                qualifier: qualifier.clone(),
            },
            Self::Full(urn) => urn.clone(),
        }
    }

    /// The name of a function in an answer: without the package everybody has.
    pub(crate) fn told(package: &str, name: &str) -> String {
        if package == FunctionId::DEFAULT_PACKAGE { name.to_owned() } else { format!("{package}/{name}") }
    }

    /// A URN in an answer as people type it; what is no URN stays as it is.
    pub(crate) fn short(urn: &str) -> String {
        match Urn::parse(urn, &Scope::default()) {
            Ok(Urn { function: FunctionId { package, name, .. }, qualifier, .. }) => {
                Self::Short { package: package.to_string(), name: name.to_string(), qualifier }.to_string()
            }
            Err(_) => urn.to_owned(),
        }
    }
}

impl FromStr for FunctionName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Shorter forms of URNs would be taken for names with versions.
        if text.starts_with("urn:fss:") && text.split(':').count() > 4 {
            let urn = Urn::parse(text, &Scope::default()).map_err(|error| error.to_string())?;
            return Ok(Self::Full(urn));
        }
        let named = |error: NameError| error.to_string();
        let (function, qualifier) = match text.split_once([':', '@']) {
            None => (text, None),
            Some((function, alias)) if text[function.len()..].starts_with('@') => {
                (function, Some(Qualifier::Alias(alias.parse().map_err(named)?)))
            }
            Some((function, version)) => (function, Some(version.parse().map_err(named)?)),
        };
        let (package, name) = function.split_once('/').unwrap_or((FunctionId::DEFAULT_PACKAGE, function));
        // What else names may be is the server's to say.
        let is_word =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        if !is_word(package) || !is_word(name) {
            return Err(
                "write [PACKAGE/]NAME, NAME:VERSION, NAME@ALIAS, or a URN; names have letters, digits, `_` and `-`"
                    .to_owned(),
            );
        }
        Ok(Self::Short { package: package.to_owned(), name: name.to_owned(), qualifier })
    }
}

/// As people type it.
impl fmt::Display for FunctionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(urn) => urn.fmt(f),
            Self::Short { package, name, qualifier } => {
                f.write_str(&Self::told(package, name))?;
                match qualifier {
                    None => Ok(()),
                    Some(Qualifier::Version(version)) => write!(f, ":{version}"),
                    Some(Qualifier::Alias(alias)) => write!(f, "@{alias}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, urn: &str) {
        let scope = Scope { region: "r1".into(), project_id: "p1".into() };
        let name: FunctionName = text.parse().unwrap();
        assert_eq!(name.urn(&scope).to_string(), urn, "{text}");
        assert_eq!(name.to_string().parse(), Ok(name), "{text}");
    }

    #[test]
    fn names_become_urns_of_the_server_s_project() {
        check("f", "urn:fss:r1:p1:function:default:f");
        check("shop/f", "urn:fss:r1:p1:function:shop:f");
        check("f:v1.2", "urn:fss:r1:p1:function:default:f:v1.2");
        check("shop/f@prod", "urn:fss:r1:p1:function:shop:f:!prod");
        check("f:!prod", "urn:fss:r1:p1:function:default:f:!prod");
        check("urn:fss:x:p2:function:shop:f:v1", "urn:fss:x:p2:function:shop:f:v1");
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in ["", "/f", "shop/", "f:", "f@", "f@1st", "a/b/f", "f g", "urn:fss:f", "f:v1@prod", "f@prod:v1"] {
            assert!(text.parse::<FunctionName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_qualifier_is_exchanged() {
        let name: FunctionName = "shop/f:v1".parse().unwrap();
        assert_eq!(name.qualifier().map(ToString::to_string).as_deref(), Some("v1"));
        assert_eq!(name.with(None).to_string(), "shop/f");
        assert_eq!(name.with(Some("!prod".parse().unwrap())).to_string(), "shop/f@prod");
    }
}
