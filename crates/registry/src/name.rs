//! The rules of names.

use crate::Invalid;
use fngraph_types::{ErrorCode, FunctionId};

/// Whether all parts of a function's id keep the rules.
///
/// The rule of functions is the manual's (7.6.2). It has none for packages, so the same holds for them; a project's id
/// is whatever the cloud's accounts are called.
pub(crate) fn validate(id: &FunctionId) -> Result<(), Invalid> {
    let rule = "1 to 60 letters, digits, `_` and `-`, with a letter at the start and a letter or digit at the end";
    if !is_name(&id.name) {
        return Err(Invalid::new(ErrorCode::InvalidName, "function's name", &id.name, rule));
    }
    if !is_name(&id.package) {
        return Err(Invalid::new(ErrorCode::InvalidPackage, "package's name", &id.package, rule));
    }
    validate_project(&id.project_id)
}

/// Whether a project's id keeps the rules.
pub(crate) fn validate_project(project: &str) -> Result<(), Invalid> {
    if project.is_empty() || project.len() > 64 || !project.chars().all(is_word) {
        let rule = "1 to 64 letters, digits, `_` and `-`";
        return Err(Invalid::new(ErrorCode::InvalidParameter, "project's id", project, rule));
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let ends = text.ends_with(|c: char| c.is_ascii_alphanumeric());
    begins && ends && text.len() <= 60 && text.chars().all(is_word)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(project: &str, package: &str, name: &str, expected: Option<ErrorCode>) {
        let result = validate(&FunctionId::new(project, package, name));
        assert_eq!(result.err().map(|invalid| invalid.code()), expected, "{project}:{package}:{name}");
    }

    #[test]
    fn names_begin_with_a_letter_and_end_with_a_letter_or_digit() {
        check("local", "default", "f", None);
        check("0a1_b-", "Shop-1", &"a".repeat(60), None);
        for name in ["", "1a", "_a", "a_", "a-", "a b", "a.b", "ä", &"a".repeat(61)] {
            check("p", "default", name, Some(ErrorCode::InvalidName));
            check("p", name, "f", Some(ErrorCode::InvalidPackage));
        }
        for project in ["", "a:b", "ä", &"a".repeat(65)] {
            check(project, "default", "f", Some(ErrorCode::InvalidParameter));
        }
    }
}
