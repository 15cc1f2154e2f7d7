use super::*;
use crate::{Settings, Version};
use fngraph_store::Digest;
use fngraph_types::{FunctionId, Timestamp, VersionName};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

fn function(package: &str, name: &str, collected_at: Option<i64>) -> Arc<Function> {
    let latest = Version {
        name: VersionName::latest(),
        settings: Settings::new("index.handler".parse().unwrap()),
        ..serde_json::from_value(serde_json::json!({
            "name": "latest", "settings": {}, "code": Digest::of(b"code"), "code_bytes": 4, "modified_at": 0, "revision": 1,
        }))
        .unwrap()
    };
    Arc::new(Function {
        id: FunctionId::new("p", package, name),
        revision: 1,
        created_at: Timestamp::EPOCH,
        latest: Arc::new(latest),
        published: Vec::new(),
        aliases: Vec::new(),
        async_configs: BTreeMap::new(),
        reservations: BTreeMap::new(),
        tags: BTreeMap::new(),
        collected_at: collected_at.map(Timestamp::from_millis),
        test_events: Vec::new(),
        triggers: Vec::new(),
        tracing: None,
    })
}

/// What a page should have, found the slow way.
fn expected(functions: &BTreeMap<FunctionId, Arc<Function>>, query: FunctionQuery<'_>) -> (Vec<Arc<Function>>, usize) {
    let mut matching: Vec<_> = functions.values().cloned().collect();
    matching.retain(|function| query.package.is_none_or(|package| *function.id.package == *package));
    matching.retain(|function| query.name.is_none_or(|name| *function.id.name == *name));
    matching.sort_by_key(|function| Reverse(function.collected_at));
    let total = matching.len();
    (matching.into_iter().skip(query.offset).take(query.limit).collect(), total)
}

/// A function of this package and name is written, pinned at a moment or not, or deleted.
fn changes() -> impl Strategy<Value = Vec<(String, String, Option<Option<i64>>)>> {
    vec(("[ab]", "[a-d]", prop::option::weighted(0.8, prop::option::of(0i64..3))), 0..40)
}

proptest! {
    #[test]
    fn pages_show_what_there_is_in_order(changes in changes(), offset in 0usize..6, limit in 0usize..6) {
        let listing = Listing::new([]);
        let mut functions = BTreeMap::new();
        for (package, name, change) in changes {
            let id = FunctionId::new("p", &*package, &*name);
            let after = change.map(|collected_at| function(&package, &name, collected_at));
            let before = match &after {
                Some(after) => functions.insert(id, Arc::clone(after)),
                None => functions.remove(&id),
            };
            listing.replace(before.as_deref(), after.as_ref());
        }
        let packages = [None, Some("a"), Some("b"), Some("c")];
        for (package, name) in packages.into_iter().flat_map(|package| [(package, None), (package, Some("b"))]) {
            let query = FunctionQuery { project: "p", package, name, offset, limit };
            prop_assert_eq!(listing.page(query), expected(&functions, query));
            prop_assert_eq!(Listing::new(functions.values().cloned()).page(query), expected(&functions, query));
        }
    }
}

#[test]
fn projects_are_separate() {
    let listing = Listing::new([function("default", "f", None)]);
    let query = FunctionQuery { project: "q", package: None, name: None, offset: 0, limit: 9 };
    assert_eq!(listing.page(query), (Vec::new(), 0));
    assert_eq!((listing.project("p").len(), listing.project("q").len()), (1, 0));
}
