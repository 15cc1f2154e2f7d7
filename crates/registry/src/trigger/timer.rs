//! Triggers that go by the clock.

use crate::Invalid;
use fngraph_schedule::Schedule;
use fngraph_types::{ErrorCode, Timestamp};
use serde::{Deserialize, Serialize};

/// A trigger that goes by the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// Its name, unique in the function: 1 to 64 letters, digits, `_` and `-`, with a letter at the start.
    pub name: String,
    /// When it fires.
    pub timing: Timing,
    /// A text that its events carry, up to 2048 characters. Default: nothing.
    #[serde(default)]
    pub user_event: String,
}

/// When a timer fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// Again and again, counted from when it was set to: [`Schedule::rate`].
    Rate(Schedule),
    /// By a calendar expression, or by an interval of any length.
    Cron(Schedule),
}

impl Timing {
    /// A rate: `1m` to `60m`, `1h` to `24h`, `1d` to `30d`.
    ///
    /// # Errors
    /// When the text is none.
    pub fn rate(text: &str) -> Result<Self, Invalid> {
        let rule = "`1m` to `60m`, `1h` to `24h`, `1d` to `30d`";
        let schedule = Schedule::rate(text);
        schedule.map(Self::Rate).map_err(|_| Invalid::new(ErrorCode::InvalidTimerTrigger, "timer's rate", text, rule))
    }

    /// A calendar expression, or an interval: `0 30 12 ? * MON-FRI`, `@every 90s`.
    ///
    /// # Errors
    /// When the text is none.
    pub fn cron(text: &str) -> Result<Self, Invalid> {
        let schedule = text.parse();
        schedule.map(Self::Cron).map_err(|error: fngraph_schedule::ParseScheduleError| {
            let rule = format!("calendar expressions and `@every` intervals; {error}");
            Invalid::new(ErrorCode::InvalidTimerTrigger, "timer's schedule", text, rule)
        })
    }

    /// The schedule.
    pub fn schedule(&self) -> &Schedule {
        match self {
            Self::Rate(schedule) | Self::Cron(schedule) => schedule,
        }
    }

    /// How it is written: `3m` for a rate, else what the schedule prints.
    pub fn text(&self) -> String {
        let text = self.schedule().to_string();
        match self {
            Self::Rate(_) => text.strip_prefix("@every ").unwrap_or(&text).to_owned(),
            Self::Cron(_) => text,
        }
    }

    /// The first firing later than `after`; none when there is none any more. `since` is when the timer was set.
    pub fn next_after(&self, after: Timestamp, since: Timestamp) -> Option<Timestamp> {
        self.schedule().next_after(after, since)
    }
}

impl Timer {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let code = ErrorCode::InvalidTimerTrigger;
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let begins = self.name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !begins || self.name.len() > 64 || !self.name.chars().all(word) {
            let rule = "1 to 64 letters, digits, `_` and `-`, with a letter at the start";
            return Err(Invalid::new(code, "timer's name", &self.name, rule));
        }
        let chars = self.user_event.chars().count();
        if chars > 2048 {
            return Err(Invalid::new(code, "length of the timer's user event", chars, "up to 2048 characters"));
        }
        Ok(())
    }
}
