//! What criterion left behind: one folder for each bench, found by its id.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::measured::{Figure, Measure, Measured, day};

/// Reads every bench below criterion's folder.
pub(super) fn read(dir: &Path) -> Result<Vec<Measured>> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("list {} (has `cargo bench` been run?)", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.ends_with("new") && path.join("benchmark.json").exists() {
                found.push(read_one(&path).with_context(|| format!("read the bench in {}", path.display()))?);
            } else if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(found)
}

fn read_one(dir: &Path) -> Result<Measured> {
    let json = |name: &str| -> Result<Value> {
        let bytes = fs::read(dir.join(name)).with_context(|| format!("read {name}"))?;
        serde_json::from_slice(&bytes).with_context(|| format!("parse {name}"))
    };
    let sample = json("sample.json")?;
    let numbers = |name: &str| -> Result<Vec<f64>> {
        let list = sample[name].as_array().with_context(|| format!("find the list `{name}`"))?;
        list.iter().map(|number| number.as_f64().with_context(|| format!("read `{name}`"))).collect()
    };
    let (calls, times) = (numbers("iters")?, numbers("times")?);
    let mut samples: Vec<f64> = times.iter().zip(&calls).map(|(time, calls)| time / calls).collect();
    samples.sort_by(f64::total_cmp);
    anyhow::ensure!(!samples.is_empty(), "find a sample");
    let calls_per_sample = calls.iter().copied().fold(0.0, f64::max);
    // In the mean of many calls the slow ones drown.
    let doubt = (calls_per_sample > 1.0).then(|| format!("means of up to {calls_per_sample} calls"));
    let median = json("estimates.json")?["median"]["point_estimate"].as_f64().context("find the median")?;
    // The nearest rank, so that what is shown has been measured.
    let p99 = samples[(samples.len() * 99).div_ceil(100) - 1];
    Ok(Measured {
        id: json("benchmark.json")?["full_id"].as_str().context("find the bench's id")?.to_owned(),
        date: day(fs::metadata(dir.join("estimates.json"))?.modified()?),
        figures: vec![
            Figure { measure: Measure::P50, value: median, doubt: None },
            Figure { measure: Measure::P99, value: p99, doubt },
        ],
    })
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// Writes a bench as criterion does; a sample is its number of calls and the time they took together.
    pub(in super::super) fn write(dir: &Path, id: &str, median: f64, samples: &[(u32, f64)]) {
        let folder = dir.join(id.replacen('/', "_", 1)).join("new");
        fs::create_dir_all(&folder).expect("a folder");
        let write = |name: &str, value: Value| fs::write(folder.join(name), value.to_string()).expect("a file");
        write("benchmark.json", json!({ "full_id": id }));
        write("estimates.json", json!({ "median": { "point_estimate": median } }));
        let (calls, times): (Vec<u32>, Vec<f64>) = samples.iter().copied().unzip();
        write("sample.json", json!({ "iters": calls, "times": times }));
    }

    #[test]
    fn p99_is_the_nearest_rank_of_the_samples() {
        let dir = tempfile::tempdir().expect("a folder");
        let samples: Vec<(u32, f64)> = (1..=200).rev().map(|time| (1, f64::from(time))).collect();
        write(dir.path(), "cold/hello/fngraph", 100.5, &samples);
        let measured = read(dir.path()).expect("the tree is whole");
        let figure = |measure: Measure| measured[0].figure(measure).expect("both are there");
        assert_eq!(figure(Measure::P99).value, 198.0);
        assert_eq!(figure(Measure::P50).value, 100.5);
        assert_eq!(figure(Measure::P99).describe(), "p99");
    }
}
