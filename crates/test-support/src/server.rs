//! The real server, on a port that is free.

use crate::{
    http::{self, Answer},
    programs,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
    thread::{self, JoinHandle},
};
use tempfile::TempDir;
use ureq::Agent;

/// What the server says on its standard output when it is ready, before its address.
const ANNOUNCEMENT: &str = "listening on ";

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Setup {
    directory: Arc<TempDir>,
    config: String,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    expected: Vec<String>,
}

impl Setup {
    /// With a data directory of its own, and nothing configured: it accepts unsigned requests.
    ///
    /// # Panics
    ///
    /// Panics if no directory can be made.
    #[must_use]
    pub fn new() -> Self {
        let directory = Arc::new(TempDir::new().expect("a folder for the server"));
        Self { directory, config: String::new(), arguments: Vec::new(), environment: Vec::new(), expected: Vec::new() }
    }

    /// With this configuration file, in TOML.
    #[must_use]
    pub fn config(mut self, toml: &str) -> Self {
        self.config.push_str(toml);
        self
    }

    /// With one more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With one more variable in its environment.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Expects warnings and errors with this text in the server's log, and lets them pass.
    #[must_use]
    pub fn expect_log(mut self, text: impl Into<String>) -> Self {
        self.expected.push(text.into());
        self
    }

    /// A folder that lives as long as the setup and its servers: the data directory is `data` in it.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Panics
    ///
    /// Panics if it ends instead, with what it said.
    #[must_use]
    #[track_caller]
    pub fn start(&self) -> TestServer {
        let mut command = Command::new(programs::fngraph());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(self.directory().join("data"));
        if !self.config.is_empty() {
            command.arg("--config").arg(self.config_file());
        }
        // What is set for people and for other tests would be configuration.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("FNGRAPH_")) {
                command.env_remove(name);
            }
        }
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server's program starts");
        let stdout = child.stdout.take().expect("the standard output is piped");
        let stderr = child.stderr.take().expect("the standard error is piped");
        let mut server = TestServer {
            setup: self.clone(),
            endpoint: String::new(),
            child,
            log: Some(thread::spawn(move || text(stderr))),
            agent: http::agent(),
        };
        server.endpoint = server.announced(stdout);
        server
    }

    fn config_file(&self) -> PathBuf {
        let path = self.directory().join("fngraph.toml");
        fs::write(&path, &self.config).expect("the folder is writable");
        path
    }
}

impl Default for Setup {
    fn default() -> Self {
        Self::new()
    }
}

/// `fngraph serve`, running. It does not outlive its test; one that succeeds ends it with [`TestServer::stop`].
#[derive(Debug)]
pub struct TestServer {
    setup: Setup,
    endpoint: String,
    child: Child,
    /// Reads the log to its end.
    log: Option<JoinHandle<String>>,
    agent: Agent,
}

