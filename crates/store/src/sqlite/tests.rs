//! What can only be seen or brought about from inside.

use super::{Sqlite, failure::Failure, periods, schema};
use crate::{
    Acceptance, CodeStore, DocumentStore, Ending, FunctionRecord, FunctionStore, LogQuery, LogRecord, LogStore,
    LogStream, MinuteRecord, NewRequest, RequestQuery, RequestStatus, RequestStore, StatisticsQuery, StatisticsStore,
    StoreError,
};
use bytes::Bytes;
use fngraph_types::{FunctionId, Qualifier, RequestId, Timestamp, VersionName};
use futures::future::{join, join_all};
use rusqlite::Connection;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn id(bits: u128) -> RequestId {
    RequestId::from_u128(bits)
}

fn request(bits: u128, event: usize) -> NewRequest {
    NewRequest {
        id: id(bits),
        function: FunctionId::local("f"),
        qualifier: Qualifier::latest(),
        event: Bytes::from(vec![b'x'; event]),
        accepted_at: NOW,
        expires_at: NOW,
        idempotency_key: None,
        duplicates_since: NOW,
    }
}

fn all() -> RequestQuery {
    RequestQuery {
        function: FunctionId::local("f"),
        qualifier: None,
        ids: Vec::new(),
        status: None,
        active: false,
        from: NOW,
        until: NOW,
        offset: 0,
        limit: 1_000_000,
    }
}

fn success() -> Ending {
    let status = RequestStatus::Success;
    Ending::Final { status, at: NOW, error_code: 0, error_message: String::new(), delivery: None }
}

async fn execute(store: &Sqlite, statements: &'static str) {
    store.write(move |connection| Ok(connection.execute_batch(statements)?)).await.unwrap();
}

async fn number(store: &Sqlite, query: &'static str) -> i64 {
    store.write(move |connection| Ok(connection.query_row(query, [], |row| row.get(0))?)).await.unwrap()
}

fn stores() -> (tempfile::TempDir, [Sqlite; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let stores = [Sqlite::open(directory.path()).unwrap(), Sqlite::in_memory().unwrap()];
    (directory, stores)
}

#[tokio::test]
async fn a_write_that_fails_or_panics_is_undone_and_harms_no_other() {
    for store in stores().1 {
        let writes = (0..60).map(|bits| {
            let inner = move |connection: &Connection| {
                super::queue::accept(connection, &request(bits, 1))?;
                match bits % 3 {
                    0 => Ok(()),
                    1 => Err(Failure::from(StoreError::Conflict)),
                    _ => panic!("a write that panics, as it should"),
                }
            };
            store.write(inner)
        });
        let outcomes = join_all(writes).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 20);
        let (records, count) = store.requests(all()).await.unwrap();
        assert_eq!(count, 20);
        assert!(records.iter().all(|record| record.id.as_u128() % 3 == 0));
    }
}

#[tokio::test]
async fn a_read_that_panics_harms_no_other() {
    for store in stores().1 {
        let panics = store.read::<(), _>(|_| panic!("a read that panics, as it should"));
        assert!(matches!(panics.await, Err(StoreError::Failed(_))));
        assert_eq!(store.requests(all()).await.unwrap().1, 0);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let (_directory, stores) = stores();
    for store in stores {
        assert_eq!(store.accept(request(0, 10)).await.unwrap(), Acceptance::New);
        let pages = number(&store, "PRAGMA page_count").await + 40;
        let limit = move |connection: &Connection| Ok(connection.pragma_update(None, "max_page_count", pages)?);
        store.write(limit).await.unwrap();

        let outcomes = join_all((1..=200).map(|bits| store.accept(request(bits, 3000)))).await;
        let accepted: Vec<_> = (1..=200).zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).collect();
        assert!(!accepted.is_empty() && accepted.len() < 200, "{}", accepted.len());
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Acceptance::New) | Err(StoreError::Full))));

        // What makes room succeeds, though it shares its commit with what does not fit.
        let big = (300..320).map(|bits| store.accept(request(bits, 1_000_000)));
        let (refused, finished) = join(join_all(big), store.finish(id(0), success())).await;
        assert!(refused.iter().all(|outcome| matches!(outcome, Err(StoreError::Full))));
        assert!(finished.unwrap());

        execute(&store, "PRAGMA max_page_count = 1000000").await;
        assert_eq!(store.accept(request(1000, 3000)).await.unwrap(), Acceptance::New);
        let pending = store.recover(NOW).await.unwrap();
        assert_eq!(pending.len(), accepted.len() + 1);
        for (bits, _) in accepted {
            assert_eq!(store.begin(id(bits), NOW).await.unwrap().unwrap().event.len(), 3000);
        }
        assert_eq!(number(&store, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'").await, 1);
    }
}

