//! From a request as it came to one whose caller is known and may make it.

use crate::{app::App, auth::Caller, failure::Failure};
use axum::{
    body::Body,
    extract::{FromRequestParts as _, RawPathParams, Request},
};
use bytes::Bytes;
use fngraph::ErrorCode;
use fngraph_api::signature;
use http::request::Parts;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::sync::Arc;

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
    parameters: RawPathParams,
}

impl Admitted {
    /// A parameter of the path.
    pub(crate) fn parameter(&self, name: &str) -> Result<&str, Failure> {
        parameter(&self.parameters, name)
    }
}

/// Reads the body up to the limit, finds out who calls, and whether they may use the project of the path.
pub(crate) async fn admit(app: &App, request: Request, limit: usize) -> Result<Admitted, Failure> {
    let Identified { mut head, body, caller } = identify(app, request, limit).await?;
    let parameters = RawPathParams::from_request_parts(&mut head, &())
        .await
        .map_err(|error| Failure::new(ErrorCode::InvalidParameter, error.body_text()))?;
    let project = parameter(&parameters, "project_id")?;
    caller.check_project(project)?;
    Ok(Admitted { project: Arc::from(project), head, body, parameters })
}

/// Reads the body up to the limit and finds out who calls.
pub(crate) async fn identify(app: &App, request: Request, limit: usize) -> Result<Identified, Failure> {
    let (head, body) = request.into_parts();
    let claim = app.auth.check_head(&head.headers, app.now())?;
    let limit = claim.body_bytes().map_or(limit, |bytes| bytes.min(limit));
    let body = read(body, limit).await?;
    let signed =
        signature::Request { method: head.method.as_str(), uri: &head.uri, headers: &head.headers, body: &body };
    let caller = app.auth.check_body(claim, &signed, app.now())?;
    Ok(Identified { head, body, caller })
}

/// Reads a body up to the limit.
pub(crate) async fn read(body: Body, limit: usize) -> Result<Bytes, Failure> {
    let read = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            let text = format!("the body has more than {limit} bytes, which is as much as may be sent here");
            return Failure::new(ErrorCode::BodyTooLarge, text);
        }
        Failure::new(ErrorCode::InvalidParameter, "the body ended early")
    })?;
    Ok(read.to_bytes())
}

fn parameter<'a>(parameters: &'a RawPathParams, name: &str) -> Result<&'a str, Failure> {
    let found = parameters.iter().find(|(parameter, _)| *parameter == name).map(|(_, value)| value);
    found.ok_or_else(|| Failure::new(ErrorCode::NotFound, format!("the path names no {name}")))
}
