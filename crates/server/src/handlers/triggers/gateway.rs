//! Triggers behind the HTTP gateway.

use super::{
    answer,
    read::{Said, Target, identifier, some},
};
use crate::failure::Failure;
use fngraph::{Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, PathMatch, Qualifier, Source, Urn};
use fngraph_api::triggers::{ApigFuncInfo, TriggerEventData};
use serde_json::{Map, Value};
use std::time::Duration;

const METHODS: [(&str, GatewayMethod); 8] = [
    ("ANY", GatewayMethod::Any),
    ("GET", GatewayMethod::Get),
    ("POST", GatewayMethod::Post),
    ("PUT", GatewayMethod::Put),
    ("DELETE", GatewayMethod::Delete),
    ("HEAD", GatewayMethod::Head),
    ("PATCH", GatewayMethod::Patch),
    ("OPTIONS", GatewayMethod::Options),
];

const PROTOCOLS: [(&str, GatewayProtocol); 2] = [("HTTP", GatewayProtocol::Http), ("HTTPS", GatewayProtocol::Https)];

const AUTHS: [(&str, GatewayAuth); 3] =
    [("NONE", GatewayAuth::None), ("IAM", GatewayAuth::Iam), ("APP", GatewayAuth::App)];

const MATCHES: [(&str, PathMatch); 2] = [("SWA", PathMatch::Prefix), ("NORMAL", PathMatch::Exact)];

const BACKEND: &str = "FUNCTION";

/// The longest that the gateway waits, in milliseconds (manual, 7.13.3).
const LONGEST_TIMEOUT: i64 = 60_000;

/// What was said, as the registry keeps it.
pub(super) fn read(said: Said<'_>, target: &Target<'_>) -> Result<(Source, Map<String, Value>), Failure> {
    let data = said.data;
    let is_private = match data.kind {
        None | Some(1) => false,
        Some(2) => true,
        Some(other) => return Err(said.refused("event_data.type", other, "1 for a public API, 2 for a private one")),
    };
    said.word("event_data.backend_type", data.backend_type.as_ref(), &[(BACKEND, ())])?;
    let auth = said.word("event_data.auth", data.auth.as_ref(), &AUTHS)?;
    let auth = auth.ok_or_else(|| said.missing("event_data.auth", "`NONE`, `IAM` or `APP`"))?;
    let (timeout, is_async) = called(said, target)?;
    let own = match target.app.options.triggers.as_ref().and_then(|triggers| triggers.gateway_url()) {
        Some(url) if url.starts_with("https:") => GatewayProtocol::Https,
        Some(_) | None => GatewayProtocol::Http,
    };
    let function = &target.function.name;
    let group_id = or(data.group_id.as_ref(), identifier);
    // A domain that was made up from the group is nobody's choice, and binds the API to no host.
    let host = some(data.sl_domain.as_ref()).filter(|domain| *domain != own_domain(&group_id));
    let gateway = Gateway {
        kind: said.kind,
        api_id: target.api_id.to_owned(),
        api_name: or(data.name.as_ref(), || format!("API_{function}_{}", target.mark())),
        group_name: or(data.group_name.as_ref(), || format!("APIGroup_{}", target.mark())),
        host: host.unwrap_or_default().to_owned(),
        group_id,
        path: said.text("event_data.path", data.path.as_ref(), "a path, such as `/shop/{id}`")?.to_owned(),
        matching: said.word("event_data.match_mode", data.match_mode.as_ref(), &MATCHES)?.unwrap_or(PathMatch::Prefix),
        method: said.word("event_data.req_method", data.req_method.as_ref(), &METHODS)?.unwrap_or(GatewayMethod::Any),
        protocol: said.word("event_data.protocol", data.protocol.as_ref(), &PROTOCOLS)?.unwrap_or(own),
        auth,
        timeout,
        is_async,
        cors: data.cors.unwrap_or_default(),
        is_private,
        env_id: or(data.env_id.as_ref(), || "DEFAULT_ENVIRONMENT_RELEASE_ID".to_owned()),
        env_name: or(data.env_name.as_ref(), || "RELEASE".to_owned()),
        instance_id: data.instance_id.clone().unwrap_or_default(),
    };
    let platform = data.roma_app_id.as_ref().map(|id| ("roma_app_id".to_owned(), Value::from(id.as_str())));
    Ok((Source::Gateway(gateway), platform.into_iter().collect()))
}

