//! Placeholders in texts: `${name}` stands for a value, `$${` for itself without the first dollar.

use super::ApplicationError;
use std::collections::BTreeMap;

/// A text with its placeholders filled in. Values are not looked at again, whatever they hold.
pub(super) fn fill(text: &str, values: &BTreeMap<&str, &str>) -> Result<String, ApplicationError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = after;
            continue;
        }
        filled.push_str(before);
        let unknown = |name: &str| ApplicationError::UnknownPlaceholder(name.chars().take(80).collect());
        let (name, behind) = after.split_once('}').ok_or_else(|| unknown(after))?;
        filled.push_str(values.get(name).ok_or_else(|| unknown(name))?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let values = BTreeMap::from([("a", "1"), ("long-name", "${a}")]);
        let filled = fill(text, &values);
        let expected = expected.map(str::to_owned);
        assert_eq!(filled, expected.map_err(|name| ApplicationError::UnknownPlaceholder(name.to_owned())), "{text}");
    }

    #[test]
    fn placeholders_are_filled_in_once() {
        check("", Ok(""));
        check("$a {a} $", Ok("$a {a} $"));
        check("${a}${a}", Ok("11"));
        check("x ${long-name} y", Ok("x ${a} y"));
        check("$${a} costs $${", Ok("${a} costs ${"));
    }

    #[test]
    fn what_stands_for_nothing_is_an_error() {
        check("${b}", Err("b"));
        check("${}", Err(""));
        check("${a", Err("a"));
    }
}
