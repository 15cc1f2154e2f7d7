//! Kills a process that works off asynchronous requests, again and again, and looks at what is left: everything that
//! was accepted has ended as it should, and ran no more often than its attempts say.
//!
//! A process is killed at a point of a call of its store, or after a random number of accepted requests. Its successor
//! opens the same directory, until the directory is drained and inspected. The seed decides what is done; threads
//! and the disk decide the rest, so that the same seed is a similar run, not the same one.

mod death;
mod directory;
mod inspect;
mod process;
mod report;

use anyhow::{Context, Result};
use directory::Directory;
use fastrand::Rng;
use report::Report;
use std::env;

/// How many rounds a run of all tests takes: half a minute.
const ROUNDS: u32 = 200;

/// How many processes die in one directory before it is drained.
const ROUNDS_OF_A_DIRECTORY: u32 = 25;

#[test]
fn what_was_accepted_ends_however_often_the_process_is_killed() -> Result<()> {
    let rounds = argument("FNGRAPH_CRASH_ROUNDS")?.unwrap_or(ROUNDS);
    let seed = argument("FNGRAPH_CRASH_SEED")?.unwrap_or_else(|| fastrand::u64(..));
    say(&format!("crash test: {rounds} rounds, seed {seed}"));
    let report = run(rounds, seed).with_context(|| format!("crash test with the seed {seed}"))?;
    say(&report.to_string());
    Ok(())
}

fn run(rounds: u32, seed: u64) -> Result<Report> {
    let mut random = Rng::with_seed(seed);
    let mut report = Report::default();
    while report.rounds < rounds {
        let rounds = (rounds - report.rounds).min(ROUNDS_OF_A_DIRECTORY);
        let mut directory = Directory::create(random.fork())?;
        match directory.suffer(rounds).and_then(|part| Ok(part + directory.inspect()?)) {
            Ok(part) => report = report + part,
            Err(error) => return Err(error.context(format!("see {}", directory.keep().display()))),
        }
        say(&format!("{} of the rounds, {} accepted", report.rounds, report.accepted));
    }
    Ok(report)
}

/// What `cargo xtask crash-test` was told; a test has no other arguments.
fn argument<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(name: &str) -> Result<Option<T>> {
    let Some(text) = env::var_os(name) else { return Ok(None) };
    let text = text.to_str().with_context(|| format!("read {name} as UTF-8"))?;
    Ok(Some(text.parse().with_context(|| format!("read {name}"))?))
}

#[expect(clippy::print_stdout, reason = "the figures are what a longer run is for")]
fn say(line: &str) {
    println!("{line}");
}
