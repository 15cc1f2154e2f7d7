use crate::support::{NOW, all, delivery, failure, function, id, promises, request};
use fngraph_store::{
    FunctionRecord, FunctionStore, LogRecord, LogStore, LogStream, MinuteRecord, RequestStore, Sqlite, StatisticsQuery,
    StatisticsStore, StoreError,
};
use fngraph_types::{FunctionId, VersionName};
use futures::future::join_all;

promises![
    functions_are_listed_by_their_ids,
    a_change_follows_the_revision_before_it,
    a_conflict_harms_no_other_write_of_its_commit,
    what_belongs_to_a_function_goes_with_it,
    what_belongs_to_other_functions_stays,
];

fn record(name: &str, revision: u64) -> FunctionRecord {
    FunctionRecord { id: function(name), revision, document: format!("{{\"name\":\"{name}\",\"at\":{revision}}}") }
}

async fn functions_are_listed_by_their_ids(store: Sqlite) {
    assert_eq!(store.functions().await.unwrap(), []);
    let ids = [("a", "z", "f"), ("b", "a", "f"), ("b", "a", "g"), ("b", "ä", "f")];
    let records = ids.map(|(project, package, name)| FunctionRecord {
        id: FunctionId::new(project, package, name),
        revision: 1,
        document: format!("{project} {package} {name}"),
    });
    for place in [2, 0, 3, 1] {
        store.put_function(records[place].clone()).await.unwrap();
    }
    assert_eq!(store.functions().await.unwrap(), records);
}

async fn a_change_follows_the_revision_before_it(store: Sqlite) {
    let put = |revision| store.put_function(record("f", revision));
    for revision in [0, 2] {
        assert!(matches!(put(revision).await, Err(StoreError::Conflict)), "{revision} before 1");
    }
    assert!(matches!(store.delete_function(function("f"), 1).await, Err(StoreError::Conflict)));
    put(1).await.unwrap();
    put(2).await.unwrap();
    for revision in [0, 1, 2, 4, u64::MAX] {
        assert!(matches!(put(revision).await, Err(StoreError::Conflict)), "{revision} after 2");
    }
    assert_eq!(store.functions().await.unwrap(), [record("f", 2)]);
    assert!(matches!(store.delete_function(function("f"), 1).await, Err(StoreError::Conflict)));
    store.delete_function(function("f"), 2).await.unwrap();
    assert_eq!(store.functions().await.unwrap(), []);
    put(1).await.unwrap();
}

async fn a_conflict_harms_no_other_write_of_its_commit(store: Sqlite) {
    store.put_function(record("f50", 1)).await.unwrap();
    let names: Vec<_> = (0..100).map(|number| format!("f{number}")).collect();
    let outcomes = join_all(names.iter().map(|name| store.put_function(record(name, 1)))).await;
    for (name, outcome) in names.iter().zip(outcomes) {
        assert_eq!(matches!(outcome, Err(StoreError::Conflict)), name == "f50", "{name}");
    }
    assert_eq!(store.functions().await.unwrap().len(), 100);
}

/// Stores one of everything for a function: a request that waits, one that ended with a delivery, a minute, a log.
async fn populate(store: &Sqlite, name: &str, number: u128) {
    store.put_function(record(name, 1)).await.unwrap();
    for bits in [number, number + 1] {
        let mut request = request(bits);
        request.function = function(name);
        store.accept(request).await.unwrap();
    }
    store.finish(id(number), failure(NOW, Some(delivery(name)))).await.unwrap();
    store.add_minutes(vec![MinuteRecord::new(function(name), VersionName::latest(), 5)]).await.unwrap();
    let text = "hello".to_owned();
    let version = VersionName::latest();
    let log = LogRecord {
        stream: LogStream::Function,
        request: id(number),
        function: function(name),
        version,
        at: NOW,
        error_code: 0,
        text,
    };
    store.add_logs(vec![log]).await.unwrap();
}

/// How many requests, deliveries, minutes and logs there are.
async fn counts(store: &Sqlite, name: &str, number: u128) -> [usize; 5] {
    let mut query = all();
    query.function = function(name);
    let minutes = StatisticsQuery { function: Some(function(name)), until: 9, ..StatisticsQuery::default() };
    let deliveries = store.deliveries(0, 9).await.unwrap();
    [
        store.requests(query).await.unwrap().0.len(),
        store.recover(NOW).await.unwrap().iter().filter(|pending| pending.function == function(name)).count(),
        deliveries.iter().filter(|delivery| delivery.function == function(name)).count(),
        store.minutes(minutes).await.unwrap().len(),
        store.log(id(number)).await.unwrap().len(),
    ]
}

async fn what_belongs_to_a_function_goes_with_it(store: Sqlite) {
    populate(&store, "f", 1).await;
    assert_eq!(counts(&store, "f", 1).await, [2, 1, 1, 1, 1]);
    store.delete_function(function("f"), 1).await.unwrap();
    assert_eq!(counts(&store, "f", 1).await, [0; 5]);
    assert_eq!(store.request(id(2)).await.unwrap(), None);
    assert_eq!(store.begin(id(2), NOW).await.unwrap(), None);
    populate(&store, "f", 1).await;
    assert_eq!(counts(&store, "f", 1).await, [2, 1, 1, 1, 1]);
}

async fn what_belongs_to_other_functions_stays(store: Sqlite) {
    populate(&store, "f", 1).await;
    populate(&store, "g", 11).await;
    store.delete_function(function("f"), 1).await.unwrap();
    assert_eq!(counts(&store, "g", 11).await, [2, 1, 1, 1, 1]);
    assert!(store.begin(id(12), NOW).await.unwrap().is_some());
}
