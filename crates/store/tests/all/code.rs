use crate::support::{directory, promises};
use bytes::Bytes;
use fngraph_store::{CodeStore, Digest, Sqlite};
use std::fs;

promises![a_package_is_kept_by_its_digest, a_sweep_leaves_what_is_kept];

async fn a_package_is_kept_by_its_digest(store: Sqlite) {
    let package = Bytes::from_static(b"a package");
    assert_eq!(store.code(Digest::of(&package)).await.unwrap(), None);
    for _ in 0..2 {
        assert_eq!(store.put_code(package.clone()).await.unwrap(), Digest::of(&package));
    }
    assert_eq!(store.code(Digest::of(&package)).await.unwrap(), Some(package));
    assert_eq!(store.sweep_code(Vec::new()).await.unwrap(), 1);
}

async fn a_sweep_leaves_what_is_kept(store: Sqlite) {
    let mut digests = Vec::new();
    for package in ["a", "b", "c"] {
        digests.push(store.put_code(Bytes::from(package)).await.unwrap());
    }
    let keep = vec![digests[1], Digest::of(b"never stored")];
    assert_eq!(store.sweep_code(keep.clone()).await.unwrap(), 2);
    assert_eq!(store.sweep_code(keep).await.unwrap(), 0);
    assert_eq!(store.code(digests[0]).await.unwrap(), None);
    assert_eq!(store.code(digests[1]).await.unwrap(), Some(Bytes::from("b")));
}

#[tokio::test]
async fn a_package_that_was_tampered_with_is_none_until_it_is_put_again() {
    let (directory, store) = directory();
    let digest = store.put_code(Bytes::from("a package")).await.unwrap();
    let path = directory.path().join("code").join(digest.to_string());
    assert_eq!(fs::read(&path).unwrap(), b"a package");
    fs::write(&path, "another package").unwrap();
    assert_eq!(store.code(digest).await.unwrap(), None);
    store.put_code(Bytes::from("a package")).await.unwrap();
    assert_eq!(store.code(digest).await.unwrap(), Some(Bytes::from("a package")));
}

#[tokio::test]
async fn a_sweep_removes_unfinished_files_and_leaves_those_of_others() {
    let (directory, store) = directory();
    let code = directory.path().join("code");
    fs::write(code.join(".unfinished-x"), "half a pack").unwrap();
    fs::write(code.join("README"), "mine").unwrap();
    assert_eq!(store.sweep_code(Vec::new()).await.unwrap(), 0);
    assert!(!code.join(".unfinished-x").exists());
    assert!(code.join("README").exists());
}

#[tokio::test]
async fn packages_outlive_the_process() {
    let (directory, store) = directory();
    let digest = store.put_code(Bytes::from("a package")).await.unwrap();
    drop(store);
    let store = Sqlite::open(directory.path()).unwrap();
    assert_eq!(store.code(digest).await.unwrap(), Some(Bytes::from("a package")));
}
