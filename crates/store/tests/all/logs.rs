use crate::support::{NOW, function, id, promises, seconds};
use fngraph_store::{
    FunctionRecord, FunctionStore, LogPageQuery, LogQuery, LogRecord, LogRetention, LogStore, LogStream, Sqlite,
};
use fngraph_types::{Timestamp, VersionName};

promises![
    the_attempts_of_an_invocation_are_told_in_order,
    the_latest_logs_are_listed_oldest_first,
    a_marker_leads_to_what_was_stored_later,
    pages_are_of_one_stream_and_of_what_was_asked_for,
    numbers_are_never_used_again,
    logs_are_forgotten_by_age,
    the_oldest_go_when_there_are_too_many_bytes,
    the_logs_of_a_deleted_function_take_no_room,
];

/// A log of as many bytes as its number, which also tells its time.
fn log(number: u64) -> LogRecord {
    LogRecord {
        stream: LogStream::Function,
        request: id(number.into()),
        function: function("f"),
        version: VersionName::latest(),
        at: NOW + seconds(number),
        error_code: 0,
        text: "x".repeat(usize::try_from(number).unwrap()),
    }
}

fn all() -> LogQuery {
    let until = Timestamp::from_millis(i64::MAX);
    LogQuery { function: function("f"), version: None, from: Timestamp::EPOCH, until, limit: u64::MAX }
}

async fn check(store: &Sqlite, query: LogQuery, expected: &[usize]) {
    let logs = store.logs(query).await.unwrap();
    assert_eq!(logs.iter().map(|log| log.text.len()).collect::<Vec<_>>(), expected);
}

async fn the_attempts_of_an_invocation_are_told_in_order(store: Sqlite) {
    assert_eq!(store.log(id(1)).await.unwrap(), []);
    let second = LogRecord { at: NOW + seconds(9), error_code: 4002, text: "zwei\n".to_owned(), ..log(1) };
    store.add_logs(vec![second.clone(), log(2), log(1)]).await.unwrap();
    assert_eq!(store.log(id(1)).await.unwrap(), [log(1), second]);
}

async fn the_latest_logs_are_listed_oldest_first(store: Sqlite) {
    check(&store, all(), &[]).await;
    let v1: VersionName = "v1".parse().unwrap();
    let mut records: Vec<_> = [3, 1, 2, 5].map(log).into();
    records.push(LogRecord { version: v1.clone(), ..log(4) });
    records.push(LogRecord { function: function("g"), ..log(6) });
    store.add_logs(records).await.unwrap();
    check(&store, all(), &[1, 2, 3, 4, 5]).await;
    check(&store, LogQuery { limit: 2, ..all() }, &[4, 5]).await;
    check(&store, LogQuery { from: NOW + seconds(2), until: NOW + seconds(4), ..all() }, &[2, 3, 4]).await;
    check(&store, LogQuery { version: Some(v1), ..all() }, &[4]).await;
    check(&store, LogQuery { function: function("unknown"), ..all() }, &[]).await;
}

fn page(after: Option<i64>, limit: u64) -> LogPageQuery {
    LogPageQuery {
        function: function("f"),
        stream: LogStream::Function,
        versions: Vec::new(),
        request: None,
        from: Timestamp::EPOCH,
        after,
        limit,
    }
}

/// Tells the marker to go on with.
async fn read(store: &Sqlite, query: LogPageQuery, expected: &[usize]) -> i64 {
    let page = store.log_page(query).await.unwrap();
    assert_eq!(page.records.iter().map(|log| log.text.len()).collect::<Vec<_>>(), expected);
    page.marker
}

async fn a_marker_leads_to_what_was_stored_later(store: Sqlite) {
    let marker = read(&store, page(None, 9), &[]).await;
    assert_eq!(read(&store, page(Some(marker), 9), &[]).await, marker);
    // The order is that of the storing, whatever times they tell.
    store.add_logs([5, 1, 3].map(log).into()).await.unwrap();
    let end = read(&store, page(None, 2), &[1, 3]).await;
    let middle = read(&store, page(Some(marker), 2), &[5, 1]).await;
    assert_eq!(read(&store, page(Some(middle), 2), &[3]).await, end);
    store.add_logs(vec![LogRecord { function: function("g"), ..log(7) }, log(2)]).await.unwrap();
    read(&store, page(Some(end), 9), &[2]).await;
}

