//! What a bench came to: one structure that is printed, written as JSON, and drawn.

use super::{
    load::{Extent, Pace, Sample},
    machine::Machine,
    plan::{Plan, Series},
    stats::{self, Summary},
    trust,
    verdict::{self, Verdict},
};
use crate::units;
use fastrand::Rng;
use serde::Serialize;
use std::io;

/// The bootstrap's randomness is fixed, so that the same samples give the same verdict.
const SEED: u64 = 0x5eed;

/// A function that was measured.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Subject {
    /// Its file.
    pub(super) file: String,
    /// Its handler.
    pub(super) handler: String,
    /// Its kind.
    pub(super) kind: &'static str,
    /// The size of its wasm file.
    pub(super) wasm_bytes: u64,
}

/// One line of the result.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// The mode, and in a comparison which of the two functions.
    pub(super) label: String,
    /// Which function.
    pub(super) function: usize,
    /// What it came to.
    #[serde(flatten)]
    pub(super) summary: Summary,
}

/// One comparison.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Comparison {
    /// What is compared: the mode and the percentile.
    pub(super) of: String,
    /// What it says.
    #[serde(flatten)]
    pub(super) verdict: Verdict,
}

/// What a bench came to.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    /// How the functions were loaded, as a sentence.
    pub(super) load: String,
    pub(super) event_bytes: usize,
    pub(super) functions: Vec<Subject>,
    pub(super) results: Vec<Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) comparisons: Vec<Comparison>,
    pub(super) warnings: Vec<String>,
}

impl Report {
    pub(super) fn new(
        machine: Machine,
        plan: &Plan,
        functions: Vec<Subject>,
        event_bytes: usize,
        series: &[Series],
    ) -> Self {
        let results: Vec<_> = series.iter().map(|series| row(series, functions.len())).collect();
        let warnings = trust::warnings(&machine, plan.concurrency, &results);
        let load = load_text(plan);
        Self { machine, load, event_bytes, functions, results, comparisons: comparisons(series), warnings }
    }

    /// Writes the report and every sample as one JSON document.
    pub(super) fn write_samples(&self, series: &[Series], into: impl io::Write) -> io::Result<()> {
        let samples = series.iter().zip(&self.results).map(|(series, row)| SeriesSamples {
            label: &row.label,
            function: series.function,
            rounds: series.rounds.iter().map(|round| Columns::of(&round.samples)).collect(),
        });
        let document = WithSamples { report: self, samples: samples.collect() };
        serde_json::to_writer(into, &document)?;
        Ok(())
    }
}

fn row(series: &Series, functions: usize) -> Row {
    let mode = series.start.as_str();
    let label = if functions > 1 { format!("{mode} {}", letter(series.function)) } else { mode.to_owned() };
    Row { label, function: series.function, summary: Summary::of(&series.rounds) }
}

/// What a function is called in a comparison.
pub(super) fn letter(function: usize) -> char {
    if function == 0 { 'A' } else { 'B' }
}

fn comparisons(series: &[Series]) -> Vec<Comparison> {
    let mut random = Rng::with_seed(SEED);
    let mut comparisons = Vec::new();
    for first in series.iter().filter(|series| series.function == 0) {
        let other = series.iter().find(|series| series.function == 1 && series.start == first.start);
        let Some(other) = other else { continue };
        for (quantile, name) in [(0.5, "p50"), (0.99, "p99")] {
            let of_rounds = |series: &Series| stats::per_round(&series.rounds, quantile);
            let verdict = verdict::compare(&of_rounds(first), &of_rounds(other), &mut random);
            comparisons.push(Comparison { of: format!("{} {name}", first.start.as_str()), verdict });
        }
    }
    comparisons
}