/// What each version could hold, as it would have been written then.
const ROWS: [&str; 5] = [
    "INSERT INTO function_ids VALUES (7, 'p', 'default', 'f');
     INSERT INTO functions VALUES (7, 3, '{}');
     INSERT INTO requests (id, function, qualifier, status, attempts, accepted_at, expires_at, due_at, error_code,
                           error_message)
         VALUES (x'00000000000000000000000000000005', 7, 'latest', 'RUNNING', 1, 100, 200, 100, 0, '');
     INSERT INTO events VALUES (last_insert_rowid(), x'7b7d');
     INSERT INTO deliveries (request, function, attempts, due_at, expires_at, destination, payload)
         VALUES (x'00000000000000000000000000000004', 7, 2, 100, 200, 'd', x'7b7d');",
    "INSERT INTO minutes VALUES (7, 1, 'latest', 1, 0, 0, 0, 0, 5, 5, 5, 1, 1, 1, 1, 1, 1);
     INSERT INTO logs (request, function, version, at, error_code, bytes, text)
         VALUES (x'00000000000000000000000000000005', 7, 'latest', 100, 0, 5, 'hello');",
    "INSERT INTO documents VALUES ('projects', 'p', 3, '{}');",
    "INSERT INTO logs (stream, request, function, version, at, error_code, bytes, text)
         VALUES (0, x'00000000000000000000000000000005', 7, 'latest', 200, 0, 5, 'again');",
    "INSERT INTO minutes VALUES (7, 3, 'latest', 9, 4, 2, 0, 0, 5, 5, 5, 1, 1, 1, 1, 1, 1, 9);",
];

#[tokio::test]
async fn a_database_of_every_version_opens_and_keeps_its_rows() {
    assert_eq!(ROWS.len(), schema::MIGRATIONS.len(), "a new migration needs rows of the version before it");
    for version in 0..=schema::MIGRATIONS.len() {
        let directory = tempfile::tempdir().unwrap();
        let connection = Connection::open(directory.path().join("fngraph.db")).unwrap();
        for (migration, rows) in schema::MIGRATIONS.iter().zip(ROWS).take(version) {
            connection.execute_batch(migration).unwrap();
            connection.execute_batch(rows).unwrap();
        }
        connection.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
        drop(connection);

        let store = Sqlite::open(directory.path()).unwrap();
        assert_eq!(number(&store, "PRAGMA user_version").await, schema::known());
        let function = FunctionId::new("p", "default", "f");
        if version > 0 {
            let record = FunctionRecord { id: function.clone(), revision: 3, document: "{}".to_owned() };
            assert_eq!(store.functions().await.unwrap(), [record]);
            assert_eq!(store.recover(NOW).await.unwrap()[0].attempts, 1);
            let attempt = store.begin(id(5), NOW).await.unwrap().unwrap();
            assert_eq!((attempt.earlier, &attempt.event[..]), (1, &b"{}"[..]));
            assert_eq!(store.deliveries(0, 9).await.unwrap()[0].attempts, 2);
        }
        let kept = usize::from(version > 1);
        assert_eq!(store.log(id(5)).await.unwrap().len(), kept + usize::from(version > 3));
        store.add_minutes(vec![MinuteRecord::new(function.clone(), VersionName::latest(), 2)]).await.unwrap();
        let query = StatisticsQuery { until: 9, ..StatisticsQuery::default() };
        assert_eq!(store.minutes(query).await.unwrap().len(), 1 + kept + usize::from(version > 4));
        let failures = store.failures(vec![function], 0).await.unwrap();
        assert_eq!(failures.iter().map(|(_, failures)| *failures).sum::<u64>(), if version > 4 { 6 } else { 0 });
        let document = store.document("projects", "p").await.unwrap();
        assert_eq!(document.map(|document| document.revision), (version > 2).then_some(3));
    }
}

