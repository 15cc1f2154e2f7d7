use super::*;
use fngraph::{Gateway, Source, Timestamp};
use proptest::prelude::*;
use serde_json::json;

/// A trigger, from `METHOD PATH`; a path that ends in `*` is a prefix.
fn trigger(id: &str, api: &str, host: &str, at: i64) -> Trigger {
    let (method, path) = api.split_once(' ').unwrap();
    let (path, matching) = path.strip_suffix('*').map_or((path, "exact"), |path| (path, "prefix"));
    let gateway = json!({
        "kind": "apig", "api_id": id, "api_name": format!("api_{id}"), "path": path, "matching": matching,
        "method": method, "protocol": "HTTP", "auth": "NONE", "timeout": 5000, "host": host,
        "group_id": host.split('.').next(),
    });
    let gateway: Gateway = serde_json::from_value(gateway).unwrap();
    Trigger::new(id, Source::Gateway(gateway), Timestamp::from_millis(at))
}

/// Routes to these triggers, each of a function that is called as its trigger.
fn routes(apis: &[(&str, &str)]) -> Routes {
    let routes = Routes::default();
    for (at, (api, host)) in apis.iter().enumerate() {
        add(&routes, &trigger(api, api, host, i64::try_from(at).unwrap()));
    }
    routes
}

fn id(trigger: &Trigger) -> FunctionId {
    FunctionId::new("p1", "default", &*trigger.id)
}

fn add(routes: &Routes, trigger: &Trigger) {
    let endpoint = Arc::new(Endpoint::of(&id(trigger), None, trigger).unwrap());
    let mut tables = Tables::clone(&routes.tables.load());
    tables.insert(&endpoint);
    routes.tables.store(Arc::new(tables));
    routes.functions.lock().entry(endpoint.function.clone()).or_default().push(endpoint);
}

#[track_caller]
fn check(routes: &Routes, host: &str, request: &str, expected: Option<&str>) {
    let (method, path) = request.split_once(' ').unwrap();
    let found = routes.find(host, path, &method.parse().unwrap());
    assert_eq!(found.as_ref().map(|found| &*found.trigger), expected, "{host} {request}");
}

#[test]
fn the_best_path_answers() {
    let apis = [
        "ANY /*",
        "GET /a",
        "GET /a*",
        "POST /a/b",
        "ANY /a/b*",
        "GET /a/{x}",
        "GET /a/{x}/c",
        "GET /d/{x}/{rest+}",
        "GET /d*",
        "GET /e/",
        "HEAD /h",
        "GET /h",
        "ANY /i",
        "GET /i",
    ];
    let routes = routes(&apis.map(|api| (api, "")));
    for (request, expected) in [
        ("GET /", "ANY /*"),
        ("GET /nowhere", "ANY /*"),
        ("GET /a", "GET /a"),
        ("POST /a", "ANY /*"),
        ("GET /a/", "GET /a*"),
        ("GET /ab", "ANY /*"),
        ("POST /a/b", "POST /a/b"),
        ("GET /a/b", "ANY /a/b*"),
        ("GET /a/b/c", "ANY /a/b*"),
        ("GET /a/z", "GET /a/{x}"),
        ("PUT /a/z", "ANY /*"),
        ("GET /a/z/c", "GET /a/{x}/c"),
        ("GET /a/z/d", "GET /a*"),
        ("GET /a//c", "GET /a*"),
        ("GET /d/1/2/3", "GET /d/{x}/{rest+}"),
        ("GET /d/1", "GET /d*"),
        ("GET /d/1/", "GET /d*"),
        ("GET /e", "ANY /*"),
        ("GET /e/", "GET /e/"),
        ("HEAD /h", "HEAD /h"),
        ("HEAD /e/", "GET /e/"),
        ("HEAD /i", "ANY /i"),
        ("GET /i", "GET /i"),
        ("PROPFIND /i", "ANY /i"),
    ] {
        check(&routes, "localhost:8081", request, Some(expected));
    }
    check(&routes, "localhost", "OPTIONS *", None);
    assert!(routes.find("h", "", &Method::CONNECT).is_none());
}

