//! Where a request goes.

use super::path::Pattern;
use fngraph::{Function, FunctionId, FunctionRuntime, Gateway, GatewayMethod, Qualifier, Source, Timestamp, Trigger};
use http::Method;

/// An active gateway trigger, ready to be called.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The function.
    pub function: FunctionId,
    /// What is called: a URN without region, with the version or alias.
    pub urn: String,
    /// Whether it answers HTTP requests itself or handles events.
    pub runtime: FunctionRuntime,
    /// Whether an alias looks at the headers of the request to choose a version.
    pub has_rules: bool,
    /// The trigger's id.
    pub trigger: String,
    /// What the trigger says about the API.
    pub gateway: Gateway,
    pub(super) pattern: Pattern,
    pub(super) created_at: Timestamp,
}

impl Endpoint {
    /// The endpoint of a trigger, if it is an active one of the gateway. Without the function it knows no version.
    pub(super) fn of(id: &FunctionId, function: Option<&Function>, trigger: &Trigger) -> Option<Self> {
        let Source::Gateway(gateway) = &trigger.source else { return None };
        if !trigger.is_active {
            return None;
        }
        let alias = match &trigger.qualifier {
            Qualifier::Alias(name) => function.and_then(|function| function.alias(name)),
            Qualifier::Version(_) => None,
        };
        let version = match &trigger.qualifier {
            Qualifier::Version(name) => Some(name),
            Qualifier::Alias(_) => alias.map(|alias| &alias.version),
        };
        let version = function.zip(version).and_then(|(function, name)| function.version(name));
        let FunctionId { project_id, package, name } = id;
        Some(Self {
            function: id.clone(),
            urn: format!("{project_id}:{package}:{name}:{}", trigger.qualifier),
            runtime: version.map(|version| version.settings.runtime).unwrap_or_default(),
            has_rules: alias.is_some_and(|alias| alias.additional.is_some()),
            trigger: trigger.id.clone(),
            pattern: Pattern::new(&gateway.path, gateway.matching),
            gateway: gateway.clone(),
            created_at: trigger.created_at,
        })
    }

    /// The parameters in the path of a request, by name, still percent-encoded.
    pub fn parameters<'a>(&'a self, path: &'a str) -> Vec<(&'a str, &'a str)> {
        self.pattern.parameters(path)
    }

    /// The method that the function is told: `HEAD` where only `GET` is answered becomes `GET`.
    pub fn method<'a>(&self, asked: &'a Method) -> &'a Method {
        match self.gateway.method {
            GatewayMethod::Get if *asked == Method::HEAD => &Method::GET,
            _ => asked,
        }
    }

    /// How well it answers a method: the less the better; none when it does not.
    pub(super) fn answers(&self, method: &Method) -> Option<u8> {
        let is = |own: &Method| (own == method).then_some(0);
        match self.gateway.method {
            GatewayMethod::Any => Some(1),
            GatewayMethod::Get => is(&Method::GET).or_else(|| (*method == Method::HEAD).then_some(2)),
            GatewayMethod::Post => is(&Method::POST),
            GatewayMethod::Put => is(&Method::PUT),
            GatewayMethod::Delete => is(&Method::DELETE),
            GatewayMethod::Head => is(&Method::HEAD),
            GatewayMethod::Patch => is(&Method::PATCH),
            GatewayMethod::Options => is(&Method::OPTIONS),
        }
    }

    /// Whether both answer the same method, on the same path of the same host.
    pub(super) fn shares_method(&self, other: &Self) -> bool {
        let (one, other) = (self.gateway.method, other.gateway.method);
        one == other || one == GatewayMethod::Any || other == GatewayMethod::Any
    }

    /// The first label of hosts that name the API's group, with its dot; none without a group.
    pub(super) fn group(&self) -> Option<String> {
        let group = &self.gateway.group_id;
        (!group.is_empty()).then(|| format!("{}.", group.to_ascii_lowercase()))
    }

    /// The host for which it answers, without a port; none for any.
    pub(super) fn host(&self) -> Option<String> {
        let host = without_port(&self.gateway.host);
        (!host.is_empty()).then(|| host.to_ascii_lowercase())
    }
}

/// A host without its port.
pub(super) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::without_port;

    #[test]
    fn ports_are_no_part_of_hosts() {
        for (host, name) in [
            ("example.com", "example.com"),
            ("example.com:8081", "example.com"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("", ""),
            (":80", ""),
        ] {
            assert_eq!(without_port(host), name, "{host}");
        }
    }
}