async fn pages_are_of_one_stream_and_of_what_was_asked_for(store: Sqlite) {
    let v1: VersionName = "v1".parse().unwrap();
    let status = LogRecord { stream: LogStream::AsyncStatus, ..log(8) };
    let records = vec![log(1), status, LogRecord { version: v1.clone(), ..log(2) }, log(3)];
    store.add_logs(records).await.unwrap();
    read(&store, page(None, 9), &[1, 2, 3]).await;
    read(&store, LogPageQuery { stream: LogStream::AsyncStatus, ..page(Some(0), 9) }, &[8]).await;
    read(&store, LogPageQuery { versions: vec![v1, "v2".parse().unwrap()], ..page(None, 9) }, &[2]).await;
    read(&store, LogPageQuery { request: Some(id(3)), ..page(Some(0), 9) }, &[3]).await;
    read(&store, LogPageQuery { from: NOW + seconds(2), ..page(None, 9) }, &[2, 3]).await;
    read(&store, LogPageQuery { function: function("unknown"), ..page(None, 9) }, &[]).await;
    // Nothing else tells of changes of the status.
    assert_eq!(store.log(id(8)).await.unwrap(), []);
    check(&store, all(), &[1, 2, 3]).await;
}

async fn numbers_are_never_used_again(store: Sqlite) {
    store.add_logs((1..=3).map(log).collect()).await.unwrap();
    let marker = read(&store, page(None, 9), &[1, 2, 3]).await;
    let all = LogRetention { before: Timestamp::from_millis(i64::MAX), bytes: 0 };
    assert_eq!(store.forget_logs(all).await.unwrap(), 3);
    store.add_logs(vec![log(4)]).await.unwrap();
    read(&store, page(Some(marker), 9), &[4]).await;
}

async fn logs_are_forgotten_by_age(store: Sqlite) {
    store.add_logs((1..=5).map(log).collect()).await.unwrap();
    let retention = LogRetention { before: NOW + seconds(3), bytes: u64::MAX };
    assert_eq!(store.forget_logs(retention).await.unwrap(), 2);
    assert_eq!(store.forget_logs(retention).await.unwrap(), 0);
    check(&store, all(), &[3, 4, 5]).await;
}

async fn the_oldest_go_when_there_are_too_many_bytes(store: Sqlite) {
    store.add_logs((1..=5).rev().map(log).collect()).await.unwrap();
    let keep = |bytes| store.forget_logs(LogRetention { before: NOW, bytes });
    assert_eq!(keep(15).await.unwrap(), 0);
    // 15 bytes less 1 and 2 are 12; without 3 there would be room to spare.
    assert_eq!(keep(12).await.unwrap(), 2);
    assert_eq!(keep(11).await.unwrap(), 1);
    check(&store, all(), &[4, 5]).await;
    assert_eq!(keep(0).await.unwrap(), 2);
    // More than go in one step.
    store.add_logs((0..1200).map(|_| log(1)).collect()).await.unwrap();
    assert_eq!(keep(3).await.unwrap(), 1197);
    check(&store, all(), &[1, 1, 1]).await;
}

async fn the_logs_of_a_deleted_function_take_no_room(store: Sqlite) {
    let other = FunctionRecord { id: function("g"), revision: 1, document: String::new() };
    store.put_function(other).await.unwrap();
    store.add_logs(vec![LogRecord { function: function("g"), ..log(50) }, log(1)]).await.unwrap();
    store.delete_function(function("g"), 1).await.unwrap();
    assert_eq!(store.forget_logs(LogRetention { before: NOW, bytes: 10 }).await.unwrap(), 0);
    check(&store, all(), &[1]).await;
}
