//! What is stored, and what is read of it.

use crate::{
    scenario::{Scenario, alias, at, refused, settings, split, version},
    shelf::Shelf,
};
use fngraph_registry::{AsyncConfig, Limits, Publish, Scaling, Settings, Tracing};
use fngraph_store::{Digest, Secret};
use fngraph_types::{ErrorCode, FunctionId, VersionName};

/// The least that a document of form 1 says, as its first writer could have left it. Never edit it: such documents are
/// on disks.
const FORM_1: &str = r#"{
    "form": 1,
    "created_at": 1700000000000,
    "latest": {
        "name": "latest",
        "settings": { "handler": "src/index.handler", "timeout": 60000, "memory": 256 },
        "code": "CODE",
        "code_bytes": 4,
        "modified_at": 1700000000500,
        "revision": 3
    }
}"#;

fn form_1() -> String {
    FORM_1.replace("CODE", &Digest::of(b"code").to_string())
}

#[tokio::test]
async fn a_document_of_form_1_is_read() {
    let id = FunctionId::local("f");
    let scenario = Scenario::open(Shelf::with(id.clone(), &form_1()), Limits::default()).await;
    let function = scenario.function();
    assert_eq!((function.revision, function.created_at.as_millis()), (7, 1_700_000_000_000));
    let expected = Settings {
        timeout: std::time::Duration::from_secs(60),
        memory: fngraph_types::Memory::mib(256).unwrap(),
        ..Settings::new("src/index.handler".parse().unwrap())
    };
    assert_eq!((&function.latest.settings, function.latest.scaling), (&expected, Scaling::default()));
    assert_eq!((function.latest.revision, function.latest.description.as_str()), (3, ""));
    assert!(function.published.is_empty() && function.aliases.is_empty());
    assert!(function.tags.is_empty() && function.test_events.is_empty() && function.collected_at.is_none());

    // And it can be changed.
    scenario.registry.update_settings(&id, &VersionName::latest(), settings(), at(1)).await.unwrap();
    assert_eq!(scenario.function().revision, 8);
}

#[tokio::test]
async fn everything_is_read_back_as_it_was_written() {
    let scenario = Scenario::new().await;
    let mut odd = settings();
    odd.attributes.insert("func_vpc".to_owned(), serde_json::json!({ "vpc_id": "v", "gpu_memory": 1024 }));
    scenario.registry.update_settings(&scenario.id, &VersionName::latest(), odd, at(1)).await.unwrap();
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    let (registry, id) = (&scenario.registry, &scenario.id);
    registry.create_alias(id, alias("prod", "v1")).await.unwrap();
    registry.create_alias(id, split("test", "v2", "v1")).await.unwrap();
    registry.set_async_config(id, &VersionName::latest(), AsyncConfig::new(at(1))).await.unwrap();
    scenario.reserve("!prod", 2).await.unwrap();
    assert_eq!(scenario.reopened().await.function(id), Some(scenario.function()));
}

#[tokio::test]
async fn secrets_are_stored_encrypted_and_belong_to_their_version() {
    let scenario = Scenario::new().await;
    let latest = VersionName::latest();
    for (name, secret) in [("v1", "hush"), ("v2", "hush again")] {
        let mut settings = settings();
        settings.encrypted_user_data.insert("PASSWORD".to_owned(), secret.to_owned());
        scenario.registry.update_settings(&scenario.id, &latest, settings, at(2)).await.unwrap();
        let publish = Publish { version: Some(version(name)), ..Publish::default() };
        scenario.registry.publish(&scenario.id, publish, at(3)).await.unwrap();
    }
    let record = scenario.shelf.records.lock().unwrap()[&scenario.id].clone();
    assert!(!record.document.contains("hush") && !record.document.contains("PASSWORD"), "{}", record.document);
    let function = scenario.reopened().await.function(&scenario.id).unwrap();
    assert_eq!(function, scenario.function());
    let secret =
        |name: &str| function.version(&version(name)).unwrap().settings.encrypted_user_data["PASSWORD"].clone();
    assert_eq!(
        (secret("v1").as_str(), secret("v2").as_str(), secret("latest").as_str()),
        ("hush", "hush again", "hush again")
    );

    // A store with another secret, as when the file with it was lost.
    let mut other = Shelf::with(scenario.id.clone(), &record.document);
    other.secret = Secret::from_bytes([8; 32]);
    let lost = Scenario::open(other, Limits::default()).await;
    let words = "the encrypted user data of its version `";
    refused(lost.registry.delete(&lost.id).await, ErrorCode::Internal, words);
    // Secrets that were moved to another version.
    let moved = record.document.replace("\"v1\":\"", "\"v0\":\"").replace("\"v2\":\"", "\"v1\":\"");
    let moved = Scenario::open(Shelf::with(scenario.id.clone(), &moved), Limits::default()).await;
    refused(moved.registry.delete(&moved.id).await, ErrorCode::Internal, words);
}

