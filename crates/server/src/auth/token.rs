//! Tokens: who they are for and until when, sealed. Nothing is stored.
//!
//! The seal's key is made of the server's and of what is configured about the user, so that a token ends when the
//! password is changed or the user removed, and outlives the process otherwise.

use super::{AuthError, Caller, User, options::DEFAULT_DOMAIN};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fngraph_api::tokens::{
    self, CreateTokenBody, Domain, Reference, TokenAnswer, TokenOwner, TokenPassword, TokenProject, TokenUser,
};
use fngraph_types::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a token is good for (manual, 4.2).
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest token that is read, in bytes. Ours have about 150.
const BYTES: usize = 4096;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    domain: String,
    name: String,
    /// The project that it is for; none for all that the user may use.
    project: Option<String>,
    /// When it ends, in milliseconds since 1970.
    end: i64,
}

/// Issues a token: the token, and what is said about it.
pub(super) fn issue(
    users: &[User],
    body: &CreateTokenBody,
    key: &[u8; 32],
    now: Timestamp,
) -> Result<(String, TokenAnswer), AuthError> {
    let claimed = user_of(body)?;
    let user = users.iter().find(|user| user.name == claimed.name && user.domain == domain_of(claimed));
    // Strangers take as long as those who are known.
    let password = user.map_or("", |user| &user.password.0);
    let same = blake3::keyed_hash(key, password.as_bytes()) == blake3::keyed_hash(key, claimed.password.0.as_bytes());
    let user = user.filter(|_| same).ok_or(AuthError::Password)?;

    let project = project(user, body)?;
    let end = now + LIFETIME;
    let claims = Claims {
        domain: user.domain.clone(),
        name: user.name.clone(),
        project: project.as_ref().map(|project| project.id.clone()),
        end: end.as_millis(),
    };
    // Texts and numbers can always be written.
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
    let seal = URL_SAFE_NO_PAD.encode(seal(key, user, &payload).as_bytes());

    let domain = domain(&user.domain);
    let owner = TokenOwner { id: user.name.clone(), name: user.name.clone(), domain: domain.clone() };
    let token = tokens::Token {
        issued_at: tokens::format(now),
        expires_at: tokens::format(end),
        methods: vec!["password".to_owned()],
        user: owner,
        domain: project.is_none().then_some(domain),
        project,
    };
    Ok((format!("{payload}.{seal}"), TokenAnswer { token }))
}

/// Whose token this is.
pub(super) fn check(users: &[User], token: &str, key: &[u8; 32], now: Timestamp) -> Result<Caller, AuthError> {
    let (payload, seal_text) = token.split_once('.').filter(|_| token.len() <= BYTES).ok_or(AuthError::Token)?;
    let claims = URL_SAFE_NO_PAD.decode(payload).map_err(|_| AuthError::Token)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| AuthError::Token)?;
    let user = users.iter().find(|user| user.name == claims.name && user.domain == claims.domain);
    let user = user.ok_or(AuthError::Token)?;
    let claimed = URL_SAFE_NO_PAD.decode(seal_text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    // The comparison takes the same time however much is equal.
    if claimed.is_none_or(|claimed| seal(key, user, payload) != claimed) {
        return Err(AuthError::Token);
    }
    if now >= Timestamp::from_millis(claims.end) {
        return Err(AuthError::TokenEnded);
    }
    // The user's project may have been changed since.
    match (&user.project_id, &claims.project) {
        (Some(own), Some(project)) if own != project => Err(AuthError::Token),
        (own, project) => Ok(Caller::new(project.as_deref().or(own.as_deref()), &user.domain)),
    }
}

/// The user that somebody claims to be, to be believed where everybody is.
pub(super) fn claimed(body: &CreateTokenBody) -> Vec<User> {
    let user = user_of(body).ok().map(|user| User {
        name: user.name.clone(),
        password: user.password.clone(),
        domain: domain_of(user).to_owned(),
        project_id: None,
    });
    user.into_iter().collect()
}

fn user_of(body: &CreateTokenBody) -> Result<&TokenUser, AuthError> {
    let identity = &body.auth.identity;
    match &identity.password {
        Some(TokenPassword { user }) if identity.methods.iter().any(|method| method == "password") => Ok(user),
        _ => Err(AuthError::Method),
    }
}

/// Domains have no ids of their own here: what is said is the name.
fn domain_of(user: &TokenUser) -> &str {
    user.domain.as_ref().and_then(Reference::any).unwrap_or(DEFAULT_DOMAIN)
}

fn domain(name: &str) -> Domain {
    Domain { id: name.to_owned(), name: name.to_owned() }
}

/// The project that a token is for. Projects have no names of their own here: in the cloud they are called after
/// regions, and any name stands for the user's only project, or, when they may use every project, for the one with
/// that id.
fn project(user: &User, body: &CreateTokenBody) -> Result<Option<TokenProject>, AuthError> {
    let asked = body.auth.scope.as_ref().and_then(|scope| scope.project.as_ref());
    let (own, asked_id) = (user.project_id.as_ref(), asked.and_then(|project| project.id.as_ref()));
    if let (Some(own), Some(asked)) = (own, asked_id)
        && own != asked
    {
        return Err(AuthError::Project(asked.clone()));
    }
    let asked_name = asked.and_then(|project| project.name.as_ref());
    let project = own.or(asked_id).or(asked_name).map(|id| TokenProject {
        id: id.clone(),
        name: asked_name.unwrap_or(id).clone(),
        domain: domain(&user.domain),
    });
    Ok(project)
}

fn seal(key: &[u8; 32], user: &User, payload: &str) -> blake3::Hash {
    let mut material = key.to_vec();
    for text in [&user.domain, &user.name, &user.password.0] {
        // With its length before it, no text can be taken for another's part.
        material.extend(text.len().to_le_bytes());
        material.extend(text.as_bytes());
    }
    blake3::keyed_hash(&blake3::derive_key("fngraph server: the tokens of a user", &material), payload.as_bytes())
}
