//! One extension's process: how it is started, what it writes, how it ends.

use super::event::LINE_BYTES;
use futures::future::{FusedFuture as _, FutureExt as _};
use std::{
    collections::VecDeque,
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    pin::pin,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a process may take to end after it was asked to. What it has to store by then is at most what its last
/// invocations told; longer keeps the server from ending.
const GRACE: Duration = Duration::from_secs(2);

/// How often it is looked whether what a script left behind still runs. Shorter wakes the machine for nothing.
const LOOK: Duration = Duration::from_secs(1);

/// How much of its last output is told when a process ends by itself.
const TAIL_BYTES: usize = 2048;

/// How often a script is started anew that a process of ours, on its way to become another program, still has open.
const BUSY_ATTEMPTS: u32 = 10;

/// An extension that is to be started.
#[derive(Debug)]
pub(super) struct Script {
    /// The name of its file.
    pub(super) name: String,
    /// Where the files of its package are.
    pub(super) root: PathBuf,
    /// The folder that it is in, and runs in.
    pub(super) folder: PathBuf,
    /// Where it registers.
    pub(super) api: SocketAddr,
    /// The port that was chosen for it, if it was.
    pub(super) port: Option<u16>,
    /// Where it finds programs.
    pub(super) path: OsString,
}

/// A process that runs, with everything that it started. All of them end when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    group: Group,
}

/// Why a process is over.
#[derive(Debug)]
pub(super) enum Death {
    /// It was told to end.
    Stopped,
    /// It ended by itself; the end of what it wrote may say why.
    Ended { status: String, tail: String },
}

impl Script {
    /// Starts it: with these variables and no other, no input, and a process group of its own.
    pub(super) async fn start(&self) -> io::Result<Process> {
        let mut attempt = 0;
        loop {
            match self.spawn() {
                // Another thread started a process while the file was being written, and that one has not yet closed it.
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && attempt < BUSY_ATTEMPTS => {
                    attempt += 1;
                    sleep(Duration::from_millis(10)).await;
                }
                started => return started,
            }
        }
    }

    fn spawn(&self) -> io::Result<Process> {
        let script = self.folder.join(&self.name);
        let mut command = if names_interpreter(&script)? {
            Command::new(&script)
        } else {
            let mut command = Command::new("/bin/sh");
            command.arg(&script);
            command
        };
        command.current_dir(&self.folder).env_clear();
        command
            .env("EXTENSION_API_ADDR", self.api.to_string())
            .env("PATH", &self.path)
            .env("RUNTIME_CODE_ROOT", &self.root);
        if let Some(port) = self.port {
            command.env("EXTENSION_PORT", port.to_string());
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        let group = Group::of(&child);
        Ok(Process { child, group })
    }
}

/// Whether a script begins with `#!`. Otherwise it is the shell's.
fn names_interpreter(script: &Path) -> io::Result<bool> {
    let mut begin = [0; 2];
    Ok(File::open(script)?.read(&mut begin)? == 2 && begin == *b"#!")
}

impl Process {
    /// Runs until everything has ended or `stop` is cancelled: then it is asked to end, and made to. Each line of output
    /// is told; of longer lines the beginning.
    pub(super) async fn run(mut self, stop: &CancellationToken, mut tell: impl FnMut(&str) + Send) -> Death {
        let (stdout, stderr) = (self.child.stdout.take(), self.child.stderr.take());
        let output = parking_lot::Mutex::new(Output { tell: &mut tell, tail: VecDeque::new() });
        let status = {
            let reading = async { tokio::join!(read(stdout, &output), read(stderr, &output)) };
            let mut reading = pin!(reading.fuse());
            let status = {
                let mut living = pin!(self.live(stop).fuse());
                tokio::select! {
                    biased;
                    status = &mut living => status,
                    _ = &mut reading => living.await,
                }
            };
            self.group.kill();
            // What was written before the end; somebody who left the group may keep the streams open for ever.
            if !reading.is_terminated() {
                let _ = timeout(LOOK, reading).await;
            }
            status
        };
        match status {
            None => Death::Stopped,
            Some(status) => {
                let tail: Vec<u8> = output.into_inner().tail.into();
                Death::Ended { status, tail: String::from_utf8_lossy(&tail).trim_end().to_owned() }
            }
        }
    }

    /// How it ended by itself; none when it was stopped.
    async fn live(&mut self, stop: &CancellationToken) -> Option<String> {
        let ended = tokio::select! {
            biased;
            status = self.child.wait() => Some(describe(status)),
            () = stop.cancelled() => None,
        };
        match ended {
            Some((status, true)) => {
                // A script may leave the work to a process that it started.
                while self.group.is_alive() {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => return self.end().await,
                        () = sleep(LOOK) => {}
                    }
                }
                Some(status)
            }
            Some((status, false)) => Some(status),
            None => self.end().await,
        }
    }

    /// Asks it to end and waits for that, for a while.
    async fn end(&mut self) -> Option<String> {
        self.group.terminate();
        let ended = async {
            // Whatever it says, it does not run any more.
            let _ = self.child.wait().await;
            while self.group.is_alive() {
                sleep(GRACE / 20).await;
            }
        };
        if timeout(GRACE, ended).await.is_err() {
            self.group.kill();
            let _ = self.child.kill().await;
        }
        None
    }
}

/// How a process ended, and whether it says that all is well.
fn describe(status: io::Result<ExitStatus>) -> (String, bool) {
    match status {
        Ok(status) => (status.to_string(), status.success()),
        Err(error) => (error.to_string(), false),
    }
}

/// Takes what both streams write.
struct Output<'a> {
    tell: &'a mut (dyn FnMut(&str) + Send),
    tail: VecDeque<u8>,
}

impl Output<'_> {
    fn line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (self.tell)(&String::from_utf8_lossy(line));
        self.tail.extend(line.iter().chain(b"\n"));
        let surplus = self.tail.len().saturating_sub(TAIL_BYTES);
        self.tail.drain(..surplus);
    }
}

/// Reads a stream to its end, however much that is, and keeps one line of it.
async fn read(stream: Option<impl AsyncRead + Unpin>, output: &parking_lot::Mutex<Output<'_>>) {
    let Some(mut stream) = stream else { return };
    let (mut line, mut chunk) = (Vec::new(), [0; 4096]);
    // A stream that cannot be read has come to its end.
    while let Ok(count @ 1..) = stream.read(&mut chunk).await {
        for (index, piece) in chunk[..count].split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                output.lock().line(&line);
                line.clear();
            }
            let room = LINE_BYTES.saturating_sub(line.len());
            line.extend_from_slice(&piece[..piece.len().min(room)]);
        }
    }
    if !line.is_empty() {
        output.lock().line(&line);
    }
}

/// A process and those that it started, as long as they do not leave it.
#[derive(Debug)]
struct Group(#[cfg(unix)] Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    fn is_alive(&self) -> bool {
        self.0.is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    }

    fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    fn kill(&mut self) {
        self.signal(rustix::process::Signal::KILL);
        // The number may soon be somebody else's.
        self.0 = None;
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(group) = self.0 {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }
}

/// Where there are no groups, there is the process alone, which is killed when it is dropped.
#[cfg(not(unix))]
impl Group {
    fn of(_child: &Child) -> Self {
        Self()
    }

    fn is_alive(&self) -> bool {
        false
    }

    fn terminate(&self) {}

    fn kill(&mut self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
