//! Who calls, and which projects they may use (manual, 4.2).
//!
//! Without access keys and users everything is accepted, signed or not; then only this machine may reach the server
//! ([`may_listen`]). With them a request is signed with an access key ([`fngraph_api::signature`]) or brings a token
//! in `X-Auth-Token`. A signature covers the body, so that a request is checked in two steps: [`Auth::check_head`]
//! refuses strangers before their body is read, [`Auth::check_body`] says who calls.
//!
//! # The same request again
//! The cloud accepts a signature for as long as its date is within 15 minutes of the server's time, however often it
//! comes, and its SDKs count on that: dates have seconds, so that two equal calls within one have the same signature,
//! and the Python SDK's HTTP library sends a request again as it is after 429 or a broken connection (`retry_times`).
//! Here the same signature is accepted for [`AuthOptions::repeats`] after it first came, which covers both, and
//! refused from then on.

mod iam;
mod listen;
mod options;
mod replays;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use iam::{domains, projects};
pub use listen::{ExposedError, may_listen};
pub use options::{AuthOptions, AuthOptionsError, Credentials, User};

use fngraph_api::{
    headers::AUTH_TOKEN,
    signature::{self, Authorization, Request, SignatureError},
    tokens::{CreateTokenBody, Secret, TokenAnswer},
};
use fngraph_types::Timestamp;
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use replays::Replays;
use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

/// The largest body of a signed request, in bytes (manual, 4.2); larger ones need a token.
pub(crate) const SIGNED_BODY_BYTES: usize = 12 << 20;

/// The key that tokens are sealed with.
struct TokenKey([u8; 32]);

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey")
    }
}

/// Who may call. The default is everybody.
#[derive(Debug, Default)]
pub struct Auth {
    /// None when everything is accepted.
    guard: Option<Box<Guard>>,
}

#[derive(Debug)]
struct Guard {
    keys: HashMap<String, Key>,
    users: Vec<User>,
    token_key: TokenKey,
    skew: Duration,
    replays: Replays,
}

/// An access key.
#[derive(Debug)]
struct Key {
    secret: Secret,
    caller: Caller,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The projects that they may use.
    pub(crate) projects: Projects,
    /// Their domain.
    pub(crate) domain: Arc<str>,
}

/// Projects that a caller may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Projects {
    /// Each.
    All,
    /// This one.
    One(Arc<str>),
}

/// What the head of a request says about its caller.
#[derive(Debug)]
pub(crate) enum Head {
    /// Who it is.
    Known(Caller),
    /// Who it claims to be; the signature covers the body, too.
    Signed(Authorization),
}

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("nobody knows who calls: sign the request with an access key, or send a token in `X-Auth-Token`")]
    Anonymous,
    #[error("the signature is refused")]
    Signature(#[from] SignatureError),
    #[error("there is no access key `{0}`")]
    UnknownKey(String),
    #[error("the request was signed {distance:?} {side} this server's time; {skew:?} are allowed")]
    Skew { distance: Duration, side: &'static str, skew: Duration },
    #[error("the very same request came {0:?} ago: sign it anew")]
    Replay(Duration),
    #[error("the token is none of this server's, or its user was changed: ask for a new one")]
    Token,
    #[error("the token has ended: ask for a new one")]
    TokenEnded,
    #[error("tokens are given for the method `password`, with a name and a password")]
    Method,
    #[error("there is no such user, or the password is another")]
    Password,
    #[error("the caller may not use the project `{0}`")]
    Project(String),
}

impl AuthError {
    /// 401 or 403; the cloud's code for it is the same number: `FSS.0401`, `FSS.0403`.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Anonymous
            | Self::Signature(_)
            | Self::UnknownKey(_)
            | Self::Skew { .. }
            | Self::Replay(_)
            | Self::Token
            | Self::TokenEnded
            | Self::Method
            | Self::Password => StatusCode::UNAUTHORIZED,
            Self::Project(_) => StatusCode::FORBIDDEN,
        }
    }
}

impl Auth {
    /// Everybody may use every project.
    pub fn open() -> Self {
        Self::default()
    }

