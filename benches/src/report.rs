//! What a bench that is not criterion's says and leaves behind: a line for each measurement, a summary that
//! `cargo xtask bench-report` reads, and all that was measured.

use crate::{load::Calls, machine::Busy};
use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// More than this share of the machine at work on something else, and a result is in doubt.
const OTHERS: f64 = 0.05;

/// Where measurements go. A bench's arguments say which of them are wanted.
#[derive(Debug)]
pub struct Report {
    folder: PathBuf,
    filters: Vec<String>,
}

impl Report {
    /// Writes to `load` beside the folder for temporary files that cargo gives to a bench.
    ///
    /// # Panics
    /// When there cannot be such a folder.
    pub fn new(temporary: &str) -> Self {
        let folder = Path::new(temporary).parent().expect("it is in the target folder").join("load");
        fs::create_dir_all(&folder).expect("the target folder is writable");
        // Cargo adds `--bench`; what other options there may be are criterion's.
        let filters = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
        say(&crate::machine::describe());
        Self { folder, filters }
    }

    /// Whether somebody asked for this measurement; without a filter, all are.
    pub fn wants(&self, id: &str) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| id.contains(filter.as_str()))
    }

    /// Whether somebody asked for any of them.
    pub fn wants_any(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.wants(id))
    }

    /// Says something that is no measurement.
    pub fn note(&self, text: &str) {
        say(text);
    }

    /// Notes what callers saw while the machine was as busy as `busy` says.
    ///
    /// # Panics
    /// When the target folder cannot be written.
    pub fn calls(&self, id: &str, calls: &Calls, busy: Busy) {
        let Calls { latency, errors, elapsed } = calls;
        let per_second = latency.len() as f64 / elapsed.as_secs_f64();
        let rest = json!({ "errors": errors, "per_second": per_second });
        self.write(id, with_latency(rest, latency), Some(latency), doubt(*errors, busy));
    }

    /// Notes how long something took, again and again.
    ///
    /// # Panics
    /// When the target folder cannot be written.
    pub fn latency(&self, id: &str, latency: &Histogram<u64>, busy: Busy) {
        self.write(id, with_latency(json!({}), latency), Some(latency), doubt(0, busy));
    }

    /// Notes how much memory something holds.
    ///
    /// # Panics
    /// When the target folder cannot be written.
    pub fn bytes(&self, id: &str, bytes: u64) {
        self.write(id, json!({ "bytes": bytes }), None, None);
    }

    fn write(&self, id: &str, mut summary: Value, latency: Option<&Histogram<u64>>, doubt: Option<String>) {
        summary["id"] = id.into();
        summary["doubt"] = doubt.into();
        let line = summary.as_object().map(line).unwrap_or_default();
        say(&format!("{id:<40}{line}"));
        let file = self.folder.join(id.replace('/', "_"));
        let write = |extension: &str, text: String| {
            fs::write(file.with_extension(extension), text).expect("the target folder is writable");
        };
        write("json", summary.to_string());
        if let Some(latency) = latency {
            let mut text = String::from("nanoseconds,count\n");
            for bucket in latency.iter_recorded() {
                writeln!(text, "{},{}", bucket.value_iterated_to(), bucket.count_at_value())
                    .expect("text can be written");
            }
            write("csv", text);
        }
    }
}

fn with_latency(mut summary: Value, latency: &Histogram<u64>) -> Value {
    summary["count"] = latency.len().into();
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        summary[name] = latency.value_at_quantile(quantile).into();
    }
    summary["max"] = latency.max().into();
    summary
}

/// Why the numbers should not be believed, if there is a reason.
fn doubt(errors: u64, busy: Busy) -> Option<String> {
    let others = busy.others();
    match (errors, others > OTHERS) {
        (0, false) => None,
        (0, true) => Some(format!("others used {:.0} % of the machine", others * 100.0)),
        (_, _) => Some(format!("{errors} calls failed")),
    }
}

fn line(summary: &Map<String, Value>) -> String {
    let shown = summary.iter().filter(|(name, value)| *name != "id" && !value.is_null());
    shown.fold(String::new(), |mut line, (name, value)| {
        let value = value.as_f64().map_or_else(|| value.to_string(), |number| format!("{number:.0}"));
        write!(line, "{name} {value}  ").expect("text can be written");
        line
    })
}

#[expect(clippy::print_stdout, reason = "the one place from which these benches talk")]
fn say(line: &str) {
    println!("{line}");
}
