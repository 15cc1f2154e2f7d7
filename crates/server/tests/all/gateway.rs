//! The HTTP gateway, over real connections to real guests.

mod answers;
mod callers;
mod events;
mod lifecycle;
mod streams;

use crate::support::BEGIN;
use bytes::Bytes;
use fngraph::{Clock, FunctionId, LogQuery, Runtime, Settings, Source, Timestamp, Trigger};
use fngraph_server::{App, AppKeys, Auth, AuthOptions, Bounds, Drained, Gateway, Listener, Options};
use fngraph_test_support::guests;
use fngraph_triggers::{TriggerError, Triggers};
use futures::channel::mpsc::{UnboundedSender, unbounded};
use http::{HeaderMap, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{convert::Infallible, net::SocketAddr, path::Path, time::Duration};
use tokio::{net::TcpStream, sync::oneshot, task::JoinSet};

/// A gateway that serves on a port of its own.
struct TestGateway {
    runtime: Runtime,
    triggers: Triggers,
    gateway: Gateway,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinSet<Drained>,
}

/// Who may call.
#[derive(Default)]
struct Callers {
    auth: AuthOptions,
    keys: AppKeys,
}

type RequestBody = UnsyncBoxBody<Bytes, Infallible>;

/// An answer that was read to its end.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl TestGateway {
    async fn new() -> Self {
        Self::with(Callers::default()).await
    }

    async fn with(callers: Callers) -> Self {
        let runtime = Runtime::builder().clock(Clock::manual(BEGIN)).build().await.unwrap();
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), None, Bounds::default()).await.unwrap();
        let address = listener.address();
        let mut options = fngraph_triggers::Options::default();
        options.gateway = Some(listener.url());
        let triggers = Triggers::start(runtime.clone(), options).await.unwrap();
        let auth = Auth::new(callers.auth, runtime.derive_secret("test")).unwrap();
        let mut options = Options::default();
        options.triggers = Some(triggers.clone());
        let gateway = Gateway::new(App::new(runtime.clone(), auth, options), triggers.clone(), callers.keys);
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(listener.serve(gateway.clone(), async {
            stopped.await.ok();
        }));
        Self { runtime, triggers, gateway, address, stop, task }
    }

    /// Deploys the entry `gateway` of the guest `faults`, which answers what it is sent, or the event.
    async fn event_function(&self, name: &str) {
        self.entry(name, "gateway").await;
    }

    async fn entry(&self, name: &str, entry: &str) {
        self.deploy(name, guests::faults(), Settings::new(format!("index.{entry}").parse().unwrap())).await;
    }

    /// Deploys the HTTP function `faults-http`.
    async fn http_function(&self, name: &str) {
        self.deploy(name, guests::faults_http(), Settings::new("index.handler".parse().unwrap())).await;
    }

    async fn deploy(&self, name: &str, code: &Path, mut settings: Settings) {
        settings.timeout = Duration::from_secs(30);
        let code = std::fs::read(code).unwrap();
        self.runtime.deploy(&format!("p1:default:{name}"), code, settings).await.unwrap();
    }

    /// Gives a function an API: `METHOD PATH`; a path that ends in `*` is a prefix.
    async fn api(&self, function: &str, api: &str) {
        self.api_with(function, api, |_| ()).await;
    }

    async fn api_with(&self, function: &str, api: &str, edit: impl FnOnce(&mut Trigger)) {
        self.try_api(function, api, edit).await.unwrap();
    }

    async fn try_api(&self, function: &str, api: &str, edit: impl FnOnce(&mut Trigger)) -> Result<(), TriggerError> {
        let (method, path) = api.split_once(' ').unwrap();
        let (path, matching) = path.strip_suffix('*').map_or((path, "exact"), |path| (path, "prefix"));
        let name = api.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let gateway = json!({
            "kind": "apig", "api_id": "api-1", "api_name": name, "path": path, "matching": matching, "method": method,
            "protocol": "HTTP", "auth": "NONE", "timeout": 20_000, "env_name": "RELEASE",
        });
        let gateway = serde_json::from_value(gateway).unwrap();
        let mut trigger = Trigger::new(format!("{function} {api}"), Source::Gateway(gateway), BEGIN);
        edit(&mut trigger);
        self.triggers.create(&id(function), trigger).await
    }

    /// The codes of the failures that a function's logs tell of, 0 for successes.
    async fn codes(&self, function: &str) -> Vec<u16> {
        let from = Timestamp::EPOCH;
        let until = Timestamp::from_millis(i64::MAX / 2);
        let query = LogQuery { function: id(function), version: None, from, until, limit: 100 };
        self.runtime.logs(query).await.unwrap().iter().map(|record| record.error_code).collect()
    }

    fn request(&self, method: &str, target: &str) -> http::request::Builder {
        Request::builder().method(method).uri(target).header("host", self.address.to_string())
    }

    async fn get(&self, target: &str) -> Answer {
        self.send(self.request("GET", target), "").await
    }

    /// Has the event function answer this.
    async fn answering(&self, target: &str, answer: impl ToString) -> Answer {
        self.send(self.request("POST", target), answer.to_string()).await
    }

    async fn send(&self, request: http::request::Builder, body: impl Into<Bytes>) -> Answer {
        let body = http_body_util::Full::new(body.into()).boxed_unsync();
        let mut connection = Connection::open(self.address).await;
        Answer::read(connection.send(request.body(body).unwrap()).await).await
    }

    /// Ends, and says whether no request had to be cut and no call is left.
    async fn stop(self) {
        let Self { runtime, triggers, stop, mut task, .. } = self;
        stop.send(()).unwrap();
        assert_eq!(task.join_next().await.unwrap().unwrap(), Drained::default());
        triggers.shutdown().await;
        assert!(runtime.shutdown(Duration::from_secs(10)).await, "a call is left");
    }
}

/// The gateway's part of a trigger.
fn gateway(trigger: &mut Trigger) -> &mut fngraph::Gateway {
    match &mut trigger.source {
        Source::Gateway(gateway) => gateway,
        other => panic!("{other:?}"),
    }
}

fn id(function: &str) -> FunctionId {
    FunctionId::new("p1", "default", function)
}

/// A connection of HTTP/1.1; dropping it leaves the gateway.
struct Connection {
    sender: hyper::client::conn::http1::SendRequest<RequestBody>,
    _driver: JoinSet<hyper::Result<()>>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let (sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Self { sender, _driver: driver }
    }

    async fn send(&mut self, request: Request<RequestBody>) -> http::Response<Incoming> {
        self.sender.send_request(request).await.unwrap()
    }
}

/// A body whose pieces come when they are sent, and that ends with its sender.
fn pieces() -> (UnboundedSender<Result<Frame<Bytes>, Infallible>>, RequestBody) {
    let (sender, receiver) = unbounded();
    (sender, StreamBody::new(receiver).boxed_unsync())
}

fn piece(text: &str) -> Result<Frame<Bytes>, Infallible> {
    Ok(Frame::data(Bytes::copy_from_slice(text.as_bytes())))
}

impl Answer {
    async fn read(response: http::Response<Incoming>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: head.status, headers: head.headers, body }
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The event that the function saw.
    #[track_caller]
    fn event(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()
    }

    #[track_caller]
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// Fails unless this is a failure of the gateway, or through it.
    #[track_caller]
    fn refused(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status.as_u16(), body["error_code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(!body["error_msg"].as_str().unwrap().is_empty(), "{self:?}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{self:?}");
        if code.starts_with("FSS.") {
            assert_eq!(self.header("x-func-err-code"), code);
        }
    }
}
