//! What criterion left behind: one folder for each bench, found by its id.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde_json::Value;

/// The measurement of one bench.
#[derive(Debug)]
pub(super) struct Measured {
    /// `stage/guest/strategy`.
    pub(super) id: String,
    /// The day of the run.
    pub(super) date: String,
    /// Criterion's estimate of the median, in nanoseconds.
    median: f64,
    /// Nanoseconds per call of each sample, the fastest first.
    samples: Vec<f64>,
    /// The number of calls that the largest sample is the mean of.
    calls_per_sample: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Percentile {
    Median,
    P99,
}

impl Measured {
    pub(super) fn nanoseconds(&self, percentile: Percentile) -> f64 {
        match percentile {
            Percentile::Median => self.median,
            // The nearest rank, so that what is shown has been measured.
            Percentile::P99 => self.samples[(self.samples.len() * 99).div_ceil(100) - 1],
        }
    }

    /// Whether the samples can prove the percentile: in the mean of many calls the slow ones drown.
    pub(super) fn proves(&self, percentile: Percentile) -> bool {
        match percentile {
            Percentile::Median => true,
            Percentile::P99 => self.calls_per_sample <= 1.0,
        }
    }

    /// Names the percentile, and what it is of where that is not single calls.
    pub(super) fn describe(&self, percentile: Percentile) -> String {
        match percentile {
            Percentile::Median => "p50".to_owned(),
            Percentile::P99 if self.proves(percentile) => "p99".to_owned(),
            Percentile::P99 => format!("p99 of means of up to {} calls", self.calls_per_sample),
        }
    }
}

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
    Ok(Measured {
        id: json("benchmark.json")?["full_id"].as_str().context("find the bench's id")?.to_owned(),
        date: day(fs::metadata(dir.join("estimates.json"))?.modified()?),
        median: json("estimates.json")?["median"]["point_estimate"].as_f64().context("find the median")?,
        samples,
        calls_per_sample: calls.iter().copied().fold(0.0, f64::max),
    })
}

fn day(time: SystemTime) -> String {
    time::OffsetDateTime::from(time).date().to_string()
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
        assert_eq!(measured[0].nanoseconds(Percentile::P99), 198.0);
        assert_eq!(measured[0].nanoseconds(Percentile::Median), 100.5);
        assert_eq!(measured[0].describe(Percentile::P99), "p99");
    }
}