/// How long the gateway waits, and whether it waits for the function at all.
fn called(said: Said<'_>, target: &Target<'_>) -> Result<(Duration, bool), Failure> {
    let rule = "1 to 60000 milliseconds";
    let none = ApigFuncInfo::default();
    let info = said.data.func_info.as_ref().unwrap_or(&none);
    let timeout = info.timeout.ok_or_else(|| said.missing("event_data.func_info.timeout", rule))?;
    let millis = u64::try_from(timeout).ok().filter(|_| (1..=LONGEST_TIMEOUT).contains(&timeout));
    let millis = millis.ok_or_else(|| said.refused("event_data.func_info.timeout", timeout, rule))?;
    let ways = [("sync", false), ("async", true)];
    let is_async = said.word("event_data.func_info.invocation_type", info.invocation_type.as_ref(), &ways)?;
    if let Some(urn) = some(info.function_urn.as_ref()) {
        let named = Urn::parse(urn, &target.app.scope(&target.function.project_id));
        if named.map_or(true, |named| named.function != *target.function) {
            return Err(said.refused("event_data.func_info.function_urn", urn, "the URN of the path"));
        }
    }
    if let Some(version) = some(info.version.as_ref())
        && version.parse::<Qualifier>().map_or(true, |named| named != *target.qualifier)
    {
        let rule = format!("`{}`, which the URN of the path names", target.qualifier);
        return Err(said.refused("event_data.func_info.version", version, &rule));
    }
    Ok((Duration::from_millis(millis), is_async.unwrap_or_default()))
}

/// What the registry keeps, as it was said. Where the API is called, and which function it calls, is not part of it.
pub(super) fn event_data(gateway: &Gateway, trigger: &str) -> TriggerEventData {
    let domain = if gateway.host.is_empty() { own_domain(&gateway.group_id) } else { gateway.host.clone() };
    TriggerEventData {
        name: Some(gateway.api_name.clone()),
        triggerid: Some(trigger.to_owned()),
        kind: Some(if gateway.is_private { 2 } else { 1 }),
        path: Some(gateway.path.clone()),
        protocol: Some(word(&PROTOCOLS, gateway.protocol)),
        req_method: Some(word(&METHODS, gateway.method)),
        group_id: Some(gateway.group_id.clone()),
        group_name: Some(gateway.group_name.clone()),
        match_mode: Some(word(&MATCHES, gateway.matching)),
        env_name: Some(gateway.env_name.clone()),
        env_id: Some(gateway.env_id.clone()),
        api_id: Some(gateway.api_id.clone()),
        api_name: Some(gateway.api_name.clone()),
        auth: Some(word(&AUTHS, gateway.auth)),
        func_info: Some(ApigFuncInfo {
            invocation_type: Some(if gateway.is_async { "async" } else { "sync" }.to_owned()),
            timeout: i64::try_from(gateway.timeout.as_millis()).ok(),
            ..ApigFuncInfo::default()
        }),
        sl_domain: Some(domain),
        backend_type: Some(BACKEND.to_owned()),
        cors: gateway.cors.then_some(true),
        instance_id: answer::said(&gateway.instance_id),
        ..TriggerEventData::default()
    }
}

/// The domain of an API that nobody chose one for. Clients on this machine resolve it to this machine.
fn own_domain(group_id: &str) -> String {
    format!("{group_id}.localhost")
}

fn or(value: Option<&String>, default: impl FnOnce() -> String) -> String {
    some(value).map_or_else(default, str::to_owned)
}

/// How something is written.
fn word<T: PartialEq>(words: &[(&str, T)], meaning: T) -> String {
    words.iter().find(|(_, one)| *one == meaning).map_or_else(String::new, |(word, _)| (*word).to_owned())
}
