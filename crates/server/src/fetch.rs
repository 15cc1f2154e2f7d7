//! Fetching code that a request names by its address (`code_type` `obs`).

use bytes::Bytes;
use cap_std::{ambient_authority, fs::Dir};
use fngraph::ErrorCode;
use fngraph_types::limits;
use http::{Uri, header::LOCATION, uri::Scheme};
use percent_encoding::percent_decode_str;
use std::{
    io::{self, Read as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tokio::sync::Semaphore;

/// How many packages are fetched at a time: each may take 300 MiB of memory until it is stored.
const FETCHES: usize = 2;

/// How long a package may take: 300 MiB at 5 MiB a second, the pace of a slow line.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How many redirections are followed.
const REDIRECTIONS: usize = 5;

/// From where code may be fetched: folders, and beginnings of web addresses. The default is from nowhere, since the
/// server reaches more than its callers should.
#[derive(Debug, Clone)]
pub struct CodeSources {
    sources: Vec<Address>,
    fetches: Arc<Semaphore>,
}

/// An address that cannot be a source of code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("code cannot be fetched from `{url}`: {reason}")]
pub struct CodeSourceError {
    url: String,
    reason: &'static str,
}

/// Why code was not fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] CodeSourceError),
    /// The configuration does not have it.
    #[error("code may not be fetched from `{0}`; the server's configuration names the places from which it may")]
    Forbidden(String),
    /// There is nothing, or nothing that may be read.
    #[error("there is no code at `{url}`: {reason}")]
    Missing { url: String, reason: String },
    /// There is too much.
    #[error("the code at `{0}` has more than {limit} bytes", limit = limits::PACKAGE_BYTES)]
    TooLarge(String),
    /// The server is shutting down, or broken.
    #[error("the platform stopped while it fetched the code")]
    Interrupted,
}

/// A place: a file or folder of this machine, or a web address. What stands below it begins with it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    File { path: String },
    Web { is_secure: bool, host: String, port: u16, path: String },
}

impl Default for CodeSources {
    fn default() -> Self {
        Self { sources: Vec::new(), fetches: Arc::new(Semaphore::new(FETCHES)) }
    }
}

impl CodeSources {
    /// These places and what is below them: `file:///srv/functions`, `https://bucket.example.com/functions`.
    ///
    /// # Errors
    /// When one is no `file:`, `http:` or `https:` address, or has more to it than host, port and path.
    pub fn new<S: AsRef<str>>(prefixes: impl IntoIterator<Item = S>) -> Result<Self, CodeSourceError> {
        let sources = prefixes.into_iter().map(|prefix| Address::parse(prefix.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { sources, ..Self::default() })
    }

    /// Fetches a package, up to 300 MiB.
    pub(crate) async fn fetch(&self, url: &str) -> Result<Bytes, FetchError> {
        let address = self.allow(url)?;
        let permit = Arc::clone(&self.fetches).acquire_owned().await.map_err(|_| FetchError::Interrupted)?;
        let (sources, url) = (self.clone(), url.to_owned());
        let fetch = move || {
            // A caller that went away gives up the answer, not the room in memory.
            let _permit = permit;
            match address {
                Address::File { path } => sources.read(&path, &url),
                Address::Web { .. } => sources.download(url),
            }
        };
        tokio::task::spawn_blocking(fetch).await.map_err(|_| FetchError::Interrupted)?
    }

    fn allow(&self, url: &str) -> Result<Address, FetchError> {
        let address = Address::parse(url)?;
        if self.sources.iter().any(|source| address.below(source).is_some()) {
            return Ok(address);
        }
        Err(FetchError::Forbidden(shorten(url)))
    }

    /// Reads a file. Links that lead out of its folder are not followed.
    fn read(&self, path: &str, url: &str) -> Result<Bytes, FetchError> {
        let address = Address::File { path: path.to_owned() };
        let missing = |error: io::Error| FetchError::Missing { url: shorten(url), reason: error.to_string() };
        let mut failure = FetchError::Forbidden(shorten(url));
        for source in &self.sources {
            let (Address::File { path: folder }, Some(below)) = (source, address.below(source)) else { continue };
            match open(folder, below) {
                Ok(file) => return read_all(file, url, missing),
                Err(error) => failure = missing(error),
            }
        }
        Err(failure)
    }

    fn download(&self, mut url: String) -> Result<Bytes, FetchError> {
        let missing = |url: &str, reason: String| FetchError::Missing { url: shorten(url), reason };
        // No proxy: the environment is not ours to read.
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .new_agent();
        for _ in 0..=REDIRECTIONS {
            let response = agent.get(&url).call().map_err(|error| missing(&url, error.to_string()))?;
            let status = response.status();
            if status.is_redirection() {
                let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
                let target = target.ok_or_else(|| missing(&url, format!("it answers {status}")))?;
                url = join(&url, target);
                self.allow(&url)?;
                continue;
            }
            if !status.is_success() {
                return Err(missing(&url, format!("it answers {status}")));
            }
            let body = response.into_body().into_with_config().limit(limits::PACKAGE_BYTES + 1).reader();
            return read_all(body, &url, |error| missing(&url, error.to_string()));
        }
        Err(missing(&url, "it redirects too often".to_owned()))
    }
}

impl FetchError {
    /// The cloud's code for this failure.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Address(_) | Self::Forbidden(_) => ErrorCode::InvalidUrl,
            Self::Missing { .. } => ErrorCode::CodeNotFound,
            Self::TooLarge(_) => ErrorCode::PackageTooLarge,
            Self::Interrupted => ErrorCode::Unavailable,
        }
    }
}

