//! Calendar expressions: which seconds of which days match.
//!
//! What fires is defined by the clock on the wall: every second at which the zone's clock shows a matching time. So a
//! time that a change to summer time leaps over does not fire on that day, and one that a change back repeats fires
//! twice, as with the library whose syntax the cloud uses (Go's robfig/cron).

use crate::{
    ParseScheduleError,
    error::excerpt,
    field::{DAY, Field, HOUR, MINUTE, MONTH, SECOND, WEEKDAY},
};
use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone};
use chrono_tz::Tz;

const DAY_SECONDS: i64 = 86_400;

/// No zone was ever further from UTC.
const WIDEST_OFFSET: i64 = 16 * 3600;

/// The rarest date is 29 February around a year like 2100, eight years apart; the rest is slack for days that a zone
/// skips. A date that is not found in that many days never comes.
const HORIZON_DAYS: u32 = 12 * 366;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cron {
    second: Field,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
    zone: Tz,
}

/// A part of the time line in which a zone's clock is not changed.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    begins: i64,
    ends: i64,
    /// Seconds that the zone is ahead of UTC.
    offset: i64,
}

impl Cron {
    /// Reads 5 or 6 fields, `second minute hour day month [weekday]`.
    pub(crate) fn parse(text: &str, zone: &str) -> Result<Self, ParseScheduleError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let (second, minute, hour, day, month, weekday) = match fields[..] {
            [second, minute, hour, day, month] => (second, minute, hour, day, month, "*"),
            [second, minute, hour, day, month, weekday] => (second, minute, hour, day, month, weekday),
            _ => return Err(ParseScheduleError::Fields(fields.len())),
        };
        Ok(Self {
            second: Field::parse(second, &SECOND)?,
            minute: Field::parse(minute, &MINUTE)?,
            hour: Field::parse(hour, &HOUR)?,
            day: Field::parse(day, &DAY)?,
            month: Field::parse(month, &MONTH)?,
            weekday: Field::parse(weekday, &WEEKDAY)?,
            zone: zone.parse().map_err(|_| ParseScheduleError::Zone(excerpt(zone)))?,
        })
    }

    /// The first firing at second `from` or later, in seconds since 1970.
    pub(crate) fn first_from(&self, from: i64) -> Option<i64> {
        // The day before may come again when the clock is set back over midnight.
        let mut date = self.date(from)?.pred_opt()?;
        for _ in 0..HORIZON_DAYS {
            let after = date.succ_opt()?;
            if let Some(found) = self.first_on(date, from) {
                // For the same reason the next day may have begun before this one ended.
                return Some(self.first_on(after, from).map_or(found, |other| other.min(found)));
            }
            date = after;
        }
        None
    }

    /// The last firing at second `until` or earlier, in seconds since 1970.
    pub(crate) fn last_until(&self, until: i64) -> Option<i64> {
        let mut date = self.date(until)?.succ_opt()?;
        for _ in 0..HORIZON_DAYS {
            let before = date.pred_opt()?;
            if let Some(found) = self.last_on(date, until) {
                return Some(self.last_on(before, until).map_or(found, |other| other.max(found)));
            }
            date = before;
        }
        None
    }

    fn first_on(&self, date: NaiveDate, from: i64) -> Option<i64> {
        let midnight = self.midnight(date)?;
        let firings = self.stretches(midnight)?.into_iter().filter_map(|stretch| {
            let earliest = stretch.begins.max(from) + stretch.offset - midnight;
            let time = self.time_at_or_after(u32::try_from(earliest.max(0)).ok()?)?;
            let firing = midnight + i64::from(time) - stretch.offset;
            (firing < stretch.ends).then_some(firing)
        });
        firings.min()
    }

    fn last_on(&self, date: NaiveDate, until: i64) -> Option<i64> {
        let midnight = self.midnight(date)?;
        let firings = self.stretches(midnight)?.into_iter().filter_map(|stretch| {
            let latest = (stretch.ends - 1).min(until) + stretch.offset - midnight;
            let time = self.time_at_or_before(u32::try_from(latest.min(DAY_SECONDS - 1)).ok()?)?;
            let firing = midnight + i64::from(time) - stretch.offset;
            (firing >= stretch.begins).then_some(firing)
        });
        firings.max()
    }

    /// When a matching date would begin if its zone were UTC.
    fn midnight(&self, date: NaiveDate) -> Option<i64> {
        let day = self.day.matches(date.day());
        let weekday = self.weekday.matches(date.weekday().num_days_from_sunday());
        // As robfig/cron has it: two restrictions are alternatives.
        let either = !self.day.is_any() && !self.weekday.is_any();
        let matches = if either { day || weekday } else { day && weekday };
        let midnight = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp();
        (matches && self.month.matches(date.month())).then_some(midnight)
    }

    /// The stretches of the time line that the date beginning at `midnight` can lie in.
    fn stretches(&self, midnight: i64) -> Option<Vec<Stretch>> {
        let begins = midnight - WIDEST_OFFSET;
        let ends = midnight + DAY_SECONDS + WIDEST_OFFSET;
        let mut stretch = Stretch { begins, ends, offset: self.offset(begins)? };
        if stretch.offset == self.offset(ends)? {
            return Some(vec![stretch]);
        }
        let mut stretches = Vec::new();
        for hour in (begins..ends).step_by(3600) {
            if self.offset(hour + 3600)? == stretch.offset {
                continue;
            }
            let (mut before, mut after) = (hour, hour + 3600);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if self.offset(middle)? == stretch.offset {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            stretches.push(Stretch { ends: after, ..stretch });
            stretch = Stretch { begins: after, ends, offset: self.offset(after)? };
        }
        stretches.push(stretch);
        Some(stretches)
    }

    /// How far the zone is ahead of UTC, in seconds.
    fn offset(&self, second: i64) -> Option<i64> {
        let utc = DateTime::from_timestamp(second, 0)?.naive_utc();
        Some(i64::from(self.zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()))
    }

    fn date(&self, second: i64) -> Option<NaiveDate> {
        let shown = second.checked_add(self.offset(second)?)?;
        Some(DateTime::from_timestamp(shown, 0)?.date_naive())
    }

    /// The first matching second of a day that is `time` or later.
    fn time_at_or_after(&self, time: u32) -> Option<u32> {
        let (hour, minute, second) = clock(time);
        if self.hour.matches(hour) {
            if self.minute.matches(minute)
                && let Some(second) = self.second.at_or_after(second)
            {
                return Some(second_of_day(hour, minute, second));
            }
            if let Some(minute) = self.minute.at_or_after(minute + 1) {
                return Some(second_of_day(hour, minute, self.second.first()));
            }
        }
        let hour = self.hour.at_or_after(hour.saturating_add(1))?;
        Some(second_of_day(hour, self.minute.first(), self.second.first()))
    }

    /// The last matching second of a day that is `time` or earlier.
    fn time_at_or_before(&self, time: u32) -> Option<u32> {
        let (hour, minute, second) = clock(time);
        if self.hour.matches(hour) {
            if self.minute.matches(minute)
                && let Some(second) = self.second.at_or_before(second)
            {
                return Some(second_of_day(hour, minute, second));
            }
            if let Some(minute) = minute.checked_sub(1).and_then(|minute| self.minute.at_or_before(minute)) {
                return Some(second_of_day(hour, minute, self.second.last()));
            }
        }
        let hour = self.hour.at_or_before(hour.checked_sub(1)?)?;
        Some(second_of_day(hour, self.minute.last(), self.second.last()))
    }
}

fn clock(time: u32) -> (u32, u32, u32) {
    (time / 3600, time / 60 % 60, time % 60)
}

fn second_of_day(hour: u32, minute: u32, second: u32) -> u32 {
    hour * 3600 + minute * 60 + second
}
