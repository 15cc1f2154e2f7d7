//! What was measured, whoever measured it.

use std::time::SystemTime;

/// The measurement of one bench.
#[derive(Debug)]
pub(super) struct Measured {
    /// `stage/guest/strategy`.
    pub(super) id: String,
    /// The day of the run.
    pub(super) date: String,
    pub(super) figures: Vec<Figure>,
}

/// One number of a measurement.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    pub(super) measure: Measure,
    pub(super) value: f64,
    /// Why the number cannot prove that a budget is met.
    pub(super) doubt: Option<String>,
}

/// What a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// The median of latencies, in nanoseconds.
    P50,
    /// Their 99th percentile.
    P99,
    /// Calls per second.
    PerSecond,
    /// Memory.
    Bytes,
}

impl Measure {
    pub(super) const ALL: [Self; 4] = [Self::P50, Self::P99, Self::PerSecond, Self::Bytes];

    /// Its name in `budgets.json` and in the summaries of load benches.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::PerSecond => "per_second",
            Self::Bytes => "bytes",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// A value in its unit. Three digits are all that a measurement on a shared machine is good for.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::P50 | Self::P99 => nanoseconds(value),
            Self::PerSecond => format!("{}/s", thousands(value)),
            Self::Bytes if value < 1e6 => format!("{:.1} KB", value / 1e3),
            Self::Bytes => format!("{:.1} MB", value / 1e6),
        }
    }
}

impl Figure {
    /// Names what the number is, and what is to be known about it.
    pub(super) fn describe(&self) -> String {
        let name = match self.measure {
            Measure::P50 | Measure::P99 => Some(self.measure.name()),
            Measure::PerSecond | Measure::Bytes => None,
        };
        name.into_iter().chain(self.doubt.as_deref()).collect::<Vec<_>>().join(", ")
    }
}

impl Measured {
    pub(super) fn figure(&self, measure: Measure) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.measure == measure)
    }
}

pub(super) fn day(time: SystemTime) -> String {
    time::OffsetDateTime::from(time).date().to_string()
}

fn nanoseconds(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        _ if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}

/// A whole number with a space before every three digits.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b' ')).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_in_their_unit() {
        let check = |measure: Measure, value: f64, shown: &str| assert_eq!(measure.show(value), shown);
        check(Measure::P50, 412.4, "412 ns");
        check(Measure::P50, 12_345.0, "12.35 µs");
        check(Measure::P99, 12_345_678.0, "12.35 ms");
        check(Measure::P99, 2.5e9, "2.50 s");
        check(Measure::PerSecond, 999.4, "999/s");
        check(Measure::PerSecond, 1_234_567.0, "1 234 567/s");
        check(Measure::Bytes, 23_241.0, "23.2 KB");
        check(Measure::Bytes, 15_089_664.0, "15.1 MB");
    }
}
