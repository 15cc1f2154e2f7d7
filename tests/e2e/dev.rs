//! `fngraph dev`: what changes is swapped in while it serves.

use crate::support::{Ran, fngraph_in};
use fngraph_test_support::{guests, programs};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::{
    env, fs,
    io::{BufRead as _, BufReader, ErrorKind, Read, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// How long anything may take, a build above all; only passes where something is wrong.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often a connection is looked for, and the pause in between.
const TRIES: u32 = 2400;
const PAUSE: Duration = Duration::from_millis(50);

/// `fngraph dev`, running. It does not outlive its test.
struct Dev {
    child: Child,
    address: String,
    stderr: Receiver<String>,
    said: Vec<String>,
}

impl Dev {
    /// Starts it in this folder, and waits until it listens.
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        let mut dev = Self { child, address: String::new(), stderr, said: Vec::new() };
        let announcement = stdout
            .recv_timeout(PATIENCE)
            .unwrap_or_else(|_| panic!("{:#?}", dev.stderr.try_iter().collect::<Vec<_>>()));
        dev.address = announcement.strip_prefix("listening on http://").unwrap().to_owned();
        dev
    }

    /// Reads what it says up to a line with this text.
    #[track_caller]
    fn wait(&mut self, text: &str) {
        while let Ok(line) = self.stderr.recv_timeout(PATIENCE) {
            self.said.push(line);
            if self.said.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
        panic!("{text:?} was never said: {:#?}", self.said);
    }

    /// Ends it as Ctrl-C does.
    #[track_caller]
    fn interrupt(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        let status = self.child.wait().unwrap();
        self.said.extend(self.stderr.iter());
        assert!(status.success(), "{status}: {:#?}", self.said);
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `fngraph dev` in this folder.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(programs::fngraph());
    command.arg("dev").current_dir(folder);
    // What is set for people and for other tests would be configuration.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("FNGRAPH_") || name == "CARGO_TARGET_DIR") {
            command.env_remove(name);
        }
    }
    command
}

/// The lines of a stream as they come.
fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Calls a function.
#[track_caller]
fn call(address: &str, function: &str, event: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let path = format!("/v2/local/fgs/functions/{function}/invocations");
    let length = event.len();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n");
    stream.write_all(format!("{head}\r\n{event}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    body.trim().to_owned()
}

/// Somebody who comes to this door.
#[track_caller]
fn visitor(door: &TcpListener) -> TcpStream {
    door.set_nonblocking(true).unwrap();
    for _ in 0..TRIES {
        match door.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                return stream;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        thread::park_timeout(PAUSE);
    }
    panic!("nobody came");
}

/// A command that says this, and first waits at a door when the event names one.
fn program(answer: &str) -> String {
    let code = r#"
        use std::{io::{self, Read as _}, net::TcpStream};

        fn main() -> io::Result<()> {
            let mut door = String::new();
            io::stdin().read_to_string(&mut door)?;
            if !door.is_empty() {
                TcpStream::connect(door)?.read(&mut [0])?;
            }
            eprintln!("a line of ANSWER code");
            println!("ANSWER");
            Ok(())
        }
    "#;
    code.replace("ANSWER", answer)
}

/// A build script that waits at a door.
fn script(door: &str) -> String {
    let code = r#"
        use std::{io::Read as _, net::TcpStream};

        fn main() {
            TcpStream::connect("DOOR").unwrap().read(&mut [0]).unwrap();
        }
    "#;
    code.replace("DOOR", door)
}

#[test]
fn a_project_is_served_and_built_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    fngraph_in(folder.path(), ["new", "worker", "--template", "command"]).success();
    let source = folder.path().join("worker/src/main.rs");
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let at_the_door = door.local_addr().unwrap().to_string();

    fs::write(&source, program("old")).unwrap();
    let mut dev = Dev::start(folder.path(), &["worker", "--network", "allow", "--timeout", "60s"]);
    let address = dev.address.clone();
    dev.wait("deployed worker in");
    dev.wait(&format!("curl http://{address}/v2/local/fgs/functions/worker/invocations"));
    assert_eq!(call(&address, "worker", ""), "old");
    dev.wait("a line of old code");

    // A call that runs during the swap ends with the code that it began with.
    let waiting = {
        let address = address.clone();
        let event = at_the_door.clone();
        thread::spawn(move || call(&address, "worker", &event))
    };
    let waits = visitor(&door);
    fs::write(&source, program("new")).unwrap();
    dev.wait("swapped worker in");
    assert_eq!(call(&address, "worker", ""), "new");
    drop(waits);
    assert_eq!(waiting.join().unwrap(), "old");

    fs::write(&source, "fn main() { this is no Rust }").unwrap();
    dev.wait("the code from before goes on serving");
    assert!(dev.said.iter().any(|line| line.contains("src/main.rs:1")), "the compiler is heard: {:#?}", dev.said);
    assert_eq!(call(&address, "worker", ""), "new");

    // Ctrl-C during a build ends what cargo started, too.
    fs::write(folder.path().join("worker/build.rs"), script(&at_the_door)).unwrap();
    let mut building = visitor(&door);
    dev.interrupt();
    let read = building.read(&mut [0]);
    assert!(matches!(&read, Ok(0)) || read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
}

#[test]
fn a_folder_of_wasm_files_is_served_and_looked_at_again_when_one_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("greeter.wasm");
    fs::copy(guests::hello(), &file).unwrap();
    let mut dev = Dev::start(folder.path(), &[]);
    let address = dev.address.clone();
    let greeting = json!({"message": "Hello, Ada!"}).to_string();
    let event = r#"{"name": "Ada"}"#;
    assert_eq!(call(&address, "greeter", event), greeting);

    fs::write(&file, "no code").unwrap();
    dev.wait("the code from before goes on serving");
    assert_eq!(call(&address, "greeter", event), greeting);

    fs::copy(guests::word_count(), &file).unwrap();
    dev.wait("swapped greeter in");
    assert!(call(&address, "greeter", "two words").contains("\"words\""));

    fs::copy(guests::hello(), folder.path().join("another.wasm")).unwrap();
    dev.wait("deployed another in");
    assert_eq!(call(&address, "another", event), greeting);
    dev.interrupt();
}

#[test]
fn where_there_is_nothing_to_serve_the_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| Ran::of(command(folder.path()).args(arguments).output().unwrap());
    run(&[]).failure(3, "no folder with a Cargo.toml or with wasm files");
    fs::copy(guests::hello(), folder.path().join("hello.wasm")).unwrap();
    run(&["hello.wasm", "--listen", "0.0.0.0:0"]).failure(2, "credentials");
}
