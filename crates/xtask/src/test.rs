//! `cargo xtask test`: every test there is, and the runners' own summaries at the end.

use std::env;
use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use fngraph_guest_build::{WORKSPACES, target_dir};

use crate::setup;
use crate::shell::{cargo, print, say, stream};
use crate::steps::Steps;
use crate::{programs, sdk};

pub(crate) fn run(root: &Path) -> Result<()> {
    setup::run(root)?;
    let profile = if env::var_os("CI").is_some() { "ci" } else { "default" };
    let mut steps = Steps::new("test");
    let mut summaries = Summaries::default();

    steps.step("clients", || sdk::install(root));
    // A test that has to compile is stopped before it is done.
    let mut folder = None;
    steps.step("programs", || {
        folder = Some(programs::build(root)?);
        Ok(())
    });
    steps.step("workspace", || {
        let mut nextest = cargo(root, ".");
        if let Some(folder) = &folder {
            nextest.env(programs::FOLDER, folder);
        }
        nextest.args(["nextest", "run", "--workspace", "--profile", profile]);
        if let Some(tests) = sdk::left_out(root) {
            nextest.args(["--filterset", &format!("not ({tests})")]);
        }
        summaries.collect(Runner::Nextest, &mut nextest)
    });
    steps.step("documentation", || {
        summaries.collect(Runner::Cargo, cargo(root, ".").args(["test", "--doc", "--workspace"]))
    });
    for place in WORKSPACES {
        if root.join(place).exists() {
            steps.step(place, || {
                let mut nextest = cargo(root, place);
                nextest.args(["nextest", "run", "--workspace", "--profile", profile, "--no-tests=pass"]);
                nextest.arg("--config-file").arg(root.join(".config/nextest.toml"));
                summaries.collect(Runner::Nextest, nextest.env("CARGO_TARGET_DIR", target_dir(root)))
            });
        }
    }
    summaries.print();
    steps.finish()
}

/// Who runs the tests. A failed test's output is shown too, and may hold what looks like another's summary.
#[derive(Debug, Clone, Copy)]
enum Runner {
    Cargo,
    Nextest,
}

impl Runner {
    /// What its summary begins with.
    fn mark(self) -> &'static str {
        match self {
            Self::Cargo => "test result: ",
            Self::Nextest => "Summary [",
        }
    }
}

/// The closing lines of the runners, and what they add up to.
#[derive(Debug, Default)]
struct Summaries {
    lines: Vec<String>,
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Summaries {
    /// Runs a test runner, shows what it says, and keeps its closing lines.
    fn collect(&mut self, runner: Runner, command: &mut Command) -> Result<()> {
        if stderr().is_terminal() {
            // Our pipe would otherwise turn the colours off.
            command.env("CARGO_TERM_COLOR", "always");
        }
        stream(command, |line| {
            say(line);
            self.read(runner, line);
        })
    }

    fn read(&mut self, runner: Runner, line: &str) {
        let plain = without_colours(line);
        let plain = plain.trim();
        if !plain.starts_with(runner.mark()) {
            return;
        }
        let before = |word: &str| count_before(plain, word);
        let failed = before("failed") + before("timed") + before("exec");
        // A library without a doc test says so too; that is no news.
        if before("passed") + failed > 0 {
            self.lines.push(plain.to_owned());
        }
        self.passed += before("passed");
        self.failed += failed;
        self.skipped += before("skipped") + before("ignored");
    }

    fn print(&self) {
        self.lines.iter().for_each(|line| print(line));
        print(&format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped));
    }
}

/// The number before `word` in a summary such as `2 passed; 0 failed` or `3 tests run: 2 passed, 1 timed out`.
fn count_before(summary: &str, word: &str) -> u64 {
    let words: Vec<&str> = summary.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
    words.windows(2).find(|pair| pair[1] == word).and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut in_sequence = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => in_sequence = true,
            _ if in_sequence => in_sequence = !c.is_ascii_alphabetic(),
            _ => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_add_up() {
        let mut summaries = Summaries::default();
        for line in [
            "running 2 tests",
            "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            summaries.read(Runner::Cargo, line);
        }
        for line in [
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.08s",
            "\u{1b}[32;1m  Summary\u{1b}[0m [   0.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, 4 skipped",
        ] {
            summaries.read(Runner::Nextest, line);
        }
        assert_eq!((summaries.passed, summaries.failed, summaries.skipped), (5, 2, 5));
        assert_eq!(summaries.lines.len(), 2, "{:?}", summaries.lines);
    }
}
