//! Why a text is no schedule.

/// Why a text is no schedule. Each says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseScheduleError {
    /// The text is longer than any sensible schedule; the limit bounds the work of reading it.
    #[error("the schedule has {0} bytes; at most {max} are allowed", max = crate::Schedule::MAX_BYTES)]
    TooLong(usize),
    /// A calendar expression has another number of fields.
    #[error(
        "the schedule has {0} fields; write `second minute hour day month [weekday]`, such as `0 30 12 ? * MON-FRI`, \
         or `@every 90s`"
    )]
    Fields(usize),
    /// A field of a calendar expression is wrong.
    #[error("the {field} `{text}` {problem}; write {rule}")]
    Field {
        /// Which field: `second`, `minute`, `hour`, `day`, `month` or `weekday`.
        field: &'static str,
        /// The part of it that is wrong.
        text: String,
        /// What is wrong with it.
        problem: &'static str,
        /// What the field may hold.
        rule: &'static str,
    },
    /// What follows `CRON_TZ=` is no time zone.
    #[error("`{0}` is no time zone; write a name of the IANA database, such as `CRON_TZ=Europe/Berlin 0 30 12 ? * *`")]
    Zone(String),
    /// What follows `@` is not known.
    #[error("`{0}` is no schedule; write `@every` and a duration, such as `@every 1h30m`")]
    Descriptor(String),
    /// What follows `@every` is no duration.
    #[error("`{0}` is no duration; write numbers with the units d, h, m, s and ms, such as `1h30m`")]
    Duration(String),
    /// The interval is too short or too long.
    #[error("the interval `{0}` is out of range; write one between 1s and 3660d")]
    Interval(String),
    /// A rate is wrong.
    #[error("`{0}` is no rate; write 1m to 60m, 1h to 24h or 1d to 30d")]
    Rate(String),
}

/// The beginning of a text from outside, short enough for an error's message.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}
