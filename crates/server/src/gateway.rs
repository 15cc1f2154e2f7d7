//! The HTTP gateway: what comes to a path that a trigger names calls its function.
//!
//! [`fngraph_triggers::gateway`] knows which trigger that is, the event that a request becomes, and the answer that a
//! result becomes. Here is what needs a server: who may call, how long the gateway waits, and bodies as streams.

mod admit;
mod apps;
mod cors;
mod event;
mod exchange;
mod failure;
mod forward;

pub use apps::{AppKey, AppKeys, AppKeysError};

use crate::{
    app::App,
    respond::{RequestBody, Responder},
};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use failure::Failure;
use fngraph::{FunctionRuntime, HttpBody, RequestId};
use fngraph_api::headers;
use fngraph_triggers::{Triggers, gateway::Endpoint};
use http::{HeaderValue, Request, header::HOST, request::Parts as Head};
use http_body_util::BodyExt as _;
use std::{fmt, net::SocketAddr, sync::Arc, time::Duration};
use tokio_util::task::TaskTracker;

/// How long a function that was told to end may take for it. It takes a tick of the engine, about 1 ms; what is not
/// done by then is dropped, and its log with it.
const GRACE: Duration = Duration::from_secs(1);

/// Answers requests to the HTTP gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
    /// Who is connected; none when there is no connection, as in tests.
    peer: Option<SocketAddr>,
}

struct Shared {
    app: App,
    triggers: Triggers,
    keys: AppKeys,
    /// Calls whose answers are still on their way. They end with these, or when the runtime is shut down.
    calls: TaskTracker,
}

/// A request that goes to a function.
struct Asked {
    id: RequestId,
    /// The id as the gateway writes it: 32 hexadecimal digits.
    id_text: String,
    endpoint: Arc<Endpoint>,
    /// What was sent, with what the gateway adds.
    head: Head,
    body: HttpBody,
}

impl Gateway {
    /// A gateway to the functions of this app, by their triggers. `keys` are those of its applications (`APP`).
    pub fn new(app: App, triggers: Triggers, keys: AppKeys) -> Self {
        Self { shared: Arc::new(Shared { app, triggers, keys, calls: TaskTracker::new() }), peer: None }
    }

    /// Find the API, admit the caller, call the function, answer.
    async fn answer<B: RequestBody>(&self, request: Request<B>) -> Response {
        let id = RequestId::random();
        let id_text = format!("{:032x}", id.as_u128());
        let (head, body) = request.into_parts();
        let origin = head.headers.get(http::header::ORIGIN).cloned();
        let found = match self.find(&head) {
            Some(Found::Preflight(endpoint)) => return identified(cors::preflight(&endpoint, &head.headers), &id_text),
            Some(Found::Endpoint(endpoint)) => Ok(endpoint),
            None => Err(Failure::NoApi),
        };
        let allows_origins = origin.is_some() && found.as_ref().is_ok_and(|endpoint| endpoint.gateway.cors);
        let answered = match found {
            Ok(endpoint) => self.call(endpoint, id, &id_text, head, body).await,
            Err(failure) => Err(failure),
        };
        let mut response = answered.unwrap_or_else(|failure| failure.into_response(&id_text));
        if allows_origins {
            cors::allow(&mut response);
        }
        identified(response, &id_text)
    }

    async fn call<B: RequestBody>(
        &self,
        endpoint: Arc<Endpoint>,
        id: RequestId,
        id_text: &str,
        head: Head,
        body: B,
    ) -> Result<Response, Failure> {
        let Shared { app, keys, .. } = &*self.shared;
        let (mut head, body) = admit::admit(app, keys, &endpoint, head, body).await?;
        let is_secure = app.options.is_secure;
        forward::prepare(&mut head, &endpoint, self.peer.map(|peer| peer.ip()), is_secure, id_text);
        let asked = Asked { id, id_text: id_text.to_owned(), endpoint, head, body };
        match asked.endpoint.runtime {
            FunctionRuntime::Http if !asked.endpoint.gateway.is_async => {
                Box::pin(exchange::call(&self.shared, asked)).await
            }
            _ => event::call(app, asked).await,
        }
    }

    /// Who answers; private APIs are not there for others than this machine.
    fn find(&self, head: &Head) -> Option<Found> {
        let routes = self.shared.triggers.routes();
        let host = host(head);
        let path = head.uri.path();
        let preflight = cors::asked(&head.method, &head.headers);
        let preflight = preflight.and_then(|method| routes.preflight(host, path, &method)).map(Found::Preflight);
        let found = preflight.or_else(|| routes.find(host, path, &head.method).map(Found::Endpoint))?;
        let (Found::Preflight(endpoint) | Found::Endpoint(endpoint)) = &found;
        let is_near = self.peer.is_none_or(|peer| peer.ip().to_canonical().is_loopback());
        (is_near || !endpoint.gateway.is_private).then_some(found)
    }
}

/// What answers a request.
enum Found {
    /// The gateway itself.
    Preflight(Arc<Endpoint>),
    /// A function.
    Endpoint(Arc<Endpoint>),
}

/// The host that a request names. HTTP/2 has it in the URI.
fn host(head: &Head) -> &str {
    let named = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| head.uri.authority().map(|authority| authority.as_str())).unwrap_or_default()
}

/// An answer with the gateway's id of its request.
fn identified(mut response: Response, id: &str) -> Response {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(headers::REQUEST_ID, id);
    }
    response
}

/// A body that is there as a whole.
fn whole(bytes: Bytes) -> HttpBody {
    http_body_util::Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// An answer without its body, for `HEAD`: it says what would be there.
fn bare(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    if let Some(length) = http_body::Body::size_hint(&body).exact() {
        head.headers.entry(http::header::CONTENT_LENGTH).or_insert_with(|| length.into());
    }
    Response::from_parts(head, Body::empty())
}

impl Responder for Gateway {
    fn connected(&self, peer: SocketAddr) -> Self {
        Self { shared: Arc::clone(&self.shared), peer: Some(peer) }
    }

    async fn respond<B: RequestBody>(&self, request: Request<B>) -> Response {
        self.answer(request).await
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("peer", &self.peer).finish_non_exhaustive()
    }
}
