//! What the gateway changes of the headers that pass it.

use super::apps::APP_CODE;
use fngraph::GatewayAuth;
use fngraph_api::headers::{AUTH_TOKEN, REQUEST_ID, SIGNATURE_ALGORITHM};
use fngraph_triggers::gateway::Endpoint;
use http::{
    HeaderMap, HeaderName, HeaderValue, Uri,
    header::{
        AUTHORIZATION, CONNECTION, EXPECT, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
        TRANSFER_ENCODING, UPGRADE,
    },
    request::Parts,
};
use std::net::IpAddr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// Headers that are about one connection (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Removes the headers that are about one connection, those that `Connection` names included.
pub(super) fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        named.iter().for_each(|name| drop(headers.remove(name)));
    }
    HOP_BY_HOP.iter().for_each(|name| drop(headers.remove(name)));
}

/// Makes of a request what the function gets: without what was meant for the gateway, and with what that knows.
pub(super) fn prepare(head: &mut Parts, endpoint: &Endpoint, peer: Option<IpAddr>, is_secure: bool, id: &str) {
    strip(&mut head.headers);
    head.headers.remove(EXPECT);
    withdraw(&mut head.headers, endpoint.gateway.auth);
    // HTTP/2 has the host in the URI.
    if !head.headers.contains_key(HOST) {
        let host = head.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
        head.headers.insert(HOST, host.unwrap_or(HeaderValue::from_static("localhost")));
    }
    if let Some(target) = head.uri.path_and_query() {
        head.uri = Uri::from(target.clone());
    }
    let mut set = |name: &HeaderName, value: Option<HeaderValue>| match value {
        Some(value) => drop(head.headers.insert(name, value)),
        None => drop(head.headers.remove(name)),
    };
    set(&REQUEST_ID, HeaderValue::from_str(id).ok());
    set(&FORWARDED_PROTO, Some(HeaderValue::from_static(if is_secure { "https" } else { "http" })));
    let peer = peer.map(|peer| peer.to_canonical().to_string());
    set(&REAL_IP, peer.as_deref().and_then(|peer| HeaderValue::from_str(peer).ok()));
    let host = head.headers.get(HOST).cloned();
    head.headers.extend(host.map(|host| (FORWARDED_HOST, host)));
    // The client's own word stays, as it does with every proxy; what this gateway saw comes last.
    let before = head.headers.get_all(&FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let all: Vec<_> = before.chain(peer.as_deref()).collect();
    let all = HeaderValue::from_str(&all.join(", "));
    head.headers.remove(&FORWARDED_FOR);
    if let Some(all) = all.ok().filter(|all| !all.is_empty()) {
        head.headers.insert(FORWARDED_FOR, all);
    }
}

/// Removes what proved to the gateway who calls: whoever wrote the function could use it elsewhere.
fn withdraw(headers: &mut HeaderMap, auth: GatewayAuth) {
    if auth == GatewayAuth::None {
        return;
    }
    headers.remove(AUTH_TOKEN);
    headers.remove(APP_CODE);
    let is_ours = |value: &HeaderValue| value.as_bytes().starts_with(SIGNATURE_ALGORITHM.as_bytes());
    if headers.get(AUTHORIZATION).is_some_and(is_ours) {
        headers.remove(AUTHORIZATION);
    }
}
