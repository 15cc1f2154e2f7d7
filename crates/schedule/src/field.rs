//! One field of a calendar expression.

use crate::{ParseScheduleError, error::excerpt};

/// What a field may hold.
#[derive(Debug)]
pub(crate) struct Rule {
    name: &'static str,
    min: u32,
    max: u32,
    /// Names of the values from `min` on.
    names: &'static [&'static str],
    /// Whether `?` stands for `*`.
    question: bool,
    text: &'static str,
}

pub(crate) const SECOND: Rule =
    Rule { name: "second", min: 0, max: 59, names: &[], question: false, text: "0 to 59 with `,` `-` `*` `/`" };
pub(crate) const MINUTE: Rule = Rule { name: "minute", ..SECOND };
pub(crate) const HOUR: Rule = Rule { name: "hour", max: 23, text: "0 to 23 with `,` `-` `*` `/`", ..SECOND };
pub(crate) const DAY: Rule = Rule {
    name: "day",
    min: 1,
    max: 31,
    question: true,
    text: "1 to 31 with `,` `-` `*` `?` `/` (no `L`, no `W`)",
    ..SECOND
};
pub(crate) const MONTH: Rule = Rule {
    name: "month",
    min: 1,
    max: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    text: "1 to 12 or JAN to DEC with `,` `-` `*` `/`",
    ..SECOND
};
pub(crate) const WEEKDAY: Rule = Rule {
    name: "weekday",
    max: 6,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    question: true,
    text: "0 (Sunday) to 6 or SUN to SAT with `,` `-` `*` `?` `/` (no `L`, no `#`)",
    ..SECOND
};

/// The values that match, never none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    bits: u64,
    any: bool,
}

impl Field {
    /// Reads a comma-separated list of `*`, `?`, `n`, `n-m`, each with an optional `/step`.
    pub(crate) fn parse(text: &str, rule: &Rule) -> Result<Self, ParseScheduleError> {
        text.split(',').try_fold(Self { bits: 0, any: false }, |all, item| {
            let item = Self::item(item, rule).map_err(|problem| ParseScheduleError::Field {
                field: rule.name,
                text: excerpt(item),
                problem,
                rule: rule.text,
            })?;
            Ok(Self { bits: all.bits | item.bits, any: all.any || item.any })
        })
    }

    fn item(text: &str, rule: &Rule) -> Result<Self, &'static str> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step).ok_or("has a step that is no number")?)),
            None => (text, None),
        };
        let any = range == "*" || range == "?";
        if range == "?" && !rule.question {
            return Err("is not allowed here");
        }
        let (first, last) = match range.split_once('-') {
            _ if any => (rule.min, rule.max),
            Some((first, last)) => (rule.value(first)?, rule.value(last)?),
            // `n/m` means from n on, as in the cloud.
            None if step.is_some() => (rule.value(range)?, rule.max),
            None => (rule.value(range)?, rule.value(range)?),
        };
        if first > last {
            return Err("begins after it ends");
        }
        let step = match step {
            Some(0) => return Err("has the step 0"),
            Some(step) => step as usize,
            None => 1,
        };
        let bits = (first..=last).step_by(step).fold(0, |bits, value| bits | 1 << value);
        Ok(Self { bits, any: any && step == 1 })
    }

    /// Whether the field restricts nothing; `*/2` does.
    pub(crate) fn is_any(self) -> bool {
        self.any
    }

    pub(crate) fn matches(self, value: u32) -> bool {
        value < u64::BITS && self.bits & (1 << value) != 0
    }

    /// The smallest matching value that is `value` or larger.
    pub(crate) fn at_or_after(self, value: u32) -> Option<u32> {
        let rest = self.bits & u64::MAX.checked_shl(value)?;
        (rest != 0).then(|| rest.trailing_zeros())
    }

    /// The largest matching value that is `value` or smaller.
    pub(crate) fn at_or_before(self, value: u32) -> Option<u32> {
        let rest = self.bits & (u64::MAX >> (u64::BITS - 1).saturating_sub(value));
        rest.checked_ilog2()
    }

    pub(crate) fn first(self) -> u32 {
        self.bits.trailing_zeros()
    }

    pub(crate) fn last(self) -> u32 {
        self.bits.ilog2()
    }
}

impl Rule {
    fn value(&self, text: &str) -> Result<u32, &'static str> {
        let named = self.names.iter().zip(self.min..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some((_, value)) => value,
            None => number(text).ok_or("is not known here")?,
        };
        if (self.min..=self.max).contains(&value) { Ok(value) } else { Err("is out of range") }
    }
}

/// Digits only: `parse` alone would let a `+` through.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, rule: &Rule, expected: &[u32]) {
        let field = Field::parse(text, rule).unwrap();
        let values: Vec<u32> = (0..64).filter(|value| field.matches(*value)).collect();
        assert_eq!(values, expected, "{text}");
        assert_eq!((field.first(), field.last()), (expected[0], *expected.last().unwrap()));
    }

    #[test]
    fn lists_ranges_and_steps_are_read() {
        check("5", &MINUTE, &[5]);
        check("1,3-5,50/4", &SECOND, &[1, 3, 4, 5, 50, 54, 58]);
        check("8-20/6", &HOUR, &[8, 14, 20]);
        check("*/10", &DAY, &[1, 11, 21, 31]);
        check("*/100", &HOUR, &[0]);
        check("jan,Mar-MAY,12", &MONTH, &[1, 3, 4, 5, 12]);
        check("SUN,fri-Sat", &WEEKDAY, &[0, 5, 6]);
        check("?", &WEEKDAY, &[0, 1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn a_step_restricts_and_a_star_does_not() {
        for (text, any) in [("*", true), ("?", true), ("*/1", true), ("1,*", true), ("*/2", false), ("1-31", false)] {
            assert_eq!(Field::parse(text, &DAY).unwrap().is_any(), any, "{text}");
        }
    }

    #[test]
    fn neighbours_are_found_in_both_directions() {
        let field = Field::parse("3,59", &SECOND).unwrap();
        assert_eq!([0, 3, 4, 59, 60].map(|v| field.at_or_after(v)), [Some(3), Some(3), Some(59), Some(59), None]);
        assert_eq!([0, 3, 4, 59, 90].map(|v| field.at_or_before(v)), [None, Some(3), Some(3), Some(59), Some(59)]);
    }

    #[test]
    fn other_texts_are_refused_with_what_to_write() {
        for (text, rule, words) in [
            ("60", &SECOND, "the second `60` is out of range; write 0 to 59"),
            ("0", &DAY, "the day `0` is out of range"),
            ("7", &WEEKDAY, "the weekday `7` is out of range; write 0 (Sunday) to 6"),
            ("5-3", &HOUR, "the hour `5-3` begins after it ends"),
            ("*/0", &HOUR, "has the step 0"),
            ("*/x", &HOUR, "has a step that is no number"),
            ("?", &HOUR, "the hour `?` is not allowed here"),
            ("L", &DAY, "the day `L` is not known here; write 1 to 31"),
            ("15W", &DAY, "no `W`"),
            ("5#3", &WEEKDAY, "no `#`"),
            ("1,,2", &MINUTE, "the minute `` is not known here"),
            ("+1", &MINUTE, "is not known here"),
            ("99999999999", &MINUTE, "is not known here"),
        ] {
            let error = Field::parse(text, rule).unwrap_err().to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