#[test]
fn hosts_are_kept_apart_and_the_gateways_own_reach_all() {
    let routes = routes(&[("GET /a", "one.example.com"), ("GET /a ", "two.example.com:8081"), ("GET /b", "")]);
    let (one, two) = (Some("GET /a"), Some("GET /a "));
    // The second's path has a space, so it is not the first's; both hosts see `/b`.
    for host in ["one.example.com", "ONE.example.com:9", "one.localhost", "two.example.com", "127.0.0.1:8081", ""] {
        check(&routes, host, "GET /b", Some("GET /b"));
    }
    check(&routes, "One.Example.com:80", "GET /a", one);
    check(&routes, "one.localhost:80", "GET /a", one);
    check(&routes, "two.example.com", "GET /a", None);
    check(&routes, "two.example.com", "GET /a ", two);
    check(&routes, "three.example.com", "GET /a", None);
    for own in ["127.0.0.1:8081", "[::1]:8081", "localhost", "gateway:80", ""] {
        check(&routes, own, "GET /a", one);
    }
}

#[test]
fn the_gateways_own_address_reaches_the_oldest() {
    let routes = Routes::default();
    for (name, host, at) in [("young", "young.example.com", 2), ("old", "old.example.com", 1), ("any", "", 3)] {
        add(&routes, &trigger(name, if name == "any" { "GET /b" } else { "GET /a" }, host, at));
    }
    check(&routes, "127.0.0.1", "GET /a", Some("old"));
    check(&routes, "young.localhost", "GET /a", Some("young"));
    let url = |name: &str, api: &str, host: &str, at| {
        let trigger = trigger(name, api, host, at);
        routes.url("http://127.0.0.1:8081", &Endpoint::of(&id(&trigger), None, &trigger).unwrap()).unwrap()
    };
    assert_eq!(url("old", "GET /a", "old.example.com", 1), "http://127.0.0.1:8081/a");
    assert_eq!(url("young", "GET /a", "young.example.com", 2), "http://young.localhost:8081/a");
    assert_eq!(url("shadowed", "GET /b", "s.example.com", 4), "http://s.localhost:8081/b");
    assert_eq!(url("any", "GET /b", "", 3), "http://127.0.0.1:8081/b");
}

#[test]
fn the_same_requests_have_one_answerer() {
    let routes = routes(&[("GET /a/{x}", ""), ("ANY /b*", ""), ("POST /c", "one.example.com")]);
    for (api, host, other) in [
        ("GET /a/{y}", "", Some("GET /a/{x}")),
        ("ANY /a/{y}", "", Some("GET /a/{x}")),
        ("POST /a/{y}", "", None),
        ("GET /a/{y}*", "", None),
        ("GET /a/y", "", None),
        ("GET /a/{y}", "one.example.com", None),
        ("PUT /b/*", "", Some("ANY /b*")),
        ("PUT /b", "", None),
        ("POST /c", "ONE.example.com:80", Some("POST /c")),
        ("POST /c", "two.example.com", None),
        ("POST /c", "", None),
    ] {
        let trigger = trigger("new", api, host, 9);
        let conflict = routes.conflict(&id(&trigger), &trigger);
        assert_eq!(conflict.as_ref().map(|id| &*id.name), other, "{api} {host}");
    }
    // A trigger does not stand in its own way.
    let same = trigger("ANY /b*", "GET /b*", "", 9);
    assert_eq!(routes.conflict(&id(&same), &same), None);
}

#[test]
fn preflights_are_the_gateways_where_triggers_say_so() {
    let routes = Routes::default();
    let with_cors = |name: &str, api: &str| {
        let mut trigger = trigger(name, api, "", 1);
        let Source::Gateway(gateway) = &mut trigger.source else { unreachable!() };
        gateway.cors = true;
        add(&routes, &trigger);
    };
    with_cors("post", "POST /a");
    with_cors("any", "ANY /b");
    with_cors("put", "PUT /c");
    add(&routes, &trigger("options", "OPTIONS /c", "", 1));
    add(&routes, &trigger("plain", "GET /d", "", 1));
    for (path, method, expected) in [
        ("/a", Method::POST, Some("post")),
        ("/a", Method::GET, None),
        ("/b", Method::DELETE, Some("any")),
        ("/c", Method::PUT, None),
        ("/d", Method::GET, None),
    ] {
        let found = routes.preflight("", path, &method);
        assert_eq!(found.as_ref().map(|found| &*found.trigger), expected, "{method} {path}");
    }
}

