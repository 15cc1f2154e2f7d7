//! Posts to extensions: each on a connection of its own, since what they serve with often closes it anyway.

use bytes::Bytes;
use futures::future::{self, Either};
use http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// How long a post may take. Longer would have more of them wait; extensions that need time take it after the answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Why a post was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostError {
    #[error("connect")]
    Connect(#[from] io::Error),
    #[error("send the request")]
    Http(#[from] hyper::Error),
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("there was no answer within {TIMEOUT:?}")]
    Timeout,
}

/// Posts JSON to a port of 127.0.0.1.
pub(super) async fn post(port: u16, path: &str, body: Bytes) -> Result<(), PostError> {
    timeout(TIMEOUT, exchange(port, path, body)).await.unwrap_or(Err(PostError::Timeout))
}

async fn exchange(port: u16, path: &str, body: Bytes) -> Result<(), PostError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = http::Uri::try_from(path).unwrap_or_default();
    let headers = request.headers_mut();
    if let Ok(host) = address.to_string().parse() {
        headers.insert(header::HOST, host);
    }
    headers.insert(header::CONTENT_TYPE, const { header::HeaderValue::from_static("application/json") });
    headers.insert(header::CONNECTION, const { header::HeaderValue::from_static("close") });
    let send = pin!(async move { sender.send_request(request).await.map(|answer| answer.status()) });
    let status = match future::select(send, connection).await {
        Either::Left((status, _)) => status?,
        // The request has the answer, or what became of it.
        Either::Right((_, send)) => send.await?,
    };
    if status.is_success() { Ok(()) } else { Err(PostError::Status(status)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    /// Posts to somebody who answers with these bytes, or not at all; tells what that one got, too.
    async fn check(answer: Option<&str>) -> (Result<(), PostError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"{}") {
                stream.read_buf(&mut request).await.unwrap();
            }
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => drop(stream.read_to_end(&mut Vec::new()).await),
            }
            String::from_utf8(request).unwrap()
        };
        tokio::join!(post(port, "/extension/invoke", Bytes::from_static(b"{}")), serve)
    }

    #[tokio::test]
    async fn a_post_is_plain_http_whatever_version_answers() {
        for answer in ["HTTP/1.0 200 OK\r\n\r\nyes", "HTTP/1.1 204 No Content\r\n\r\n"] {
            let (posted, request) = check(Some(answer)).await;
            posted.unwrap();
            assert!(request.starts_with("POST /extension/invoke HTTP/1.1\r\nhost: 127.0.0.1:"), "{request}");
        }
    }

    #[tokio::test]
    async fn what_is_not_taken_says_why() {
        let (posted, _) = check(Some("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n")).await;
        assert!(matches!(posted, Err(PostError::Status(StatusCode::INTERNAL_SERVER_ERROR))), "{posted:?}");
        let (posted, _) = check(Some("220 mail.example.com\r\n")).await;
        assert!(matches!(posted, Err(PostError::Http(_))), "{posted:?}");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let posted = post(port, "/", Bytes::new()).await;
        assert!(matches!(posted, Err(PostError::Connect(_))), "{posted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_is_not_waited_for_for_long() {
        let (posted, _) = check(None).await;
        assert!(matches!(posted, Err(PostError::Timeout)), "{posted:?}");
    }
}
