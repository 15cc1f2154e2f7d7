//! The applications that may call APIs with the authentication `APP`.

use crate::auth::{Auth, AuthError, AuthOptions, AuthOptionsError, Credentials, Head};
use fngraph_api::tokens::Secret;
use fngraph_types::Timestamp;
use http::{HeaderMap, HeaderName, header::AUTHORIZATION};
use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeSet, time::Duration};

/// The header for the code of an application, which stands for a signature.
pub(super) const APP_CODE: HeaderName = HeaderName::from_static("x-apig-appcode");

/// An application: what signs requests to APIs with the authentication `APP`, or names its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppKey {
    /// The key (`AppKey`): up to 128 visible ASCII characters, no comma.
    pub key: String,
    /// The secret that it signs with (`AppSecret`).
    #[serde(serialize_with = "hide")]
    pub secret: Secret,
    /// The code (`AppCode`) that may be sent in `X-Apig-AppCode` instead of a signature. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "hide_some")]
    pub code: Option<Secret>,
    /// The project whose APIs it may call. Default: those of every project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
}

fn hide<S: Serializer>(_: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

fn hide_some<S: Serializer>(_: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

/// The applications that are known. Without any, nobody may call APIs with the authentication `APP`.
#[derive(Debug, Default)]
pub struct AppKeys {
    /// None when there are no applications: an [`Auth`] without keys would let everybody in.
    auth: Option<Auth>,
    codes: Vec<Code>,
}

#[derive(Debug)]
struct Code {
    /// The code's hash, so that comparing takes the same time however much is equal.
    hash: blake3::Hash,
    project_id: Option<String>,
}

/// Why applications cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppKeysError {
    /// A key or a secret.
    #[error(transparent)]
    Keys(#[from] AuthOptionsError),
    /// A code can never be sent, or be told from another.
    #[error("the code of the application `{0}` is empty, or that of another one too")]
    Code(String),
}

impl AppKeys {
    /// Those that are configured. `skew` and `repeats` are as in [`AuthOptions`].
    ///
    /// # Errors
    /// When two have the same key or code, or one can never be used.
    pub fn new(apps: Vec<AppKey>, skew: Duration, repeats: Duration) -> Result<Self, AppKeysError> {
        if apps.is_empty() {
            return Ok(Self::default());
        }
        let mut seen = BTreeSet::new();
        let mut codes = Vec::new();
        for AppKey { key, code, project_id, .. } in &apps {
            let Some(Secret(code)) = code else { continue };
            if code.is_empty() || !seen.insert(code) {
                return Err(AppKeysError::Code(key.clone()));
            }
            codes.push(Code { hash: blake3::hash(code.as_bytes()), project_id: project_id.clone() });
        }
        let credentials = apps.iter().map(|app| Credentials {
            access_key: app.key.clone(),
            secret_key: app.secret.clone(),
            project_id: app.project_id.clone(),
            domain: "default".to_owned(),
        });
        let options = AuthOptions { credentials: credentials.collect(), users: Vec::new(), skew, repeats };
        // Applications have no tokens.
        Ok(Self { auth: Some(Auth::new(options, [0; 32])?), codes })
    }

    /// Who calls, as far as the head of a request tells it: an application whose code it names is known, one that
    /// signed is known when the body was there.
    pub(super) fn check_head(
        &self,
        headers: &HeaderMap,
        project: &str,
        now: Timestamp,
    ) -> Result<Shown<'_>, AuthError> {
        let auth = self.auth.as_ref().ok_or(AuthError::Anonymous)?;
        if let Some(code) = headers.get(APP_CODE) {
            let hash = blake3::hash(code.as_bytes());
            let code = self.codes.iter().find(|code| code.hash == hash).ok_or(AuthError::Token)?;
            return match &code.project_id {
                Some(own) if own != project => Err(AuthError::Project(project.to_owned())),
                Some(_) | None => Ok(Shown::Code),
            };
        }
        if !headers.contains_key(AUTHORIZATION) {
            return Err(AuthError::Anonymous);
        }
        Ok(Shown::Signature(auth, auth.check_head(headers, now)?))
    }
}

/// What an application has shown.
pub(super) enum Shown<'a> {
    /// Its code.
    Code,
    /// A signature, to be checked with the body.
    Signature(&'a Auth, Head),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn app(key: &str, code: Option<&str>) -> AppKey {
        serde_json::from_value(json!({ "key": key, "secret": "hush", "code": code })).unwrap()
    }

    fn check(apps: Vec<AppKey>) -> Result<(), AppKeysError> {
        AppKeys::new(apps, Duration::from_secs(900), Duration::from_secs(300)).map(drop)
    }

    #[test]
    fn what_can_never_be_used_is_refused() {
        assert_eq!(check(vec![]), Ok(()));
        assert_eq!(check(vec![app("a", Some("x")), app("b", None)]), Ok(()));
        assert_eq!(check(vec![app("a", Some(""))]), Err(AppKeysError::Code("a".to_owned())));
        assert_eq!(check(vec![app("a", Some("x")), app("b", Some("x"))]), Err(AppKeysError::Code("b".to_owned())));
        let twice = AppKeysError::Keys(AuthOptionsError::AccessKeyTwice("a".to_owned()));
        assert_eq!(check(vec![app("a", None), app("a", None)]), Err(twice));
    }

    #[test]
    fn secrets_are_not_shown() {
        let app = app("a", Some("hush"));
        let shown = format!("{app:?} {}", serde_json::to_string(&app).unwrap());
        assert!(shown.contains("***") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn without_applications_nobody_is_one() {
        let nobody = AppKeys::default();
        let shown = nobody.check_head(&HeaderMap::new(), "p1", Timestamp::EPOCH);
        assert!(matches!(shown, Err(AuthError::Anonymous)));
    }
}