#[tokio::test]
async fn failures_are_read_from_their_index_alone() {
    for store in stores().1 {
        let plan = store.write(|connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", periods::FAILURES))?;
            let steps = statement.query_map(&[(":functions", "[]"), (":from", "0")], |row| row.get::<_, String>(3))?;
            Ok(steps.collect::<Result<Vec<_>, _>>()?.join("\n"))
        });
        let plan = plan.await.unwrap();
        assert!(plan.contains("SEARCH m USING COVERING INDEX minutes_by_failures (function=? AND minute>?)"), "{plan}");
    }
}

#[tokio::test]
async fn a_damaged_row_is_left_out_of_lists_and_told_alone() {
    for store in stores().1 {
        for name in ["f", "g"] {
            let record = FunctionRecord { id: FunctionId::local(name), revision: 1, document: String::new() };
            store.put_function(record).await.unwrap();
        }
        for bits in 1..=4 {
            store.accept(request(bits, 1)).await.unwrap();
        }
        for (bits, text) in [(1, "one"), (2, "two")] {
            let (function, version, text) = (FunctionId::local("f"), VersionName::latest(), text.to_owned());
            let log = LogRecord {
                stream: LogStream::Function,
                request: id(bits),
                function,
                version,
                at: NOW,
                error_code: 0,
                text,
            };
            store.add_logs(vec![log]).await.unwrap();
        }
        execute(
            &store,
            "UPDATE functions SET revision = -1 WHERE function = (SELECT number FROM function_ids WHERE name = 'g');
             UPDATE requests SET status = 'SLEEPING' WHERE seq = 1;
             UPDATE requests SET qualifier = '!!' WHERE seq = 2;
             UPDATE requests SET attempts = 'many' WHERE seq = 3;
             UPDATE logs SET version = '' WHERE number = 1;",
        )
        .await;

        assert_eq!(store.functions().await.unwrap().len(), 1);
        assert_eq!(store.recover(NOW).await.unwrap().iter().map(|pending| pending.id).collect::<Vec<_>>(), [id(4)]);
        let (records, count) = store.requests(all()).await.unwrap();
        assert_eq!((records.len(), count), (1, 4));
        let (function, version) = (FunctionId::local("f"), None);
        let logs = store.logs(LogQuery { function, version, from: NOW, until: NOW, limit: 9 }).await.unwrap();
        assert_eq!(logs.len(), 1);
        for bits in 1..=3 {
            let error = store.request(id(bits)).await.unwrap_err();
            assert!(matches!(error, StoreError::Damaged { what: "request", .. }), "{error}");
            assert!(store.finish(id(bits), success()).await.unwrap(), "it can be ended");
        }
    }
}

#[tokio::test]
async fn a_request_without_its_event_is_damaged_but_can_be_ended() {
    for store in stores().1 {
        store.accept(request(1, 1)).await.unwrap();
        execute(&store, "DELETE FROM events").await;
        for _ in 0..2 {
            let error = store.begin(id(1), NOW).await.unwrap_err();
            assert!(matches!(error, StoreError::Damaged { what: "event", .. }), "{error}");
        }
        let record = store.request(id(1)).await.unwrap().unwrap();
        assert_eq!((record.status, record.attempts), (RequestStatus::Wait, 0), "nothing was changed");
        assert!(store.finish(id(1), success()).await.unwrap());
    }
}

#[tokio::test]
async fn events_go_when_their_requests_end() {
    for store in stores().1 {
        for bits in 1..=3 {
            store.accept(request(bits, 1)).await.unwrap();
        }
        store.finish(id(2), success()).await.unwrap();
        assert_eq!(number(&store, "SELECT count(*) FROM events").await, 2);
        assert_eq!(number(&store, "SELECT count(*) FROM events JOIN requests USING (seq)").await, 2);
    }
}

#[tokio::test]
async fn packages_and_writes_do_not_wait_for_each_other() {
    for store in stores().1 {
        let (digest, accepted) = join(store.put_code(Bytes::from("code")), store.accept(request(1, 1))).await;
        assert_eq!(store.code(digest.unwrap()).await.unwrap(), Some(Bytes::from("code")));
        assert_eq!(accepted.unwrap(), Acceptance::New);
    }
}
