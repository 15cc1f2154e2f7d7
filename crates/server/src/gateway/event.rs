//! Requests to functions that handle events.

use super::{Asked, GRACE, admit, bare, failure::Failure, forward};
use crate::{app::App, routes, traces::trace_context};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use fngraph::{AsyncRequest, Invocation, Reply};
use fngraph_api::{Content as _, Json, headers, invocations::AcceptedInvocation};
use fngraph_triggers::gateway::{Answer, Described, event};
use fngraph_types::limits;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use std::pin::pin;
use tokio::time::timeout;

/// The largest body that an event could carry: there it is base64, four bytes for each three.
const BODY_BYTES: usize = limits::EVENT_BYTES / 4 * 3;

/// Calls the function with the event that the request becomes, and answers what it says.
pub(super) async fn call(app: &App, asked: Asked) -> Result<Response, Failure> {
    let Asked { id, id_text, endpoint, head, body } = asked;
    let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_BYTES) {
        return Err(Failure::BodyTooLarge { limit: BODY_BYTES });
    }
    let body = admit::read(body, BODY_BYTES).await?;
    let described = Described {
        request_id: &id_text,
        method: endpoint.method(&head.method),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let event = event(&endpoint, &described);
    let trace = trace_context(&head.headers);
    if endpoint.gateway.is_async {
        let request = AsyncRequest { trace, ..AsyncRequest::new(&endpoint.urn, event) };
        return Ok(accepted(app.runtime.accept(request).await?.to_string()));
    }

    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let mut invocation = Invocation::new(event);
    invocation.request_id = id;
    invocation.trace = trace;
    let mut request = fngraph::Request::new(&endpoint.urn, invocation);
    request.project = Some(&endpoint.function.project_id);
    request.headers = Some(&header);
    let limit = endpoint.gateway.timeout;
    let mut call = pin!(app.runtime.invoke_with(request));
    let outcome = match timeout(limit, &mut call).await {
        Ok(outcome) => outcome?,
        Err(_) => {
            // Told to end rather than dropped, so that its log is kept.
            if app.runtime.cancel(id).await.is_ok() {
                let _ = timeout(GRACE, call).await;
            }
            return Err(Failure::Timeout { limit });
        }
    };
    if let Err(error) = outcome.result {
        return Err(error.into());
    }
    let reply = Reply::from(outcome);
    let mut answer = Answer::read(&reply.body)?;
    forward::strip(&mut answer.headers);
    answer.headers.remove(CONTENT_LENGTH);
    describe(&mut answer.headers, &reply);
    Ok(response(answer, &head.method))
}

/// The facts about the invocation.
fn describe(answer: &mut HeaderMap, reply: &Reply) {
    if let Some(id) = reply.request_id {
        answer.insert(headers::CFF_REQUEST_ID, routes::header(id.encode(&mut [0; 36]).to_owned()));
    }
    answer.insert(headers::INVOKE_SUMMARY, routes::header(reply.summary.clone()));
    let billed = reply.billed.as_millis().try_into().unwrap_or(u64::MAX);
    answer.insert(headers::BILLING_DURATION, HeaderValue::from(billed));
    answer.insert(headers::FUNCTION_ERROR_CODE, HeaderValue::from_static("0"));
    answer.insert(headers::IS_FUNCTION_ERROR, HeaderValue::from_static("false"));
}

fn response(answer: Answer, method: &Method) -> Response {
    let is_bare =
        matches!(answer.status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED);
    let body = if is_bare { Bytes::new() } else { answer.body };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if *method == Method::HEAD && !is_bare { bare(response) } else { response }
}

/// The answer to who does not wait for the function.
fn accepted(id: String) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response.headers_mut().insert(headers::CFF_REQUEST_ID, routes::header(id.clone()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = Body::from(Json(AcceptedInvocation { request_id: id }).write());
    response
}
