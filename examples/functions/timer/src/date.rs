//! Just enough of a calendar to count days back.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date at the beginning of an RFC 3339 time.
    pub(crate) fn parse(time: &str) -> Option<Self> {
        let (date, _) = time.split_once('T')?;
        let mut parts = date.split('-');
        let date = Self {
            year: parts.next()?.parse().ok()?,
            month: parts.next()?.parse().ok()?,
            day: parts.next()?.parse().ok()?,
        };
        let known = parts.next().is_none()
            && date.year >= 1583
            && (1..=12).contains(&date.month)
            && (1..=date.days_of_month()).contains(&date.day);
        known.then_some(date)
    }

    /// The date that many days earlier.
    pub(crate) fn before(self, days: u16) -> Self {
        (0..days).fold(self, |date, _| date.day_before())
    }

    fn day_before(self) -> Self {
        match self {
            Self { day: 2.., .. } => Self { day: self.day - 1, ..self },
            Self { month: 2.., .. } => {
                let month = Self { month: self.month - 1, ..self };
                Self { day: month.days_of_month(), ..month }
            }
            _ => Self { year: self.year - 1, month: 12, day: 31 },
        }
    }

    fn days_of_month(self) -> u8 {
        let leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: &str, days: u16, earlier: &str) {
        let date = Date::parse(&format!("{date}T00:00:00Z")).expect("the test names a date");
        assert_eq!(date.before(days).to_string(), earlier);
    }

    #[test]
    fn days_are_counted_back_over_months_years_and_leap_days() {
        check("2026-05-02", 1, "2026-05-01");
        check("2026-05-01", 1, "2026-04-30");
        check("2026-01-01", 1, "2025-12-31");
        check("2000-03-01", 1, "2000-02-29");
        check("2100-03-01", 1, "2100-02-28");
        check("2024-03-01", 366, "2023-03-01");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        let times =
            ["", "2026-02-01", "2026-02-29T0", "2026-13-01T0", "2026-00-01T0", "2026-01-00T0", "26-1T0", "x-1-1T0"];
        for time in times {
            assert_eq!(Date::parse(time), None, "{time}");
        }
    }
}
