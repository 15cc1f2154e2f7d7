//! What it speaks.

use super::{
    Running,
    client::{Multiplexed, Plain},
};
use axum::{Router, routing::get};
use fngraph_server::{Bounds, Drained, Tls};
use http::{StatusCode, Version};
use rcgen::generate_simple_self_signed;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use std::{fs, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

fn routes() -> Router {
    Router::new().route("/", get(|| async { "hello" })).route("/panic", get(panic))
}

async fn panic() {
    panic!("this handler always does");
}

#[tokio::test]
async fn http_1_serves_many_requests_on_a_connection() {
    let server = Running::start(routes(), None, Bounds::default()).await;
    let mut client = Plain::connect(server.address).await;
    for _ in 0..3 {
        client.get("/").await;
        let (head, body) = client.answer().await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert_eq!(body, "hello");
    }
    assert_eq!(server.stop().await, Drained::default());
}

#[tokio::test]
async fn http_2_needs_no_upgrade_and_answers_several_at_once() {
    let server = Running::start(routes(), None, Bounds::default()).await;
    let mut client = Multiplexed::over(TcpStream::connect(server.address).await.unwrap()).await;
    let (first, second) = (client.get("/"), client.get("/missing"));
    assert_eq!(second.await.unwrap().0, StatusCode::NOT_FOUND);
    assert_eq!(first.await.unwrap(), (StatusCode::OK, Version::HTTP_2, "hello".to_owned()));
    assert_eq!(server.stop().await, Drained::default());
}

#[tokio::test]
async fn a_handler_that_panics_takes_its_own_connection_only() {
    let server = Running::start(routes(), None, Bounds::default()).await;
    let mut client = Plain::connect(server.address).await;
    client.get("/panic").await;
    assert_eq!(client.rest().await, "");
    let mut client = Plain::connect(server.address).await;
    client.get("/").await;
    assert_eq!(client.answer().await.1, "hello");
}

/// A server with a certificate of its own, and what a client needs to trust it.
async fn start_tls(bounds: Bounds) -> (Running, CertificateDer<'static>) {
    let generated = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    fs::write(&certificate, generated.cert.pem()).unwrap();
    fs::write(&key, generated.signing_key.serialize_pem()).unwrap();
    let tls = Tls::load(&certificate, &key).unwrap();
    (Running::start(routes(), Some(tls), bounds).await, generated.cert.der().clone())
}

/// Connects with these protocols on offer.
async fn connect_tls(server: &Running, trusted: CertificateDer<'static>, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[tokio::test]
async fn tls_prefers_http_2_and_speaks_what_the_client_knows() {
    let (server, trusted) = start_tls(Bounds::default()).await;

    let stream = connect_tls(&server, trusted.clone(), &["http/1.1", "h2"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut client = Multiplexed::over(stream).await;
    assert_eq!(client.get("/").await.unwrap(), (StatusCode::OK, Version::HTTP_2, "hello".to_owned()));

    for protocols in [&["http/1.1"] as &[_], &[]] {
        let mut client = Plain::over(connect_tls(&server, trusted.clone(), protocols).await);
        client.get("/").await;
        assert_eq!(client.answer().await.1, "hello");
    }
    assert_eq!(server.stop().await, Drained::default());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_shake_hands_is_cut() {
    let bounds = Bounds::default();
    let (server, _) = start_tls(bounds.clone()).await;
    let start = tokio::time::Instant::now();
    assert_eq!(Plain::connect(server.address).await.rest().await, "");
    assert!(start.elapsed() >= bounds.handshake && start.elapsed() < bounds.head, "{:?}", start.elapsed());
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_refused_and_harms_nobody() {
    let (server, trusted) = start_tls(Bounds::default()).await;
    let mut client = Plain::over(TcpStream::connect(server.address).await.unwrap());
    client.get("/").await;
    const ALERT: u8 = 21;
    assert_eq!(client.rest_bytes().await.first(), Some(&ALERT));
    let mut client = Plain::over(connect_tls(&server, trusted, &[]).await);
    client.get("/").await;
    assert_eq!(client.answer().await.1, "hello");
}