    /// Those may call who are configured; without any, everybody. Tokens are sealed with `token_key`: as long as it
    /// stays the same they outlive the process.
    ///
    /// # Errors
    /// When two access keys or users are the same, or one can never be used.
    pub fn new(options: AuthOptions, token_key: [u8; 32]) -> Result<Self, AuthOptionsError> {
        options.validate()?;
        let AuthOptions { credentials, users, skew, repeats } = options;
        if credentials.is_empty() && users.is_empty() {
            return Ok(Self::open());
        }
        let keys = credentials.into_iter().map(|credentials| {
            let caller = Caller::new(credentials.project_id.as_deref(), &credentials.domain);
            (credentials.access_key, Key { secret: credentials.secret_key, caller })
        });
        let replays = Replays::new(repeats, skew);
        let guard = Guard { keys: keys.collect(), users, token_key: TokenKey(token_key), skew, replays };
        Ok(Self { guard: Some(Box::new(guard)) })
    }

    /// Whether everybody may use every project.
    pub fn is_open(&self) -> bool {
        self.guard.is_none()
    }

    /// What can be said before the body is there.
    ///
    /// # Errors
    /// When the caller cannot be one that is configured.
    pub(crate) fn check_head(&self, headers: &HeaderMap, now: Timestamp) -> Result<Head, AuthError> {
        let Some(guard) = &self.guard else {
            return Ok(Head::Known(Caller::anybody()));
        };
        if headers.contains_key(AUTHORIZATION) {
            let authorization = Authorization::read(headers)?;
            guard.key(&authorization)?;
            guard.check_date(signature::date(headers)?, now)?;
            return Ok(Head::Signed(authorization));
        }
        let token = headers.get(AUTH_TOKEN).ok_or(AuthError::Anonymous)?.to_str().map_err(|_| AuthError::Token)?;
        token::check(&guard.users, token, &guard.token_key.0, now).map(Head::Known)
    }

    /// Who calls, now that the body is there.
    ///
    /// # Errors
    /// When the signature is not that of the request, or came too long ago already.
    pub(crate) fn check_body(&self, head: Head, request: &Request<'_>, now: Timestamp) -> Result<Caller, AuthError> {
        let (guard, authorization) = match (&self.guard, head) {
            (_, Head::Known(caller)) => return Ok(caller),
            (None, Head::Signed(_)) => return Ok(Caller::anybody()),
            (Some(guard), Head::Signed(authorization)) => (guard, authorization),
        };
        let key = guard.key(&authorization)?;
        authorization.verify(request, &key.secret.0)?;
        guard.replays.admit(authorization.signature(), now).map_err(AuthError::Replay)?;
        Ok(key.caller.clone())
    }

    /// Issues a token: the token itself, for `X-Subject-Token`, and what is said about it. Where everything is
    /// accepted anybody gets one, so that scripts that begin with it run.
    ///
    /// # Errors
    /// When there is no such user with such a password, or they may not use the project.
    pub(crate) fn issue(&self, body: &CreateTokenBody, now: Timestamp) -> Result<(String, TokenAnswer), AuthError> {
        match &self.guard {
            Some(guard) => token::issue(&guard.users, body, &guard.token_key.0, now),
            // Nobody will check it.
            None => token::issue(&token::claimed(body), body, &[0; 32], now),
        }
    }
}

impl Guard {
    fn key(&self, authorization: &Authorization) -> Result<&Key, AuthError> {
        let access_key = authorization.access_key();
        self.keys.get(access_key).ok_or_else(|| AuthError::UnknownKey(access_key.to_owned()))
    }

    fn check_date(&self, signed: Timestamp, now: Timestamp) -> Result<(), AuthError> {
        let (distance, side) = if signed < now { (now.since(signed), "before") } else { (signed.since(now), "after") };
        if distance > self.skew {
            return Err(AuthError::Skew { distance, side, skew: self.skew });
        }
        Ok(())
    }
}

impl Head {
    /// How long the body may be because it is signed, in bytes.
    pub(crate) fn body_bytes(&self) -> Option<usize> {
        match self {
            Self::Known(_) => None,
            Self::Signed(_) => Some(SIGNED_BODY_BYTES),
        }
    }
}

impl Caller {
    fn new(project_id: Option<&str>, domain: &str) -> Self {
        let projects = project_id.map_or(Projects::All, |project_id| Projects::One(Arc::from(project_id)));
        Self { projects, domain: Arc::from(domain) }
    }

    /// The caller where everything is accepted.
    fn anybody() -> Self {
        Self::new(None, options::DEFAULT_DOMAIN)
    }

    /// Whether the caller may use a project.
    ///
    /// # Errors
    /// When they may not.
    pub(crate) fn check_project(&self, project_id: &str) -> Result<(), AuthError> {
        match &self.projects {
            Projects::All => Ok(()),
            Projects::One(own) if **own == *project_id => Ok(()),
            Projects::One(_) => Err(AuthError::Project(project_id.to_owned())),
        }
    }
}
