//! Requests to functions that answer HTTP themselves: both bodies stream.

use super::{Asked, GRACE, Shared, admit, bare, failure::Failure, forward};
use crate::{routes, traces::trace_context};
use axum::{body::Body, response::Response};
use fngraph::{ErrorCode, Exchange, HttpBody, Invocation, InvokeError, RequestId};
use fngraph_api::headers;
use fngraph_types::limits;
use futures::FutureExt as _;
use http::{HeaderMap, Method, Request, StatusCode, header::CONTENT_LENGTH, response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    task::{unconstrained, yield_now},
    time::timeout,
};

/// How often a call that has begun to respond is polled again before it is taken for one that streams. Functions pause
/// when they begin to respond and when they have written a piece; with fewer turns small responses, which most are,
/// would each need a task and come without a length, with more of them streams begin later.
const TURNS: u32 = 4;

/// Has the function answer. The trigger's timeout is for the head of its response; the function's own is for all.
pub(super) async fn call(shared: &Shared, asked: Asked) -> Result<Response, Failure> {
    let Asked { id, endpoint, head, body, .. } = asked;
    let (asked_method, trace) = (head.method.clone(), trace_context(&head.headers));
    let is_too_large = Arc::new(AtomicBool::new(false));
    let headers = if endpoint.has_rules { head.headers.clone() } else { HeaderMap::new() };
    let (exchange, mut response) = Exchange::new({
        let mut request = Request::from_parts(head, limited(body, Arc::clone(&is_too_large)));
        *request.method_mut() = endpoint.method(&asked_method).clone();
        request
    });
    let limit = endpoint.gateway.timeout;
    let runtime = shared.app.runtime.clone();
    // Boxed, for it may go on in a task of its own.
    let mut call = Box::pin(async move {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut invocation = Invocation::new("");
        invocation.request_id = id;
        invocation.trace = trace;
        let mut request = fngraph::Request::new(&endpoint.urn, invocation);
        request.project = Some(&endpoint.function.project_id);
        request.headers = Some(&header);
        runtime.serve(request, exchange).await
    });
    let begun = timeout(limit, async {
        tokio::select! {
            biased;
            outcome = &mut call => (Some(outcome), None),
            response = &mut response => match response {
                Some(response) => (soon(&mut call).await, Some(response)),
                // There will be none; the call says why.
                None => (Some((&mut call).await), None),
            }
        }
    });
    let Ok((outcome, begun)) = begun.await else {
        // Told to end rather than dropped, so that its log is kept.
        if shared.app.runtime.cancel(id).await.is_ok() {
            let _ = timeout(GRACE, call).await;
        }
        return Err(Failure::Timeout { limit });
    };
    if is_too_large.load(Ordering::Relaxed) {
        return Err(Failure::BodyTooLarge { limit: limits::EVENT_BYTES });
    }
    let Some(outcome) = outcome else {
        let (head, mut body) = begun.expect("a call that goes on has begun").into_parts();
        if !has_no_body(&asked_method, head.status) {
            // It ends with the body: when nobody reads that any more, the engine ends the call.
            shared.calls.spawn(call);
            return finish(head, Body::new(body), id, &asked_method);
        }
        // Nobody will read it, and the function is to go on all the same.
        shared.calls.spawn(async move {
            let drain = async { while let Some(Ok(_)) = body.frame().await {} };
            let _ = futures::join!(call, drain);
        });
        return finish(head, Body::empty(), id, &asked_method);
    };
    outcome?.result?;
    let nothing = || InvokeError::Internal("a call that went well has no response".to_owned());
    let begun = begun.or_else(|| response.now_or_never().flatten());
    let (mut head, body) = begun.ok_or_else(nothing)?.into_parts();
    // All of it is there, so that its length is known.
    let read = unconstrained(admit::read(body, limits::RESULT_BYTES)).now_or_never();
    let bytes = read.and_then(Result::ok).ok_or_else(nothing)?;
    if asked_method != Method::HEAD {
        head.headers.remove(CONTENT_LENGTH);
    }
    let is_bare = has_no_body(&Method::GET, head.status);
    finish(head, if is_bare { Body::empty() } else { Body::from(bytes) }, id, &asked_method)
}

/// What comes of a call that is about to end; none when it goes on.
async fn soon<T>(call: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
    for _ in 0..TURNS {
        tokio::select! {
            biased;
            outcome = &mut *call => return Some(outcome),
            () = yield_now() => {}
        }
    }
    None
}

/// The response, as the client gets it.
fn finish(mut head: response::Parts, body: Body, id: RequestId, method: &Method) -> Result<Response, Failure> {
    if head.status.is_informational() {
        let text = format!("the function answered {}, which announces a response and is none", head.status.as_u16());
        return Err(Failure::Function { code: ErrorCode::ResponseInvalid, text });
    }
    forward::strip(&mut head.headers);
    let length = head.headers.get(CONTENT_LENGTH).map(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length == Some(None) {
        head.headers.remove(CONTENT_LENGTH);
    }
    head.headers.insert(headers::CFF_REQUEST_ID, routes::header(id.to_string()));
    let response = Response::from_parts(head, body);
    let is_bare = *method == Method::HEAD && !has_no_body(&Method::GET, response.status());
    Ok(if is_bare { bare(response) } else { response })
}

/// Whether no body follows the head of such a response.
fn has_no_body(method: &Method, status: StatusCode) -> bool {
    *method == Method::HEAD
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT | StatusCode::NOT_MODIFIED)
}

/// A body that breaks beyond the limit, and says that it did.
fn limited(body: HttpBody, is_too_large: Arc<AtomicBool>) -> HttpBody {
    let note = move |error: Box<dyn std::error::Error + Send + Sync>| {
        if error.is::<LengthLimitError>() {
            is_too_large.store(true, Ordering::Relaxed);
        }
        error
    };
    Limited::new(body, limits::EVENT_BYTES).map_err(note).boxed_unsync()
}
