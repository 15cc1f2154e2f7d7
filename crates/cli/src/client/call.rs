//! Calls of operations, typed as the API declares them.

use super::{
    name::FunctionName,
    profile::{self, Credentials, Target},
    refusal::{CallError, Refusal},
};
use crate::exit::{Exit, Failure, OrExit as _};
use anyhow::Context as _;
use bytes::Bytes;
use fngraph_api::{
    Content as _, FunctionPath, Method, Operation, ProjectPath,
    headers::{AUTH_TOKEN, PROJECT_ID},
    signature::{self, Key},
};
use fngraph_types::{Scope, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use std::{fs, io, path::Path, time::Duration, time::SystemTime};
use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig},
};

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long it may take to begin an answer, except to an invocation, which takes as long as the function may.
const ANSWER: Duration = Duration::from_secs(300);

/// The longest timeout of a function, and some time on top.
const INVOCATION: Duration = Duration::from_secs(259_200 + 60);

/// The largest answer that is read, in bytes: ten times the largest result, far above any page of a list.
const ANSWER_BYTES: u64 = 64 << 20;

/// The largest file that is downloaded, in bytes: a package of 300 MiB for each of 20 versions.
const DOWNLOAD_BYTES: u64 = 20 * (300 << 20);

/// A client of one server and one project.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    target: Target,
}

/// An answer with a status that means success.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    /// A client for this target. It connects when it first has to.
    pub(super) fn new(target: Target) -> Result<Self, Failure> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("fngraph/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT));
        if target.endpoint.parse().is_ok_and(|address| profile::is_local(&address)) {
            // What goes round a proxy elsewhere would not come back here.
            config = config.proxy(None);
        }
        if let Some(path) = &target.certificate {
            let roots = certificates(path).or_exit(Exit::Usage, "it is a PEM file with the certificate to trust")?;
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        Ok(Self { agent: config.build().into(), target })
    }

    /// Region and project of short names.
    pub(super) fn scope(&self) -> &Scope {
        &self.target.scope
    }

    /// The parameters of paths that name the project.
    pub(super) fn project(&self) -> ProjectPath {
        ProjectPath { project_id: self.scope().project_id.to_string() }
    }

    /// The parameters of paths that name a function.
    pub(super) fn function(&self, name: &FunctionName) -> FunctionPath {
        let urn = name.urn(self.scope());
        FunctionPath { project_id: urn.function.project_id.to_string(), function_urn: urn.to_string() }
    }

    /// Calls an operation.
    pub(super) fn call<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: O::Body,
    ) -> Result<O::Answer, CallError> {
        let request = self.request::<O>(path, query, body)?;
        let Answer { status, body, .. } = self.send(request, ANSWER)?;
        let unreadable = |error| self.strange(&format!("an answer ({status}) that cannot be read: {error}"));
        if !(200..300).contains(&status) {
            return Err(Refusal::read(status, &body).map_or_else(|| self.unknown(status).into(), CallError::Refused));
        }
        O::Answer::read(&body).map_err(|error| unreadable(error).into())
    }

    /// Calls an operation with these headers, as an invocation: it may take long, and every status is an answer.
    pub(super) fn invoke<O: Operation<Query = fngraph_api::Empty>>(
        &self,
        path: &O::Path,
        body: O::Body,
        headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Result<Answer, Failure> {
        let mut request = self.request::<O>(path, &fngraph_api::Empty {}, body)?;
        request.headers_mut().extend(headers);
        self.send(request, INVOCATION)
    }

    /// What is at a link that the server answered. The link is enough by itself, so nothing is signed.
    pub(super) fn download(&self, link: &str) -> Result<Bytes, CallError> {
        let request = self.agent.get(link).config().timeout_recv_response(Some(ANSWER)).build();
        let mut answer = request.call().map_err(|error| self.unreachable(error))?;
        let body = answer.body_mut().with_config().limit(DOWNLOAD_BYTES).read_to_vec();
        let body: Bytes = body.map_err(|error| self.unreachable(error))?.into();
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(Refusal::read(status, &body).map_or_else(|| self.unknown(status).into(), CallError::Refused));
        }
        Ok(body)
    }

    /// An answer that is none of the API's, as that of a server of something else.
    pub(super) fn unknown(&self, status: u16) -> Failure {
        self.strange(&format!("status {status} and nothing that the API would say"))
    }

    fn strange(&self, what: &str) -> Failure {
        Failure::text(Exit::Server, format!("{} answered with {what}", self.target.endpoint))
            .hint("--endpoint names a server of the FunctionGraph API; `fngraph serve` is one")
    }

    fn request<O: Operation>(
        &self,
        path: &O::Path,
        query: &O::Query,
        body: O::Body,
    ) -> Result<Request<Bytes>, Failure> {
        let request = Request::builder()
            .method(O::METHOD.as_str())
            .uri(format!("{}{}", self.target.endpoint, O::target(path, query)))
            .header(PROJECT_ID, &*self.scope().project_id);
        // The cloud wants one of every request.
        let request = request.header(CONTENT_TYPE, O::Body::TYPE.unwrap_or("application/json"));
        let body = match O::METHOD {
            Method::Get => Bytes::new(),
            Method::Post | Method::Put | Method::Delete => body.write(),
        };
        let hint = "the project has letters, digits, `_` and `-`";
        request.body(body).context("make the request").or_exit(Exit::Usage, hint)
    }

    fn send(&self, mut request: Request<Bytes>, patience: Duration) -> Result<Answer, Failure> {
        match &self.target.credentials {
            Credentials::None => {}
            Credentials::Key { access, secret } => {
                let key = Key { access, secret: &secret.0 };
                signature::sign(&mut request, key, now()).context("sign the request").or_exit(Exit::Usage, "")?;
            }
            Credentials::Token(token) => {
                let mut value = HeaderValue::from_str(&token.0)
                    .context("send the token")
                    .or_exit(Exit::Usage, "the token has characters that cannot be sent")?;
                value.set_sensitive(true);
                request.headers_mut().insert(AUTH_TOKEN, value);
            }
        }
        let (parts, body) = request.into_parts();
        let answer = if body.is_empty() && (parts.method == "GET" || parts.method == "DELETE") {
            let request = self.agent.configure_request(Request::from_parts(parts, ()));
            self.agent.run(request.timeout_recv_response(Some(patience)).build())
        } else {
            let request = self.agent.configure_request(Request::from_parts(parts, &*body));
            self.agent.run(request.timeout_recv_response(Some(patience)).build())
        };
        let mut answer = answer.map_err(|error| self.unreachable(error))?;
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec();
        let body = body.map_err(|error| self.unreachable(error))?.into();
        let (parts, _) = answer.into_parts();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    fn unreachable(&self, error: ureq::Error) -> Failure {
        let endpoint = &self.target.endpoint;
        let refused = matches!(&error, ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused)
            || matches!(error, ureq::Error::ConnectionFailed);
        let hint = if endpoint.parse().is_ok_and(|address| profile::is_local(&address)) && refused {
            "`fngraph serve` starts a server".to_owned()
        } else if is_about_certificates(&error) {
            "`certificate` in the profile names the certificate of a server that signs its own".to_owned()
        } else {
            "--endpoint URL or --profile NAME name another server".to_owned()
        };
        Failure::new(Exit::Server, anyhow::Error::new(error).context(format!("ask {endpoint}"))).hint(hint)
    }
}

