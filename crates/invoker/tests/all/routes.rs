//! From a URN to a version.

use crate::scenario::{Scenario, code, text};
use fngraph_engine::Invocation;
use fngraph_invoker::{LoadError, Rejection, Request};
use fngraph_registry::{Combine, HeaderRule, Matches, Routing};
use fngraph_types::{AliasName, ErrorCode, FunctionId};

async fn refused(scenario: &Scenario, urn: &str, expected: ErrorCode) {
    let rejection = scenario.call(urn, "hello").await.unwrap_err();
    assert_eq!(rejection.code(), expected, "{urn}: {rejection}");
    let load = scenario.invoker.load(urn).await.unwrap_err();
    assert_eq!(load.code(), expected, "{urn}: {load}");
    let accepted = scenario.invoker.invoke_async(urn, "hello", None).await.unwrap_err();
    assert_eq!(accepted.code(), expected, "{urn}: {accepted}");
}

#[tokio::test]
async fn every_length_of_a_urn_names_the_function() {
    let scenario = Scenario::new().await;
    for urn in [
        "f",
        "default:f",
        "local:default:f",
        "local:default:f:latest",
        "urn:fss:local:local:function:default:f",
        "urn:fss:local:local:function:default:f:latest",
    ] {
        assert_eq!(text(scenario.call(urn, "code").await), "code of f", "{urn}");
    }
}

#[tokio::test]
async fn what_is_not_there_has_a_code_of_its_own() {
    let scenario = Scenario::new().await;
    for (urn, expected) in [
        ("nobody", ErrorCode::FunctionNotFound),
        ("other:f", ErrorCode::FunctionNotFound),
        ("other:default:f", ErrorCode::FunctionNotFound),
        ("local:default:f:v1", ErrorCode::VersionNotFound),
        ("local:default:f:!prod", ErrorCode::AliasNotFound),
        ("local:default:f:!", ErrorCode::InvalidParameter),
        ("a:b:c:d:e", ErrorCode::InvalidParameter),
        ("", ErrorCode::InvalidParameter),
    ] {
        refused(&scenario, urn, expected).await;
        // And once more, when the function is known.
        scenario.answer("f", "hello").await;
        refused(&scenario, urn, expected).await;
    }
    assert_eq!(scenario.fake.counts().starts, 1);
}

#[tokio::test]
async fn a_version_has_instances_of_its_own() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    scenario.update("f", "newest").await;
    for (urn, expected) in [
        ("f", "newest"),
        ("local:default:f:v1", "v1"),
        ("local:default:f:v2", "v2"),
        ("local:default:f:latest", "newest"),
    ] {
        assert_eq!(text(scenario.call(urn, "code").await), expected, "{urn}");
    }
    assert_eq!(scenario.fake.counts().live, 3);
}

#[tokio::test]
async fn an_alias_sends_calls_to_its_version_and_tells_its_name() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.alias("prod", "v1", None).await;
    assert_eq!(text(scenario.call("local:default:f:!prod", "code").await), "v1");
    assert_eq!(text(scenario.call("local:default:f:!prod", "alias").await), "prod");
    assert_eq!(text(scenario.call("local:default:f:v1", "alias").await), "none");
}

/// Which of 1000 calls of the alias `prod` go to `v2`.
async fn to_v2(weight: u8, seed: u64) -> Vec<bool> {
    let scenario = Scenario::with(|options| options.seed = Some(seed)).await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    scenario.alias("prod", "v1", Some(("v2", Routing::Weight(weight)))).await;
    let mut calls = Vec::new();
    for _ in 0..1000 {
        calls.push(text(scenario.call("local:default:f:!prod", "code").await) == "v2");
    }
    calls
}

#[tokio::test]
async fn a_weight_is_a_share_of_the_calls() {
    let share = |calls: &[bool]| calls.iter().filter(|to_v2| **to_v2).count();
    assert_eq!(share(&to_v2(0, 1).await), 0);
    assert_eq!(share(&to_v2(100, 1).await), 1000);
    let calls = to_v2(20, 1).await;
    assert!((160..=240).contains(&share(&calls)), "{} of 1000", share(&calls));
    assert_eq!(to_v2(20, 1).await, calls, "the same seed, the same calls");
    assert_ne!(to_v2(20, 2).await, calls, "chance, after all");
}

