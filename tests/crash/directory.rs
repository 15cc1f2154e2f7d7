//! A data directory, and the processes that die in it one after the other.

use crate::{
    death::Death,
    inspect::{self, Past},
    process,
    report::Report,
};
use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// When the first process starts, in milliseconds: any time after which requests ascend.
const BEGINNING: i64 = 1_800_000_000_000;

/// How much later each process starts than the one before, in milliseconds: later than that one's clock came to, and
/// so little that no delivery becomes too old (an hour) in all the rounds of a directory.
const ROUND: i64 = 60_000;

/// A directory in the life of the test.
pub(crate) struct Directory {
    /// On the disk of the build, since memory has no commits worth waiting for.
    folder: Option<TempDir>,
    path: PathBuf,
    random: Rng,
    past: Past,
}

impl Directory {
    pub(crate) fn create(random: Rng) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("crash-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
        Ok(Self { path: folder.path().to_owned(), folder: Some(folder), random, past: Past::default() })
    }

    /// Kills processes.
    pub(crate) fn suffer(&mut self, rounds: u32) -> Result<Report> {
        let mut report = Report::default();
        for round in 0..rounds {
            let death = Death::choose(&mut self.random, round);
            let journal = self.journal(round);
            let arguments = self.arguments("submit", &journal, round);
            let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
            let killed = process::kill(&arguments, death).with_context(|| format!("round {round}"))?;
            report.rounds += 1;
            match death.point.filter(|_| killed.at_point) {
                Some(point) => *report.at_points.entry(point.call).or_default() += 1,
                None => report.at_random += 1,
            }
            self.past.killed(&killed.accepted, &read(&journal)?).with_context(|| format!("round {round}"))?;
        }
        Ok(report)
    }

    /// Lets a last process end everything, and looks at what is there.
    pub(crate) fn inspect(&mut self) -> Result<Report> {
        let round = self.past.kills;
        let journal = self.journal(round);
        let arguments = self.arguments("drain", &journal, round);
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let status = process::finish(&arguments)?;
        ensure!(status.success(), "the last process failed ({status}); its reason stands above");
        self.past.ran(&read(&journal)?)?;
        inspect::check(&self.past, &self.path)
    }

    /// Leaves the directory to whoever looks for the fault.
    pub(crate) fn keep(mut self) -> PathBuf {
        self.folder.take().map_or_else(|| self.path.clone(), TempDir::keep)
    }

    fn journal(&self, round: u32) -> PathBuf {
        self.path.join(format!("journal-{round}"))
    }

    fn arguments(&mut self, verb: &str, journal: &Path, round: u32) -> [String; 5] {
        let now = BEGINNING + i64::from(round) * ROUND;
        let [directory, journal] = [&self.path, journal].map(|path| path.to_string_lossy().into_owned());
        [verb.to_owned(), directory, journal, now.to_string(), self.random.u64(..).to_string()]
    }
}

/// A journal, without a last line that was cut off; nothing when the process did not come to create it.
fn read(journal: &Path) -> Result<String> {
    if !journal.exists() {
        return Ok(String::new());
    }
    let mut text = fs::read_to_string(journal).with_context(|| format!("read {}", journal.display()))?;
    text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
    Ok(text)
}
