//! The report for people.

use super::{
    report::{Report, Row, letter},
    stats::Percentiles,
};
use crate::units;

const HEADINGS: [&str; 8] = ["", "calls", "per second", "p50", "p90", "p99", "p99.9", "max"];

/// The report, without its warnings.
pub(super) fn text(report: &Report) -> String {
    let mut text = String::new();
    for (index, function) in report.functions.iter().enumerate() {
        let letter = if report.functions.len() > 1 { format!("{}: ", letter(index)) } else { String::new() };
        let size = units::bytes(function.wasm_bytes);
        text.push_str(&format!("{letter}{} ({}, {}, {size})\n", function.file, function.kind, function.handler));
    }
    text.push_str(&format!("{}, event of {}\n", report.load, units::bytes(report.event_bytes as u64)));
    text.push_str(&format!("{}\n\n", report.machine));
    text.push_str(&table(&rows(report)));
    if report.results.iter().any(|row| row.summary.lateness_nanos.max > 0) {
        text.push_str("\nhow late calls began\n");
        text.push_str(&table(&lateness_rows(report)));
    }
    if !report.comparisons.is_empty() {
        text.push('\n');
    }
    for comparison in &report.comparisons {
        text.push_str(&format!("{}: {}\n", comparison.of, comparison.verdict.text()));
    }
    text
}

/// The cells of the result's table, headings first.
pub(super) fn rows(report: &Report) -> Vec<Vec<String>> {
    let row = |row: &Row| {
        let summary = &row.summary;
        let mut cells = vec![row.label.clone(), units::grouped(summary.calls), rate(summary.per_second)];
        cells.extend(percentiles(&summary.latency_nanos));
        cells
    };
    let headings = HEADINGS.iter().map(|heading| (*heading).to_owned()).collect();
    [headings].into_iter().chain(report.results.iter().map(row)).collect()
}

fn lateness_rows(report: &Report) -> Vec<Vec<String>> {
    let row = |row: &Row| {
        let mut cells = vec![row.label.clone()];
        cells.extend(percentiles(&row.summary.lateness_nanos));
        cells
    };
    let headings = HEADINGS.iter().filter(|heading| !["calls", "per second"].contains(heading));
    [headings.map(|heading| (*heading).to_owned()).collect()]
        .into_iter()
        .chain(report.results.iter().map(row))
        .collect()
}

fn percentiles(of: &Percentiles) -> Vec<String> {
    [of.p50, of.p90, of.p99, of.p999, of.max].map(units::nanos).to_vec()
}

fn rate(per_second: f64) -> String {
    if per_second < 100.0 {
        return format!("{per_second:.1}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is positive and far from 2^64")]
    let whole = per_second.round() as u64;
    units::grouped(whole)
}

/// The first column to the left, numbers to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = format!("{:<width$}", row.first().map_or("", String::as_str), width = widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line.push_str(&format!("  {cell:>width$}"));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{
        machine::Machine,
        report::{Comparison, Subject},
        stats::Summary,
        verdict::{Ratio, Verdict},
    };
    use std::collections::BTreeMap;

    fn report() -> Report {
        let at = |p50: u64| Percentiles { min: p50, p50, p90: p50 * 2, p99: p50 * 4, p999: p50 * 9, max: p50 * 100 };
        let row = |label: &str, function, p50| Row {
            label: label.to_owned(),
            function,
            summary: Summary {
                calls: 1_000_000_000 / p50,
                per_second: 1e9 / p50 as f64,
                latency_nanos: at(p50),
                lateness_nanos: at(0),
                errors: BTreeMap::new(),
                unserved: 0,
                variation: 0.0,
                truncated: false,
            },
        };
        let subject = |file: &str| Subject {
            file: file.to_owned(),
            handler: "shop.order".to_owned(),
            kind: "event",
            wasm_bytes: 120_832,
        };
        let ratio = Ratio { ratio: 1.5, low: 1.4, high: 1.6 };
        Report {
            machine: Machine { cores: 2, cpu: "Some CPU".to_owned(), os: "linux".to_owned(), debug_build: false },
            load: "closed loop, 1 instance".to_owned(),
            event_bytes: 2,
            functions: vec![subject("shop.wasm"), subject("new/shop.wasm")],
            results: vec![row("warm A", 0, 3_100), row("warm B", 1, 4_650)],
            comparisons: vec![Comparison { of: "warm p50".to_owned(), verdict: Verdict::Slower(ratio) }],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_comparison_reads_from_the_functions_to_the_verdict() {
        insta::assert_snapshot!(text(&report()), @r"
        A: shop.wasm (event, shop.order, 118 KB)
        B: new/shop.wasm (event, shop.order, 118 KB)
        closed loop, 1 instance, event of 2 B
        2 cores of Some CPU, linux

                  calls  per second      p50      p90      p99    p99.9     max
        warm A  322 580     322 581  3.10 µs  6.20 µs  12.4 µs  27.9 µs  310 µs
        warm B  215 053     215 054  4.65 µs  9.30 µs  18.6 µs  41.9 µs  465 µs

        warm p50: B is slower: it takes 1.500 times as long as A (99 % interval 1.400 to 1.600)
        ");
    }

    #[test]
    fn an_open_loop_also_says_how_late_calls_began() {
        let mut report = report();
        report.results[0].summary.lateness_nanos.max = 5_000;
        let text = text(&report);
        assert!(text.contains("how late calls began") && text.contains("5.00 µs"), "{text}");
    }
}
