//! `cargo xtask crash-test`: the crash test of `tests/crash`, for as many rounds as a person has time for.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{cargo, run as run_command};

/// A minute or two.
const ROUNDS: u64 = 1000;

/// What a person chooses.
#[derive(Debug, PartialEq, Eq)]
struct Options {
    rounds: u64,
    seed: Option<u64>,
}

pub(crate) fn run(root: &Path, options: &[&str]) -> Result<()> {
    let Options { rounds, seed } = Options::parse(options)?;
    setup::targets(root)?;
    let mut test = cargo(root, ".");
    test.args(["test", "--quiet", "--package", "fngraph-tests", "--test", "crash", "--", "--nocapture"]);
    test.env("FNGRAPH_CRASH_ROUNDS", rounds.to_string());
    if let Some(seed) = seed {
        test.env("FNGRAPH_CRASH_SEED", seed.to_string());
    }
    run_command(&mut test)
}

impl Options {
    fn parse(mut options: &[&str]) -> Result<Self> {
        let mut parsed = Self { rounds: ROUNDS, seed: None };
        while let [name, value, rest @ ..] = options {
            let number = || value.parse().with_context(|| format!("read {name} {value}"));
            match *name {
                "--rounds" => parsed.rounds = number()?,
                "--seed" => parsed.seed = Some(number()?),
                _ => bail!("understand `{name}`; there are --rounds N and --seed S"),
            }
            options = rest;
        }
        match options {
            [] => Ok(parsed),
            [name, ..] => bail!("understand `{name}`; there are --rounds N and --seed S"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_numbers_by_name() {
        assert_eq!(Options::parse(&[]).unwrap(), Options { rounds: ROUNDS, seed: None });
        let both = Options::parse(&["--seed", "7", "--rounds", "1000"]).unwrap();
        assert_eq!(both, Options { rounds: 1000, seed: Some(7) });
        for wrong in [&["--rounds"][..], &["--rounds", "many"], &["--turns", "3"], &["3"]] {
            assert!(Options::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
