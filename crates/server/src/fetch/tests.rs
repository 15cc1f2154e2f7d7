use super::*;
use axum::{Router, response::Redirect, routing::get};
use proptest::prelude::*;
use std::fs;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

fn sources(prefix: &str) -> CodeSources {
    CodeSources::new([prefix]).unwrap()
}

/// Whether an address may be fetched where this one is allowed.
#[track_caller]
fn check(prefix: &str, url: &str, expected: bool) {
    let result = sources(prefix).allow(url);
    assert_eq!(result.is_ok(), expected, "{prefix} {url}: {result:?}");
    if let Err(error) = result {
        assert_eq!(error.code(), ErrorCode::InvalidUrl, "{error}");
    }
}

#[test]
fn an_address_is_allowed_below_a_source_only() {
    let prefix = "https://bucket.example.com/functions";
    check(prefix, "https://bucket.example.com/functions/f.zip", true);
    check(prefix, "https://BUCKET.example.com:443/functions/a/f.zip?token=1", true);
    check(prefix, "https://bucket.example.com/functions", true);
    check(prefix, "https://bucket.example.com/functions-too/f.zip", false);
    check(prefix, "https://bucket.example.com/other/f.zip", false);
    check(prefix, "http://bucket.example.com/functions/f.zip", false);
    check(prefix, "https://bucket.example.com:8443/functions/f.zip", false);
    check(prefix, "https://bucket.example.com.evil.example/functions/f.zip", false);
    check(prefix, "https://bucket.example.com@evil.example/functions/f.zip", false);
    check(prefix, "https://user:word@bucket.example.com/functions/f.zip", false);
    check("http://127.0.0.1:9000", "http://127.0.0.1:9000/any/f.zip", true);
    check("http://127.0.0.1:9000/", "http://127.0.0.1:9000/any/f.zip", true);
    check("file:///srv/functions", "file:///srv/functions/f.zip", true);
    check("file:///srv/functions/", "file:///srv/functions/a%20b/f.zip", true);
    check("file:///srv/functions", "file:///srv/functions2/f.zip", false);
    check("file:///srv/functions", "/srv/functions/f.zip", false);
    check("file:///srv/functions", "file://host/srv/functions/f.zip", false);
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in ["../secret", "a/../../secret", "%2e%2e/secret", "a/%2E./b", "a%2f..%2f..%2fsecret", "a\\..\\b", "./f"]
    {
        check("https://bucket.example.com/functions", &format!("https://bucket.example.com/functions/{path}"), false);
        check("file:///srv/functions", &format!("file:///srv/functions/{path}"), false);
    }
}

#[test]
fn nothing_is_allowed_by_default() {
    let error = CodeSources::default().allow("https://bucket.example.com/f.zip").unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidUrl);
    assert!(error.to_string().contains("configuration"), "{error}");
}

#[test]
fn what_is_no_source_is_refused_with_the_reason() {
    for (prefix, reason) in [
        ("ftp://example.com/f", "begins with none of"),
        ("bucket.example.com", "begins with none of"),
        ("https:///functions", "no address"),
        ("file:relative", "begins with none of"),
        ("https://a@example.com/", "credentials"),
        ("file:///srv/../etc", "`..`"),
    ] {
        let error = CodeSources::new([prefix]).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains(prefix), "{error}");
    }
}

#[test]
fn secrets_in_addresses_are_not_repeated() {
    let error = CodeSources::default().allow("https://example.com/f.zip?signature=hunter2").unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_file_is_read_but_no_link_is_followed_out_of_its_folder() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("functions");
    fs::create_dir_all(folder.join("shop")).unwrap();
    fs::write(folder.join("shop/f.zip"), "code").unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root.path().join("secret"), folder.join("link")).unwrap();
    let url = |name: &str| format!("file://{}/{name}", folder.display());
    let sources = sources(&format!("file://{}", folder.display()));

    assert_eq!(sources.fetch(&url("shop/f.zip")).await.unwrap(), "code");
    for name in ["link", "shop", "nothing"] {
        let error = sources.fetch(&url(name)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::CodeNotFound, "{name}: {error}");
    }
    let file = CodeSources::new([url("shop/f.zip")]).unwrap();
    assert_eq!(file.fetch(&url("shop/f.zip")).await.unwrap(), "code");
}

/// A server on a free port, and its address.
async fn serve() -> (String, AbortOnDropHandle<()>) {
    let router = Router::new()
        .route("/functions/f.zip", get(async || "code"))
        .route("/functions/inside", get(async || Redirect::temporary("/functions/f.zip")))
        .route("/functions/outside", get(async || Redirect::temporary("/secret")))
        .route("/functions/loop", get(async || Redirect::temporary("/functions/loop")))
        .route("/secret", get(async || "secret"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = async move { axum::serve(listener, router).await.unwrap() };
    (address, AbortOnDropHandle::new(tokio::runtime::Handle::current().spawn(server)))
}

#[tokio::test]
async fn redirections_are_followed_below_the_sources_only() {
    let (server, _running) = serve().await;
    let sources = sources(&format!("{server}/functions"));
    for (path, expected) in [
        ("f.zip", Ok("code")),
        ("inside", Ok("code")),
        ("outside", Err(ErrorCode::InvalidUrl)),
        ("loop", Err(ErrorCode::CodeNotFound)),
        ("nothing", Err(ErrorCode::CodeNotFound)),
    ] {
        let fetched = sources.fetch(&format!("{server}/functions/{path}")).await;
        match expected {
            Ok(content) => assert_eq!(fetched.unwrap(), content, "{path}"),
            Err(code) => assert_eq!(fetched.unwrap_err().code(), code, "{path}"),
        }
    }
}

proptest! {
    #[test]
    fn no_address_is_too_strange(url in "(https?://|file:///)?[a-z0-9%./\\\\:@?#\\[\\]-]{0,40}|\\PC{0,40}") {
        let _ = Address::parse(&url);
    }

    #[test]
    fn what_is_allowed_stays_below_its_source(path in "[a-c./%2eE\\\\]{0,20}") {
        if let Ok(Address::File { path }) = sources("file:///srv").allow(&format!("file:///srv/{path}")) {
            prop_assert!(path == "/srv" || path.starts_with("/srv/"), "{}", path);
            prop_assert!(!path.split('/').any(|part| part == ".."), "{}", path);
        }
    }
}
