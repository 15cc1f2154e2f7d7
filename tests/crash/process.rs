//! One process from its start to its end.

use crate::death::Death;
use anyhow::{Context, Result, bail};
use crash_plan::Note;
use std::{
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

/// The signal that nobody can catch.
const SIGKILL: i32 = 9;

/// How long a process may accept nothing: a hundred times as long as the worst disk takes for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a killed process has told.
#[derive(Debug)]
pub(crate) struct Killed {
    /// The requests that its callers were told are accepted.
    pub(crate) accepted: Vec<Note>,
    /// Whether it died at its point.
    pub(crate) at_point: bool,
}

/// A process that does not outlive its test.
struct Process(Child);

impl Process {
    fn start(arguments: &[&OsStr]) -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crash-subject"));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
        Ok(Self(command.spawn().context("start crash-subject")?))
    }

    /// Its lines as they come.
    fn lines(&mut self) -> Result<Receiver<String>> {
        let stdout = self.0.stdout.take().context("take the standard output")?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(line) = whole_line(&mut stdout)
                && sender.send(line).is_ok()
            {}
        });
        Ok(lines)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a process that accepts requests, and sees to its death.
pub(crate) fn kill(arguments: &[&OsStr], death: Death) -> Result<Killed> {
    let point = death.point.map(|point| point.to_string());
    let arguments: Vec<&OsStr> = arguments.iter().copied().chain(point.as_deref().map(OsStr::new)).collect();
    let mut process = Process::start(&arguments)?;
    let lines = process.lines()?;
    let mut accepted = Vec::new();
    while accepted.len() < death.accepted {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => accepted.push(line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => bail!("the process accepts nothing more: {death:?}"),
        }
    }
    let mut ended = None;
    if accepted.len() == death.accepted {
        // Nothing tells when the moment has come: that is what makes it one of many.
        thread::park_timeout(death.delay);
        ended = process.0.try_wait()?;
        process.0.kill()?;
    }
    let status = process.0.wait()?;
    accepted.extend(lines);
    let itself = ended.is_some() || accepted.len() < death.accepted;
    if status.signal() != Some(SIGKILL) || (itself && death.point.is_none()) {
        bail!("the process ended by itself ({status}) and not as planned: {death:?}");
    }
    let accepted = accepted.iter().map(|line| line.parse()).collect::<Result<_>>()?;
    Ok(Killed { accepted, at_point: itself })
}

/// Runs a process that ends by itself.
pub(crate) fn finish(arguments: &[&OsStr]) -> Result<ExitStatus> {
    Ok(Process::start(arguments)?.0.wait()?)
}

/// The next line; none at the end, and none for one that was cut off.
fn whole_line(stdout: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    stdout.read_line(&mut line).ok()?;
    line.strip_suffix('\n').map(str::to_owned)
}
