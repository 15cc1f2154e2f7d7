//! What happens in buckets calls those who follow them.

use crate::support::{BEGIN, bucket, builder, deploy, events_until, requests, start_with};
use fngraph::{BucketFeed, Creation, ErrorCode, FunctionId, ObjectEvent, Removal, Runtime, Source, Trigger};
use fngraph_triggers::{TriggerError, Triggers};
use serde_json::{Value, json};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A function that follows the bucket `photos`.
struct Scene {
    folder: TempDir,
    runtime: Runtime,
    triggers: Triggers,
    function: FunctionId,
}

impl Scene {
    async fn new(trigger: Trigger) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("obs");
        let runtime = builder(BEGIN).build().await.unwrap();
        let (runtime, triggers) = start_with(runtime, |options| options.buckets = Some(root)).await;
        let function = deploy(&runtime, "f").await;
        triggers.create(&function, trigger).await.unwrap();
        Self { folder, runtime, triggers, function }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join("obs/photos").join(key)
    }

    /// The events, as soon as there are so many.
    async fn events(&self, count: usize) -> Vec<Value> {
        events_until(&self.runtime, &self.function, count).await
    }

    /// The names of those of object storage, and the keys.
    async fn told(&self, count: usize) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let events = self.events(count).await;
        let records = events.iter().map(|event| &event["Records"][0]);
        records.map(|record| (text(&record["eventName"]), text(&record["s3"]["object"]["key"]))).collect()
    }
}

#[tokio::test]
async fn an_object_that_is_put_calls_the_function_with_the_documented_event() {
    let scene = Scene::new(bucket("t1", "photos", "")).await;
    fs::create_dir(scene.path("a b")).unwrap();
    fs::write(scene.path("a b/ü.txt"), "hello").unwrap();
    let event = &scene.events(1).await[0]["Records"][0];
    assert_eq!(
        (&event["eventVersion"], &event["eventSource"], &event["awsRegion"], &event["eventName"]),
        (&json!("2.0"), &json!("aws:s3"), &json!("local"), &json!("ObjectCreated:Put"))
    );
    assert_eq!(event["eventTime"], "2027-01-15T08:00:00.000Z");
    assert_eq!(event["s3"]["bucket"]["name"], "photos");
    assert_eq!(event["s3"]["configurationId"], "t1");
    let object = &event["s3"]["object"];
    assert_eq!(object["key"], "a%20b%2F%C3%BC.txt");
    assert_eq!((&object["size"], &object["versionId"]), (&json!(5), &json!("null")));
    assert_eq!(object["eTag"], "5d41402abc4b2a76b9719d911017c592");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn renames_and_removals_are_told_and_unfinished_files_are_not() {
    let scene = Scene::new(bucket("t1", "photos", "")).await;
    fs::write(scene.path(".x"), "1").unwrap();
    fs::write(scene.path("a.unfinished"), "1").unwrap();
    fs::rename(scene.path("a.unfinished"), scene.path("a")).unwrap();
    assert_eq!(scene.told(1).await, [("ObjectCreated:Put".to_owned(), "a".to_owned())]);
    fs::rename(scene.path("a"), scene.path("b")).unwrap();
    let told = scene.told(3).await;
    let of = |name: &str, key: &str| told.contains(&(name.to_owned(), key.to_owned()));
    assert!(of("ObjectCreated:Copy", "b") && of("ObjectRemoved:Delete", "a"), "{told:?}");
    fs::remove_file(scene.path("b")).unwrap();
    assert_eq!(scene.told(4).await[3], ("ObjectRemoved:Delete".to_owned(), "b".to_owned()));
    let removed = &scene.events(4).await[3]["Records"][0]["s3"]["object"];
    assert!(removed.get("eTag").is_none() && removed.get("size").is_none(), "{removed}");
}

#[tokio::test]
async fn only_what_the_rule_names_calls_the_function() {
    let mut trigger = bucket("t1", "photos", "in/");
    if let Source::Bucket(bucket) = &mut trigger.source {
        bucket.suffix = ".png".to_owned();
        bucket.events = vec![ObjectEvent::Removed(Some(Removal::Delete)), ObjectEvent::Created(Some(Creation::Put))];
    }
    let scene = Scene::new(trigger).await;
    fs::create_dir_all(scene.path("in/deep")).unwrap();
    for key in ["x.png", "in/x.txt", "in/deep/x.png"] {
        fs::write(scene.path(key), "1").unwrap();
    }
    assert_eq!(scene.told(1).await, [("ObjectCreated:Put".to_owned(), "in%2Fdeep%2Fx.png".to_owned())]);
}

#[tokio::test]
async fn the_event_grid_tells_as_a_cloud_event() {
    let mut trigger = bucket("t1", "photos", "");
    if let Source::Bucket(bucket) = &mut trigger.source {
        bucket.feed = BucketFeed::EventGrid {
            channel_id: String::new(),
            channel_name: String::new(),
            source_name: "HC.OBS.DWR".to_owned(),
            agency: String::new(),
            encodes_keys: true,
        };
    }
    let scene = Scene::new(trigger).await;
    fs::create_dir(scene.path("a")).unwrap();
    fs::write(scene.path("a/b.tar"), "hello").unwrap();
    let event = &scene.events(1).await[0];
    assert_eq!(
        (&event["specversion"], &event["source"], &event["type"], &event["subject"]),
        (&json!("1.0"), &json!("HC.OBS.DWR"), &json!("OBS:DWR:ObjectCreated:PUT"), &json!("a/b.tar"))
    );
    let data = &event["data"];
    assert_eq!((&data["eventVersion"], &data["eventName"]), (&json!("3.0"), &json!("ObjectCreated:Put")));
    assert_eq!(data["obs"]["object"]["key"], "a%2Fb.tar");
    assert_eq!(data["obs"]["object"]["size"], 5);
    assert_eq!(data["obs"]["bucket"]["bucket"], "photos");
}

#[tokio::test]
async fn a_bucket_that_is_removed_and_made_again_is_followed_again() {
    let scene = Scene::new(bucket("t1", "photos", "")).await;
    fs::write(scene.path("a"), "1").unwrap();
    scene.events(1).await;
    fs::remove_dir_all(scene.path("")).unwrap();
    assert_eq!(scene.told(2).await[1], ("ObjectRemoved:Delete".to_owned(), "a".to_owned()));
    fs::create_dir(scene.path("")).unwrap();
    fs::write(scene.path("b"), "1").unwrap();
    assert_eq!(scene.told(3).await[2], ("ObjectCreated:Put".to_owned(), "b".to_owned()));
}

#[tokio::test]
async fn a_flood_of_files_reaches_the_function_whole() {
    let scene = Scene::new(bucket("t1", "photos", "")).await;
    for number in 0..300 {
        let folder = scene.path(&format!("{}", number % 7));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(number.to_string()), number.to_string()).unwrap();
    }
    let mut keys: Vec<_> = scene.told(300).await.into_iter().map(|(_, key)| key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 300);
}

