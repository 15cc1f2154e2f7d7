use crate::{
    scenario::{Scenario, at, refused, settings, version},
    shelf::Shelf,
};
use fngraph_registry::{Dependency, Limits, NewDependency, NewFunction, Publish, RegistryError, Settings};
use fngraph_store::DocumentRecord;
use fngraph_types::{ErrorCode, FunctionId, VersionName, limits};
use std::sync::atomic::Ordering;

/// A version of `name`, whose package and ids follow from `number`.
fn new(name: &str, number: u32) -> NewDependency {
    NewDependency {
        project_id: "local".into(),
        name: name.to_owned(),
        id: format!("{name}-id"),
        version_id: format!("{name}-{number}"),
        runtime: "Custom".to_owned(),
        description: String::new(),
        package: format!("package {number} of {name}").into_bytes().into(),
        at: at(number.into()),
    }
}

fn using(ids: &[&str]) -> Settings {
    Settings { dependencies: ids.iter().map(|id| (*id).to_owned()).collect(), ..settings() }
}

fn numbers(dependency: &Dependency) -> Vec<u32> {
    dependency.versions.iter().map(|version| version.number).collect()
}

impl Scenario {
    async fn depend(&self, ids: &[&str]) -> Result<(), RegistryError> {
        self.registry.update_settings(&self.id, &VersionName::latest(), using(ids), at(9)).await.map(drop)
    }
}

#[tokio::test]
async fn versions_are_numbered_and_found_by_their_ids() {
    let scenario = Scenario::new().await;
    let registry = &scenario.registry;
    registry.add_dependency_version(new("words", 1)).await.unwrap();
    registry.add_dependency_version(new("apples", 1)).await.unwrap();
    let words = registry.add_dependency_version(new("words", 2)).await.unwrap();
    assert_eq!((words.id.as_str(), numbers(&words)), ("words-id", vec![1, 2]));
    assert_eq!(words.newest().etag, "f479ed554e3f90841c6a320a80f9396d", "the MD5 of the package");
    let names: Vec<_> = registry.dependencies("local").iter().map(|dependency| dependency.name.clone()).collect();
    assert_eq!(names, ["apples", "words"]);
    assert!(registry.dependencies("other").is_empty());

    assert_eq!(registry.dependency("local", "words-id").unwrap(), words);
    assert_eq!(registry.dependency("local", "words-1").unwrap(), words, "a version's id leads to it too");
    let (_, second) = registry.dependency_version("local", "words-2").unwrap();
    assert_eq!((second.number, second.modified_at), (2, at(2)));
    for (project, id) in [("other", "words-id"), ("other", "words-2"), ("local", "words-3")] {
        refused(registry.dependency(project, id), ErrorCode::DependencyNotFound, id);
        assert_eq!(registry.dependency_version(project, id), None);
    }
    let ids = ["words-2".to_owned(), "apples-1".to_owned()];
    let packages = registry.dependency_packages("local", &ids).await.unwrap();
    assert_eq!(packages, ["package 2 of words", "package 1 of apples"]);
    let packages = registry.dependency_packages("other", &ids).await;
    refused(packages, ErrorCode::DependencyNotFound, "words-2");
}

#[tokio::test]
async fn a_number_is_given_once_and_the_last_version_takes_the_dependency_along() {
    let scenario = Scenario::new().await;
    let registry = &scenario.registry;
    for number in 1..=2 {
        registry.add_dependency_version(new("words", number)).await.unwrap();
    }
    registry.delete_dependency_version("local", "words-id", 2).await.unwrap();
    let words = registry.add_dependency_version(new("words", 3)).await.unwrap();
    assert_eq!(numbers(&words), [1, 3]);
    let missing = registry.delete_dependency_version("local", "words-id", 2).await;
    refused(missing, ErrorCode::DependencyNotFound, "no version 2");
    for number in [1, 3] {
        registry.delete_dependency_version("local", "words-id", number).await.unwrap();
    }
    refused(registry.dependency("local", "words-id"), ErrorCode::DependencyNotFound, "words-id");
    assert!(scenario.shelf.documents.lock().unwrap().is_empty());
    assert_eq!(numbers(&registry.create_dependency(new("words", 1)).await.unwrap()), [1]);
}

