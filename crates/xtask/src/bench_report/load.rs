//! What the load benches left behind: one summary for each measurement.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::measured::{Figure, Measure, Measured, day};

/// Reads every summary in the folder; none when no load bench was run.
pub(super) fn read(dir: &Path) -> Result<Vec<Measured>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("list {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            found.push(read_one(&path).with_context(|| format!("read {}", path.display()))?);
        }
    }
    Ok(found)
}

fn read_one(path: &Path) -> Result<Measured> {
    let summary: Value = serde_json::from_slice(&fs::read(path)?)?;
    let doubt = summary["doubt"].as_str().map(str::to_owned);
    let figure = |measure: Measure| {
        summary[measure.name()].as_f64().map(|value| Figure { measure, value, doubt: doubt.clone() })
    };
    Ok(Measured {
        id: summary["id"].as_str().context("find the bench's id")?.to_owned(),
        date: day(fs::metadata(path)?.modified()?),
        figures: Measure::ALL.into_iter().filter_map(figure).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_the_figures_that_it_has() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("a.csv"), "nanoseconds,count\n").expect("a file");
        assert_eq!(read(dir.path()).expect("there is nothing to read").len(), 0);
        let summary = r#"{ "id": "accept/tiny/64", "p99": 5000, "per_second": 20000.5, "doubt": "2 calls failed" }"#;
        fs::write(dir.path().join("a.json"), summary).expect("a file");
        let measured = read(dir.path()).expect("the summary is whole");
        let figure = measured[0].figure(Measure::P99).expect("it is there");
        assert_eq!((measured[0].id.as_str(), figure.value), ("accept/tiny/64", 5000.0));
        assert_eq!(figure.describe(), "p99, 2 calls failed");
        assert!(measured[0].figure(Measure::P50).is_none());
    }
}
