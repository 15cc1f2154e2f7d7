//! From a request as it came to one whose caller is known and may make it.

use crate::{app::App, auth::Caller, failure::Failure};
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use bytes::{Bytes, BytesMut};
use fngraph::{ErrorCode, Timestamp};
use fngraph_api::signature;
use http::request::Parts;
use http_body::Body as HttpBody;
use http_body_util::BodyExt as _;
use std::{mem, pin::pin, sync::Arc};

/// A request whose caller is known.
pub(crate) struct Identified {
    pub(crate) head: Parts,
    pub(crate) body: Bytes,
    pub(crate) caller: Caller,
}

/// A request whose caller may make it.
pub(crate) struct Admitted {
    pub(crate) head: Parts,
    /// The project of the path.
    pub(crate) project: Arc<str>,
    pub(crate) body: Bytes,
}

/// Reads the body up to the limit, finds out who calls, and whether they may use the project of the path.
pub(crate) async fn admit(app: &App, request: Request, limit: usize) -> Result<Admitted, Failure> {
    let Identified { mut head, body, caller } = identify(app, request, limit).await?;
    let parameters = RawPathParams::from_request_parts(&mut head, &())
        .await
        .map_err(|error| Failure::new(ErrorCode::InvalidParameter, error.body_text()))?;
    let project = parameters.iter().find(|(name, _)| *name == "project_id").map(|(_, value)| Arc::from(value));
    let project: Arc<str> = project.ok_or_else(|| Failure::new(ErrorCode::NotFound, "the path names no project"))?;
    caller.check_project(&project)?;
    Ok(Admitted { head, project, body })
}

/// Reads the body up to the limit and finds out who calls.
pub(crate) async fn identify<B>(app: &App, request: http::Request<B>, limit: usize) -> Result<Identified, Failure>
where
    B: HttpBody<Data = Bytes>,
{
    let (head, body) = request.into_parts();
    // An open server asks for no date, and telling the time takes time.
    let now = if app.auth.is_open() { Timestamp::EPOCH } else { app.now() };
    let claim = app.auth.check_head(&head.headers, now)?;
    let limit = claim.body_bytes().map_or(limit, |bytes| bytes.min(limit));
    let body = read(body, limit).await?;
    let signed =
        signature::Request { method: head.method.as_str(), uri: &head.uri, headers: &head.headers, body: &body };
    let caller = app.auth.check_body(claim, &signed, now)?;
    Ok(Identified { head, body, caller })
}

/// Reads a body up to the limit. One that comes in one piece, as small ones do, is not copied.
pub(crate) async fn read<B: HttpBody<Data = Bytes>>(body: B, limit: usize) -> Result<Bytes, Failure> {
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::new(ErrorCode::InvalidParameter, "the body ended early"))?;
        // Trailers mean nothing here.
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + all.len() + data.len() > limit {
            let text = format!("the body has more than {limit} bytes, which is as much as may be sent here");
            return Err(Failure::new(ErrorCode::BodyTooLarge, text));
        }
        if first.is_empty() && all.is_empty() {
            first = data;
        } else {
            all.extend_from_slice(&mem::take(&mut first));
            all.extend_from_slice(&data);
        }
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}
