//! The schedule itself.

use crate::{ParseScheduleError, cron::Cron, error::excerpt, interval};
use fngraph_types::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// When something fires, in the cloud's syntax.
///
/// - `second minute hour day month [weekday]`, with `,` `-` `*` `/`, names of months and weekdays in any case, 0 as
///   Sunday, `?` for `*` in day and weekday, and `n/m` for every m-th from n on. When day and weekday are both
///   restricted, either may match. The zone is UTC unless `CRON_TZ=<IANA zone> ` stands before the fields.
/// - `@every <duration>`, 1 second to 3660 days, in Go's syntax (`1h30m`, `1.5h`) and with the unit `d`. Fractions
///   below a millisecond are cut off.
///
/// A time of day that the zone leaps over in spring does not fire on that day; one that it repeats in autumn fires
/// twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Schedule {
    text: String,
    rule: Rule,
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Calendar(Box<Cron>),
    /// Milliseconds, at least 1000.
    Interval(i64),
}

impl Schedule {
    /// The most bytes of a schedule's text. Ours; the cloud names none.
    pub const MAX_BYTES: usize = 512;

    /// Reads a rate: `1m` to `60m`, `1h` to `24h`, `1d` to `30d`. It is the interval of that length, and prints as
    /// one: `3m` as `@every 3m`.
    ///
    /// # Errors
    /// When the text is no rate.
    pub fn rate(text: &str) -> Result<Self, ParseScheduleError> {
        let millis = interval::parse_rate(text)?;
        Ok(Self { text: format!("@every {text}"), rule: Rule::Interval(millis) })
    }

    /// The zone that the text names with `CRON_TZ`; none when it names none.
    pub fn zone(&self) -> Option<&str> {
        let rest = self.text.trim_start().strip_prefix("CRON_TZ=")?;
        rest.split(' ').next()
    }

    /// The first firing later than `after`; none when there is none any more. Intervals are counted from `anchor`,
    /// the moment they were enabled, and do not fire at it.
    pub fn next_after(&self, after: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Calendar(cron) => {
                let from = after.as_millis().div_euclid(1000) + 1;
                moment(cron.first_from(from)?)
            }
            Rule::Interval(millis) => {
                let passed = after.as_millis().checked_sub(anchor.as_millis())?;
                let count = passed.max(0) / millis + 1;
                anchor.as_millis().checked_add(count.checked_mul(*millis)?).map(Timestamp::from_millis)
            }
        }
    }

    /// The last firing at `at` or before; none when there was none. Intervals are counted from `anchor`, the moment
    /// they were enabled, and do not fire at it.
    pub fn latest_until(&self, at: Timestamp, anchor: Timestamp) -> Option<Timestamp> {
        match &self.rule {
            Rule::Calendar(cron) => moment(cron.last_until(at.as_millis().div_euclid(1000))?),
            Rule::Interval(millis) => {
                let count = at.as_millis().checked_sub(anchor.as_millis())? / millis;
                let firing = anchor.as_millis().checked_add(count.checked_mul(*millis)?)?;
                (count > 0).then_some(Timestamp::from_millis(firing))
            }
        }
    }
}

fn moment(second: i64) -> Option<Timestamp> {
    second.checked_mul(1000).map(Timestamp::from_millis)
}

impl FromStr for Schedule {
    type Err = ParseScheduleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::MAX_BYTES {
            return Err(ParseScheduleError::TooLong(text.len()));
        }
        let trimmed = text.trim();
        let (zone, rest) = match trimmed.strip_prefix("CRON_TZ=") {
            Some(rest) => rest.split_once(' ').unwrap_or((rest, "")),
            None => ("UTC", trimmed),
        };
        let rule = match rest.strip_prefix("@every ") {
            Some(duration) => Rule::Interval(interval::parse(duration.trim())?),
            None if rest.starts_with('@') => return Err(ParseScheduleError::Descriptor(excerpt(rest))),
            None => Rule::Calendar(Box::new(Cron::parse(rest, zone)?)),
        };
        Ok(Self { text: text.to_owned(), rule })
    }
}

/// The text as it was written.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Schedule {
    type Error = ParseScheduleError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.text
    }
}

#[cfg(test)]
mod tests;
