use super::*;
use fngraph::ObjectEvent::{Created, Removed};
use std::fs;
use tempfile::TempDir;

const PUT: ObjectEvent = Created(Some(Creation::Put));
const COPY: ObjectEvent = Created(Some(Creation::Copy));
const DELETE: ObjectEvent = Removed(Some(Removal::Delete));

/// The bucket `b` in a folder of its own.
struct Scene {
    folder: TempDir,
    objects: Objects,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut objects = Objects::new(folder.path().to_owned());
        objects.add(Arc::from("b"));
        fs::create_dir(folder.path().join("b")).unwrap();
        Self { folder, objects }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join("b").join(key)
    }

    fn write(&self, key: &str, content: &str) {
        let path = self.path(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The file was written and closed.
    fn put(&mut self, key: &str, content: &str) {
        self.write(key, content);
        let path = self.path(key);
        self.objects.put(&path, &path.symlink_metadata().unwrap());
    }

    /// The file is there.
    fn find(&mut self, key: &str) {
        let path = self.path(key);
        self.objects.find(&path, &path.symlink_metadata().unwrap());
    }

    #[track_caller]
    fn check(&mut self, expected: &[(ObjectEvent, &str)]) {
        let changes = self.objects.changes();
        let changes: Vec<_> = changes.iter().map(|change| (change.event, change.key.as_str())).collect();
        assert_eq!(changes, expected);
    }
}

#[test]
fn what_is_written_is_put_once_for_each_content() {
    let mut scene = Scene::new();
    scene.put("a/x.txt", "1");
    scene.check(&[(PUT, "a/x.txt")]);
    let path = scene.path("a/x.txt");
    scene.objects.put(&path, &path.symlink_metadata().unwrap());
    scene.check(&[]);
    scene.put("a/x.txt", "22");
    let changes = scene.objects.changes();
    assert_eq!((changes[0].event, changes[0].size, changes.len()), (PUT, 2, 1));
}

#[test]
fn what_was_there_is_no_news_and_what_goes_is() {
    let mut scene = Scene::new();
    scene.write("old", "");
    scene.write("d/1", "");
    scene.write("d/2", "");
    for key in ["old", "d/1", "d/2"] {
        let path = scene.path(key);
        scene.objects.know(&path);
    }
    scene.check(&[]);
    let (file, folder, other) = (scene.path("old"), scene.path("d"), scene.path("never"));
    fs::remove_file(&file).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    scene.objects.gone(&file);
    scene.objects.gone(&other);
    scene.objects.gone(&folder);
    scene.check(&[(DELETE, "old"), (DELETE, "d/1"), (DELETE, "d/2")]);
    scene.put("d", "a file where the folder was");
    scene.check(&[(PUT, "d")]);
}

#[cfg(unix)]
#[test]
fn a_rename_is_a_copy_and_a_deletion_in_either_order() {
    for old_first in [false, true] {
        let mut scene = Scene::new();
        scene.put("old", "1");
        scene.check(&[(PUT, "old")]);
        let (old, new) = (scene.path("old"), scene.path("new"));
        fs::rename(&old, &new).unwrap();
        if old_first {
            scene.objects.gone(&old);
        }
        scene.find("new");
        scene.objects.gone(&old);
        let (copied, deleted) = ((COPY, "new"), (DELETE, "old"));
        scene.check(&if old_first { [deleted, copied] } else { [copied, deleted] });
    }
}

#[cfg(unix)]
#[test]
fn a_hard_link_to_an_object_is_a_copy_and_one_to_anything_else_is_put_when_it_is_whole() {
    let mut scene = Scene::new();
    scene.put("old", "1");
    scene.check(&[(PUT, "old")]);
    fs::hard_link(scene.path("old"), scene.path("new")).unwrap();
    let new = scene.path("new");
    scene.objects.link(&new, &new.symlink_metadata().unwrap());
    scene.check(&[(COPY, "new")]);
    // Its other name still is the object.
    scene.objects.gone(&scene.path("old"));
    scene.check(&[(DELETE, "old")]);
    scene.write("written", "2");
    let written = scene.path("written");
    scene.objects.link(&written, &written.symlink_metadata().unwrap());
    scene.check(&[]);
}

#[test]
fn what_may_still_be_written_is_put_when_it_stays_as_it_is() {
    let mut scene = Scene::new();
    scene.write("slow", "1");
    scene.find("slow");
    for _ in 0..QUIET_TICKS - 1 {
        scene.objects.tick();
    }
    scene.check(&[]);
    scene.write("slow", "12");
    for _ in 0..QUIET_TICKS {
        scene.objects.tick();
        scene.check(&[]);
    }
    scene.objects.tick();
    scene.check(&[(PUT, "slow")]);
    assert!(!scene.objects.waits());
    scene.write("gone", "1");
    scene.find("gone");
    fs::remove_file(scene.path("gone")).unwrap();
    scene.objects.tick();
    assert!(!scene.objects.waits());
    scene.check(&[]);
}

#[test]
fn files_with_a_dot_or_of_unfinished_work_are_no_objects() {
    let mut scene = Scene::new();
    for key in [".hidden", "a/.b/c", "x.unfinished"] {
        scene.put(key, "1");
        scene.check(&[]);
        assert_eq!(scene.objects.place(&scene.path(key)), Place::Elsewhere, "{key}");
    }
    // A notice is written so.
    fs::rename(scene.path("x.unfinished"), scene.path("x.json")).unwrap();
    let path = scene.path("x.json");
    scene.objects.put(&path, &path.symlink_metadata().unwrap());
    scene.check(&[(PUT, "x.json")]);
    assert_eq!(scene.objects.place(&scene.folder.path().join("other/x")), Place::Elsewhere);
    assert_eq!(scene.objects.place(scene.folder.path()), Place::Elsewhere);
    assert_eq!(scene.objects.place(&scene.folder.path().join("b")), Place::Bucket(Arc::from("b")));
}

#[test]
fn what_went_while_nobody_heard_of_it_is_found_out() {
    let mut scene = Scene::new();
    for key in ["a", "b", "c"] {
        scene.put(key, "1");
    }
    scene.objects.changes();
    fs::remove_file(scene.path("b")).unwrap();
    scene.objects.forget_missing(&Arc::from("b"));
    scene.check(&[(DELETE, "b")]);
    scene.objects.remove("b");
    assert!(scene.objects.names.is_empty() && scene.objects.buckets().is_empty());
}