fn rule(header: &str, matches: Matches) -> HeaderRule {
    HeaderRule { header: header.to_owned(), matches }
}

#[tokio::test]
async fn rules_choose_by_the_headers_of_a_call() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    let rules = || {
        vec![
            rule("X-Beta", Matches::Equals("yes".to_owned())),
            rule("x-region", Matches::In(vec!["north".to_owned(), "south".to_owned()])),
        ]
    };
    let routing = |combine| Routing::Rules { combine, rules: rules() };
    scenario.alias("both", "v1", Some(("v2", routing(Combine::And)))).await;
    for (name, combine) in [("both", Combine::And), ("either", Combine::Or)] {
        if name == "either" {
            let id = FunctionId::local("f");
            scenario.registry.delete_alias(&id, &"both".parse::<AliasName>().unwrap()).await.unwrap();
            scenario.alias(name, "v1", Some(("v2", routing(combine)))).await;
        }
        let urn = format!("local:default:f:!{name}");
        for (beta, region, both, either) in [
            (None, None, "v1", "v1"),
            (Some("yes"), None, "v1", "v2"),
            (Some("YES"), None, "v1", "v1"),
            (None, Some("south"), "v1", "v2"),
            (Some("yes"), Some("north"), "v2", "v2"),
            (Some("yes"), Some("north,south"), "v1", "v2"),
        ] {
            let headers = |name: &str| match name.to_ascii_lowercase().as_str() {
                "x-beta" => beta,
                "x-region" => region,
                _ => None,
            };
            let mut request = Request::new(&urn, Invocation::new("code"));
            request.headers = Some(&headers);
            let expected = if name == "both" { both } else { either };
            assert_eq!(text(scenario.invoker.invoke(request).await), expected, "{name}: {beta:?} {region:?}");
        }
        assert_eq!(text(scenario.call(&urn, "code").await), "v1", "a call without headers");
    }
}

#[tokio::test]
async fn code_that_does_not_load_is_not_loaded_again_until_it_changes() {
    let scenario = Scenario::new().await;
    let refused = fngraph_engine::PackageError::UnknownFormat("f".to_owned());
    scenario.fake.fail_load(LoadError::Package(refused));
    for _ in 0..2 {
        assert_eq!(code(scenario.call("f", "hello").await), ErrorCode::StartFailed);
    }
    assert_eq!(scenario.fake.counts().loaded, 1);
    scenario.update("f", "better").await;
    assert_eq!(text(scenario.call("f", "code").await), "better");
    scenario.assert_quiet();
}

#[tokio::test]
async fn a_failure_of_the_platform_to_load_passes() {
    let scenario = Scenario::new().await;
    scenario.fake.fail_load(LoadError::Internal("no memory".to_owned()));
    assert_eq!(code(scenario.call("f", "hello").await), ErrorCode::Internal);
    assert_eq!(text(scenario.call("f", "code").await), "code of f");
}

#[tokio::test]
async fn a_missing_package_is_said_to_be_missing_and_is_found_again() {
    use fngraph_store::CodeStore as _;
    let scenario = Scenario::new().await;
    scenario.store.sweep_code(Vec::new()).await.unwrap();
    let rejection = scenario.call("f", "hello").await.unwrap_err();
    assert_eq!(rejection.code(), ErrorCode::CodeNotFound);
    assert!(matches!(rejection, Rejection::Load(_)));
    scenario.store.put_code("code of f".into()).await.unwrap();
    assert_eq!(text(scenario.call("f", "code").await), "code of f");
}

#[tokio::test]
async fn loading_ahead_makes_no_instance() {
    let scenario = Scenario::new().await;
    scenario.invoker.load("f").await.unwrap();
    let counts = scenario.fake.counts();
    assert_eq!((counts.loaded, counts.starts), (1, 0));
    scenario.answer("f", "hello").await;
    assert_eq!(scenario.fake.counts().loaded, 1);
}
