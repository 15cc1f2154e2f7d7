//! Tokens, and what the SDKs ask the cloud's IAM before they make a request (manual, 4.2).

use crate::{Empty, Json, operation::operations, time};
use fngraph_types::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Issues a token, in the header `X-Subject-Token`. The only operation that nobody has to sign.
    CreateToken = Post "/v3/auth/tokens" => 201, "4.2" {
        path: Empty, query: Empty, body: Json<CreateTokenBody>, answer: Json<TokenAnswer>
    }
    /// Lists the projects of the caller. SDKs that know no project ask for that of their region, by name.
    ListProjects = Get "/v3/projects" => 200, "4.2" {
        path: Empty, query: ListProjectsQuery, body: Empty, answer: Json<ProjectList>
    }
    /// Lists the domain of the caller.
    ListDomains = Get "/v3/auth/domains" => 200, "4.2" {
        path: Empty, query: Empty, body: Empty, answer: Json<DomainList>
    }
}

/// A text that is told to nobody but who it is sent to: its `Debug` form does not show it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateTokenBody {
    /// All of it.
    pub auth: TokenAuth,
}

/// Who asks for a token, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenAuth {
    /// Who asks.
    pub identity: TokenIdentity,
    /// What for; all that the user may use when it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<TokenScope>,
}

/// Who asks for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenIdentity {
    /// How they prove it: `password`.
    pub methods: Vec<String>,
    /// Their name and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<TokenPassword>,
}

/// A name and password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenPassword {
    /// The user.
    pub user: TokenUser,
}

/// A user who asks for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUser {
    /// The name.
    pub name: String,
    /// The password.
    pub password: Secret,
    /// The domain (account) that the user is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
}

/// What a token is for: one project, or all of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenScope {
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Reference>,
    /// The domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
}

/// Something that is named by its id or by its name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reference {
    /// Its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Reference {
    /// The id, or else the name.
    pub fn any(&self) -> Option<&str> {
        self.id.as_deref().or(self.name.as_deref())
    }
}

/// What is said about a new token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenAnswer {
    /// All of it.
    pub token: Token,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// When it was issued: `2026-11-23T01:02:03.000000Z`.
    pub issued_at: String,
    /// When it ends, written likewise.
    pub expires_at: String,
    /// How the user proved who they are: `password`.
    pub methods: Vec<String>,
    /// Whose it is.
    pub user: TokenOwner,
    /// The project that it is for, when it is for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<TokenProject>,
    /// The domain that it is for, when it is not for one project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenOwner {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The domain.
    pub domain: Domain,
}

/// The project that a token is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenProject {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: Domain,
}

/// A domain: what the cloud's manual calls an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Domain {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Which projects to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListProjectsQuery {
    /// The name of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Projects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectList {
    /// The projects.
    pub projects: Vec<Project>,
}

/// A project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of its domain.
    pub domain_id: String,
    /// Whether it can be used.
    pub enabled: bool,
}

/// Domains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DomainList {
    /// The domains.
    pub domains: Vec<Domain>,
}

/// A moment as tokens have it, in UTC: `2026-11-23T01:02:03.000000Z`.
pub fn format(at: Timestamp) -> String {
    let mut text = time::format(at);
    text.truncate(text.len() - 1);
    text + ".000000Z"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Content as _;
    use bytes::Bytes;

    #[test]
    fn the_manuals_example_is_read() {
        let json = r#"{"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": "username", "password": "hush", "domain": {"name": "domainname"}}}},
            "scope": {"project": {"name": "xxxxxxx"}}}}"#;
        let Json(body) = Json::<CreateTokenBody>::read(&Bytes::from_static(json.as_bytes())).unwrap();
        let user = &body.auth.identity.password.as_ref().unwrap().user;
        assert_eq!((&*user.name, &*user.password.0), ("username", "hush"));
        assert_eq!(user.domain.as_ref().unwrap().name.as_deref(), Some("domainname"));
        assert_eq!(body.auth.scope.as_ref().unwrap().project.as_ref().unwrap().name.as_deref(), Some("xxxxxxx"));
        assert!(!format!("{body:?}").contains("hush"));
    }

    #[test]
    fn moments_have_microseconds() {
        assert_eq!(format(Timestamp::from_millis(1_795_395_723_000)), "2026-11-23T01:02:03.000000Z");
    }
}
