//! Instances of HTTP components (`wasi:http/incoming-handler`).

use super::{
    Answer, apig,
    failure::{Phase, explain},
    until,
};
use crate::{
    FunctionError, Invocation, InvokeError, StartError, Startup,
    cancel::Running,
    clock,
    function::Prepared,
    host::{Call, State},
};
use bytes::{Bytes, BytesMut};
use fngraph_types::limits;
use futures::FutureExt as _;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::oneshot, task::unconstrained};
use wasmtime::Store;
use wasmtime_wasi_http::{
    Error, WasiHttpView as _,
    p2::bindings::{Proxy, ProxyPre, http::types as wasi_http},
};

/// The body of a request or a response, as a stream of chunks.
pub type HttpBody = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// A live HTTP component.
pub(crate) struct HttpGuest {
    store: Store<State>,
    proxy: Proxy,
}

impl HttpGuest {
    pub(crate) async fn start(
        prepared: &Prepared,
        pre: &ProxyPre<State>,
        running: &Arc<Running>,
        startup: &mut Startup,
    ) -> Result<Self, StartError> {
        let started = clock::monotonic();
        let mut store = prepared.store(running);
        let limit = prepared.engine.options.start_timeout;
        let proxy = until(started + limit, running, pre.instantiate_async(&mut store)).await;
        startup.instantiate = clock::monotonic() - started;
        match proxy {
            Ok(proxy) => Ok(Self { store, proxy }),
            Err(ending) => {
                Err(StartError::new(store, *startup, |state, log| explain(Phase::Start, limit, ending, state, log)))
            }
        }
    }

    /// Answers an event in the shape of the API gateway, in that shape.
    pub(super) async fn call(
        &mut self,
        prepared: &Prepared,
        invocation: Invocation,
        started: clock::Instant,
    ) -> Answer {
        let request = match apig::request(&invocation.event) {
            Ok(request) => request,
            Err(reason) => return Answer::untouched(InvokeError::InvalidRequest(reason)),
        };
        let (respond, response) = oneshot::channel();
        let serve = self.serve(prepared, invocation, started, request, |response| {
            // The receiver is only gone when this whole call was dropped.
            let _ = respond.send(response);
        });
        let collect = async {
            match response.await {
                Ok(response) => collect(response).await,
                Err(oneshot::error::RecvError { .. }) => Err(InvokeError::Function(no_response())),
            }
        };
        let (mut serve, mut collect) = (pin!(serve), pin!(collect));
        let mut collected = None;
        let mut answer = loop {
            tokio::select! {
                biased;
                answer = &mut serve => break answer,
                response = &mut collect, if collected.is_none() => collected = Some(response),
            }
        };
        // The guest is done, so all of its response is there, unless it failed to end it.
        let response = collected.or_else(|| unconstrained(collect).now_or_never());
        match response.unwrap_or_else(|| Err(InvokeError::Function(unfinished_response("it never ended")))) {
            // A guest whose response was refused mostly fails for it; the refusal tells more.
            Err(error @ InvokeError::ResponseBodyTooLarge { .. }) => answer.result = Err(error),
            response if answer.result.is_ok() => answer.result = response,
            _ => {}
        }
        answer
    }

    /// Answers one request. The answer's result is empty: the response went to `respond`.
    pub(super) async fn serve(
        &mut self,
        prepared: &Prepared,
        invocation: Invocation,
        started: clock::Instant,
        mut request: Request<HttpBody>,
        respond: impl FnOnce(Response<HttpBody>) + Send + Sync + 'static,
    ) -> Answer {
        describe(&mut request, prepared, &invocation);
        let limit = prepared.config.timeout;
        let call = Call::new(&invocation, started, limit);
        let deadline = call.deadline;
        self.store.data_mut().begin(call);
        self.store.set_epoch_deadline(1);
        let running = Arc::clone(&self.store.data().running);
        let handled = until(deadline, &running, self.handle(request, respond)).await;
        let state = self.store.data_mut();
        let log = state.recorder.take();
        let survived = handled.is_ok();
        let result = match handled {
            Ok(true) => Ok(Bytes::new()),
            Ok(false) => Err(InvokeError::Function(no_response())),
            Err(ending) => Err(explain(Phase::Handle, limit, ending, state, &log)),
        };
        Answer { result, log, memory_used: state.memory.used(), instantiate: Duration::ZERO, survived }
    }

