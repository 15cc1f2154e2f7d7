//! Invocations (manual, 7.1). The synchronous one is the hot path: it goes round what other operations share where
//! that costs something.

use crate::{
    admit::{self, Identified},
    app::App,
    call::Call,
    failure::Failure,
    routes,
    traces::trace_context,
};
use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph::{AsyncRequest, ErrorCode, Invocation, Qualifier, Reply, RequestId, TraceContext, Urn};
use fngraph_api::{
    Content as _, Json, Raw, headers,
    invocations::{
        AcceptedInvocation, AsyncInvokeFunction, AsyncInvokeReserved, Invocation as Answer, InvokeFunction,
        ReservedInvocation,
    },
};
use fngraph_types::limits;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header::CONTENT_TYPE};
use http_body::Body as HttpBody;
use std::sync::Arc;

/// [`invoke`] as a route has it.
pub(crate) async fn route(State(app): State<App>, request: Request<Body>) -> Response {
    invoke(&app, request).await
}

/// Calls a function and answers what it answered.
pub(crate) async fn invoke<B>(app: &App, request: Request<B>) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
{
    match call(app, request).await {
        Ok(response) => response,
        Err(failure) => refused(failure),
    }
}

async fn call<B>(app: &App, request: Request<B>) -> Result<Response, Failure>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
{
    let identified = admit::identify(app, request, limits::EVENT_BYTES).await;
    let Identified { head, body, caller } = identified.map_err(of_event)?;
    let nothing = || routes::nothing_at(head.method.as_str(), head.uri.path());
    let (project, urn) = InvokeFunction::parameters(head.uri.path()).ok_or_else(nothing)?;
    caller.check_project(&project)?;

    let form = Form::of(&head.headers)?;
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let mut invocation = Invocation::new(body);
    invocation.trace = trace_context(&head.headers);
    let id = invocation.request_id;
    let mut request = fngraph::Request::new(&urn, invocation);
    request.project = Some(&project);
    request.memory = head.headers.get(&headers::INSTANCE_MEMORY).and_then(|memory| memory.to_str().ok());
    request.headers = Some(&header);
    Ok(form.answer(id, Reply::from(app.runtime.invoke_with(request).await?)))
}

/// Accepts an event and answers before the function has run.
pub(crate) async fn invoke_async(call: Call<AsyncInvokeFunction>) -> Result<Json<AcceptedInvocation>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let request_id = accept(&call.app, &urn, call.trace, call.body).await?.to_string();
    Ok(Json(AcceptedInvocation { request_id }))
}

/// Accepts an event for a version with reserved instances. Instances have no names here that anybody could use: the
/// id is that of the request, which can be cancelled by it.
pub(crate) async fn invoke_reserved(call: Call<AsyncInvokeReserved>) -> Result<Json<ReservedInvocation>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let version = match urn.qualifier.clone().unwrap_or_else(Qualifier::latest) {
        Qualifier::Version(version) => Some(version),
        Qualifier::Alias(alias) => function.alias(&alias).map(|alias| alias.version.clone()),
    };
    let reserved = version.map_or(0, |version| function.reserved_for(&version, call.app.now()).0);
    if reserved == 0 {
        let text = "no instances are reserved for this version; reserve some, or invoke it asynchronously";
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    let instance_id = accept(&call.app, &urn, call.trace, call.body).await?.to_string();
    Ok(Json(ReservedInvocation { instance_id }))
}

async fn accept(app: &App, urn: &Urn, trace: Option<Arc<TraceContext>>, Raw(event): Raw) -> Result<RequestId, Failure> {
    let urn = urn.to_string();
    Ok(app.runtime.accept(AsyncRequest { trace, ..AsyncRequest::new(&urn, event) }).await?)
}

/// The form of an answer, as the request asks for it.
struct Form {
    is_json: bool,
    has_log: bool,
}

impl Form {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let choose = |name: HeaderName, usual: &str, other: &str| match headers.get(&name).map(HeaderValue::as_bytes) {
            None | Some(b"") => Ok(false),
            Some(value) if value.eq_ignore_ascii_case(other.as_bytes()) => Ok(true),
            Some(value) if value.eq_ignore_ascii_case(usual.as_bytes()) => Ok(false),
            Some(_) => {
                let text = format!("the header {name} is neither `{other}` nor {usual}");
                Err(Failure::new(ErrorCode::InvalidParameter, text))
            }
        };
        Ok(Self {
            is_json: choose(headers::REQUEST_VERSION, "v0", "v1")?,
            has_log: choose(headers::LOG_TYPE, "none", "tail")?,
        })
    }

    fn answer(&self, id: RequestId, reply: Reply) -> Response {
        let mut answer = HeaderMap::with_capacity(10);
        let mut set = |name: HeaderName, value: HeaderValue| drop(answer.insert(name, value));
        let header_of_id = routes::header(id.encode(&mut [0; 36]).to_owned());
        let log = if self.has_log || self.is_json { reply.log_tail() } else { String::new() };
        if self.has_log {
            set(headers::FUNCTION_LOG, routes::header(BASE64_STANDARD.encode(&log)));
        }
        set(headers::REQUEST_ID, header_of_id.clone());
        set(headers::CFF_REQUEST_ID, header_of_id);
        set(headers::INVOKE_SUMMARY, routes::header(reply.summary));
        set(headers::BILLING_DURATION, HeaderValue::from(reply.billed.as_millis().try_into().unwrap_or(u64::MAX)));
        set(headers::RESPONSE_VERSION, HeaderValue::from_static(if self.is_json { "v1" } else { "v0" }));
        let code = reply.error_code.map_or(HeaderValue::from_static("0"), routes::header);
        set(headers::FUNCTION_ERROR_CODE, code);
        let is_function_error = if reply.is_function_error { "true" } else { "false" };
        set(headers::IS_FUNCTION_ERROR, HeaderValue::from_static(is_function_error));

        let mut status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = reply.body;
        if self.is_json {
            set(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let result = String::from_utf8_lossy(&body).into_owned();
            body = Json(Answer { request_id: id.to_string(), result, log, status: status.as_u16() }).write();
            if reply.is_function_error {
                // The invocation went well and tells, in `status`, how the function ended.
                status = StatusCode::OK;
            }
        } else {
            set(CONTENT_TYPE, HeaderValue::from_static(media(&body)));
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        *response.headers_mut() = answer;
        response
    }
}

/// The type of a result that says nothing of it: what begins like JSON's objects and lists is taken for JSON.
fn media(body: &Bytes) -> &'static str {
    match body.first() {
        Some(b'{' | b'[') => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// A body that is too large is an event that is, for which the manual has a code of its own.
fn of_event(failure: Failure) -> Failure {
    match failure.code() {
        ErrorCode::BodyTooLarge => {
            let text =
                format!("the event has more than {} bytes, which is as much as there may be", limits::EVENT_BYTES);
            Failure::new(ErrorCode::RequestTooLarge, text)
        }
        _ => failure,
    }
}

/// An invocation that reached no instance.
fn refused(failure: Failure) -> Response {
    let code = routes::header(failure.code().to_string());
    let mut response = failure.into_response();
    response.headers_mut().insert(headers::FUNCTION_ERROR_CODE, code);
    response.headers_mut().insert(headers::IS_FUNCTION_ERROR, HeaderValue::from_static("false"));
    response
}
