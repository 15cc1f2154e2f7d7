//! The name of a new project: what cargo, a handler and the file system all accept.

use crate::exit::{Exit, Failure};
use std::path::{Component, Path};

/// Names that cargo or rustc refuse, or that a template depends on.
const RESERVED: &str = "\
    abstract alloc as async await base64 become box break const continue core crate do dyn else enum extern false \
    final fn fngraph-guest fngraph_guest for gen if image impl in let loop macro match mod move mut override priv \
    proc_macro proc-macro pub ref return self Self serde serde_json static std struct super test trait true try type \
    typeof unsafe unsized use virtual wasip2 where while yield build deps examples incremental";

/// The longest name: with `.handler` it stays below the 128 characters of a handler.
const MAX_LENGTH: usize = 64;

/// A name that a project may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProjectName(String);

impl ProjectName {
    /// The name of a project in this folder.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let name = match path.components().next_back() {
            Some(Component::Normal(name)) => name.to_string_lossy().into_owned(),
            _ => String::new(),
        };
        match refusal(&name) {
            None => Ok(Self(name)),
            Some(reason) => {
                let other = path.with_file_name(suggestion(&name));
                Err(Failure::text(Exit::Usage, format!("`{name}` cannot be the name of a function: {reason}"))
                    .hint(format!("fngraph new {}", other.display())))
            }
        }
    }

    /// The name.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as rustc writes it, and with it the wasm file of a library.
    pub(super) fn library(&self) -> String {
        self.0.replace('-', "_")
    }
}

fn refusal(name: &str) -> Option<&'static str> {
    let starts_well = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > MAX_LENGTH {
        Some("it has more than 64 characters")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
        Some("it may have letters, digits, `-` and `_` only")
    } else if !starts_well {
        Some("it has to start with a letter")
    } else if RESERVED.split(' ').any(|reserved| reserved == name) {
        Some("it is reserved")
    } else {
        None
    }
}

/// A name close to this one that is accepted.
fn suggestion(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let clean = clean.trim_matches(|c| c == '-' || c == '_');
    let clean = &clean[..clean.len().min(MAX_LENGTH - "-function".len())];
    match refusal(clean) {
        None => clean.to_owned(),
        Some(_) if clean.is_empty() => "my-function".to_owned(),
        Some(_) if clean.starts_with(|c: char| c.is_ascii_digit()) => format!("function-{clean}"),
        Some(_) => format!("{clean}-function"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_of_the_path_is_the_name() {
        let name = ProjectName::of(Path::new("functions/my-orders")).unwrap();
        assert_eq!((name.as_str(), name.library().as_str()), ("my-orders", "my_orders"));
    }

    #[test]
    fn a_refusal_suggests_a_name_that_is_accepted() {
        for (name, suggested) in [
            ("my orders", "my-orders"),
            ("3d", "function-3d"),
            ("test", "test-function"),
            ("serde", "serde-function"),
            ("größe", "gr--e"),
            ("..", "my-function"),
            ("-x", "x"),
        ] {
            let failure = ProjectName::of(Path::new(name)).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            let hint = failure.hint.unwrap();
            assert!(hint.ends_with(suggested), "{name}: {hint}");
            assert_eq!(refusal(hint.rsplit(['/', ' ']).next().unwrap()), None, "{hint}");
        }
        assert!(ProjectName::of(Path::new(&"x".repeat(65))).is_err());
    }
}