    /// Calls the guest. Says whether it responded.
    async fn handle(
        &mut self,
        request: Request<HttpBody>,
        respond: impl FnOnce(Response<HttpBody>) + Send + Sync + 'static,
    ) -> wasmtime::Result<bool> {
        let Self { store, proxy } = self;
        let (responded, mut response) = oneshot::channel();
        let request = request.map(|body| body.map_err(|_| Error::HttpProtocolError));
        let mut http = store.data_mut().http();
        let request = http.new_incoming_request(wasi_http::Scheme::Http, request)?;
        let out = http.new_response_outparam_from_callback(move |result| {
            let response = result.unwrap_or_else(|code| refused(&code));
            respond(response.map(|body| body.map_err(Into::into).boxed_unsync()));
            // The receiver is only gone when the call was dropped.
            let _ = responded.send(());
        })?;
        proxy.wasi_http_incoming_handler().call_handle(&mut *store, request, out).await?;
        Ok(response.try_recv().is_ok())
    }
}

/// The response when the guest said that it could not make one.
fn refused(code: &wasi_http::ErrorCode) -> Response<UnsyncBoxBody<Bytes, Error>> {
    let body = http_body_util::Full::new(Bytes::from(code.to_string())).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn no_response() -> FunctionError {
    FunctionError {
        error_type: "NoResponse".to_owned(),
        error_message: "the function returned without a response".to_owned(),
        stack_trace: Vec::new(),
    }
}

pub(super) fn unfinished_response(reason: &str) -> FunctionError {
    FunctionError {
        error_type: "UnfinishedResponse".to_owned(),
        error_message: format!("the response has no end: {reason}"),
        stack_trace: Vec::new(),
    }
}

/// The facts about the invocation that an HTTP function finds in the request's headers.
fn describe(request: &mut Request<HttpBody>, prepared: &Prepared, invocation: &Invocation) {
    let identity = &prepared.identity;
    let facts = [
        ("x-cff-request-id", invocation.request_id.to_string()),
        ("x-cff-memory", prepared.config.memory.as_mib().to_string()),
        ("x-cff-timeout", prepared.config.timeout.as_secs().to_string()),
        ("x-cff-func-version", identity.version.clone()),
        ("x-cff-func-name", identity.name.clone()),
        ("x-cff-project-id", identity.project_id.clone()),
        ("x-cff-package", identity.package.clone()),
    ];
    for (name, value) in facts {
        // Names that are no header value are the function's own odd choice; it can do without.
        if let Ok(value) = HeaderValue::from_str(&value) {
            request.headers_mut().insert(name, value);
        }
    }
    if let Some(trace) = &invocation.trace {
        let mut set = |name, value: Option<&str>| match value.map(HeaderValue::from_str) {
            Some(Ok(value)) => drop(request.headers_mut().insert(name, value)),
            // What the request said belongs to another span.
            Some(Err(_)) | None => drop(request.headers_mut().remove(name)),
        };
        set("traceparent", Some(&trace.traceparent()));
        set("tracestate", trace.tracestate());
    }
}

/// Reads a whole response and folds it into the shape of the API gateway.
async fn collect(response: Response<HttpBody>) -> Result<Bytes, InvokeError> {
    let (parts, mut body) = response.into_parts();
    let limit = limits::RESULT_BYTES;
    let mut bytes = BytesMut::new();
    // By hand, not by `Limited`: its conversion of boxed errors keeps this future from being `Send`.
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| InvokeError::Function(unfinished_response(&error.to_string())))?;
        // Trailers have no place in the shape.
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Err(InvokeError::ResponseBodyTooLarge { limit });
        }
        bytes.extend_from_slice(&data);
    }
    Ok(apig::response(&parts, &bytes))
}
