//! What a data directory promises besides.

use crate::support::{NOW, all, delivery, directory, failure, id, request, seconds};
use fngraph_store::{Acceptance, FunctionStore, OpenError, RequestStatus, RequestStore, Sqlite};
use rusqlite::Connection;
use std::{fs, path::Path};

#[tokio::test]
async fn everything_outlives_the_process() {
    let (directory, store) = directory();
    for bits in 1..=4 {
        store.accept(request(bits)).await.unwrap();
    }
    store.begin(id(1), NOW).await.unwrap();
    store.begin(id(2), NOW).await.unwrap();
    store.finish(id(2), failure(NOW, Some(delivery("payload")))).await.unwrap();
    drop(store);

    let store = Sqlite::open(directory.path()).unwrap();
    let recovered = store.recover(NOW + seconds(1)).await.unwrap();
    let state: Vec<_> = recovered.iter().map(|pending| (pending.id, pending.attempts, pending.due_at)).collect();
    assert_eq!(state, [(id(1), 1, NOW + seconds(1)), (id(3), 0, NOW), (id(4), 0, NOW)]);
    assert_eq!(store.begin(id(1), NOW).await.unwrap().unwrap().event, "event 1");
    assert_eq!(store.deliveries(0, 9).await.unwrap().len(), 1);
    assert_eq!(store.request(id(2)).await.unwrap().unwrap().status, RequestStatus::Fail);
    assert_eq!(store.accept(request(2)).await.unwrap(), Acceptance::Duplicate(id(2)));
}

/// The files as they are while the store is open are what a process finds that follows one that was killed.
#[tokio::test]
async fn what_is_accepted_survives_a_crash() {
    let (directory, store) = directory();
    let crashed = tempfile::tempdir().unwrap();
    for bits in 1..=20 {
        store.accept(request(bits)).await.unwrap();
        store.begin(id(bits), NOW).await.unwrap();
        for file in ["fngraph.db", "fngraph.db-wal"] {
            fs::copy(directory.path().join(file), crashed.path().join(file)).unwrap();
        }
        let after = Sqlite::open(crashed.path()).unwrap();
        let recovered = after.recover(NOW).await.unwrap();
        assert_eq!(recovered.len(), usize::try_from(bits).unwrap());
        assert!(recovered.iter().all(|pending| pending.attempts == 1));
        assert!(after.begin(id(bits), NOW).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_end_of_the_last_clone_leaves_one_file() {
    let (directory, store) = directory();
    let clone = store.clone();
    store.accept(request(1)).await.unwrap();
    drop(store);
    assert_eq!(clone.requests(all()).await.unwrap().1, 1);
    assert!(matches!(Sqlite::open(directory.path()), Err(OpenError::Locked(_))));
    drop(clone);
    let mut files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["code", "fngraph.db", "lock", "secret.key"]);
}

#[test]
fn a_future_may_wait_on_any_thread() {
    let (_directory, store) = directory();
    let waiting = store.accept(request(1));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(waiting).unwrap(), Acceptance::New);
}

#[test]
fn a_directory_in_use_is_refused() {
    let (directory, store) = directory();
    let error = Sqlite::open(directory.path()).unwrap_err();
    assert!(matches!(&error, OpenError::Locked(path) if path == directory.path()), "{error}");
    drop(store);
    Sqlite::open(directory.path()).unwrap();
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let (directory, store) = directory();
    drop(store);
    let database = directory.path().join("fngraph.db");
    Connection::open(&database).unwrap().pragma_update(None, "user_version", 1000).unwrap();
    let before = fs::read(&database).unwrap();
    let error = Sqlite::open(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 1000, known: 5, .. }), "{error}");
    assert_eq!(fs::read(&database).unwrap(), before);
}

fn assert_damaged(directory: &Path) {
    let error = Sqlite::open(directory).unwrap_err();
    assert!(matches!(error, OpenError::Damaged(..)), "{error:?}");
}

#[test]
fn what_is_no_database_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("fngraph.db"), "this is no database, but a text".repeat(100)).unwrap();
    assert_damaged(directory.path());
    // The lock was given back.
    fs::remove_file(directory.path().join("fngraph.db")).unwrap();
    Sqlite::open(directory.path()).unwrap();
}

#[tokio::test]
async fn a_database_with_a_hole_is_damaged() {
    let (directory, store) = directory();
    for bits in 0..500 {
        store.accept(request(bits)).await.unwrap();
    }
    drop(store);
    let database = directory.path().join("fngraph.db");
    let mut bytes = fs::read(&database).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xff);
    fs::write(&database, bytes).unwrap();
    assert_damaged(directory.path());
}

#[test]
fn a_directory_that_cannot_be_is_an_error_of_the_system() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Sqlite::open(&file.join("below")).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
}

#[test]
fn a_directory_keeps_its_secret() {
    let (directory, store) = directory();
    let key = |store: &Sqlite| store.secret().derive("test");
    let (before, other) = (key(&store), key(&Sqlite::in_memory().unwrap()));
    drop(store);
    assert_eq!(key(&Sqlite::open(directory.path()).unwrap()), before);
    assert_ne!(before, other);

    let file = directory.path().join("secret.key");
    fs::write(&file, "half of it").unwrap();
    assert_damaged(directory.path());
    fs::remove_file(&file).unwrap();
    assert_ne!(key(&Sqlite::open(directory.path()).unwrap()), before);
}

#[cfg(unix)]
#[test]
fn others_do_not_read_a_secret() {
    use std::os::unix::fs::PermissionsExt;
    let (directory, _store) = directory();
    let metadata = fs::metadata(directory.path().join("secret.key")).unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 32));
}

#[cfg(unix)]
#[test]
fn others_do_not_read_a_directory_that_was_created() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep").join("down");
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(format!("{store:?}"), format!("Sqlite({})", path.display()));
}
