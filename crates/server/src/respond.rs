//! Who answers requests.

use crate::{app::App, handlers::invocations, routes};
use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use fngraph_api::invocations::InvokeFunction;
use http::{Method, Request};
use http_body::Body as HttpBody;
use std::{error::Error as StdError, net::SocketAddr};
use tower::Service as _;

/// The body of a request, wherever it comes from.
pub trait RequestBody: HttpBody<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static {}

impl<B: HttpBody<Data = Bytes, Error: Into<Box<dyn StdError + Send + Sync>>> + Send + 'static> RequestBody for B {}

/// Who answers requests: the [`Api`], or any router.
pub trait Responder: Clone + Send + Sync + 'static {
    /// Who answers the requests of one connection, once for each. Default: a clone.
    #[must_use]
    fn connected(&self, _peer: SocketAddr) -> Self {
        self.clone()
    }

    /// Answers a request.
    fn respond<B: RequestBody>(&self, request: Request<B>) -> impl Future<Output = Response> + Send;
}

/// The whole API. Invocations take a way of their own, past the router, whose work would be a quarter of theirs.
#[derive(Debug, Clone)]
pub struct Api {
    app: App,
    router: Router,
}

impl Api {
    /// The API of this app.
    pub fn new(app: App) -> Self {
        Self { router: routes::router(app.clone()), app }
    }
}

impl Responder for Api {
    async fn respond<B: RequestBody>(&self, request: Request<B>) -> Response {
        if request.method() == Method::POST && InvokeFunction::is_likely(request.uri().path()) {
            return invocations::invoke(&self.app, request).await;
        }
        // Boxed, because invocations would have to carry it.
        Box::pin(self.router.respond(request)).await
    }
}

impl Responder for Router {
    async fn respond<B: RequestBody>(&self, request: Request<B>) -> Response {
        // A router is ready at any time, and a clone of it is a pointer.
        match self.clone().call(request.map(Body::new)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