#[tokio::test]
async fn a_dependency_is_created_replaced_and_deleted_as_a_whole_while_it_has_one_version() {
    let scenario = Scenario::new().await;
    let registry = &scenario.registry;
    registry.create_dependency(new("words", 1)).await.unwrap();
    registry.create_dependency(new("apples", 1)).await.unwrap();
    refused(registry.create_dependency(new("words", 2)).await, ErrorCode::DependencyExists, "words");

    let renamed = NewDependency { name: "phrases".to_owned(), ..new("words", 5) };
    let replaced = registry.replace_dependency("words-1", renamed.clone()).await.unwrap();
    assert_eq!((replaced.name.as_str(), replaced.id.as_str(), numbers(&replaced)), ("phrases", "words-id", vec![1]));
    let newest = replaced.newest();
    assert_eq!((newest.id.as_str(), newest.modified_at), ("words-1", at(5)), "whoever knows it still finds it");
    let taken = NewDependency { name: "apples".to_owned(), ..renamed.clone() };
    refused(registry.replace_dependency("words-id", taken).await, ErrorCode::DependencyExists, "apples");

    scenario.depend(&["words-1"]).await.unwrap();
    refused(registry.replace_dependency("words-id", renamed).await, ErrorCode::DependencyInUse, "by 1 functions");
    refused(registry.delete_dependency("local", "words-id").await, ErrorCode::DependencyInUse, "phrases");
    scenario.depend(&[]).await.unwrap();

    let second = NewDependency { version_id: "words-2".to_owned(), name: "phrases".to_owned(), ..new("words", 6) };
    registry.add_dependency_version(second.clone()).await.unwrap();
    let code = ErrorCode::DependencyHasVersions;
    refused(registry.replace_dependency("words-id", second).await, code, "2 versions");
    refused(registry.delete_dependency("local", "words-id").await, code, "2 versions");
    registry.delete_dependency_version("local", "words-id", 1).await.unwrap();
    registry.delete_dependency("local", "words-id").await.unwrap();
    refused(registry.delete_dependency("local", "words-id").await, ErrorCode::DependencyNotFound, "words-id");
    assert_eq!(registry.dependencies("local").len(), 1);
}

#[tokio::test]
async fn a_function_uses_versions_that_are_there_and_those_stay() {
    let scenario = Scenario::new().await;
    let registry = &scenario.registry;
    registry.add_dependency_version(new("words", 1)).await.unwrap();
    refused(scenario.depend(&["words-1", "words-9"]).await, ErrorCode::DependencyNotFound, "words-9");
    refused(scenario.depend(&["words-id"]).await, ErrorCode::DependencyNotFound, "words-id");
    scenario.depend(&["words-1"]).await.unwrap();
    let publish = Publish { version: Some(version("v1")), ..Publish::default() };
    registry.publish(&scenario.id, publish, at(10)).await.unwrap();
    scenario.depend(&[]).await.unwrap();

    let other = NewFunction::new(FunctionId::local("g"), using(&["words-1"]), "code".into(), at(1));
    registry.create(other.clone()).await.unwrap();
    let elsewhere = NewFunction { id: FunctionId::new("other", "default", "g"), ..other };
    refused(registry.create(elsewhere).await, ErrorCode::DependencyNotFound, "words-1");

    let used = registry.delete_dependency_version("local", "words-id", 1).await;
    refused(used, ErrorCode::DependencyVersionInUse, "is used by 2 functions, please delete");
    registry.delete(&FunctionId::local("g")).await.unwrap();
    let used = registry.delete_dependency_version("local", "words-id", 1).await;
    refused(used, ErrorCode::DependencyVersionInUse, "by 1 functions");
    registry.delete_version(&scenario.id, &version("v1")).await.unwrap();
    registry.delete_dependency_version("local", "words-id", 1).await.unwrap();
}

#[tokio::test]
async fn dependencies_outlive_the_process_and_the_sweep() {
    let scenario = Scenario::new().await;
    scenario.registry.add_dependency_version(new("words", 1)).await.unwrap();
    scenario.depend(&["words-1"]).await.unwrap();
    assert_eq!(scenario.registry.sweep_code().await.unwrap(), 0);
    let reopened = scenario.reopened().await;
    assert_eq!(reopened.dependencies("local"), scenario.registry.dependencies("local"));
    assert_eq!(reopened.function(&scenario.id).unwrap().latest.settings.dependencies, ["words-1"]);
    assert_eq!(reopened.usage("local"), scenario.registry.usage("local"));
    let packages = reopened.dependency_packages("local", &["words-1".to_owned()]).await.unwrap();
    assert_eq!(packages, ["package 1 of words"]);

    reopened.update_settings(&scenario.id, &VersionName::latest(), settings(), at(9)).await.unwrap();
    reopened.delete_dependency("local", "words-id").await.unwrap();
    assert_eq!(reopened.sweep_code().await.unwrap(), 1);
}

