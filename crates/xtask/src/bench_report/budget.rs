//! The promises, and what a measurement says about each.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::PACKAGE;
use super::measured::{Figure, Measure, Measured};

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
    measure: Measure,
    limit: Limit,
    /// The bench that the limit is a multiple of; none where it is a value.
    baseline: Option<String>,
}

#[derive(Debug)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
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
    const KNOWN: [&str; 7] = ["promise", "budget", "at_most", "at_least", "measure", "ours", "baseline"];
    if let Some(unknown) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        bail!("understand the field `{unknown}`; known are {}", KNOWN.join(", "));
    }
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    let bench = match text("ours") {
        None => None,
        Some(ours) => Some(Bench {
            ours,
            measure: parse_measure(row["measure"].as_str())?,
            limit: match (row["at_most"].as_f64(), row["at_least"].as_f64()) {
                (Some(limit), None) => Limit::AtMost(limit),
                (None, Some(limit)) => Limit::AtLeast(limit),
                _ => bail!("find one number, `at_most` or `at_least`, which `ours` is held to"),
            },
            baseline: text("baseline"),
        }),
    };
    Ok(Row {
        promise: text("promise").context("find the text `promise`")?,
        budget: text("budget").context("find the text `budget`")?,
        bench,
    })
}

fn parse_measure(name: Option<&str>) -> Result<Measure> {
    let Some(name) = name else { return Ok(Measure::P50) };
    let known = || Measure::ALL.map(Measure::name).join(", ");
    Measure::parse(name).with_context(|| format!("understand the measure `{name}`; known are {}", known()))
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
        let baseline = baseline.unwrap_or_else(none);
        [promise, budget, shown, met.to_owned(), ours, baseline, machine.to_owned(), date, command]
    }
}

struct Verdict {
    shown: String,
    met: &'static str,
    ours: String,
    baseline: Option<String>,
    date: String,
}

impl Bench {
    /// What the measurements say; nothing where one of the two is missing.
    fn verdict(&self, measured: &[Measured]) -> Option<Verdict> {
        let find = |id: &str| measured.iter().find(|measured| measured.id == id);
        let bench = find(&self.ours)?;
        let ours = bench.figure(self.measure)?;
        let baseline = match &self.baseline {
            Some(id) => Some(find(id)?.figure(self.measure)?),
            None => None,
        };
        let show = |figure: &Figure| self.measure.show(figure.value);
        let (value, shown) = match baseline {
            None => (ours.value, show(ours)),
            Some(baseline) => {
                let ratio = ours.value / baseline.value;
                (ratio, format!("{ratio:.2} ×"))
            }
        };
        let within = match self.limit {
            Limit::AtMost(limit) => value <= limit,
            Limit::AtLeast(limit) => value >= limit,
        };
        let doubtful = ours.doubt.is_some() || baseline.is_some_and(|baseline| baseline.doubt.is_some());
        let met = match (within, doubtful) {
            (false, _) => "**no**",
            (true, true) => "unproven",
            (true, false) => "yes",
        };
        let description = match ours.describe() {
            none if none.is_empty() => none,
            some => format!(" ({some})"),
        };
        Some(Verdict {
            shown: shown + &description,
            met,
            ours: show(ours),
            baseline: baseline.map(show),
            date: bench.date.clone(),
        })
    }

    /// Runs this bench and, since they differ in the last part of their names only, its baseline.
    fn command(&self) -> String {
        let group = self.ours.rsplit_once('/').map_or(self.ours.as_str(), |(group, _)| group);
        format!("`cargo bench -p {PACKAGE} -- {group}`")
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
        check(r#"{ "promise": "a", "budget": "b", "ours": "c" }"#, "at_most");
        check(r#"{ "promise": "a", "budget": "b", "ours": "c", "at_most": 1, "at_least": 1 }"#, "at_least");
        check(r#"{ "promise": "a", "budget": "b", "our": "c" }"#, "`our`");
        check(r#"{ "promise": "a", "budget": "b", "ours": "c", "at_most": 1, "measure": "p42" }"#, "p42");
        check(r#"{ "budget": "b" }"#, "promise");
    }
}
