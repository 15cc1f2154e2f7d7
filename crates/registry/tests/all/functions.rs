use crate::scenario::{Scenario, at, described, qualifier, refused, settings, version};
use fngraph_registry::{CodeType, Delivery, FunctionQuery, Limits, NewFunction, Package, Scaling, Usage};
use fngraph_types::{ErrorCode, FunctionId, Scope, UrnRef, VersionName};
use std::time::Duration;

#[tokio::test]
async fn a_created_function_is_found_by_id_and_by_urn() {
    let scenario = Scenario::new().await;
    let function = scenario.function();
    assert_eq!((function.revision, function.created_at), (1, at(1)));
    assert_eq!((function.latest.code_bytes, function.latest.revision), (4, 1));

    let scope = Scope::default();
    let find = |text: &str| scenario.registry.find(&UrnRef::parse(text, &scope).unwrap());
    assert_eq!(find("urn:fss:anywhere:local:function:default:f:!prod"), Some(function));
    for other in ["g", "shop:f", "p:default:f"] {
        assert_eq!(find(other), None, "{other}");
    }
    let code = scenario.registry.code(scenario.function().latest.code).await.unwrap();
    assert_eq!(code.as_deref(), Some(&b"code"[..]));
}

#[tokio::test]
async fn what_breaks_a_rule_is_not_created() {
    let scenario = Scenario::new().await;
    let new = |name: &str| NewFunction::new(FunctionId::local(name), settings(), "code".into(), at(1));
    let create = |new| scenario.registry.create(new);
    refused(create(new("f")).await, ErrorCode::FunctionExists, "`local:default:f` exists already");
    refused(create(new("1f")).await, ErrorCode::InvalidName, "the function's name is `1f`; allowed: 1 to 60");
    let mut slow = new("slow");
    slow.settings.timeout = Duration::ZERO;
    refused(create(slow).await, ErrorCode::InvalidTimeout, "the timeout");
    let scaling = Scaling { concurrency: 0, ..Scaling::default() };
    refused(create(NewFunction { scaling, ..new("g") }).await, ErrorCode::InvalidConcurrency, "1 to 1000");
    refused(create(NewFunction { code: "".into(), ..new("g") }).await, ErrorCode::InvalidCode, "a zip or a wasm file");
    assert_eq!(scenario.registry.functions(None).len(), 1);
}

