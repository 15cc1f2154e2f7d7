//! Moments as texts.

use fngraph_types::Timestamp;
use time::{Date, Month, OffsetDateTime, Time};

/// A moment as answers have it, in UTC: `2026-11-23T01:02:03Z`.
pub fn format(at: Timestamp) -> String {
    let at = moment(at);
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// Reads a moment, in UTC: `2026-11-23T01:02:03`, with a space for the `T`, a fraction and a `Z` if they like, or
/// milliseconds since 1970. None when it is something else.
pub fn parse(text: &str) -> Option<Timestamp> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok().map(Timestamp::from_millis);
    }
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let (date, time) = seconds.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let date = Date::from_calendar_date(i32::from(year), month_of(month)?, u8::try_from(day).ok()?).ok()?;
    let time = Time::from_hms(u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, u8::try_from(second).ok()?).ok()?;
    let seconds = date.with_time(time).assume_utc().unix_timestamp();
    Some(Timestamp::from_millis(seconds * 1000 + millis(fraction)?))
}

/// A month of UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthSpan {
    /// Its name: `2026-11`.
    pub name: String,
    /// Its first moment.
    pub begin: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

/// The month that was so many months before the one of this moment.
pub fn month(at: Timestamp, ago: u16) -> MonthSpan {
    let date = moment(at).date();
    // Months are counted from the year 0.
    let number = i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1 - i64::from(ago);
    let begin = |number: i64| {
        let month = u16::try_from(number.rem_euclid(12) + 1).ok().and_then(month_of);
        let date = i32::try_from(number.div_euclid(12)).ok().zip(month);
        let date = date.and_then(|(year, month)| Date::from_calendar_date(year, month, 1).ok()).unwrap_or(Date::MIN);
        Timestamp::from_millis(date.midnight().assume_utc().unix_timestamp() * 1000)
    };
    let name = format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1);
    MonthSpan { name, begin: begin(number), end: begin(number + 1) }
}

fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.as_millis().div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn month_of(number: u16) -> Option<Month> {
    Month::try_from(u8::try_from(number).ok()?).ok()
}

/// Three numbers, of digits only.
fn numbers(text: &str, separator: char) -> Option<[u16; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// The first three digits of a fraction of a second.
fn millis(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}")[..3].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_moment_is_read_in_every_form() {
        let at = Timestamp::from_millis(1_795_395_723_000);
        assert_eq!(format(at), "2026-11-23T01:02:03Z");
        for text in ["2026-11-23T01:02:03Z", "2026-11-23T01:02:03", "2026-11-23 01:02:03", "1795395723000"] {
            assert_eq!(parse(text), Some(at), "{text}");
        }
        assert_eq!(parse("2026-11-23T01:02:03.0451Z"), Some(Timestamp::from_millis(1_795_395_723_045)));
    }

    #[test]
    fn other_texts_are_no_moments() {
        for text in [
            "",
            "yesterday",
            "2026-11-23",
            "2026-13-01T00:00:00",
            "2026-02-30T00:00:00",
            "2026-11-23T24:00:00",
            "T",
            ".",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_counted_back_over_years() {
        let at = parse("2026-02-14T01:02:03").unwrap();
        let months =
            [0, 1, 2, 14].map(|ago| month(at, ago)).map(|month| (month.name, format(month.begin), format(month.end)));
        let expected = [
            ("2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("2026-01", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
            ("2025-12", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ];
        assert_eq!(months, expected.map(|(name, begin, end)| (name.to_owned(), begin.to_owned(), end.to_owned())));
    }

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_is_written(seconds in 0..=253_402_300_799_i64) {
            let at = Timestamp::from_millis(seconds * 1000);
            prop_assert_eq!(parse(&format(at)), Some(at));
        }

        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let _ = parse(&text);
        }
    }
}
