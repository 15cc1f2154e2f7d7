//! What an answer must look like.
//!
//! A pattern is JSON. An object may have more members than its pattern; an array has as many elements as its pattern.
//! Some strings are patterns of their own:
//!
//! | string | matches |
//! | --- | --- |
//! | `{any}` | anything that is there, but null |
//! | `{string}`, `{number}`, `{integer}`, `{bool}`, `{array}`, `{object}` | anything of this kind |
//! | `{absent}` | a member that is not there, or null |
//! | `{time}` | a time as the cloud's clients read it: `YYYY-MM-DD HH:MM:SS`, or with `T` and `Z` |
//! | `{uuid}` | an id as the cloud's |
//! | `{contains:TEXT}` | a string that holds the text |
//! | `{length:N}` | a string or an array of this length |

use serde_json::Value;

/// The differences between a pattern and what came, each with the place where it is.
pub(crate) fn differences(pattern: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", pattern, actual, &mut found);
    found
}

fn compare(place: &str, pattern: &Value, actual: &Value, found: &mut Vec<String>) {
    let same = match (pattern, actual) {
        (Value::Object(pattern), Value::Object(actual)) => {
            for (name, pattern) in pattern {
                compare(&format!("{place}/{name}"), pattern, actual.get(name).unwrap_or(&Value::Null), found);
            }
            true
        }
        (Value::Array(patterns), Value::Array(elements)) if patterns.len() == elements.len() => {
            for (index, (pattern, actual)) in patterns.iter().zip(elements).enumerate() {
                compare(&format!("{place}/{index}"), pattern, actual, found);
            }
            true
        }
        (Value::String(pattern), actual) => text(pattern, actual),
        // 1 and 1.0 are the same number to whoever reads JSON.
        (Value::Number(pattern), Value::Number(actual)) => pattern.as_f64() == actual.as_f64(),
        (pattern, actual) => pattern == actual,
    };
    if !same {
        found
            .push(format!("{}: {pattern} was expected, and {actual} came", if place.is_empty() { "/" } else { place }));
    }
}

fn text(pattern: &str, actual: &Value) -> bool {
    let string = actual.as_str();
    let name = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match name.map(|name| name.split_once(':').unwrap_or((name, ""))) {
        Some(("any", "")) => !actual.is_null(),
        Some(("string", "")) => actual.is_string(),
        Some(("number", "")) => actual.is_number(),
        Some(("integer", "")) => actual.is_i64() || actual.is_u64(),
        Some(("bool", "")) => actual.is_boolean(),
        Some(("array", "")) => actual.is_array(),
        Some(("object", "")) => actual.is_object(),
        Some(("absent", "")) => actual.is_null(),
        Some(("time", "")) => string.is_some_and(is_time),
        Some(("uuid", "")) => string.is_some_and(|text| has_form(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh")),
        Some(("contains", part)) => string.is_some_and(|text| text.contains(part)),
        Some(("length", length)) => {
            let actual = string.map(str::len).or_else(|| actual.as_array().map(Vec::len));
            actual.is_some() && actual == length.parse().ok()
        }
        Some(_) | None => string == Some(pattern),
    }
}

fn is_time(text: &str) -> bool {
    has_form(text, "dddd-dd-dd dd:dd:dd") || has_form(text, "dddd-dd-ddTdd:dd:ddZ")
}

/// Whether a text has a form: `d` for a digit, `h` for one of a hexadecimal number, and what else stands there.
fn has_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            b'h' => byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_matches_what_it_describes() {
        let check = |pattern: Value, actual: Value| assert_eq!(differences(&pattern, &actual), [""; 0], "{pattern}");
        check(json!({"a": 1}), json!({"a": 1.0, "b": 2}));
        check(json!(["{any}", "x"]), json!([false, "x"]));
        check(json!({"a": "{absent}", "b": "{contains:ell}"}), json!({"b": "hello"}));
        check(json!("{time}"), json!("2026-11-23 01:02:03"));
        check(json!("{time}"), json!("2026-11-23T01:02:03Z"));
        check(json!("{uuid}"), json!("1167bf8c-87b0-43ab-8f5f-26b16c64f252"));
        check(json!({"a": "{length:2}", "b": "{length:3}"}), json!({"a": [1, 2], "b": "abc"}));
        check(json!([{"n": "{integer}"}]), json!([{"n": 3}]));
    }

    #[test]
    fn a_difference_says_where_it_is() {
        let check = |pattern: Value, actual: Value, place: &str| {
            let found = differences(&pattern, &actual);
            assert!(found.len() == 1 && found[0].starts_with(&format!("{place}:")), "{found:?}");
        };
        check(json!({"a": {"b": 1}}), json!({"a": {"b": 2}}), "/a/b");
        check(json!({"a": {"b": 1}}), json!({}), "/a");
        check(json!([1, 2]), json!([1]), "/");
        check(json!([1, 2]), json!([1, 3]), "/1");
        check(json!({"a": "{any}"}), json!({"a": null}), "/a");
        check(json!({"a": "{absent}"}), json!({"a": 0}), "/a");
        check(json!("{time}"), json!("2018-03-28T11:30:32+08:00"), "/");
        check(json!("{integer}"), json!(1.5), "/");
        check(json!("1"), json!(1), "/");
    }
}