#[tokio::test]
async fn functions_are_listed_in_the_order_of_their_ids() {
    let scenario = Scenario::new().await;
    for (project, name) in [("p", "b"), ("p", "a"), ("local", "a")] {
        let new = NewFunction::new(FunctionId::new(project, "default", name), settings(), "code".into(), at(1));
        scenario.registry.create(new).await.unwrap();
    }
    let names = |project: Option<&str>| {
        let functions = scenario.registry.functions(project);
        functions.iter().map(|function| function.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(None), ["local:default:a", "local:default:f", "p:default:a", "p:default:b"]);
    assert_eq!(names(Some("p")), ["p:default:a", "p:default:b"]);
}

#[tokio::test]
async fn pages_show_pinned_functions_first() {
    let scenario = Scenario::new().await;
    for (package, name) in [("shop", "a"), ("shop", "b"), ("default", "z")] {
        let new = NewFunction::new(FunctionId::new("local", package, name), settings(), "code".into(), at(1));
        scenario.registry.create(new).await.unwrap();
    }
    let page = |package, offset, limit| {
        let query = FunctionQuery { project: "local", package, name: None, offset, limit };
        let (functions, total) = scenario.registry.functions_page(query);
        (functions.iter().map(|function| function.id.name.to_string()).collect::<Vec<_>>(), total)
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(page(None, 1, 2), (names(&["z", "a"]), 4));
    scenario.registry.collect(&FunctionId::new("local", "shop", "b"), Some(at(2))).await.unwrap();
    assert_eq!(page(None, 0, 9), (names(&["b", "f", "z", "a"]), 4));
    assert_eq!(page(Some("shop"), 0, 9), (names(&["b", "a"]), 2));
    scenario.registry.delete(&FunctionId::new("local", "default", "z")).await.unwrap();
    assert_eq!(page(Some("default"), 0, 9), (names(&["f"]), 1));
}

#[tokio::test]
async fn how_code_came_is_told_and_makes_no_difference() {
    let scenario = Scenario::new().await;
    assert_eq!(scenario.function().latest.delivery, Delivery::default());
    let (url, filename) = ("https://bucket/f.zip".to_owned(), "f.zip".to_owned());
    let delivery = Delivery { code_type: CodeType::Obs, url, filename };
    let package = Package { delivery: delivery.clone(), ..Package::from("code") };
    let latest = VersionName::latest();
    scenario.registry.update_code(&scenario.id, &latest, package, at(2)).await.unwrap();
    assert_eq!((&scenario.function().latest.delivery, scenario.function().latest.revision), (&delivery, 1));
    scenario.publish("v1").await;
    let reopened = scenario.reopened().await.function(&scenario.id).unwrap();
    assert_eq!(reopened.version(&version("v1")).unwrap().delivery, delivery);
}

#[tokio::test]
async fn secret_user_data_make_another_revision() {
    let scenario = Scenario::new().await;
    let mut secretive = settings();
    secretive.encrypted_user_data.insert("PASSWORD".to_owned(), "hush".to_owned());
    let latest = VersionName::latest();
    scenario.registry.update_settings(&scenario.id, &latest, secretive, at(2)).await.unwrap();
    assert_eq!(scenario.function().latest.revision, 2);
}

#[tokio::test]
async fn what_a_project_uses_is_counted() {
    let scenario = Scenario::new().await;
    scenario.create("g").await.unwrap();
    scenario.reserve("latest", 3).await.unwrap();
    assert_eq!(scenario.registry.usage("local"), Usage { functions: 2, code_bytes: 8, reserved: 3 });
    assert_eq!(scenario.registry.usage("other"), Usage::default());
    scenario.registry.delete(&scenario.id).await.unwrap();
    assert_eq!(scenario.registry.usage("local"), Usage { functions: 1, code_bytes: 4, reserved: 0 });
    assert_eq!(*scenario.registry.limits(), Limits::default());
}

#[tokio::test]
async fn a_revision_grows_with_code_and_settings_and_not_with_scaling() {
    let scenario = Scenario::new().await;
    let (registry, id, latest) = (&scenario.registry, &scenario.id, VersionName::latest());
    let revision = || scenario.function().latest.revision;
    registry.update_settings(id, &latest, described("a"), at(2)).await.unwrap();
    assert_eq!(revision(), 2);
    let scaling = Scaling { concurrency: 9, ..Scaling::default() };
    assert_eq!(registry.update_scaling(id, &latest, scaling, at(3)).await.unwrap().scaling, scaling);
    assert_eq!((revision(), scenario.function().revision), (2, 3));
    let updated = registry.update_code(id, &latest, "more code".into(), at(4)).await.unwrap();
    assert_eq!((updated.revision, updated.code_bytes, updated.modified_at), (4, 9, at(4)));
    registry.update_code(id, &latest, "more code".into(), at(5)).await.unwrap();
    assert_eq!((revision(), scenario.function().revision), (4, 5));
}

#[tokio::test]
async fn a_published_version_changes_in_its_scaling_only() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    let (registry, id, v1) = (&scenario.registry, &scenario.id, version("v1"));
    let revision = scenario.function().version(&v1).unwrap().revision;
    registry.update_scaling(id, &v1, Scaling { concurrency: 2, ..Scaling::default() }, at(5)).await.unwrap();
    assert_eq!(scenario.function().version(&v1).unwrap().revision, revision);
    assert_eq!(scenario.function().latest.scaling.concurrency, 1);

    let immutable = (ErrorCode::InvalidVersion, "is published and cannot change");
    refused(registry.update_settings(id, &v1, settings(), at(5)).await, immutable.0, immutable.1);
    refused(registry.update_code(id, &v1, "x".into(), at(5)).await, immutable.0, immutable.1);
    scenario.reserve("v1", 1).await.unwrap();
    let reserved = (ErrorCode::ReservedInstancesExist, "has reserved instances and cannot change");
    refused(registry.update_settings(id, &v1, settings(), at(5)).await, reserved.0, reserved.1);
    refused(registry.update_code(id, &v1, "x".into(), at(5)).await, reserved.0, reserved.1);
    assert_eq!(scenario.shelf.package_count(), 1, "refused code was stored");
}

#[tokio::test]
async fn the_latest_version_changes_although_it_has_reserved_instances() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", 1).await.unwrap();
    let latest = VersionName::latest();
    scenario.registry.update_code(&scenario.id, &latest, "x".into(), at(5)).await.unwrap();
    assert_eq!(scenario.function().reserved_for(&latest, at(6)), (1, false));
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    let scenario = Scenario::new().await;
    let (registry, ghost, latest) = (&scenario.registry, FunctionId::local("ghost"), VersionName::latest());
    let words = "there is no function `local:default:ghost`";
    refused(registry.delete(&ghost).await, ErrorCode::FunctionNotFound, words);
    refused(registry.update_code(&ghost, &latest, "x".into(), at(1)).await, ErrorCode::FunctionNotFound, words);
    let v9 = version("v9");
    let words = "has no version `v9`";
    refused(registry.update_settings(&scenario.id, &v9, settings(), at(1)).await, ErrorCode::VersionNotFound, words);
    refused(
        registry.update_scaling(&scenario.id, &v9, Scaling::default(), at(1)).await,
        ErrorCode::VersionNotFound,
        words,
    );
}

