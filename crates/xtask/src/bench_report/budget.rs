//! The promises, and what a measurement says about each.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::PACKAGE;
use super::criterion::{Measured, Percentile};

/// A promise.
#[derive(Debug)]
pub(super) struct Row {
    promise: String,
    budget: String,
    bench: Option<Bench>,
}

/// How a promise is measured.
#[derive(Debug)]
struct Bench {
    ours: String,
    percentile: Percentile,
    limit: Limit,
}

#[derive(Debug)]
enum Limit {
    Nanoseconds(f64),
    TimesBaseline { limit: f64, baseline: String },
}

pub(super) fn parse(json: &str) -> Result<Vec<Row>> {
    let budgets: Value = serde_json::from_str(json)?;
    let rows = budgets["rows"].as_array().context("find the list `rows`")?;
    rows.iter()
        .enumerate()
        .map(|(place, row)| parse_row(row).with_context(|| format!("read row {}", place + 1)))
        .collect()
}

fn parse_row(row: &Value) -> Result<Row> {
    let fields = row.as_object().context("read it as an object")?;
    const KNOWN: [&str; 6] = ["promise", "budget", "limit", "percentile", "ours", "baseline"];
    if let Some(unknown) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        bail!("understand the field `{unknown}`; known are {}", KNOWN.join(", "));
    }
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    let bench = match text("ours") {
        None => None,
        Some(ours) => {
            let limit = row["limit"].as_f64().context("find the number `limit`, which `ours` is held to")?;
            Some(Bench {
                ours,
                percentile: match row["percentile"].as_str() {
                    None | Some("p50") => Percentile::Median,
                    Some("p99") => Percentile::P99,
                    Some(other) => bail!("understand the percentile `{other}`; known are p50 and p99"),
                },
                limit: match text("baseline") {
                    None => Limit::Nanoseconds(limit),
                    Some(baseline) => Limit::TimesBaseline { limit, baseline },
                },
            })
        }
    };
    Ok(Row {
        promise: text("promise").context("find the text `promise`")?,
        budget: text("budget").context("find the text `budget`")?,
        bench,
    })
}

impl Row {
    /// The row of the table, from the promise to the command.
    pub(super) fn cells(&self, measured: &[Measured], machine: &str) -> [String; 9] {
        let none = || "–".to_owned();
        let (promise, budget) = (self.promise.clone(), self.budget.clone());
        let Some(bench) = &self.bench else {
            let unknown = "not measured yet".to_owned();
            return [promise, budget, unknown, none(), none(), none(), none(), none(), none()];
        };
        let command = bench.command();
        let Some(Verdict { shown, met, ours, baseline, date }) = bench.verdict(measured) else {
            let unknown = "not measured yet".to_owned();
            return [promise, budget, unknown, none(), none(), none(), none(), none(), command];
        };
        let met = met.to_owned();
        let baseline = baseline.map_or_else(none, nanoseconds);
        [promise, budget, shown, met, nanoseconds(ours), baseline, machine.to_owned(), date, command]
    }
}

struct Verdict {
    shown: String,
    met: &'static str,
    ours: f64,
    baseline: Option<f64>,
    date: String,
}

impl Bench {
    /// What the measurements say; nothing where one of the two is missing.
    fn verdict(&self, measured: &[Measured]) -> Option<Verdict> {
        let find = |id: &str| measured.iter().find(|measured| measured.id == id);
        let bench = find(&self.ours)?;
        let ours = bench.nanoseconds(self.percentile);
        let percentile = bench.describe(self.percentile);
        let (shown, within, baseline) = match &self.limit {
            Limit::Nanoseconds(limit) => (nanoseconds(ours), ours <= *limit, None),
            Limit::TimesBaseline { limit, baseline } => {
                let baseline = find(baseline)?.nanoseconds(self.percentile);
                let ratio = ours / baseline;
                (format!("{ratio:.2} ×"), ratio <= *limit, Some(baseline))
            }
        };
        let met = match (within, bench.proves(self.percentile)) {
            (false, _) => "**no**",
            (true, false) => "unproven",
            (true, true) => "yes",
        };
        Some(Verdict { shown: format!("{shown} ({percentile})"), met, ours, baseline, date: bench.date.clone() })
    }

    /// Runs this bench and, since they differ in the last part of their names only, its baseline.
    fn command(&self) -> String {
        let group = self.ours.rsplit_once('/').map_or(self.ours.as_str(), |(group, _)| group);
        format!("`cargo bench -p {PACKAGE} -- {group}`")
    }
}

/// Three digits are all that a measurement on a shared machine is good for.
fn nanoseconds(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        _ if ns < 1e9 => format!("{:.2} ms", ns / 1e6),
        _ => format!("{:.2} s", ns / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_cannot_be_judged_is_refused() {
        let check = |row: &str, said: &str| {
            let error = parse(&format!(r#"{{ "rows": [{row}] }}"#)).expect_err(row);
            assert!(format!("{error:#}").contains(said), "{error:#}");
        };
        check(r#"{ "promise": "a", "budget": "b", "ours": "c" }"#, "limit");
        check(r#"{ "promise": "a", "budget": "b", "our": "c" }"#, "`our`");
        check(r#"{ "promise": "a", "budget": "b", "ours": "c", "limit": 1, "percentile": "p42" }"#, "p42");
        check(r#"{ "budget": "b" }"#, "promise");
    }

    #[test]
    fn times_are_shown_in_their_unit() {
        let check = |ns: f64, shown: &str| assert_eq!(nanoseconds(ns), shown);
        check(412.4, "412 ns");
        check(12_345.0, "12.35 µs");
        check(12_345_678.0, "12.35 ms");
        check(2.5e9, "2.50 s");
    }
}
