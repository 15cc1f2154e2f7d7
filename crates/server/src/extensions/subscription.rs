//! What a subscriber of telemetry asks for (manual, 6.2.1.2).

use super::roster::Refusal;
use serde::Deserialize;

/// What a subscriber asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subscription {
    /// The port of 127.0.0.1 where it listens.
    pub(super) port: u16,
    /// What it wants to hear of.
    pub(super) types: Types,
}

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Type {
    /// What becomes of invocations.
    Platform,
    /// What the function logs.
    Function,
    /// What extensions write.
    Extension,
}

/// A set of kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Types {
    platform: bool,
    function: bool,
    extension: bool,
}

impl Types {
    pub(super) fn has(self, kind: Type) -> bool {
        match kind {
            Type::Platform => self.platform,
            Type::Function => self.function,
            Type::Extension => self.extension,
        }
    }
}

impl FromIterator<Type> for Types {
    fn from_iter<I: IntoIterator<Item = Type>>(kinds: I) -> Self {
        let mut types = Self::default();
        for kind in kinds {
            match kind {
                Type::Platform => types.platform = true,
                Type::Function => types.function = true,
                Type::Extension => types.extension = true,
            }
        }
        types
    }
}

/// The body of a subscription.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    subscriber: Subscriber,
    types: Vec<Type>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subscriber {
    protocol: String,
    uri: String,
}

impl Subscription {
    /// Reads the body of a subscription.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let refused = |text: &str| Refusal::Subscription(text.to_owned());
        let body: Body = serde_json::from_slice(body).map_err(|error| refused(&error.to_string()))?;
        if body.subscriber.protocol != "POST" {
            return Err(refused("the protocol is POST"));
        }
        if body.types.is_empty() {
            return Err(refused("`types` names platform, function or extension"));
        }
        let uri = body.subscriber.uri.strip_suffix('/').unwrap_or(&body.subscriber.uri);
        let port = ["http://127.0.0.1:", "http://localhost:"].iter().find_map(|prefix| uri.strip_prefix(prefix));
        // `u16` would take a sign.
        let port = port.filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
        let port = port.and_then(|port| port.parse().ok());
        let port = port.ok_or_else(|| refused("the uri is `http://127.0.0.1:PORT`"))?;
        Ok(Self { port, types: body.types.into_iter().collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_subscription_is_read_as_the_manual_writes_it() {
        let check = |uri: &str, types: &[&str], expected: &[Type]| {
            let body = json!({"subscriber": {"protocol": "POST", "uri": uri}, "types": types});
            let subscription = Subscription::parse(body.to_string().as_bytes()).unwrap();
            assert_eq!(subscription, Subscription { port: 8085, types: expected.iter().copied().collect() });
        };
        let all = [Type::Platform, Type::Function, Type::Extension];
        check("http://127.0.0.1:8085", &["platform", "function", "extension"], &all);
        check("http://localhost:8085/", &["function", "function"], &[Type::Function]);
    }

    #[test]
    fn anything_else_is_refused() {
        let (post, uri) = ("POST", "http://127.0.0.1:8085");
        let subscriber = |protocol: &str, uri: &str| json!({"protocol": protocol, "uri": uri});
        for body in [
            json!({}),
            json!([]),
            json!({"subscriber": subscriber(post, uri)}),
            json!({"types": ["platform"]}),
            json!({"subscriber": subscriber(post, uri), "types": []}),
            json!({"subscriber": subscriber(post, uri), "types": ["everything"]}),
            json!({"subscriber": subscriber(post, uri), "types": "platform"}),
            json!({"subscriber": subscriber(post, uri), "types": ["platform"], "more": 1}),
            json!({"subscriber": subscriber("GET", uri), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "https://127.0.0.1:8085"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://10.0.0.1:8085"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://127.0.0.1"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://127.0.0.1:+8085"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://127.0.0.1:80850"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://127.0.0.1:8085/path"), "types": ["platform"]}),
            json!({"subscriber": subscriber(post, "http://127.0.0.1:8085@example.com"), "types": ["platform"]}),
        ] {
            assert!(Subscription::parse(body.to_string().as_bytes()).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange(body: Vec<u8>, uri in ".*") {
            prop_assert!(Subscription::parse(&body).is_err());
            let body = json!({"subscriber": {"protocol": "POST", "uri": uri}, "types": ["platform"]});
            let _ = Subscription::parse(body.to_string().as_bytes());
        }
    }
}
