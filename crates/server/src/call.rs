//! A call of an operation: everything read and checked before a handler sees it.

use crate::{admit::Admitted, app::App, failure::Failure, traces::trace_context};
use axum::extract::{FromRequestParts as _, Path};
use fngraph::{ErrorCode, Function, FunctionId, Qualifier, RegistryError, TraceContext, Urn, VersionName};
use fngraph_api::{Content, Operation};
use http::{header::HOST, request::Parts};
use std::sync::Arc;

/// A call of an operation.
pub(crate) struct Call<O: Operation> {
    /// What all handlers share.
    pub(crate) app: App,
    /// The project of the path, which the caller may use.
    pub(crate) project: Arc<str>,
    /// How the addresses of this server begin, as the caller knows it: `http://127.0.0.1:8080`.
    pub(crate) origin: String,
    /// The trace that the request belongs to.
    pub(crate) trace: Option<Arc<TraceContext>>,
    /// The parameters of the path.
    pub(crate) path: O::Path,
    /// The parameters of the query.
    pub(crate) query: O::Query,
    /// What was sent.
    pub(crate) body: O::Body,
}

impl<O: Operation> Call<O> {
    /// Reads a request whose caller is known.
    pub(crate) async fn read(app: App, admitted: Admitted) -> Result<Self, Failure> {
        let Admitted { mut head, project, body, .. } = admitted;
        let Path(path) = Path::<O::Path>::from_request_parts(&mut head, &())
            .await
            .map_err(|error| Failure::new(ErrorCode::InvalidParameter, error.body_text()))?;
        let query = serde_urlencoded::from_str(head.uri.query().unwrap_or_default())
            .map_err(|error| Failure::new(ErrorCode::InvalidQuery, format!("the query is wrong: {error}")))?;
        let (origin, trace) = (origin(&app, &head), trace_context(&head.headers));
        Ok(Self { app, project, origin, trace, path, query, body: O::Body::read(&body)? })
    }

    /// Reads a URN in the caller's project. One of another project is not found, whether or not it is there.
    pub(crate) fn urn(&self, text: &str) -> Result<Urn, Failure> {
        let urn = Urn::parse(text, &self.app.scope(&self.project))?;
        if *urn.function.project_id == *self.project {
            return Ok(urn);
        }
        Err(RegistryError::FunctionNotFound(urn.function).into())
    }

    /// The URN of a version or an alias, as answers have it.
    pub(crate) fn name(&self, function: &FunctionId, qualifier: Qualifier) -> String {
        let region = Arc::clone(&self.app.runtime.scope().region);
        Urn { region, function: function.clone(), qualifier: Some(qualifier) }.to_string()
    }

    /// The versions of an existing function that a URN speaks of: the one that it names, those that its alias leads to,
    /// or, when it names neither, all of them, which is an empty list.
    pub(crate) fn versions(&self, urn: &Urn) -> Result<Vec<VersionName>, Failure> {
        let function = self.function(urn)?;
        match &urn.qualifier {
            None => Ok(Vec::new()),
            // It may be deleted already; what it did is still there.
            Some(Qualifier::Version(version)) => Ok(vec![version.clone()]),
            Some(Qualifier::Alias(name)) => {
                let not_found = || RegistryError::AliasNotFound { function: urn.function.clone(), alias: name.clone() };
                let alias = function.alias(name).ok_or_else(not_found)?;
                let additional = alias.additional.iter().map(|additional| additional.version.clone());
                Ok(std::iter::once(alias.version.clone()).chain(additional).collect())
            }
        }
    }

    /// The function that a URN names.
    pub(crate) fn function(&self, urn: &Urn) -> Result<Arc<Function>, Failure> {
        let function = self.app.runtime.registry().function(&urn.function);
        Ok(function.ok_or_else(|| RegistryError::FunctionNotFound(urn.function.clone()))?)
    }
}

/// How the addresses of this server begin: HTTP/2 says it in the address, HTTP/1.1 in a header.
fn origin(app: &App, head: &Parts) -> String {
    let scheme = if app.options.is_secure { "https" } else { "http" };
    let header = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = head.uri.authority().map(|authority| authority.as_str()).or(header).unwrap_or("localhost");
    format!("{scheme}://{host}")
}
