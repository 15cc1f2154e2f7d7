use crate::support::{directory, promises};
use fngraph_store::{DocumentRecord, DocumentStore, Sqlite, StoreError};

promises![
    documents_are_listed_by_their_keys,
    a_prefix_chooses_whatever_its_characters,
    a_document_follows_the_revision_before_it,
];

fn record(collection: &str, key: &str, revision: u64) -> DocumentRecord {
    let body = format!("{{\"at\":{revision}}}");
    DocumentRecord { collection: collection.to_owned(), key: key.to_owned(), revision, body }
}

async fn keys(store: &Sqlite, prefix: &str) -> Vec<String> {
    store.documents("triggers", prefix).await.unwrap().into_iter().map(|record| record.key).collect()
}

async fn documents_are_listed_by_their_keys(store: Sqlite) {
    assert_eq!(store.documents("triggers", "").await.unwrap(), []);
    for key in ["p:b", "q:a", "p:a", ""] {
        store.put_document(record("triggers", key, 1)).await.unwrap();
    }
    store.put_document(record("projects", "p", 1)).await.unwrap();
    let expected = ["", "p:a", "p:b", "q:a"].map(|key| record("triggers", key, 1));
    assert_eq!(store.documents("triggers", "").await.unwrap(), expected);
    assert_eq!(keys(&store, "p:").await, ["p:a", "p:b"]);
    assert_eq!(store.document("projects", "p").await.unwrap(), Some(record("projects", "p", 1)));
    assert_eq!(store.document("projects", "q").await.unwrap(), None);
}

async fn a_prefix_chooses_whatever_its_characters(store: Sqlite) {
    let last = char::MAX;
    let all = [
        "%",
        "_",
        "a",
        "a%",
        &format!("a{last}"),
        &format!("a{last}z"),
        "b",
        "\u{d7ff}x",
        "\u{e000}",
        &format!("{last}"),
    ]
    .map(str::to_owned);
    for key in &all {
        store.put_document(record("triggers", key, 1)).await.unwrap();
    }
    for prefix in ["", "%", "_", "a", "a%", &format!("a{last}"), "\u{d7ff}", &format!("{last}"), "c"] {
        let mut expected: Vec<_> = all.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
        expected.sort();
        assert_eq!(keys(&store, prefix).await, expected, "{prefix:?}");
    }
}

async fn a_document_follows_the_revision_before_it(store: Sqlite) {
    let put = |revision| store.put_document(record("triggers", "t", revision));
    let delete = |revision| store.delete_document("triggers", "t", revision);
    for revision in [0, 2] {
        assert!(matches!(put(revision).await, Err(StoreError::Conflict)), "{revision} before 1");
    }
    assert!(matches!(delete(1).await, Err(StoreError::Conflict)));
    put(1).await.unwrap();
    put(2).await.unwrap();
    for revision in [0, 1, 2, 4, u64::MAX] {
        assert!(matches!(put(revision).await, Err(StoreError::Conflict)), "{revision} after 2");
    }
    assert_eq!(store.document("triggers", "t").await.unwrap(), Some(record("triggers", "t", 2)));
    assert!(matches!(delete(1).await, Err(StoreError::Conflict)));
    delete(2).await.unwrap();
    assert_eq!(store.document("triggers", "t").await.unwrap(), None);
    put(1).await.unwrap();
}

#[tokio::test]
async fn documents_outlive_the_process() {
    let (directory, store) = directory();
    store.put_document(record("triggers", "t", 1)).await.unwrap();
    drop(store);
    let store = Sqlite::open(directory.path()).unwrap();
    assert_eq!(store.documents("triggers", "").await.unwrap(), [record("triggers", "t", 1)]);
}
