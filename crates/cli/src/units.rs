//! Numbers with units, as people type and read them.

use std::time::Duration;

/// Parses a duration such as `3s`, `250ms`, `2m` or `1.5s`; a bare number is seconds.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let refused = || format!("`{text}` is no duration; write 3s, 250ms or 2m");
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| refused())?;
    let seconds = match unit.trim() {
        "ns" => 1e-9,
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(refused()),
    };
    Duration::try_from_secs_f64(number * seconds).map_err(|_| refused())
}

/// Parses a duration that must not be zero.
pub(crate) fn parse_positive_duration(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        Duration::ZERO => Err("it must be longer than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// A duration as an argument: what [`parse_duration`] reads back.
pub(crate) fn duration_argument(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 {
        format!("{}s", duration.as_secs())
    } else {
        format!("{}ms", duration.as_millis().max(1))
    }
}

/// A duration with three significant digits: `812 ns`, `3.14 µs`, `12.5 ms`, `1.50 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let nanos = duration.as_secs_f64() * 1e9;
    let (value, unit) = match duration.as_nanos() {
        0 => return "0".to_owned(),
        1..1_000 => return format!("{} ns", duration.as_nanos()),
        1_000..999_500 => (nanos / 1e3, "µs"),
        999_500..999_500_000 => (nanos / 1e6, "ms"),
        _ => (nanos / 1e9, "s"),
    };
    format!("{} {unit}", significant(value))
}

/// A duration that is a number of nanoseconds.
pub(crate) fn nanos(nanos: u64) -> String {
    duration(Duration::from_nanos(nanos))
}

fn significant(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// A size in bytes: `712 B`, `118 KB`, `1.50 MB`. A KB has 1024 bytes, as the function model counts.
pub(crate) fn bytes(bytes: u64) -> String {
    // Sizes are far below 2^52, where a float is exact.
    let value = bytes as f64;
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_064 => format!("{} KB", significant(value / 1024.0)),
        1_048_064..1_073_217_536 => format!("{} MB", significant(value / (1024.0 * 1024.0))),
        _ => format!("{} GB", significant(value / (1024.0 * 1024.0 * 1024.0))),
    }
}

/// A whole number in groups of three digits: `1 234 567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// `one thing`, `2 things`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{} {thing}s", grouped(number)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        for (text, millis) in
            [("3s", 3000), ("250ms", 250), ("2m", 120_000), ("1.5s", 1500), ("7", 7000), ("1h", 3_600_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "3 weeks", "-1s", "1.2.3s", "1e400s"] {
            assert!(parse_duration(text).unwrap_err().contains("write 3s"), "{text}");
        }
        assert!(parse_positive_duration("0s").is_err());
    }

    #[test]
    fn an_argument_reads_back_as_the_duration() {
        for millis in [1, 250, 3000, 90_000] {
            let duration = Duration::from_millis(millis);
            assert_eq!(parse_duration(&duration_argument(duration)), Ok(duration));
        }
    }

    #[test]
    fn numbers_are_printed_with_three_digits() {
        let texts: Vec<_> = [0, 812, 3_141, 99_950, 999_499, 999_500, 12_540_000, 1_500_000_000].map(nanos).to_vec();
        assert_eq!(texts, ["0", "812 ns", "3.14 µs", "100 µs", "999 µs", "1.00 ms", "12.5 ms", "1.50 s"]);
        let texts: Vec<_> = [712, 120_832, 1_048_575, 1_572_864].map(bytes).to_vec();
        assert_eq!(texts, ["712 B", "118 KB", "1.00 MB", "1.50 MB"]);
        assert_eq!([1, 1234, 1_234_567].map(grouped).to_vec(), ["1", "1 234", "1 234 567"]);
    }
}