#[tokio::test]
async fn a_damaged_dependency_is_left_alone_and_nothing_is_swept() {
    let shelf = Shelf::new();
    let record = DocumentRecord {
        collection: "dependencies".to_owned(),
        key: "local/words-id".to_owned(),
        revision: 3,
        body: "{}".to_owned(),
    };
    shelf.documents.lock().unwrap().insert((record.collection.clone(), record.key.clone()), record.clone());
    let scenario = Scenario::open(shelf, Limits::default()).await;
    scenario.create("f").await.unwrap();
    scenario.registry.delete(&scenario.id).await.unwrap();
    assert_eq!(scenario.registry.sweep_code().await.unwrap(), 0);
    assert_eq!(scenario.shelf.documents.lock().unwrap().values().next(), Some(&record));
}

#[tokio::test]
async fn there_are_limits() {
    let limits = Limits { code_bytes_per_project: 30, ..Limits::default() };
    let scenario = Scenario::limited(limits).await;
    scenario.registry.add_dependency_version(new("words", 1)).await.unwrap();
    let added = scenario.registry.add_dependency_version(new("words", 2)).await;
    refused(added, ErrorCode::CodeTooLarge, "30 bytes");
    scenario.registry.delete_dependency("local", "words-id").await.unwrap();
    scenario.registry.add_dependency_version(new("words", 2)).await.unwrap();

    let scenario = Scenario::new().await;
    for number in 1..=u32::try_from(limits::DEPENDENCY_VERSIONS).unwrap() {
        scenario.registry.add_dependency_version(new("words", number)).await.unwrap();
    }
    let added = scenario.registry.add_dependency_version(new("words", 1000)).await;
    refused(added, ErrorCode::TooManyDependencies, "100 versions");
    let ids: Vec<_> = (1..=21).map(|number| format!("words-{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    refused(scenario.depend(&ids).await, ErrorCode::TooManyDependencies, "up to 20");
    refused(scenario.depend(&["words-1", "words-1"]).await, ErrorCode::InvalidDependency, "once");
    scenario.depend(&ids[1..]).await.unwrap();

    for number in 1..limits::DEPENDENCIES_PER_PROJECT {
        scenario.registry.add_dependency_version(new(&format!("d{number}"), 1)).await.unwrap();
    }
    let added = scenario.registry.add_dependency_version(new("more", 1)).await;
    refused(added, ErrorCode::TooManyDependencies, "1000 dependencies");
}

#[tokio::test]
async fn what_could_not_be_written_is_not_there() {
    let scenario = Scenario::new().await;
    scenario.registry.add_dependency_version(new("words", 1)).await.unwrap();
    scenario.shelf.full.store(true, Ordering::SeqCst);
    refused(scenario.registry.add_dependency_version(new("words", 2)).await, ErrorCode::Internal, "write");
    refused(scenario.registry.delete_dependency("local", "words-id").await, ErrorCode::Internal, "delete");
    let usage = scenario.registry.usage("local");
    scenario.shelf.full.store(false, Ordering::SeqCst);
    assert_eq!(numbers(&scenario.registry.dependency("local", "words-id").unwrap()), [1]);
    assert_eq!(usage.code_bytes, scenario.reopened().await.usage("local").code_bytes);
}

/// Deleting and using race; whoever comes first decides, and never is a function left without what it uses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_to_use_what_is_being_deleted() {
    let scenario = Scenario::new().await;
    for round in 1..50 {
        scenario.registry.add_dependency_version(new("words", round)).await.unwrap();
        let id = format!("words-{round}");
        let number = scenario.registry.dependency("local", &id).unwrap().newest().number;
        // Each change runs in a task of its own.
        let wanted = [id.as_str()];
        let (using, deleting) = tokio::join!(
            scenario.depend(&wanted),
            scenario.registry.delete_dependency_version("local", "words-id", number),
        );
        let (uses, deleted) = (using.is_ok(), deleting.is_ok());
        assert!(uses != deleted, "one of the two: {uses} {deleted}");
        assert_eq!(uses, scenario.registry.dependency_version("local", &id).is_some());
        scenario.depend(&[]).await.unwrap();
    }
}