impl Address {
    /// Reads an address. Nothing in it may be understood in two ways: where paths lead must be plain from their text.
    fn parse(url: &str) -> Result<Self, CodeSourceError> {
        let refused = |reason| CodeSourceError { url: shorten(url), reason };
        if let Some(path) = url.strip_prefix("file://") {
            let path = percent_decode_str(path).decode_utf8().map_err(|_| refused("its path is not UTF-8"))?;
            if !path.starts_with('/') {
                return Err(refused("a file is written with its whole path: `file:///srv/functions/f.zip`"));
            }
            return Ok(Self::File { path: plain(&path).ok_or_else(|| refused(PLAIN))?.to_owned() });
        }
        let uri: Uri = url.parse().map_err(|_| refused("it is no address"))?;
        let is_secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(refused("it begins with none of `file:`, `http:` and `https:`")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| refused("it names no host"))?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(refused("it has credentials"));
        }
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let decoded = percent_decode_str(uri.path()).decode_utf8().map_err(|_| refused("its path is not UTF-8"))?;
        plain(&decoded).ok_or_else(|| refused(PLAIN))?;
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self::Web { is_secure, host: host.to_ascii_lowercase(), port, path })
    }

    /// What of this address stands below the other; none when it is elsewhere.
    fn below(&self, other: &Self) -> Option<&str> {
        let (path, beginning) = match (self, other) {
            (Self::File { path }, Self::File { path: beginning }) => (path, beginning),
            (
                Self::Web { is_secure, host, port, path },
                Self::Web { is_secure: secure, host: other, port: number, path: beginning },
            ) if (is_secure, host, port) == (secure, other, number) => (path, beginning),
            (Self::File { .. } | Self::Web { .. }, _) => return None,
        };
        let rest = path.strip_prefix(beginning.as_str())?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_start_matches('/'))
    }
}

const PLAIN: &str = "its path has a `.`, a `..` or a backslash";

/// A path without a slash at its end; none when a part of it leads elsewhere.
fn plain(path: &str) -> Option<&str> {
    let leads = path.contains(['\\', '\0']) || path.split('/').any(|part| part == "." || part == "..");
    (!leads).then(|| path.trim_end_matches('/'))
}

/// Where a redirection leads.
fn join(url: &str, target: &str) -> String {
    let origin = url.find("://").map_or(0, |scheme| scheme + 3);
    let origin = url[origin..].find('/').map_or(url, |path| &url[..origin + path]);
    if target.starts_with('/') && !target.starts_with("//") { format!("{origin}{target}") } else { target.to_owned() }
}

fn open(folder: &str, below: &str) -> io::Result<cap_std::fs::File> {
    let folder = PathBuf::from(if folder.is_empty() { "/" } else { folder });
    let (folder, below) = match (below, folder.parent(), folder.file_name()) {
        // The source is the file itself.
        ("", Some(parent), Some(name)) => (parent.to_owned(), PathBuf::from(name)),
        _ => (folder, PathBuf::from(below)),
    };
    let folder = Dir::open_ambient_dir(folder, ambient_authority())?;
    // Opening a pipe would wait for its writer.
    if folder.metadata(&below)?.is_file() { folder.open(&below) } else { Err(io::Error::other("it is no file")) }
}

fn read_all(
    reader: impl io::Read,
    url: &str,
    failed: impl FnOnce(io::Error) -> FetchError,
) -> Result<Bytes, FetchError> {
    let mut content = Vec::new();
    let read = reader.take(limits::PACKAGE_BYTES + 1).read_to_end(&mut content).map_err(failed)?;
    if read as u64 > limits::PACKAGE_BYTES {
        return Err(FetchError::TooLarge(shorten(url)));
    }
    Ok(content.into())
}

/// What a client sent may be long; its beginning tells enough. What follows a `?` may be a secret.
fn shorten(url: &str) -> String {
    url.split('?').next().unwrap_or_default().chars().take(200).collect()
}

#[cfg(test)]
mod tests;