#[expect(clippy::disallowed_methods, reason = "a signature and `--since` are about the machine's own time")]
pub(super) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// Whether TLS came to nothing: what it reads from the other side is wrong then.
fn is_about_certificates(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::InvalidData,
        other => matches!(other, ureq::Error::Rustls(_) | ureq::Error::Tls(_)),
    }
}

fn certificates(path: &Path) -> anyhow::Result<RootCerts> {
    let pem = fs::read(path).with_context(|| format!("read the certificate {}", path.display()))?;
    let mut found: Vec<Certificate<'static>> = Vec::new();
    for item in ureq::tls::parse_pem(&pem) {
        if let PemItem::Certificate(certificate) = item.with_context(|| format!("read {}", path.display()))? {
            found.push(certificate);
        }
    }
    anyhow::ensure!(!found.is_empty(), "{} has no certificate", path.display());
    Ok(RootCerts::new_with_certs(&found))
}

/// All items of a list that is answered page by page: `page` gets a marker and answers the items, the next marker and
/// how many items there are on all pages.
pub(super) fn pages<T>(
    mut page: impl FnMut(String) -> Result<(Vec<T>, u64, u64), CallError>,
) -> Result<Vec<T>, CallError> {
    let mut all = Vec::new();
    let mut marker = 0;
    loop {
        let (items, next, count) = page(marker.to_string())?;
        // A server that does not go on would be asked for ever.
        let is_last = items.is_empty() || next <= marker || next >= count;
        all.extend(items);
        if is_last {
            return Ok(all);
        }
        marker = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(count: u64, size: u64) -> Vec<u64> {
        let page = |marker: String| {
            let begin: u64 = marker.parse().unwrap();
            let end = (begin + size).min(count);
            Ok(((begin..end).collect(), end, count))
        };
        pages(page).unwrap()
    }

    #[test]
    fn every_page_is_asked_for_once() {
        for (count, size) in [(0, 2), (1, 2), (2, 2), (5, 2)] {
            assert_eq!(all(count, size), (0..count).collect::<Vec<_>>(), "{count} in pages of {size}");
        }
    }

    #[test]
    fn a_list_that_does_not_go_on_ends() {
        let stuck = pages(|_| Ok((vec![1], 0, 10)));
        assert_eq!(stuck.unwrap(), [1]);
    }
}
