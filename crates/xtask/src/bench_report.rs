//! `cargo xtask bench-report`: runs the benches and rewrites the table of budgets in `benches/README.md`.
//!
//! The promises are rows of `benches/budgets.json`:
//!
//! ```json
//! { "rows": [{
//!     "promise": "warm invocation in process, bytes handler, everything on",
//!     "budget": "≤ 2 × the raw call on the same path",
//!     "at_most": 2.0,
//!     "measure": "p50",
//!     "ours": "warm/echo-128B/fngraph",
//!     "baseline": "warm/echo-128B/raw"
//! }] }
//! ```
//!
//! `at_most`, or `at_least`, is a ratio where there is a `baseline`, else a value of the measure: nanoseconds for `p50`
//! (which it is when nothing is said) and `p99`, calls for `per_second`, and `bytes`. A row without `ours` has no bench
//! yet, and the table says so.

mod budget;
mod criterion;
mod load;
mod measured;

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Result};
use budget::Row;
use fngraph_guest_build::target_dir;
use measured::Measured;

use crate::setup;
use crate::shell::{cargo, run as run_command, say};

const PACKAGE: &str = "fngraph-benches";
const BUDGETS: &str = "benches/budgets.json";
const README: &str = "benches/README.md";

/// The table is what stands between these two lines of the README.
const BEGIN: &str = "<!-- bench-report:begin -->";
const END: &str = "<!-- bench-report:end -->";

/// Whose numbers the table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A run made now.
    FreshRun,
    /// What the last run left.
    LastRun,
}

pub(crate) fn run(root: &Path, source: Source) -> Result<()> {
    let budgets = fs::read_to_string(root.join(BUDGETS)).with_context(|| format!("read {BUDGETS}"))?;
    let rows = budget::parse(&budgets).with_context(|| format!("parse {BUDGETS}"))?;
    if source == Source::FreshRun {
        setup::run(root)?;
        setup::wasmtime(root)?;
        run_command(cargo(root, ".").args(["bench", "--package", PACKAGE]))?;
    }
    // The guests' folder is inside the one that criterion writes to.
    let target = target_dir(root).parent().map(Path::to_owned).context("find the target folder")?;
    let mut measured = criterion::read(&target.join("criterion"))?;
    measured.extend(load::read(&target.join("load"))?);
    let readme = fs::read_to_string(root.join(README)).with_context(|| format!("read {README}"))?;
    let readme = replace_table(&readme, &table(&rows, &measured, &machine()))?;
    fs::write(root.join(README), readme).with_context(|| format!("write {README}"))?;
    say(&format!("bench-report: {} promises, {} benches, table rewritten in {README}", rows.len(), measured.len()));
    Ok(())
}

fn table(rows: &[Row], measured: &[Measured], machine: &str) -> String {
    let mut table = String::from(
        "| promise | budget | measured | met | ours | baseline | machine | date | command |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let cells = row.cells(measured, machine);
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

fn replace_table(readme: &str, table: &str) -> Result<String> {
    let (before, rest) = readme.split_once(BEGIN).with_context(|| format!("find `{BEGIN}` in {README}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("find `{END}` in {README}"))?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// What a number was measured on.
fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    // Only Linux has this file; elsewhere the architecture must do.
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{cores} × {}", model.map_or(std::env::consts::ARCH, |(_, model)| model.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let readme = format!("# Benches\n{BEGIN}\nold\n{END}\nend\n");
        let replaced = replace_table(&readme, "| new |\n").expect("both markers are there");
        assert_eq!(replaced, format!("# Benches\n{BEGIN}\n| new |\n{END}\nend\n"));
        assert!(replace_table("no markers", "").is_err());
    }

    #[test]
    fn the_table_is_made_from_a_criterion_tree() {
        let dir = tempfile::tempdir().expect("a folder");
        criterion::tests::write(dir.path(), "warm/echo-128B/fngraph", 500.0, &[(1, 400.0), (1, 900.0)]);
        criterion::tests::write(dir.path(), "warm/echo-128B/raw", 400.0, &[(1, 400.0)]);
        criterion::tests::write(
            dir.path(),
            "load/hello/fngraph",
            2_000_000.0,
            &[(10, 15_000_000.0), (10, 25_000_000.0)],
        );
        let rows = budget::parse(
            r#"{ "rows": [
                { "promise": "warm", "budget": "≤ 2 ×", "at_most": 2.0,
                  "ours": "warm/echo-128B/fngraph", "baseline": "warm/echo-128B/raw" },
                { "promise": "load", "budget": "p99 < 1 ms", "at_most": 1000000, "measure": "p99",
                  "ours": "load/hello/fngraph" },
                { "promise": "slack", "budget": "p99 < 1 s", "at_most": 1e9, "measure": "p99",
                  "ours": "load/hello/fngraph" },
                { "promise": "lost", "budget": "?", "at_most": 1, "ours": "no/such/bench" },
                { "promise": "later", "budget": "≥ 20 000/s" }
            ] }"#,
        );
        let measured = criterion::read(dir.path()).expect("the tree is whole");
        let table = table(&rows.expect("the rows are well formed"), &measured, "2 × Test");
        let lines: Vec<&str> = table.lines().skip(2).collect();
        let date = time::OffsetDateTime::now_utc().date();
        assert_eq!(
            lines,
            [
                format!(
                    "| warm | ≤ 2 × | 1.25 × (p50) | yes | 500 ns | 400 ns | 2 × Test | {date} \
                     | `cargo bench -p fngraph-benches -- warm/echo-128B` |"
                ),
                format!(
                    "| load | p99 < 1 ms | 2.50 ms (p99, means of up to 10 calls) | **no** | 2.50 ms | – | 2 × Test \
                     | {date} | `cargo bench -p fngraph-benches -- load/hello` |"
                ),
                format!(
                    "| slack | p99 < 1 s | 2.50 ms (p99, means of up to 10 calls) | unproven | 2.50 ms | – | 2 × Test \
                     | {date} | `cargo bench -p fngraph-benches -- load/hello` |"
                ),
                "| lost | ? | not measured yet | – | – | – | – | – | `cargo bench -p fngraph-benches -- no/such` |"
                    .into(),
                "| later | ≥ 20 000/s | not measured yet | – | – | – | – | – | – |".into(),
            ]
        );
    }
}
