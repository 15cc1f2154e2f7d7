//! When a result should not be trusted, and why.

use super::{machine::Machine, report::Row};
use crate::units;

/// Fewer calls leave less than ten beyond the 99th percentile.
const CALLS_FOR_P99: u64 = 1_000;

/// Fewer calls leave less than ten beyond the 99.9th percentile.
const CALLS_FOR_P999: u64 = 10_000;

/// Rounds of a quiet machine differ by less.
const MAX_VARIATION: f64 = 0.10;

/// Later than this part of the latency, the generator measures itself.
const MAX_LATENESS: f64 = 0.10;

/// What a reader of the numbers should know.
pub(super) fn warnings(machine: &Machine, concurrency: u16, rows: &[Row]) -> Vec<String> {
    let mut warnings = Vec::new();
    if machine.debug_build {
        warnings.push("this fngraph is a debug build; measure with a release build".to_owned());
    }
    if concurrency > machine.cores {
        let (instances, cores) = (units::count(concurrency.into(), "instance"), machine.cores);
        warnings.push(format!("{instances} share {cores} cores; the latency includes waiting for a core"));
    }
    for row in rows {
        warnings.extend(row_warnings(row).into_iter().map(|text| format!("{}: {text}", row.label)));
    }
    warnings
}

fn row_warnings(row: &Row) -> Vec<String> {
    let summary = &row.summary;
    let mut warnings = Vec::new();
    let calls = units::count(summary.calls, "call");
    if summary.calls < CALLS_FOR_P99 {
        warnings.push(format!("with {calls}, p99 and p99.9 are the luck of a few; measure longer"));
    } else if summary.calls < CALLS_FOR_P999 {
        warnings.push(format!("with {calls}, p99.9 is the luck of a few; measure longer"));
    }
    if summary.variation > MAX_VARIATION {
        let percent = summary.variation * 100.0;
        warnings.push(format!("the rounds differ by {percent:.0} %; something else keeps the machine busy"));
    }
    if summary.failed() > 0 {
        let codes: Vec<_> = summary.errors.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let failed = units::count(summary.failed(), "call");
        warnings.push(format!("{failed} failed ({}); the latency is of the others", codes.join(", ")));
    }
    if summary.unserved > 0 {
        let unserved = units::count(summary.unserved, "call");
        warnings.push(format!("{unserved} never began; the function is slower than the rate"));
    }
    if summary.lateness_nanos.p50 as f64 > summary.latency_nanos.p50 as f64 * MAX_LATENESS {
        let late = units::nanos(summary.lateness_nanos.p50);
        warnings
            .push(format!("half of the calls began more than {late} late; try more --concurrency or a lower --rate"));
    }
    if summary.truncated {
        warnings.push("rounds ended early, with as many samples as are kept".to_owned());
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stats::{Percentiles, Summary};
    use std::collections::BTreeMap;

    fn machine() -> Machine {
        Machine { cores: 2, cpu: "Some CPU".to_owned(), os: "linux".to_owned(), debug_build: false }
    }

    fn row() -> Row {
        let at = |nanos| Percentiles { min: nanos, p50: nanos, p90: nanos, p99: nanos, p999: nanos, max: nanos };
        let summary = Summary {
            calls: 100_000,
            per_second: 1000.0,
            latency_nanos: at(1000),
            lateness_nanos: at(0),
            errors: BTreeMap::new(),
            unserved: 0,
            variation: 0.01,
            truncated: false,
        };
        Row { label: "warm".to_owned(), function: 0, summary }
    }

    fn check(change: impl FnOnce(&mut Summary), expected: &str) {
        let mut row = row();
        change(&mut row.summary);
        let warnings = warnings(&machine(), 1, &[row]);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].starts_with("warm: ") && warnings[0].contains(expected), "{warnings:?}");
    }

    #[test]
    fn a_good_result_has_no_warning() {
        assert_eq!(warnings(&machine(), 2, &[row()]), Vec::<String>::new());
    }

    #[test]
    fn each_reason_for_distrust_is_named() {
        check(|summary| summary.calls = 10, "with 10 calls, p99 and");
        check(|summary| summary.calls = 5000, "with 5 000 calls, p99.9");
        check(|summary| summary.variation = 0.25, "differ by 25 %");
        check(|summary| summary.errors = BTreeMap::from([("FSS.4002".to_owned(), 3)]), "3 calls failed (FSS.4002 3)");
        check(|summary| summary.unserved = 7, "7 calls never began");
        check(|summary| summary.lateness_nanos.p50 = 500, "500 ns late");
        check(|summary| summary.truncated = true, "ended early");
    }

    #[test]
    fn the_machine_and_the_build_may_be_the_reason() {
        let warnings = warnings(&Machine { debug_build: true, ..machine() }, 8, &[row()]);
        assert!(warnings[0].contains("debug build"), "{warnings:?}");
        assert!(warnings[1].contains("8 instances share 2 cores"), "{warnings:?}");
    }
}