#[tokio::test]
async fn a_deleted_function_is_gone_and_gives_its_room_back() {
    let scenario = Scenario::limited(Limits { functions_per_project: 1, ..Limits::default() }).await;
    refused(scenario.create("g").await, ErrorCode::TooManyFunctions, "has 1 functions and can have no more");
    scenario.registry.delete(&scenario.id).await.unwrap();
    assert_eq!(scenario.registry.function(&scenario.id), None);
    scenario.create("g").await.unwrap();
    assert_eq!(scenario.reopened().await.functions(None).len(), 1);
}

#[tokio::test]
async fn a_project_has_so_much_code() {
    let scenario = Scenario::limited(Limits { code_bytes_per_project: 10, ..Limits::default() }).await;
    let latest = VersionName::latest();
    let update = |code: &'static str| scenario.registry.update_code(&scenario.id, &latest, code.into(), at(1));
    update("0123456789").await.unwrap();
    refused(update("0123456789a").await, ErrorCode::CodeTooLarge, "more than 10 bytes of code");
    // A published version counts, but not twice with the same code.
    scenario.publish("v1").await;
    refused(update("a").await, ErrorCode::CodeTooLarge, "more than 10 bytes");
    scenario.registry.delete_version(&scenario.id, &version("v1")).await.unwrap();
    update("a").await.unwrap();
}

#[tokio::test]
async fn a_project_reserves_so_many_instances() {
    let scenario = Scenario::limited(Limits { reserved_per_project: 5, ..Limits::default() }).await;
    scenario.create("g").await.unwrap();
    scenario.reserve("latest", 3).await.unwrap();
    let other = fngraph_registry::Reservation::new(3, at(1));
    let reserve = scenario.registry.reserve(&FunctionId::local("g"), &qualifier("latest"), other).await;
    refused(reserve, ErrorCode::TooManyReserved, "the project `local` would have 6 reserved instances, and can have 5");
}

#[tokio::test]
async fn limits_have_a_range() {
    let shelf = std::sync::Arc::new(crate::shelf::Shelf::new());
    let limits = Limits { functions_per_project: 1_000_001, ..Limits::default() };
    let opened = fngraph_registry::Registry::open(shelf.clone(), shelf.clone(), shelf, limits).await;
    refused(opened, ErrorCode::InvalidParameter, "up to 1000000");
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_not_changed_by_who_has_not_seen_it() {
    let scenario = Scenario::new().await;
    let seen = scenario.function().latest.clone();
    let scaling = Scaling { concurrency: 2, ..Scaling::default() };
    let configure = |seen, text: &str| scenario.registry.configure(&scenario.id, seen, described(text), scaling, at(2));
    let first = configure(seen.clone(), "first").await.unwrap();
    assert_eq!((first.settings.description.as_str(), first.scaling), ("first", scaling));
    refused(configure(seen.clone(), "second").await, ErrorCode::Conflict, "was changed meanwhile");
    let replace = |seen| scenario.registry.replace_code(&scenario.id, seen, "second".into(), None, at(2));
    refused(replace(seen).await, ErrorCode::Conflict, "was changed meanwhile");
    assert_eq!(scenario.function().latest, first);
    let second = replace(first.clone()).await.unwrap();
    assert_eq!((second.code_bytes, &second.settings), (6, &first.settings));
    refused(configure(first, "third").await, ErrorCode::Conflict, "was changed meanwhile");
    configure(second, "third").await.unwrap();
    assert_eq!(scenario.function().latest.settings.description, "third");

    scenario.publish("v1").await;
    let published = scenario.function().published[0].clone();
    refused(configure(published.clone(), "fourth").await, ErrorCode::InvalidVersion, "cannot change");
    refused(replace(published).await, ErrorCode::InvalidVersion, "cannot change");
}
