//! The API in process: a real runtime in memory, a clock that stands still until it is moved.

use axum::{Router, body::Body};
use bytes::Bytes;
use fngraph::{Clock, Runtime, Timestamp};
use fngraph_server::{App, Auth, Options};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// When the clock begins: 2025-01-01T00:00:00Z.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_735_689_600_000);

/// An API without credentials, for the project `p1`.
pub(crate) struct TestApp {
    pub(crate) runtime: Runtime,
    pub(crate) router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(Runtime::builder(), Options::default()).await
    }

    pub(crate) async fn with(builder: fngraph::Builder, options: Options) -> Self {
        let runtime = builder.clock(Clock::manual(BEGIN)).build().await.unwrap();
        let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), options));
        Self { runtime, router }
    }

    /// Calls an operation; `path` begins after the project: `/fgs/functions`. A body of null is none.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder().method(method).uri(format!("/v2/p1{path}"));
        self.send(request.header("content-type", "application/json").body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, Value::Null).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, bytes }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless the status is this; answers the body as JSON, null when there is none.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        if self.bytes.is_empty() { Value::Null } else { self.json() }
    }

    /// Fails unless this is a failure with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["error_code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(!body["error_msg"].as_str().unwrap().is_empty(), "{self:?}");
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().unwrap()
    }
}