/// What people may call an API.
fn api() -> impl Strategy<Value = String> {
    let segment = prop_oneof![Just("a".to_owned()), Just("b".to_owned()), "\\{[a-z]\\}"];
    let path = prop::collection::vec(segment, 0..4).prop_map(|segments| {
        // Names of parameters must differ.
        let names = segments.iter().enumerate().map(|(at, segment)| match segment.starts_with('{') {
            true => format!("{{p{at}}}"),
            false => segment.clone(),
        });
        format!("/{}", names.collect::<Vec<_>>().join("/"))
    });
    (prop_oneof!["ANY", "GET", "POST"], path, prop_oneof!["", "\\*"])
        .prop_map(|(method, path, end)| format!("{method} {path}{end}"))
}

/// Whether an API answers a request, told in the simplest way.
fn answers(api: &str, method: &str, path: &str) -> bool {
    let (own, pattern) = api.split_once(' ').unwrap();
    let (pattern, is_prefix) = pattern.strip_suffix('*').map_or((pattern, false), |pattern| (pattern, true));
    let mut pattern: Vec<_> = pattern[1..].split('/').collect();
    if is_prefix && pattern.last() == Some(&"") {
        pattern.pop();
    }
    let path: Vec<_> = path[1..].split('/').collect();
    let fits = |(pattern, text): (&&str, &&str)| {
        if pattern.starts_with('{') { !text.is_empty() } else { pattern == text }
    };
    (own == "ANY" || own == method)
        && (pattern.len() == path.len() || is_prefix && pattern.len() < path.len())
        && pattern.iter().zip(&path).all(fits)
}

proptest! {
    #[test]
    fn what_is_found_answers_and_nothing_that_answers_is_missed(
        apis in prop::collection::btree_set(api(), 0..8),
        method in "GET|POST|PUT",
        path in "(/[abc]?){1,4}",
        host in "\\PC{0,10}",
    ) {
        let pairs: Vec<_> = apis.iter().map(|api| (api.as_str(), "")).collect();
        let found = routes(&pairs).find(&host, &path, &method.parse().unwrap());
        match found {
            Some(found) => prop_assert!(answers(&found.trigger, &method, &path), "{} {method} {path}", found.trigger),
            None => prop_assert!(!apis.iter().any(|api| answers(api, &method, &path)), "{apis:?} {method} {path}"),
        }
    }

    #[test]
    fn a_whole_path_goes_before_every_prefix(path in "(/[ab]){1,3}", apis in prop::collection::vec(api(), 0..6)) {
        let own = format!("GET {path}");
        let prefixes: Vec<_> = apis.iter().filter(|api| api.ends_with('*')).map(|api| (api.as_str(), "")).collect();
        let routes = routes(&prefixes);
        add(&routes, &trigger("own", &own, "", 99));
        prop_assert_eq!(&routes.find("", &path, &Method::GET).unwrap().trigger, "own");
    }

    #[test]
    fn any_request_is_looked_for(host in "\\PC{0,30}", path in "\\PC{0,60}") {
        let routes = routes(&[("ANY /*", ""), ("GET /{a}/{b}", "h.example.com"), ("GET /x/{r+}", "")]);
        let _ = routes.find(&host, &path, &Method::GET);
        let _ = routes.preflight(&host, &path, &Method::GET);
    }

    #[test]
    fn what_is_removed_leaves_nothing(apis in prop::collection::btree_set(api(), 1..8), hosts in "[ab]{8}") {
        let pairs: Vec<_> = apis.iter().zip(hosts.chars()).collect();
        let routes = Routes::default();
        for (api, host) in &pairs {
            let host = if *host == 'a' { "one.example.com" } else { "" };
            add(&routes, &trigger(api, api, host, 0));
        }
        for (api, _) in &pairs {
            routes.changed(&FunctionId::new("p1", "default", api.as_str()), || None);
        }
        let tables = routes.tables.load();
        prop_assert!(tables.any.is_empty() && tables.named.is_empty());
        prop_assert!(tables.hosts.is_empty() && tables.groups.is_empty() && routes.functions.lock().is_empty());
    }
}
