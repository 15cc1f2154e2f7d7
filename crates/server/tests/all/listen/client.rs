//! The smallest clients that tell what a server does.

use axum::body::Body;
use http::{Request, StatusCode, Version};
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
};

/// A connection of HTTP/1.1, byte by byte.
pub(super) struct Plain<I>(I);

impl Plain<TcpStream> {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> Plain<I> {
    pub(super) fn over(io: I) -> Self {
        Self(io)
    }

    pub(super) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Asks for a path.
    pub(super) async fn get(&mut self, path: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
    }

    /// The head and the body of the next answer, which must say its length.
    pub(super) async fn answer(&mut self) -> (String, String) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let mut body = vec![0; length.parse().unwrap()];
        self.0.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// What comes until the server closes.
    pub(super) async fn rest(&mut self) -> String {
        String::from_utf8(self.rest_bytes().await).unwrap()
    }

    /// What comes until the server closes, if it may be no text.
    pub(super) async fn rest_bytes(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
        rest
    }
}

/// A connection of HTTP/2.
pub(super) struct Multiplexed {
    sender: SendRequest<Body>,
    /// Runs the connection; its end is the connection's.
    pub(super) driver: JoinSet<hyper::Result<()>>,
}

impl Multiplexed {
    pub(super) async fn over<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I) -> Self {
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Self { sender, driver }
    }

    /// Asks for a path; the answer is waited for by whoever wants it.
    pub(super) fn get(
        &mut self,
        path: &str,
    ) -> impl Future<Output = hyper::Result<(StatusCode, Version, String)>> + Send + use<> {
        let request = Request::get(format!("http://localhost{path}")).body(Body::empty()).unwrap();
        let answer = self.sender.send_request(request);
        async move {
            let (head, body) = answer.await?.into_parts();
            let body = axum::body::to_bytes(Body::new(body), 1024).await.unwrap();
            Ok((head.status, head.version, String::from_utf8(body.to_vec()).unwrap()))
        }
    }
}
