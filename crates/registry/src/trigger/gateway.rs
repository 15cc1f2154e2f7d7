//! Triggers behind the HTTP gateway.

use super::TriggerKind;
use crate::{Invalid, encoding::millis};
use fngraph_types::ErrorCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A trigger behind the HTTP gateway: which requests call the function, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gateway {
    /// One of the gateway kinds; they act alike.
    pub kind: TriggerKind,
    /// The id of the API; whoever creates it chooses one.
    pub api_id: String,
    /// The name of the API: 3 to 255 letters (of any script), digits and `_`, with a letter at the start.
    pub api_name: String,
    /// The group that the API belongs to. Requests may name it as the first label of their host.
    #[serde(default)]
    pub group_id: String,
    /// The group's name.
    #[serde(default)]
    pub group_name: String,
    /// The host for which the API answers, besides those that name its group; empty for any host.
    #[serde(default)]
    pub host: String,
    /// The path, from `/` on, up to 512 characters. `{name}` stands for one segment; `{proxy+}` at the end for the rest.
    pub path: String,
    /// How the path is compared.
    pub matching: PathMatch,
    /// Which methods call the function.
    pub method: GatewayMethod,
    /// The protocol that clients are told to use.
    pub protocol: GatewayProtocol,
    /// Who may call.
    pub auth: GatewayAuth,
    /// How long the gateway waits for the function: 1 ms to 60 s. Default: 5 s.
    #[serde(with = "millis")]
    pub timeout: Duration,
    /// Whether the gateway answers 202 and calls the function asynchronously. Default: no.
    #[serde(default)]
    pub is_async: bool,
    /// Whether the gateway itself answers preflight requests (CORS). Default: no.
    #[serde(default)]
    pub cors: bool,
    /// Whether the API is a private one (2 on the wire) rather than a public one (1). It answers on loopback only.
    #[serde(default)]
    pub is_private: bool,
    /// The environment's id.
    #[serde(default)]
    pub env_id: String,
    /// The environment's name: `RELEASE`. Events carry it as their stage.
    #[serde(default)]
    pub env_name: String,
    /// The gateway's instance, for dedicated ones.
    #[serde(default)]
    pub instance_id: String,
}

/// How a path is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathMatch {
    /// Every path that begins with it, segment by segment (`SWA`).
    Prefix,
    /// This path only (`NORMAL`).
    Exact,
}

/// Which methods call the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are HTTP's")]
pub enum GatewayMethod {
    /// All of them.
    Any,
    Get,
    Post,
    Put,
    Delete,
    Head,
    Patch,
    Options,
}

/// The protocol that clients are told to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are known")]
pub enum GatewayProtocol {
    Http,
    Https,
}

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GatewayAuth {
    /// Everybody.
    None,
    /// Users of the cloud: a token, or a signature with their keys.
    Iam,
    /// Applications: a signature with their key and secret, or their code.
    App,
}

/// The longest a gateway waits (manual, 7.13.3).
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

impl Gateway {
    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let invalid = |field, given: &str, rule| Invalid::new(ErrorCode::InvalidApigTrigger, field, given, rule);
        let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let chars = self.api_name.chars().count();
        let begins = self.api_name.starts_with(char::is_alphabetic);
        if !begins || !(3..=255).contains(&chars) || !self.api_name.chars().all(word) {
            let rule = "3 to 255 letters, digits, `_` and `-`, with a letter at the start";
            return Err(invalid("API's name", &self.api_name, rule));
        }
        if !is_path(&self.path) {
            let rule = "from `/` on, up to 512 characters; `{name}` for a segment, `{proxy+}` for the rest at the end";
            return Err(invalid("path", &self.path, rule));
        }
        if self.timeout.is_zero() || self.timeout > LONGEST_TIMEOUT {
            return Err(invalid("gateway's timeout", &format!("{:?}", self.timeout), "1 ms to 60 s"));
        }
        let host = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
        if self.host.len() > 255 || !self.host.chars().all(host) {
            return Err(invalid("domain", &self.host, "the name of a host, up to 255 characters"));
        }
        Ok(())
    }
}

/// Whether each segment is plain text, or a parameter; no parameter twice, and a greedy one only at the end.
fn is_path(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut names = Vec::new();
    let segments: Vec<_> = rest.split('/').collect();
    let fits = segments.iter().enumerate().all(|(at, segment)| {
        let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@%".contains(c);
            // Only the root, or a slash at the end, has an empty segment.
            return segment.chars().all(plain) && (!segment.is_empty() || at + 1 == segments.len());
        };
        let (name, is_greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_new = !names.contains(&name);
        names.push(name);
        !name.is_empty() && name.chars().all(word) && is_new && (!is_greedy || at + 1 == segments.len())
    });
    fits && path.len() <= 512
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn paths_have_plain_segments_and_parameters() {
        for path in ["/", "/a", "/a/", "/a-b/{id}/c", "/{proxy+}", "/v1/{a}/{b+}"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "a", "//", "/a//b", "/{}", "/{a+}/b", "/{a}/{a}", "/a b", "/{a", "/é", "/a?b"] {
            assert!(!is_path(path), "{path}");
        }
    }
}