impl TestServer {
    /// A server with nothing configured.
    ///
    /// # Panics
    ///
    /// Panics if it does not start.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Setup::new().start()
    }

    /// Its address: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a request to this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        http::send(&self.agent, method, &format!("{}{path}", self.endpoint), headers, body)
    }

    /// Sends JSON to this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn send_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], Some(body.to_string().as_bytes()))
    }

    /// Gets this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// Gets a URL that the server told, such as one of its gateway.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn get_url(&self, url: &str) -> Answer {
        http::send(&self.agent, "GET", url, &[], None)
    }

    /// Posts JSON to this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send_json("POST", path, body)
    }

    /// Puts JSON to this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send_json("PUT", path, body)
    }

    /// Deletes this path.
    ///
    /// # Panics
    ///
    /// Panics if there is no answer.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None)
    }

    /// Asks the server to end, as an administrator does, and checks how it went. Answers its log.
    ///
    /// # Panics
    ///
    /// Panics if it does not end well, or if its log has a warning or an error that the setup does not expect.
    #[track_caller]
    pub fn stop(mut self) -> String {
        self.signal(Signal::TERM);
        let (status, log) = self.wait();
        assert!(status.success(), "the server ended with {status}:\n{log}");
        let unexpected = complaints(&log, &self.setup.expected);
        assert!(unexpected.is_empty(), "the log has {unexpected:#?}");
        log
    }

    /// Ends the server as a power failure does: it gets no chance to do anything.
    ///
    /// # Panics
    ///
    /// Panics if it has ended before.
    #[track_caller]
    pub fn kill(mut self) -> String {
        self.signal(Signal::KILL);
        let (status, log) = self.wait();
        assert_eq!(status.code(), None, "the server ended by itself with {status}:\n{log}");
        log
    }

    /// Stops the server and starts another one on the same data.
    ///
    /// # Panics
    ///
    /// Panics if either goes wrong.
    #[must_use]
    #[track_caller]
    pub fn restart(self) -> Self {
        let setup = self.setup.clone();
        self.stop();
        setup.start()
    }

    /// Kills the server and starts another one on the same data.
    ///
    /// # Panics
    ///
    /// Panics if either goes wrong.
    #[must_use]
    #[track_caller]
    pub fn kill_and_restart(self) -> Self {
        let setup = self.setup.clone();
        self.kill();
        setup.start()
    }

    #[track_caller]
    fn announced(&mut self, stdout: impl Read + Send + 'static) -> String {
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        loop {
            line.clear();
            if stdout.read_line(&mut line).expect("the server writes text") == 0 {
                let (status, log) = self.wait();
                panic!("the server ended with {status} before it listened:\n{log}");
            }
            if let Some(endpoint) = line.strip_prefix(ANNOUNCEMENT) {
                let endpoint = endpoint.trim().to_owned();
                // A pipe that nobody reads fills up, and one that is closed ends the writer.
                thread::spawn(move || text(stdout));
                return endpoint;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the server is running");
    }

    fn wait(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().expect("the server can be waited for");
        let log = self.log.take().map(|log| log.join().expect("the log can be read")).unwrap_or_default();
        (status, log)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if self.log.is_some() {
            // It may have ended by itself, and then there is nothing to do.
            let _ = self.child.kill();
            let (_, log) = self.wait();
            if thread::panicking() {
                say(&format!("the server's log:\n{log}"));
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "the test runner shows it with the failed test")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn text(mut stream: impl Read) -> String {
    let mut bytes = Vec::new();
    // What was read before an error is still worth showing.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines of a log that nobody expects: warnings, errors, and panics.
fn complaints<'a>(log: &'a str, expected: &[String]) -> Vec<&'a str> {
    log.lines()
        .filter(|line| {
            // The level is behind the time at most; further on it is somebody's text.
            let mut start = line.split_whitespace().take(3);
            start.any(|word| matches!(word, "WARN" | "ERROR" | "error:" | "warning:"))
                || line.contains(r#""level":"WARN""#)
                || line.contains(r#""level":"ERROR""#)
                || line.contains("panicked at")
        })
        .filter(|line| !expected.iter().any(|text| line.contains(text.as_str())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_errors_and_panics_are_complaints_unless_they_are_expected() {
        let check = |line: &str, complains: bool| {
            assert_eq!(complaints(line, &["slow disk".to_owned()]).len(), usize::from(complains), "{line}");
        };
        check("2026-11-23T01:02:03.456Z  INFO fngraph: listening", false);
        check("2026-11-23T01:02:03.456Z  INFO fngraph: an ERROR was told", false);
        check("2026-11-23T01:02:03.456Z  WARN fngraph: odd", true);
        check("2026-11-23T01:02:03.456Z  WARN fngraph: slow disk", false);
        check("2026-11-23T01:02:03.456Z ERROR fngraph: bad", true);
        check(r#"{"timestamp":"2026-11-23T01:02:03.456Z","level":"ERROR","message":"bad"}"#, true);
        check("thread 'main' panicked at src/main.rs:1:1:", true);
        check("error: open the data directory", true);
    }
}
