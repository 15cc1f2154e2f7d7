//! Values of metrics over time.

use super::float;
use crate::{failure::Failure, page::Page};
use fngraph::{ErrorCode, Period, Timestamp};
use fngraph_api::metrics::SlaReportsValue;
use std::collections::HashMap;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Metric {
    Count,
    Failures,
    FunctionErrors,
    SystemErrors,
    Rejects,
    /// The mean, as the others of time in milliseconds.
    Duration,
    MaxDuration,
    MinDuration,
    Concurrency,
    Elastic,
    Reserved,
}

impl Metric {
    /// The metric that clients call so, in whichever way they write it.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        let plain = name.replace('_', "").to_ascii_lowercase();
        Ok(match plain.as_str() {
            "count" => Self::Count,
            "failcount" => Self::Failures,
            "functionerrorcount" => Self::FunctionErrors,
            "systemerrorcount" => Self::SystemErrors,
            "rejectcount" => Self::Rejects,
            "duration" => Self::Duration,
            "maxduration" => Self::MaxDuration,
            "minduration" => Self::MinDuration,
            "concurrency" => Self::Concurrency,
            "reservedinstancenum" => Self::Reserved,
            _ => {
                let text = "the `type` must be `count`, `failcount`, `rejectcount`, `functionerrorcount`, \
                            `systemerrorcount`, `duration`, `maxduration`, `minduration`, `concurrency` or \
                            `reservedinstancenum`";
                return Err(Failure::new(ErrorCode::InvalidQuery, text));
            }
        })
    }

    /// Its value, if it has one: without a call of a handler there is no time in it.
    pub(super) fn of(self, period: &Period) -> Option<f64> {
        let time = |micros| (period.handled > 0).then(|| float(micros) / 1000.0);
        match self {
            Self::Count => Some(float(period.count)),
            Self::Failures => Some(float(period.function_errors.saturating_add(period.system_errors))),
            Self::FunctionErrors => Some(float(period.function_errors)),
            Self::SystemErrors => Some(float(period.system_errors)),
            Self::Rejects => Some(float(period.rejects)),
            Self::Duration => time(period.duration_sum).map(|sum| sum / float(period.handled)),
            Self::MaxDuration => time(period.duration_max),
            Self::MinDuration => time(period.duration_min),
            Self::Concurrency => Some(float(period.concurrency_max)),
            Self::Elastic => Some(float(period.elastic_max)),
            Self::Reserved => Some(float(period.reserved_max)),
        }
    }
}

/// Minutes, and how many of them make a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// The first minute, a multiple of the width.
    pub(super) from: i64,
    /// The last minute: the one that goes on.
    pub(super) until: i64,
    /// The minutes of a point (manual, 7.8.4): 1 for up to an hour, 30 for up to a day, 180 beyond.
    pub(super) width: u32,
}

impl Window {
    /// The last minutes. The first point may begin before them.
    pub(super) fn last(now: Timestamp, minutes: i64) -> Self {
        let width = match minutes {
            ..=60 => 1,
            61..=1440 => 30,
            1441.. => 180,
        };
        let until = now.minute();
        let first = until - minutes + 1;
        Self { from: first - first.rem_euclid(width.into()), until, width }
    }
}

/// The periods of a window.
#[derive(Debug)]
pub(super) struct Series {
    window: Window,
    periods: HashMap<i64, Period>,
}

impl Series {
    pub(super) fn new(window: Window, periods: Vec<Period>) -> Self {
        Self { window, periods: periods.into_iter().map(|period| (period.begin, period)).collect() }
    }

    /// The points of a metric; -1 where it has no value.
    pub(super) fn of(&self, metric: Metric, page: Page) -> Vec<SlaReportsValue> {
        let Window { from, until, width } = self.window;
        let begins = (from..=until).step_by(width as usize);
        let values = page.of(begins).map(|begin| {
            let value = self.periods.get(&begin).and_then(|period| metric.of(period)).unwrap_or(-1.0);
            SlaReportsValue { timestamp: begin * 60_000, value }
        });
        values.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period() -> Period {
        Period {
            begin: 60,
            count: 7,
            handled: 4,
            function_errors: 2,
            system_errors: 1,
            rejects: 3,
            duration_sum: 10_000,
            duration_min: 500,
            duration_max: 6_000,
            memory_time: 0,
            concurrency_max: 5,
            elastic_max: 6,
            reserved_max: 8,
        }
    }

    #[test]
    fn durations_are_milliseconds_and_means_go_over_handled_calls() {
        let values = [
            (Metric::Count, 7.0),
            (Metric::Failures, 3.0),
            (Metric::Duration, 2.5),
            (Metric::MinDuration, 0.5),
            (Metric::MaxDuration, 6.0),
            (Metric::Elastic, 6.0),
        ];
        for (metric, value) in values {
            assert_eq!(metric.of(&period()), Some(value), "{metric:?}");
        }
        let unhandled = Period { handled: 0, duration_min: u64::MAX, ..period() };
        assert_eq!((Metric::MinDuration.of(&unhandled), Metric::Rejects.of(&unhandled)), (None, Some(3.0)));
    }

    #[test]
    fn longer_windows_have_wider_points() {
        let now = Timestamp::from_millis(10_000 * 60_000 + 59_999);
        let check = |minutes, from, width, points: usize| {
            let window = Window::last(now, minutes);
            assert_eq!((window.from, window.until, window.width), (from, 10_000, width), "{minutes}");
            assert_eq!(Series::new(window, Vec::new()).of(Metric::Count, Page::ALL).len(), points, "{minutes}");
        };
        check(1, 10_000, 1, 1);
        check(60, 9_941, 1, 60);
        check(61, 9_930, 30, 3);
        check(1440, 8_550, 30, 49);
        check(1441, 8_460, 180, 9);
    }

    #[test]
    fn where_nothing_happened_there_is_no_value() {
        let window = Window { from: 30, until: 95, width: 30 };
        let points = Series::new(window, vec![period()]).of(Metric::Count, Page::ALL);
        let expected = [(30, -1.0), (60, 7.0), (90, -1.0)];
        let expected = expected.map(|(minute, value)| SlaReportsValue { timestamp: minute * 60_000, value });
        assert_eq!(points, expected);
    }

    #[test]
    fn metrics_are_known_by_every_spelling() {
        for name in ["failcount", "fail_count", "failCount"] {
            assert_eq!(Metric::named(name).unwrap(), Metric::Failures);
        }
        assert_eq!(Metric::named("speed").unwrap_err().code(), ErrorCode::InvalidQuery);
    }
}
