//! Intervals: Go's durations, and rates.

use crate::{ParseScheduleError, error::excerpt};

const SECOND: u128 = 1_000_000_000;
const DAY: u128 = 86_400 * SECOND;

/// About ten years: longer than anybody waits, and far from overflowing a timestamp.
const LONGEST: u128 = 3660 * DAY;

/// The units and their nanoseconds. Longer names stand before their own beginnings. `d` is not one of Go's, but an
/// example of the cloud uses it.
const UNITS: [(&str, u128); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3600 * SECOND),
    ("d", DAY),
];

/// Reads a duration such as `1h30m` or `1.5h` into whole milliseconds.
pub(crate) fn parse(text: &str) -> Result<i64, ParseScheduleError> {
    let nanos = nanoseconds(text).ok_or_else(|| ParseScheduleError::Duration(excerpt(text)))?;
    let range = || ParseScheduleError::Interval(excerpt(text));
    if !(SECOND..=LONGEST).contains(&nanos) {
        return Err(range());
    }
    i64::try_from(nanos / 1_000_000).map_err(|_| range())
}

/// Reads a rate such as `3m` into whole milliseconds.
pub(crate) fn parse_rate(text: &str) -> Result<i64, ParseScheduleError> {
    let refused = || ParseScheduleError::Rate(excerpt(text));
    let (digits, most, unit) = match text.as_bytes().last() {
        Some(b'm') => (&text[..text.len() - 1], 60, 60_000),
        Some(b'h') => (&text[..text.len() - 1], 24, 3_600_000),
        Some(b'd') => (&text[..text.len() - 1], 30, 86_400_000),
        _ => return Err(refused()),
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse::<i64>() {
        Ok(count) if plain && (1..=most).contains(&count) => Ok(count * unit),
        _ => Err(refused()),
    }
}

fn nanoseconds(text: &str) -> Option<u128> {
    let mut rest = text;
    let mut sum = 0u128;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let (unit, nanos) = UNITS.into_iter().find(|(unit, _)| after.starts_with(unit))?;
        sum = sum.checked_add(product(whole, fraction, nanos)?)?;
        rest = &after[unit.len()..];
    }
    (!text.is_empty()).then_some(sum)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// `whole.fraction` times `nanos`. Digits below a nanosecond of the largest unit are cut off: 18 are more than enough.
fn product(whole: &str, fraction: &str, nanos: u128) -> Option<u128> {
    let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok().map(u128::from) };
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let parts = number(fraction)? * nanos / scale;
    (number(whole)? * nanos).checked_add(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, millis) in [
            ("1s", 1_000),
            ("1500ms", 1_500),
            ("1.5h", 5_400_000),
            ("2h30m", 9_000_000),
            (".5m", 30_000),
            ("1.s", 1_000),
            ("1s1us1µs1μs1ns", 1_000),
            ("3d", 259_200_000),
            ("1.000000000000000000000001s", 1_000),
        ] {
            assert_eq!(parse(text), Ok(millis), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in ["", "5", "s", ".s", "1 s", "-1s", "1y", "1h30", "99999999999999999999999h"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("is no duration; write numbers with the units"), "{text}: {error}");
        }
    }

    #[test]
    fn an_interval_has_a_range() {
        for text in ["0s", "999ms", "3661d", "18446744073709551615h"] {
            assert_eq!(parse(text), Err(ParseScheduleError::Interval(text.to_owned())));
        }
        assert!(parse("3660d").is_ok());
    }

    #[test]
    fn rates_have_a_range_for_each_unit() {
        for (text, millis) in [("1m", 60_000), ("60m", 3_600_000), ("24h", 86_400_000), ("30d", 2_592_000_000)] {
            assert_eq!(parse_rate(text), Ok(millis), "{text}");
        }
        for text in ["", "m", "0m", "61m", "25h", "31d", "1s", "+1m", "1.5h", "1 m", "1ä"] {
            assert_eq!(parse_rate(text), Err(ParseScheduleError::Rate(text.to_owned())), "{text}");
        }
    }
}
