//! What samples come to: percentiles, rates, how much rounds differ, and whether two functions do.

use super::load::{Round, Sample};
use fngraph_types::ErrorCode;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// The longest latency that is told apart from longer ones: beyond a function's longest timeout.
const LONGEST: u64 = 24 * 3600 * 1_000_000_000;

/// Three digits are more than a noisy machine repeats.
const DIGITS: u8 = 3;

/// What many values come to, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Percentiles {
    pub(super) min: u64,
    pub(super) p50: u64,
    pub(super) p90: u64,
    pub(super) p99: u64,
    #[serde(rename = "p99.9")]
    pub(super) p999: u64,
    pub(super) max: u64,
}

impl Percentiles {
    /// The percentiles of these values; zeros without any.
    pub(super) fn of(values: impl IntoIterator<Item = u64>) -> Self {
        Self::from_histogram(&histogram(values))
    }

    fn from_histogram(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile);
        Self { min: histogram.min(), p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: histogram.max() }
    }
}

/// The values, in buckets of three digits.
pub(super) fn histogram(values: impl IntoIterator<Item = u64>) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("the bounds above are valid");
    for value in values {
        histogram.saturating_record(value);
    }
    histogram
}

/// What the rounds of one function in one mode come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Summary {
    /// Calls with a result.
    pub(super) calls: u64,
    /// Calls with a result, for each second of measuring.
    pub(super) per_second: f64,
    /// Of the calls with a result.
    pub(super) latency_nanos: Percentiles,
    /// How late calls of an open loop began.
    pub(super) lateness_nanos: Percentiles,
    /// Failed calls by their code.
    pub(super) errors: BTreeMap<String, u64>,
    /// Calls of an open loop that never began.
    pub(super) unserved: u64,
    /// How much the rounds' medians differ: their standard deviation by their mean.
    pub(super) variation: f64,
    /// Whether rounds were cut short because they had too many samples to keep.
    pub(super) truncated: bool,
}

impl Summary {
    /// Sums up.
    pub(super) fn of(rounds: &[Round]) -> Self {
        let samples = || rounds.iter().flat_map(|round| &round.samples);
        let successes = || samples().filter(|sample| sample.error.is_none());
        let elapsed: Duration = rounds.iter().map(|round| round.elapsed).sum();
        let calls = successes().count() as u64;
        Self {
            calls,
            // A count stays far below 2^52, where a float is exact.
            per_second: if elapsed.is_zero() { 0.0 } else { calls as f64 / elapsed.as_secs_f64() },
            latency_nanos: Percentiles::of(successes().map(|sample| sample.latency)),
            lateness_nanos: Percentiles::of(samples().map(|sample| sample.lateness)),
            errors: errors(samples()),
            unserved: rounds.iter().map(|round| round.unserved).sum(),
            variation: variation(&per_round(rounds, 0.5)),
            truncated: rounds.iter().any(|round| round.truncated),
        }
    }

    /// How many calls failed.
    pub(super) fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

fn errors<'a>(samples: impl Iterator<Item = &'a Sample>) -> BTreeMap<String, u64> {
    let mut errors = BTreeMap::new();
    for code in samples.filter_map(|sample: &Sample| sample.error) {
        let code: ErrorCode = code;
        *errors.entry(code.to_string()).or_default() += 1;
    }
    errors
}

/// A quantile of each round's latencies, in nanoseconds; rounds without a result are left out.
pub(super) fn per_round(rounds: &[Round], quantile: f64) -> Vec<f64> {
    let of_round = |round: &Round| {
        let successes = round.samples.iter().filter(|sample| sample.error.is_none());
        let histogram = histogram(successes.map(|sample| sample.latency));
        // Latencies are far below 2^52 ns, where a float is exact.
        (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile) as f64)
    };
    rounds.iter().filter_map(of_round).collect()
}

/// The standard deviation by the mean; 0 for fewer than two values.
fn variation(values: &[f64]) -> f64 {
    let mean = mean(values);
    if values.len() < 2 || mean == 0.0 {
        return 0.0;
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (values.len() - 1) as f64).sqrt() / mean
}

pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(latency: u64, error: Option<ErrorCode>) -> Sample {
        Sample { at: 0, lateness: latency / 10, latency, error }
    }

    fn round(latencies: impl IntoIterator<Item = u64>) -> Round {
        let samples = latencies.into_iter().map(|latency| sample(latency, None)).collect();
        Round { samples, elapsed: Duration::from_secs(1), unserved: 0, truncated: false }
    }

    #[test]
    fn percentiles_are_within_a_thousandth() {
        let percentiles = Percentiles::of((1..=100_000).map(|value| value * 100));
        let near = |value: u64, expected: u64| value.abs_diff(expected) <= expected / 500;
        assert!(near(percentiles.p50, 5_000_000), "{percentiles:?}");
        assert!(near(percentiles.p90, 9_000_000), "{percentiles:?}");
        assert!(near(percentiles.p99, 9_900_000), "{percentiles:?}");
        assert!(near(percentiles.p999, 9_990_000), "{percentiles:?}");
        assert!(near(percentiles.max, 10_000_000), "{percentiles:?}");
        assert_eq!(percentiles.min, 100);
    }

    #[test]
    fn nothing_measured_is_zero_and_not_a_panic() {
        let summary = Summary::of(&[]);
        assert_eq!((summary.calls, summary.latency_nanos.max, summary.per_second), (0, 0, 0.0));
    }

    #[test]
    fn failed_calls_count_as_errors_and_not_as_latency() {
        let mut rounds = [round([100, 100, 100])];
        rounds[0].samples.push(sample(9_000_000, Some(ErrorCode::FunctionFailed)));
        let summary = Summary::of(&rounds);
        assert_eq!((summary.calls, summary.failed(), summary.latency_nanos.max), (3, 1, 100));
        assert_eq!(summary.per_second, 3.0);
        assert_eq!(summary.errors.get("FSS.4002"), Some(&1));
    }

    #[test]
    fn variation_compares_the_rounds_medians() {
        assert_eq!(Summary::of(&[round([100]), round([100])]).variation, 0.0);
        let summary = Summary::of(&[round([100]), round([300])]);
        assert!((summary.variation - 0.707).abs() < 0.01, "{}", summary.variation);
    }
}
