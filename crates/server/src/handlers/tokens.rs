//! Tokens, and what the SDKs ask before they make a request (manual, 4.2). None of their paths names a project.

use crate::{
    admit::{self, Identified},
    app::App,
    auth,
    failure::Failure,
    routes::{header, success},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use fngraph::ErrorCode;
use fngraph_api::{
    Content, Json, headers,
    tokens::{CreateToken, CreateTokenBody, ListDomains, ListProjects, ListProjectsQuery},
};

/// Nobody needs more to say who they are.
const BODY_BYTES: usize = 64 * 1024;

/// Issues a token to who knows a user's password.
pub(crate) async fn create(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let body = admit::read(request.into_body(), BODY_BYTES).await?;
    let Json(body) = Json::<CreateTokenBody>::read(&body)?;
    let (token, answer) = app.auth.issue(&body, app.now())?;
    let mut response = success::<CreateToken>(Json(answer));
    response.headers_mut().insert(headers::SUBJECT_TOKEN, header(token));
    Ok(response)
}

/// The caller's projects.
pub(crate) async fn projects(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let Identified { head, caller, .. } = admit::identify(&app, request, BODY_BYTES).await?;
    let query: ListProjectsQuery = serde_urlencoded::from_str(head.uri.query().unwrap_or_default())
        .map_err(|error| Failure::new(ErrorCode::InvalidQuery, format!("the query is wrong: {error}")))?;
    Ok(success::<ListProjects>(Json(auth::projects(&caller, query.name.as_deref()))))
}

/// The caller's domain.
pub(crate) async fn domains(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let Identified { caller, .. } = admit::identify(&app, request, BODY_BYTES).await?;
    Ok(success::<ListDomains>(Json(auth::domains(&caller))))
}
