//! Functions come, change and go.

use crate::support::{answer, begin, code, deploy_as, faults, runtime, settings};
use fngraph::{Additional, Alias, Combine, ErrorCode, HeaderRule, Invocation, Matches, Request, Routing, Timestamp};

#[tokio::test]
async fn code_that_does_not_run_here_changes_nothing() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    for (code, handler, expected) in [
        (b"no wasm at all".to_vec(), "index.echo", ErrorCode::InvalidCode),
        (b"\0asm\x01\0\0\0\xff\xff".to_vec(), "index.echo", ErrorCode::InvalidCode),
        (b"PK\x03\x04 but no zip".to_vec(), "index.echo", ErrorCode::InvalidCode),
        (Vec::new(), "index.echo", ErrorCode::InvalidCode),
        (faults(), "index.nothing", ErrorCode::InvalidHandler),
    ] {
        let error = runtime.deploy("f", code, settings(handler)).await.unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert_eq!(answer(&runtime, "f", "hello").await, "hello");
    }
    assert_eq!(runtime.function("f").unwrap().unwrap().revision, 1);
}

#[tokio::test]
async fn settings_that_break_a_rule_change_nothing() {
    let runtime = runtime().await;
    let mut bad = settings("index.echo");
    bad.timeout = std::time::Duration::ZERO;
    assert_eq!(runtime.deploy("f", faults(), bad).await.unwrap_err().code(), ErrorCode::InvalidTimeout);
    let error = runtime.deploy("1f", faults(), settings("index.echo")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidName);
    assert!(runtime.functions(None).is_empty());
}

#[tokio::test]
async fn a_call_that_runs_ends_on_the_old_code() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "doze", |settings| settings.timeout = std::time::Duration::from_secs(600)).await;
    let (id, call) = begin(&runtime, "f", "").await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    assert_eq!(answer(&runtime, "f", "new").await, "new");
    runtime.cancel(id).await.unwrap();
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
}

#[tokio::test]
async fn versions_and_aliases_lead_to_what_was_published() {
    let runtime = runtime().await;
    for (version, colour) in [("v1", "red"), ("v2", "blue")] {
        deploy_as(&runtime, "f", "context", |settings| {
            settings.user_data.insert("COLOUR".to_owned(), colour.to_owned());
        })
        .await;
        runtime.publish("f", Some(version)).await.unwrap();
    }
    let unchanged = runtime.publish("f", Some("v3")).await.unwrap_err();
    assert_eq!(unchanged.code(), ErrorCode::NothingToPublish);
    let mut alias = Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), Timestamp::EPOCH);
    let rule = HeaderRule { header: "x-beta".to_owned(), matches: Matches::Equals("yes".to_owned()) };
    let routing = Routing::Rules { combine: Combine::And, rules: vec![rule] };
    alias.additional = Some(Additional { version: "v2".parse().unwrap(), routing });
    runtime.alias("f", alias.clone()).await.unwrap();
    let prod = "local:default:f:!prod";
    for (urn, beta, version, alias, colour) in [
        ("f", None, "latest", "null", "blue"),
        ("local:default:f:v1", None, "v1", "null", "red"),
        (prod, None, "v1", "\"prod\"", "red"),
        (prod, Some("yes"), "v2", "\"prod\"", "blue"),
    ] {
        let headers = |name: &str| beta.filter(|_| name.eq_ignore_ascii_case("X-Beta"));
        let mut request = Request::new(urn, Invocation::new(""));
        request.headers = Some(&headers);
        let context = runtime.invoke_with(request).await.unwrap().result.unwrap();
        let context = String::from_utf8(context.to_vec()).unwrap();
        for fact in
            [format!("\"version\":\"{version}\""), format!("\"alias\":{alias}"), format!("\"colour\":\"{colour}\"")]
        {
            assert!(context.contains(&fact), "{urn}: no {fact} in {context}");
        }
    }
    alias.additional = None;
    alias.version = "v2".parse().unwrap();
    runtime.alias("f", alias).await.unwrap();
    assert!(answer(&runtime, prod, "").await.contains("blue"), "an alias can be changed");
}

#[tokio::test]
async fn what_is_deleted_is_gone() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    runtime.publish("f", Some("v1")).await.unwrap();
    let alias = Alias::new("prod".parse().unwrap(), "v1".parse().unwrap(), Timestamp::EPOCH);
    runtime.alias("f", alias).await.unwrap();
    for (urn, expected) in [
        ("local:default:f:!prod", ErrorCode::AliasNotFound),
        ("local:default:f:v1", ErrorCode::VersionNotFound),
        ("f", ErrorCode::FunctionNotFound),
    ] {
        assert_eq!(answer(&runtime, urn, "hello").await, "hello");
        runtime.delete(urn).await.unwrap();
        assert_eq!(code(runtime.invoke(urn, "hello").await), expected);
        assert_eq!(runtime.delete(urn).await.unwrap_err().code(), expected);
    }
    runtime.settle().await;
    assert_eq!(runtime.metrics().elastic_instances, 0);
}

#[tokio::test]
async fn what_is_deployed_again_begins_anew() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "count", |_| ()).await;
    for expected in ["1", "2"] {
        assert_eq!(answer(&runtime, "f", "").await, expected);
    }
    deploy_as(&runtime, "f", "count", |settings| settings.description = "other".to_owned()).await;
    assert_eq!(answer(&runtime, "f", "").await, "1");
}
