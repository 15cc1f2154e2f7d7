//! A list of steps of which one that fails does not keep the others from running.

use std::mem;

use anyhow::{Result, bail};

use crate::shell::say;

/// The steps of one command, and which of them failed.
#[derive(Debug)]
pub(crate) struct Steps {
    command: &'static str,
    failed: Vec<&'static str>,
}

impl Steps {
    pub(crate) fn new(command: &'static str) -> Self {
        Self { command, failed: Vec::new() }
    }

    /// Does one step, says how long it took, and remembers if it failed.
    #[expect(clippy::disallowed_methods, reason = "how long a step takes is for the person")]
    pub(crate) fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        say(&format!("{}: {name}", self.command));
        let start = std::time::Instant::now();
        let result = work();
        let seconds = start.elapsed().as_secs_f32();
        match result {
            Ok(()) => say(&format!("{}: {name}: ok ({seconds:.1} s)", self.command)),
            Err(error) => {
                say(&format!("{}: {name}: FAILED ({seconds:.1} s): {error:#}", self.command));
                self.failed.push(name);
            }
        }
    }

    /// Fails if a step did.
    pub(crate) fn finish(mut self) -> Result<()> {
        match mem::take(&mut self.failed)[..] {
            [] => Ok(()),
            ref failed => bail!("{} failed: {}", self.command, failed.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_steps_run_and_the_end_names_those_that_failed() {
        let mut ran = 0;
        let mut steps = Steps::new("try");
        steps.step("one", || bail!("break"));
        steps.step("two", || {
            ran += 1;
            Ok(())
        });
        assert_eq!(ran, 1);
        assert_eq!(steps.finish().expect_err("one failed").to_string(), "try failed: one");
    }
}