#[tokio::test]
async fn keys_for_tracing_are_stored_encrypted() {
    let scenario = Scenario::new().await;
    let tracing = Tracing { access_key: "some-ak".to_owned(), secret_key: "hush".to_owned() };
    scenario.registry.set_tracing(&scenario.id, Some(tracing.clone())).await.unwrap();
    let record = scenario.shelf.records.lock().unwrap()[&scenario.id].clone();
    assert!(!record.document.contains("hush"), "{}", record.document);
    assert_eq!(scenario.reopened().await.function(&scenario.id).unwrap().tracing, Some(tracing));

    let mut other = Shelf::with(scenario.id.clone(), &record.document);
    other.secret = Secret::from_bytes([8; 32]);
    let lost = Scenario::open(other, Limits::default()).await;
    refused(lost.registry.delete(&lost.id).await, ErrorCode::Internal, "its keys for tracing cannot be decrypted");

    let wrong = Tracing { access_key: String::new(), secret_key: "hush".to_owned() };
    refused(scenario.registry.set_tracing(&scenario.id, Some(wrong)).await, ErrorCode::InvalidParameter, "access key");
    scenario.registry.set_tracing(&scenario.id, None).await.unwrap();
    assert_eq!(scenario.function().tracing, None);
}

#[tokio::test]
async fn a_damaged_document_is_left_alone_and_disturbs_no_other() {
    let form_2 = form_1().replace("\"form\": 1", "\"form\": 2");
    let mixed = form_1().replace("\"name\": \"latest\"", "\"name\": \"v1\"");
    let handler = form_1().replace("src/index.handler", ".");
    for (document, words) in [
        ("{", "EOF while parsing"),
        (&*form_2, "its form is 2, and this program reads up to 1; upgrade it"),
        (&*mixed, "its versions are mixed up"),
        (&*handler, "the handler `.` is incomplete"),
    ] {
        let id = FunctionId::local("broken");
        let scenario = Scenario::open(Shelf::with(id.clone(), document), Limits::default()).await;
        scenario.create("f").await.unwrap();
        let registry = &scenario.registry;
        assert_eq!((registry.function(&id), registry.functions(None).len()), (None, 1));
        let latest = VersionName::latest();
        refused(scenario.create("broken").await, ErrorCode::Internal, words);
        refused(registry.delete(&id).await, ErrorCode::Internal, "`local:default:broken` is damaged");
        refused(registry.update_settings(&id, &latest, settings(), at(1)).await, ErrorCode::Internal, words);
        refused(registry.update_code(&id, &latest, "x".into(), at(1)).await, ErrorCode::Internal, words);

        // Its code may still be there, and stays.
        registry.update_code(&scenario.id, &latest, "other".into(), at(1)).await.unwrap();
        assert_eq!((registry.sweep_code().await.unwrap(), scenario.shelf.package_count()), (0, 2));
        assert_eq!(scenario.shelf.records.lock().unwrap()[&id].document, document);
    }
}
