//! The rules of tags.

use crate::Invalid;
use fngraph_types::{ErrorCode, limits};
use std::collections::BTreeMap;

/// How the keys of the platform's own tags begin.
const SYSTEM: &str = "_sys_";

/// Whether all tags that a function is to have keep the rules.
pub(crate) fn validate(tags: &BTreeMap<String, String>) -> Result<(), Invalid> {
    let refused =
        |field, given: &dyn std::fmt::Display, rule| Err(Invalid::new(ErrorCode::InvalidParameter, field, given, rule));
    if tags.len() > limits::TAGS {
        return refused("number of tags", &tags.len(), "up to 20");
    }
    for (key, value) in tags {
        let chars = key.chars().count();
        if !(1..=limits::TAG_KEY_CHARS).contains(&chars) || key.starts_with(SYSTEM) || key.contains(char::is_control) {
            return refused("key of a tag", key, "1 to 128 characters, no control characters, no `_sys_` at the start");
        }
        if value.chars().count() > limits::TAG_VALUE_CHARS || value.contains(char::is_control) {
            return refused("value of a tag", value, "up to 255 characters, no control characters");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(key: &str, value: &str, fine: bool) {
        let tags = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        assert_eq!(validate(&tags).is_ok(), fine, "{key:?} {value:?}");
    }

    #[test]
    fn tags_are_short_and_the_owners_own() {
        check("Kostenstelle", "", true);
        check(&"ä".repeat(128), &"ä".repeat(255), true);
        check(&"a".repeat(129), "", false);
        check("a", &"a".repeat(256), false);
        for key in ["", "a\nb", "_sys_enterprise_project_id"] {
            check(key, "", false);
        }
        check("a", "\0", false);
    }

    #[test]
    fn tags_are_few() {
        let tags = |count: usize| (0..count).map(|number| (number.to_string(), String::new())).collect();
        assert_eq!(validate(&tags(20)), Ok(()));
        let error = validate(&tags(21)).unwrap_err();
        assert_eq!((error.code(), error.field()), (ErrorCode::InvalidParameter, "number of tags"));
    }
}
