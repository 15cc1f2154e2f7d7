//! Which gateway trigger answers a request.

use super::{
    endpoint::{Endpoint, without_port},
    tree::Node,
};
use arc_swap::ArcSwap;
use fngraph::{Function, FunctionId, GatewayMethod, Trigger};
use http::Method;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    net::{Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

/// Which gateway trigger answers a request. Readers take no lock: a change makes another table, which shares what is
/// the same with the one before.
///
/// # Hosts
/// All projects share one gateway. A trigger with a host answers requests to that host, and to those whose first label
/// is its group (`<group>.localhost`); one without a host answers requests to any. The gateway's own names, which are
/// IP addresses and names of one label (`localhost`, a container's), reach those with a host too, unless one without
/// has the same path; of several, the oldest answers.
///
/// # Paths
/// They are compared as they are sent. Plain segments go before parameters, whole paths before prefixes, longer
/// prefixes before shorter ones; of the same path, the very method goes before `ANY`, and `HEAD` is answered by `GET`
/// where nothing else does.
#[derive(Debug, Default)]
pub struct Routes {
    tables: ArcSwap<Tables>,
    /// What stands in the tables, by function. Held by whoever changes them.
    functions: Mutex<HashMap<FunctionId, Vec<Arc<Endpoint>>>>,
}

#[derive(Debug, Clone, Default)]
struct Tables {
    /// Those without a host.
    any: Arc<Node>,
    /// All those with a host.
    named: Arc<Node>,
    hosts: Arc<HashMap<String, Arc<Node>>>,
    /// By the first label of the host, with its dot.
    groups: Arc<HashMap<String, Arc<Node>>>,
}

impl Routes {
    /// Who answers a request, by its host (with or without a port; empty for none), its path without the query, and
    /// its method.
    pub fn find(&self, host: &str, path: &str, method: &Method) -> Option<Arc<Endpoint>> {
        self.tables.load().find(host, path, &|endpoint| endpoint.answers(method)).map(Arc::clone)
    }

    /// Who is meant by a preflight request (CORS) for this method, if the gateway answers it by itself: the trigger
    /// says so, and none is there for `OPTIONS`.
    pub fn preflight(&self, host: &str, path: &str, method: &Method) -> Option<Arc<Endpoint>> {
        let tables = self.tables.load();
        let own = |endpoint: &Endpoint| (endpoint.gateway.method == GatewayMethod::Options).then_some(0);
        if tables.find(host, path, &own).is_some() {
            return None;
        }
        tables.find(host, path, &|endpoint| endpoint.answers(method)).filter(|found| found.gateway.cors).map(Arc::clone)
    }

    /// Where clients on this machine reach an API: `base`, which is the gateway's own address, and the path. Where
    /// another API answers there, the host names the group.
    pub fn invoke_url(&self, base: &str, function: &Function, trigger: &Trigger) -> Option<String> {
        self.url(base, &Endpoint::of(&function.id, Some(function), trigger)?)
    }

    fn url(&self, base: &str, endpoint: &Endpoint) -> Option<String> {
        let path = &endpoint.gateway.path;
        let tables = self.tables.load();
        let is_other = |other: &&Arc<Endpoint>| other.trigger != endpoint.trigger && other.shares_method(endpoint);
        let older =
            |other: &&Arc<Endpoint>| (other.created_at, &other.trigger) < (endpoint.created_at, &endpoint.trigger);
        let is_shadowed = endpoint.host().is_some()
            && (tables.any.same(&endpoint.pattern).iter().any(|other| is_other(&other))
                || tables.named.same(&endpoint.pattern).iter().filter(is_other).any(|other| older(&other)));
        if !is_shadowed {
            return Some(format!("{base}{path}"));
        }
        let (scheme, own) = base.split_once("://")?;
        let port = &own[without_port(own).len()..];
        let host = endpoint.group().map_or_else(|| endpoint.host(), |group| Some(format!("{group}localhost")))?;
        Some(format!("{scheme}://{host}{port}{path}"))
    }

    /// A function was created, changed or deleted; `read` tells what it is now.
    pub(crate) fn changed(&self, id: &FunctionId, read: impl FnOnce() -> Option<Arc<Function>>) {
        let mut functions = self.functions.lock();
        let now: Vec<Endpoint> = read().map_or_else(Vec::new, |function| {
            function.triggers.iter().filter_map(|trigger| Endpoint::of(id, Some(&function), trigger)).collect()
        });
        let before = functions.get(id).map_or(&[][..], Vec::as_slice);
        if before.iter().map(|endpoint| &**endpoint).eq(&now) {
            return;
        }
        let mut tables = Tables::clone(&self.tables.load());
        before.iter().for_each(|endpoint| tables.remove(endpoint));
        let now: Vec<_> = now.into_iter().map(Arc::new).collect();
        now.iter().for_each(|endpoint| tables.insert(endpoint));
        self.tables.store(Arc::new(tables));
        if now.is_empty() {
            functions.remove(id);
        } else {
            functions.insert(id.clone(), now);
        }
    }

    /// The function whose gateway trigger answers the requests of `trigger` already; none when there is none, or
    /// `trigger` is of another kind. Called under the lock of changes.
    pub(crate) fn conflict(&self, function: &FunctionId, trigger: &Trigger) -> Option<FunctionId> {
        let endpoint = Endpoint::of(function, None, trigger)?;
        let tables = self.tables.load();
        let node = match endpoint.host() {
            None => &tables.any,
            Some(host) => tables.hosts.get(&host)?,
        };
        let other = |other: &&Arc<Endpoint>| other.trigger != endpoint.trigger && other.shares_method(&endpoint);
        node.same(&endpoint.pattern).iter().find(other).map(|other| other.function.clone())
    }
}

impl Tables {
    fn find(&self, host: &str, path: &str, answers: &dyn Fn(&Endpoint) -> Option<u8>) -> Option<&Arc<Endpoint>> {
        let host = without_port(host);
        // Most gateways know no hosts.
        if !self.named.is_empty() {
            let host = host.to_ascii_lowercase();
            let group = host.split_inclusive('.').next().unwrap_or_default();
            let nodes = [self.hosts.get(&host), self.groups.get(group)];
            if let Some(found) = nodes.into_iter().flatten().find_map(|node| node.find(path, answers)) {
                return Some(found);
            }
        }
        let found = self.any.find(path, answers);
        found.or_else(|| if is_own(host) { self.named.find(path, answers) } else { None })
    }

    fn insert(&mut self, endpoint: &Arc<Endpoint>) {
        let Some(host) = endpoint.host() else { return self.any.insert(endpoint) };
        self.named.insert(endpoint);
        Arc::make_mut(&mut self.hosts).entry(host).or_default().insert(endpoint);
        if let Some(group) = endpoint.group() {
            Arc::make_mut(&mut self.groups).entry(group).or_default().insert(endpoint);
        }
    }

    fn remove(&mut self, endpoint: &Arc<Endpoint>) {
        let Some(host) = endpoint.host() else { return self.any.remove(endpoint) };
        self.named.remove(endpoint);
        for (nodes, name) in [(&mut self.hosts, Some(host)), (&mut self.groups, endpoint.group())] {
            let Some(name) = name else { continue };
            let nodes = Arc::make_mut(nodes);
            if let Some(node) = nodes.get_mut(&name) {
                node.remove(endpoint);
                if node.is_empty() {
                    nodes.remove(&name);
                }
            }
        }
    }
}

/// Whether a host names the gateway itself rather than one of its APIs.
fn is_own(host: &str) -> bool {
    let ipv6 = || host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    !host.contains('.') || host.parse::<Ipv4Addr>().is_ok() || ipv6().parse::<Ipv6Addr>().is_ok()
}

#[cfg(test)]
mod tests;
