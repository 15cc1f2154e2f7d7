//! Servers in processes of their own, and a client that costs next to nothing.

use std::{
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A server in a process of its own, which ends with this.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a program that prints the address it listens on as the end of a line, on standard output.
    ///
    /// # Panics
    /// When it does not.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let lines = child.stdout.take().expect("it is piped");
        Self { address: announced(lines), child }
    }

    /// The same for a program that says it on standard error.
    ///
    /// # Panics
    /// When it does not.
    pub fn start_telling_stderr(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let lines = child.stderr.take().expect("it is piped");
        Self { address: announced(lines), child }
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Connections to it.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn connect(&self, connections: u32) -> Vec<tokio::sync::Mutex<Connection>> {
        let mut all = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(self.address).await.expect("the server listens");
            stream.set_nodelay(true).expect("the system can do it");
            all.push(Connection { stream, read: Vec::with_capacity(4096) }.into());
        }
        all
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address at the end of one of the lines.
fn announced(lines: impl Read) -> SocketAddr {
    let address = |line: String| line.trim_end_matches('/').rsplit('/').next().and_then(|end| end.parse().ok());
    let mut lines = BufReader::new(lines).lines();
    lines.find_map(|line| address(line.ok()?)).expect("the server tells its address")
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Sends a request as it is and reads its answer to the end; says whether its status is 2xx.
    pub async fn call(&mut self, request: &[u8]) -> bool {
        self.exchange(request).await.is_some_and(|status| (200..300).contains(&status))
    }

    async fn exchange(&mut self, request: &[u8]) -> Option<u16> {
        self.stream.write_all(request).await.ok()?;
        self.read.clear();
        loop {
            if self.stream.read_buf(&mut self.read).await.ok()? == 0 {
                return None;
            }
            let Some(end) = find(&self.read, b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.read[..end]).ok()?.to_ascii_lowercase();
            let body = &self.read[end + 4..];
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            let is_whole = match length {
                Some(length) => body.len() >= length,
                // In chunks: the last is empty.
                None => body.ends_with(b"0\r\n\r\n"),
            };
            if is_whole {
                return head.get(9..12)?.parse().ok();
            }
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A request as it goes over the wire.
pub fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