#[tokio::test]
async fn what_was_there_before_is_no_news_and_ended_triggers_hear_nothing() {
    let scene = Scene::new(bucket("t1", "photos", "")).await;
    scene.runtime.registry().delete_trigger(&scene.function, "t1").await.unwrap();
    fs::write(scene.path("old"), "1").unwrap();
    let other = deploy(&scene.runtime, "g").await;
    scene.triggers.create(&other, bucket("t2", "photos", "")).await.unwrap();
    fs::write(scene.path("new"), "1").unwrap();
    let events = events_until(&scene.runtime, &other, 1).await;
    assert_eq!(events[0]["Records"][0]["s3"]["object"]["key"], "new");
    assert!(requests(&scene.runtime, &scene.function).await.is_empty());
    scene.triggers.shutdown().await;
}

#[tokio::test]
async fn rules_that_overlap_and_buckets_without_a_folder_are_refused() {
    let scene = Scene::new(bucket("t1", "photos", "a/")).await;
    let other = deploy(&scene.runtime, "g").await;
    for prefix in ["", "a/", "a/b"] {
        let error = scene.triggers.create(&other, bucket("t2", "photos", prefix)).await.unwrap_err();
        assert!(matches!(&error, TriggerError::BucketOverlap(function) if *function == scene.function), "{error}");
        assert_eq!(error.code(), ErrorCode::BucketConflict);
    }
    scene.triggers.create(&other, bucket("t2", "photos", "b/")).await.unwrap();
    scene.triggers.create(&other, bucket("t3", "videos", "")).await.unwrap();
    // It does not get into its own way.
    scene.triggers.update(&scene.function, "t1", |_| Ok(())).await.unwrap();

    let runtime = builder(BEGIN).build().await.unwrap();
    let (runtime, triggers) = start_with(runtime, |_| ()).await;
    let function = deploy(&runtime, "f").await;
    let error = triggers.create(&function, bucket("t1", "photos", "")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::TriggerUnavailable, "{error}");
}
