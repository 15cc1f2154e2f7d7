//! Who may call, as it is configured.

use fngraph_api::tokens::Secret;
use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeSet, time::Duration};

/// The domain of those who are configured without one.
pub(super) const DEFAULT_DOMAIN: &str = "default";

/// The longest access key, in bytes: no longer one is read from a header.
const ACCESS_KEY_BYTES: usize = 128;

/// An access key and what it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The access key (AK): up to 128 visible ASCII characters, no comma.
    pub access_key: String,
    /// Its secret key (SK).
    #[serde(serialize_with = "hide")]
    pub secret_key: Secret,
    /// The project that it opens. Default: every project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
    /// The domain (account) that it belongs to. Default: `default`.
    #[serde(default = "default_domain")]
    pub domain: String,
}

/// Somebody who gets tokens for a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name.
    pub name: String,
    /// The password. When it changes, the tokens that were given for the old one end.
    #[serde(serialize_with = "hide")]
    pub password: Secret,
    /// The domain (account) that the name belongs to. Default: `default`.
    #[serde(default = "default_domain")]
    pub domain: String,
    /// The project that the user may use. Default: every project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<String>,
}

fn default_domain() -> String {
    DEFAULT_DOMAIN.to_owned()
}

/// What is written where a configuration is shown.
fn hide<S: Serializer>(_: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("***")
}

/// Who may call, and how strictly it is checked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AuthOptions {
    /// The access keys.
    pub credentials: Vec<Credentials>,
    /// The users.
    pub users: Vec<User>,
    /// How far the date of a signature may be from the server's time: 1 second to 24 hours. Default: 15 minutes, as
    /// in the cloud.
    pub skew: Duration,
    /// How long after it first came the same signature may come again. Default: 5 minutes, longer than the Python
    /// SDK waits for an answer (2 minutes) before it sends the same again. From twice the skew on nothing is ever
    /// refused, as in the cloud; with none at all, two equal calls within a second are.
    pub repeats: Duration,
}

impl Default for AuthOptions {
    fn default() -> Self {
        Self {
            credentials: Vec::new(),
            users: Vec::new(),
            skew: Duration::from_secs(15 * 60),
            repeats: Duration::from_secs(5 * 60),
        }
    }
}

/// Why options cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthOptionsError {
    /// Nobody could sign with this key.
    #[error("the access key `{0}` is not 1 to 128 visible ASCII characters without a comma")]
    AccessKey(String),
    /// Which of the two is meant?
    #[error("the access key `{0}` is there twice")]
    AccessKeyTwice(String),
    /// Which of the two is meant?
    #[error("the user `{name}` of the domain `{domain}` is there twice")]
    UserTwice {
        /// The name.
        name: String,
        /// The domain.
        domain: String,
    },
    /// Something is empty that must not be.
    #[error("{of}: `{member}` must not be empty")]
    Empty {
        /// Whose it is.
        of: String,
        /// What it is.
        member: &'static str,
    },
    /// The skew is outside its range.
    #[error("a skew of {0:?} is not between 1 second and 24 hours")]
    Skew(Duration),
}

impl AuthOptions {
    pub(super) fn validate(&self) -> Result<(), AuthOptionsError> {
        if !(Duration::from_secs(1)..=Duration::from_secs(24 * 60 * 60)).contains(&self.skew) {
            return Err(AuthOptionsError::Skew(self.skew));
        }
        let mut keys = BTreeSet::new();
        for Credentials { access_key, secret_key, project_id, domain } in &self.credentials {
            let visible = access_key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
            if access_key.is_empty() || access_key.len() > ACCESS_KEY_BYTES || !visible {
                return Err(AuthOptionsError::AccessKey(access_key.clone()));
            }
            let of = || format!("the access key `{access_key}`");
            filled(
                of,
                [("secret_key", Some(&secret_key.0)), ("project_id", project_id.as_ref()), ("domain", Some(domain))],
            )?;
            if !keys.insert(access_key) {
                return Err(AuthOptionsError::AccessKeyTwice(access_key.clone()));
            }
        }
        let mut names = BTreeSet::new();
        for User { name, password, domain, project_id } in &self.users {
            let of = || format!("the user `{name}`");
            filled(of, [("name", Some(name)), ("password", Some(&password.0)), ("domain", Some(domain))])?;
            filled(of, [("project_id", project_id.as_ref())])?;
            if !names.insert((domain, name)) {
                return Err(AuthOptionsError::UserTwice { name: name.clone(), domain: domain.clone() });
            }
        }
        Ok(())
    }
}

fn filled<'a>(
    of: impl Fn() -> String,
    members: impl IntoIterator<Item = (&'static str, Option<&'a String>)>,
) -> Result<(), AuthOptionsError> {
    match members.into_iter().find(|(_, text)| text.is_some_and(String::is_empty)) {
        None => Ok(()),
        Some((member, _)) => Err(AuthOptionsError::Empty { of: of(), member }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn credentials(access_key: &str) -> Credentials {
        serde_json::from_value(json!({ "access_key": access_key, "secret_key": "hush" })).unwrap()
    }

    fn user(name: &str, password: &str) -> User {
        serde_json::from_value(json!({ "name": name, "password": password, "project_id": "p1" })).unwrap()
    }

    fn check(credentials: Vec<Credentials>, users: Vec<User>) -> Result<(), AuthOptionsError> {
        AuthOptions { credentials, users, ..AuthOptions::default() }.validate()
    }

    #[test]
    fn what_can_never_be_used_is_refused() {
        assert_eq!(check(vec![credentials("a"), credentials("b")], vec![user("a", "p"), user("b", "p")]), Ok(()));
        for key in ["", "a b", "a,b", "é", &"a".repeat(129)] {
            assert_eq!(check(vec![credentials(key)], vec![]), Err(AuthOptionsError::AccessKey(key.to_owned())));
        }
        let twice = check(vec![credentials("a"), credentials("a")], vec![]);
        assert_eq!(twice, Err(AuthOptionsError::AccessKeyTwice("a".to_owned())));
        let twice = check(vec![], vec![user("a", "p"), user("a", "q")]).unwrap_err();
        assert_eq!(twice.to_string(), "the user `a` of the domain `default` is there twice");
        let empty = check(vec![], vec![user("a", "")]).unwrap_err();
        assert_eq!(empty.to_string(), "the user `a`: `password` must not be empty");
        let nowhere = Credentials { project_id: Some(String::new()), ..credentials("a") };
        assert!(matches!(check(vec![nowhere], vec![]), Err(AuthOptionsError::Empty { member: "project_id", .. })));
        let skew = Duration::from_millis(999);
        assert_eq!(AuthOptions { skew, ..AuthOptions::default() }.validate(), Err(AuthOptionsError::Skew(skew)));
    }

    #[test]
    fn members_that_nobody_knows_are_refused() {
        let unknown = serde_json::from_value::<User>(json!({ "name": "a", "password": "p", "projectid": "p1" }));
        assert!(unknown.unwrap_err().to_string().contains("unknown field `projectid`"));
    }

    #[test]
    fn secrets_are_not_shown() {
        let (credentials, user) = (credentials("a"), user("a", "hush"));
        for shown in [
            format!("{credentials:?} {user:?}"),
            serde_json::to_string(&credentials).unwrap(),
            serde_json::to_string(&user).unwrap(),
        ] {
            assert!(shown.contains("***") && !shown.contains("hush"), "{shown}");
        }
    }
}