fn load_text(plan: &Plan) -> String {
    let instances = units::count(plan.concurrency.into(), "instance");
    let pace = match plan.pace {
        Pace::Closed => "closed loop".to_owned(),
        Pace::Open(rate) => format!("open loop of {rate} calls in a second"),
    };
    let extent = match plan.extent {
        Extent::Time(time) => units::duration_argument(time),
        Extent::Calls(calls) => units::count(calls, "call"),
    };
    let warm_up = units::duration_argument(plan.warm_up);
    format!("{pace}, {instances}, {extent} of each mode after {warm_up} of warm-up")
}

#[derive(Debug, Serialize)]
struct WithSamples<'a> {
    #[serde(flatten)]
    report: &'a Report,
    samples: Vec<SeriesSamples<'a>>,
}

#[derive(Debug, Serialize)]
struct SeriesSamples<'a> {
    label: &'a str,
    function: usize,
    rounds: Vec<Columns>,
}

/// A round's samples by column, which is a third of the size of one object for each.
#[derive(Debug, Serialize)]
struct Columns {
    at_nanos: Vec<u64>,
    latency_nanos: Vec<u64>,
    lateness_nanos: Vec<u64>,
    /// The code of each failed call, empty for the others; left out when none failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
}

impl Columns {
    fn of(samples: &[Sample]) -> Self {
        let error = |sample: &Sample| sample.error.map(|code| code.to_string()).unwrap_or_default();
        let failed = samples.iter().any(|sample| sample.error.is_some());
        Self {
            at_nanos: samples.iter().map(|sample| sample.at).collect(),
            latency_nanos: samples.iter().map(|sample| sample.latency).collect(),
            lateness_nanos: samples.iter().map(|sample| sample.lateness).collect(),
            errors: if failed { samples.iter().map(error).collect() } else { Vec::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{executor::Start, load::Round};
    use fngraph_types::ErrorCode;
    use std::time::Duration;

    fn series(function: usize, latency: u64) -> Series {
        let sample = |at| Sample { at, lateness: 0, latency: latency + at % 7, error: None };
        let round = |_| Round {
            samples: (0..100).map(sample).collect(),
            elapsed: Duration::from_millis(1),
            ..Round::default()
        };
        Series { function, start: Start::Warm, rounds: (0..20).map(round).collect() }
    }

    fn report(series: &[Series]) -> Report {
        let plan = Plan {
            starts: &[Start::Warm],
            pace: Pace::Closed,
            extent: Extent::Time(Duration::from_secs(5)),
            warm_up: Duration::from_secs(1),
            concurrency: 1,
            max_rounds: 20,
        };
        let subject = |file: &str| Subject {
            file: file.to_owned(),
            handler: "f.handler".to_owned(),
            kind: "event",
            wasm_bytes: 1,
        };
        Report::new(Machine::current(), &plan, vec![subject("a.wasm"), subject("b.wasm")], 2, series)
    }

    #[test]
    fn a_comparison_says_which_is_faster() {
        let report = report(&[series(0, 1000), series(1, 2000)]);
        assert_eq!(report.results.iter().map(|row| row.label.as_str()).collect::<Vec<_>>(), ["warm A", "warm B"]);
        assert!(matches!(report.comparisons[0].verdict, Verdict::Slower(ratio) if ratio.ratio > 1.9));
        assert_eq!(report.load, "closed loop, 1 instance, 5s of each mode after 1s of warm-up");
    }

    #[test]
    fn every_sample_is_in_the_document() {
        let mut all = [series(0, 1000)];
        all[0].rounds[0].samples[1].error = Some(ErrorCode::Timeout);
        let mut bytes = Vec::new();
        report(&all).write_samples(&all, &mut bytes).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let round = &value["samples"][0]["rounds"][0];
        assert_eq!(round["latency_nanos"].as_array().unwrap().len(), 100);
        assert_eq!(round["errors"][1], "FSS.4010");
        assert_eq!(value["results"][0]["errors"]["FSS.4010"], 1);
        assert_eq!(value["functions"][0]["file"], "a.wasm");
    }
}
