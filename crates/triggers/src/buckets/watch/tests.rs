use super::*;
use fngraph::{Creation, ObjectEvent, Removal};
use notify::event::{CreateKind, DataChange, Flag, ModifyKind, RemoveKind};
use std::time::Duration;
use tempfile::TempDir;

const PUT: ObjectEvent = ObjectEvent::Created(Some(Creation::Put));
const DELETE: ObjectEvent = ObjectEvent::Removed(Some(Removal::Delete));

fn watch() -> (TempDir, Watch, Hints) {
    let folder = tempfile::tempdir().unwrap();
    let (mut watch, hints) = Watch::new(folder.path().join("obs"));
    watch.open(&Arc::from("b")).unwrap();
    (folder, watch, hints)
}

fn told(changes: Vec<Change>) -> Vec<(ObjectEvent, String)> {
    let mut told: Vec<_> = changes.into_iter().map(|change| (change.event, change.key)).collect();
    told.sort_by(|one, other| one.1.cmp(&other.1));
    told
}

#[test]
fn when_events_were_lost_buckets_are_looked_through() {
    let (_folder, mut watch, _hints) = watch();
    let bucket = watch.root.join("b");
    fs::write(bucket.join("gone"), "1").unwrap();
    watch.objects.put(&bucket.join("gone"), &bucket.join("gone").symlink_metadata().unwrap());
    assert_eq!(told(watch.take(Batch::Hints(Vec::new()))), [(PUT, "gone".to_owned())]);
    fs::remove_file(bucket.join("gone")).unwrap();
    fs::create_dir_all(bucket.join("a/b")).unwrap();
    fs::write(bucket.join("a/b/new"), "1").unwrap();
    assert_eq!(told(watch.take(Batch::Lost)), [(DELETE, "gone".to_owned())]);
    assert!(watch.waits(), "whether the new one is whole is not known yet");
    let found = std::iter::repeat_with(|| told(watch.tick())).find(|told| !told.is_empty());
    assert_eq!(found.unwrap(), [(PUT, "a/b/new".to_owned())]);
}

#[test]
fn a_folder_that_comes_whole_is_read_as_a_whole() {
    let (folder, mut watch, _hints) = watch();
    let outside = tempfile::tempdir_in(folder.path()).unwrap();
    fs::write(outside.path().join("x"), "1").unwrap();
    let inside = watch.root.join("b/moved");
    fs::rename(outside.path(), &inside).unwrap();
    let hint = Hint { path: inside, is_whole: true };
    assert_eq!(told(watch.take(Batch::Hints(vec![hint]))), []);
    let found = std::iter::repeat_with(|| told(watch.tick())).find(|told| !told.is_empty());
    assert_eq!(found.unwrap(), [(PUT, "moved/x".to_owned())]);
}

#[test]
fn buckets_that_nobody_follows_are_forgotten() {
    let (_folder, mut watch, _hints) = watch();
    watch.review(&BTreeSet::from([Arc::from("c")]));
    assert_eq!(watch.objects.buckets(), [Arc::from("c")]);
    assert!(watch.root.join("c").is_dir());
}

#[test]
fn etags_are_those_of_the_cloud() {
    let (_folder, watch, _hints) = watch();
    fs::write(watch.root.join("b/x"), "hello").unwrap();
    assert_eq!(watch.etag("b", "x").as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!(watch.etag("b", "y"), None);
}

#[tokio::test]
async fn hints_that_find_no_place_are_told_as_lost() {
    let (sender, coming) = mpsc::channel(1);
    let lost = Arc::new(Lost::default());
    let mut hints = Hints { coming, lost: Arc::clone(&lost) };
    let event = |kind, name: &str| Ok(Event::new(kind).add_path(name.into()));
    // What says nothing about objects takes no place.
    take(event(EventKind::Access(AccessKind::Read), "a"), &sender, &lost);
    take(event(EventKind::Create(CreateKind::File), "a"), &sender, &lost);
    let Batch::Hints(batch) = hints.next().await else { panic!("nothing was lost") };
    assert_eq!(batch.iter().map(|hint| (hint.path.to_str(), hint.is_whole)).collect::<Vec<_>>(), [(Some("a"), false)]);
    take(event(EventKind::Remove(RemoveKind::File), "a"), &sender, &lost);
    take(event(EventKind::Remove(RemoveKind::File), "b"), &sender, &lost);
    assert!(matches!(hints.next().await, Batch::Lost));
    take(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)), &sender, &lost);
    assert!(matches!(hints.next().await, Batch::Lost));
    take(Err(notify::Error::generic("broken")), &sender, &lost);
    assert!(matches!(hints.next().await, Batch::Lost));
    let quiet = tokio::time::timeout(Duration::from_millis(1), hints.next());
    assert!(quiet.await.is_err(), "it is told once");
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_still_written_is_no_hint_where_closing_is_told() {
    let (sender, mut coming) = mpsc::channel(4);
    let lost = Lost::default();
    let writing = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    take(Ok(Event::new(writing).add_path("a".into())), &sender, &lost);
    assert!(coming.try_recv().is_err());
    let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
    take(Ok(Event::new(closed).add_path("a".into())), &sender, &lost);
    assert!(coming.try_recv().unwrap().is_whole);
}
