//! Who may call an API.

use super::{
    apps::{AppKeys, Shown},
    failure::Failure,
    whole,
};
use crate::{
    admit,
    app::App,
    auth::{Auth, Head},
    respond::RequestBody,
};
use bytes::Bytes;
use fngraph::{ErrorCode, GatewayAuth, HttpBody, Timestamp};
use fngraph_api::signature;
use fngraph_triggers::gateway::Endpoint;
use fngraph_types::limits;
use http::{header::CONTENT_LENGTH, request::Parts};
use http_body_util::BodyExt as _;

/// Lets the caller pass, or says why not. The body comes back as it came, except that of a signed request: the
/// signature covers it, so that it has to be there as a whole first.
pub(super) async fn admit<B: RequestBody>(
    app: &App,
    keys: &AppKeys,
    endpoint: &Endpoint,
    head: Parts,
    body: B,
) -> Result<(Parts, HttpBody), Failure> {
    // Before anything of it is read.
    let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limits::EVENT_BYTES) {
        return Err(Failure::BodyTooLarge { limit: limits::EVENT_BYTES });
    }
    let auth = endpoint.gateway.auth;
    let project = &endpoint.function.project_id;
    let refused = |error| Failure::refused(auth, &error);
    // An open server asks for no date.
    let now = || if app.auth.is_open() && auth == GatewayAuth::Iam { Timestamp::EPOCH } else { app.now() };
    let (signed, at) = match auth {
        GatewayAuth::None => (None, Timestamp::EPOCH),
        GatewayAuth::Iam => {
            let now = now();
            match app.auth.check_head(&head.headers, now).map_err(refused)? {
                Head::Known(caller) => {
                    caller.check_project(project).map_err(refused)?;
                    (None, now)
                }
                signed @ Head::Signed(_) => (Some((&app.auth, signed)), now),
            }
        }
        GatewayAuth::App => {
            let now = now();
            match keys.check_head(&head.headers, project, now).map_err(refused)? {
                Shown::Code => (None, now),
                Shown::Signature(auth, signed) => (Some((auth, signed)), now),
            }
        }
    };
    let Some((auth, signed)) = signed else {
        return Ok((head, body.map_err(Into::into).boxed_unsync()));
    };
    let body = read(body, limits::EVENT_BYTES).await?;
    verify(auth, signed, &head, &body, at, project).map_err(refused)?;
    Ok((head, whole(body)))
}

fn verify(
    auth: &Auth,
    signed: Head,
    head: &Parts,
    body: &[u8],
    now: Timestamp,
    project: &str,
) -> Result<(), crate::auth::AuthError> {
    let request = signature::Request { method: head.method.as_str(), uri: &head.uri, headers: &head.headers, body };
    auth.check_body(signed, &request, now)?.check_project(project)
}

/// Reads a body up to a limit.
pub(super) async fn read<B: http_body::Body<Data = Bytes>>(body: B, limit: usize) -> Result<Bytes, Failure> {
    admit::read(body, limit).await.map_err(|failure| match failure.code() {
        ErrorCode::BodyTooLarge => Failure::BodyTooLarge { limit },
        _ => Failure::BodyBroken,
    })
}
