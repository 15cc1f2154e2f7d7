use crate::support::{function, promises};
use fngraph_store::{MinuteRecord, Period, PeriodQuery, Sqlite, StatisticsQuery, StatisticsStore};
use fngraph_types::{FunctionId, VersionName};

promises![
    a_minute_adds_up_as_records_do,
    minutes_are_found_by_project_function_version_and_time,
    minutes_add_up_to_periods,
    what_lives_at_once_adds_up_over_versions,
    functions_are_told_apart_in_totals,
    failures_add_up_by_function,
    old_minutes_are_forgotten,
    the_largest_numbers_stay_numbers,
];

fn everything() -> StatisticsQuery {
    StatisticsQuery { from: i64::MIN, until: i64::MAX, ..StatisticsQuery::default() }
}

fn empty(minute: i64) -> MinuteRecord {
    MinuteRecord::new(function("f"), VersionName::latest(), minute)
}

/// A record with another number in each place.
fn filled(minute: i64, seed: u64) -> MinuteRecord {
    MinuteRecord {
        count: seed,
        function_errors: seed + 1,
        system_errors: seed + 2,
        rejects: seed + 3,
        cold_starts: seed + 4,
        duration_sum: seed + 5,
        duration_min: seed + 6,
        duration_max: seed + 7,
        billed_sum: seed + 8,
        memory_time: seed + 9,
        memory_max: seed + 10,
        concurrency_max: seed + 11,
        elastic_max: seed + 12,
        reserved_max: seed + 13,
        handled: seed + 14,
        ..empty(minute)
    }
}

async fn a_minute_adds_up_as_records_do(store: Sqlite) {
    assert_eq!(store.minutes(everything()).await.unwrap(), []);
    let mut expected = empty(7);
    store.add_minutes(vec![empty(7)]).await.unwrap();
    assert_eq!(store.minutes(everything()).await.unwrap(), [expected.clone()]);
    for seed in [100, 20, 300] {
        store.add_minutes(vec![filled(7, seed), empty(7)]).await.unwrap();
        expected.merge(&filled(7, seed));
        assert_eq!(store.minutes(everything()).await.unwrap(), [expected.clone()]);
    }
}

async fn minutes_are_found_by_project_function_version_and_time(store: Sqlite) {
    let record = |project, name, version: &str, minute| {
        MinuteRecord::new(FunctionId::new(project, "default", name), version.parse().unwrap(), minute)
    };
    let records = [
        record("p", "f", "latest", 1),
        record("p", "f", "v1", 1),
        record("p", "g", "latest", 1),
        record("q", "f", "latest", 1),
        record("p", "f", "latest", 2),
        record("p", "f", "latest", 3),
    ];
    store.add_minutes(records.iter().rev().cloned().collect()).await.unwrap();
    let check = async |query, places: &[usize]| {
        let expected: Vec<_> = places.iter().map(|place| records[*place].clone()).collect();
        assert_eq!(store.minutes(query).await.unwrap(), expected);
    };
    let f = Some(FunctionId::new("p", "default", "f"));
    check(everything(), &[0, 1, 2, 3, 4, 5]).await;
    check(StatisticsQuery { from: 2, until: 2, ..everything() }, &[4]).await;
    check(StatisticsQuery { project_id: Some("p".to_owned()), until: 1, ..everything() }, &[0, 1, 2]).await;
    check(StatisticsQuery { function: f.clone(), ..everything() }, &[0, 1, 4, 5]).await;
    let version = Some("v1".parse().unwrap());
    check(StatisticsQuery { function: f.clone(), version, ..everything() }, &[1]).await;
    check(StatisticsQuery { function: f, project_id: Some("q".to_owned()), ..everything() }, &[]).await;
}

fn ever() -> PeriodQuery {
    PeriodQuery { from: i64::MIN, until: i64::MAX, ..PeriodQuery::default() }
}

async fn minutes_add_up_to_periods(store: Sqlite) {
    store.add_minutes(vec![filled(29, 100), filled(30, 1000), filled(59, 20), empty(90)]).await.unwrap();
    let periods = store.periods(ever(), 30).await.unwrap();
    assert_eq!(periods.iter().map(|period| period.begin).collect::<Vec<_>>(), [0, 30, 90]);
    let expected = Period {
        begin: 30,
        count: 1020,
        handled: 1048,
        function_errors: 1022,
        system_errors: 1024,
        rejects: 1026,
        duration_sum: 1030,
        duration_min: 26,
        duration_max: 1007,
        memory_time: 1038,
        concurrency_max: 1011,
        elastic_max: 1012,
        reserved_max: 1013,
    };
    assert_eq!(periods[1], expected);
    assert_eq!((periods[2].count, periods[2].duration_min), (0, u64::MAX));
    let query = PeriodQuery { from: 30, until: 58, ..ever() };
    assert_eq!(store.periods(query, 1).await.unwrap().len(), 1);
    assert_eq!(store.periods(PeriodQuery { project_id: Some("other".to_owned()), ..ever() }, 1).await.unwrap(), []);
    assert_eq!(store.periods(PeriodQuery { function: Some(function("g")), ..ever() }, 1).await.unwrap(), []);
}

async fn what_lives_at_once_adds_up_over_versions(store: Sqlite) {
    let of = |version: &str, minute, most| MinuteRecord {
        version: version.parse().unwrap(),
        concurrency_max: most,
        count: 1,
        ..empty(minute)
    };
    store.add_minutes(vec![of("latest", 1, 2), of("v1", 1, 3), of("v1", 2, 4), of("v2", 2, 9)]).await.unwrap();
    let most = async |versions: &[&str]| {
        let versions = versions.iter().map(|version| version.parse().unwrap()).collect();
        let periods = store.periods(PeriodQuery { versions, ..ever() }, 60).await.unwrap();
        (periods[0].count, periods[0].concurrency_max)
    };
    assert_eq!(most(&[]).await, (4, 13));
    assert_eq!(most(&["latest", "v1"]).await, (3, 5));
    assert_eq!(most(&["v1"]).await, (2, 4));
}

async fn functions_are_told_apart_in_totals(store: Sqlite) {
    let of = |name, minute| MinuteRecord { function: function(name), count: 2, ..empty(minute) };
    store.add_minutes(vec![of("g", 1), of("f", 1), of("f", 2), of("f", 9)]).await.unwrap();
    let totals = store.totals(PeriodQuery { until: 5, ..ever() }).await.unwrap();
    let counts: Vec<_> = totals.iter().map(|(id, period)| (&*id.name, period.count)).collect();
    assert_eq!(counts, [("f", 4), ("g", 2)]);
}

async fn failures_add_up_by_function(store: Sqlite) {
    let of = |name, version: &str, minute, function_errors, system_errors| MinuteRecord {
        function: function(name),
        version: version.parse().unwrap(),
        count: 9,
        function_errors,
        system_errors,
        ..empty(minute)
    };
    let minutes = [
        of("f", "latest", 4, 100, 100),
        of("f", "latest", 5, 2, 0),
        of("f", "v1", 5, 0, 3),
        of("f", "latest", 6, 0, 0),
        of("f", "latest", 7, 4, 1),
        of("g", "latest", 7, 0, 0),
        of("h", "latest", 7, u64::MAX, u64::MAX),
        of("i", "latest", 7, 1, 0),
    ];
    store.add_minutes(minutes.to_vec()).await.unwrap();
    // One that failed no more than it had, and one that had nothing before.
    store.add_minutes(vec![of("i", "latest", 7, 0, 0), of("g", "latest", 8, 1, 0)]).await.unwrap();
    let check = async |names: &[&str], from, expected: &[(&str, u64)]| {
        let ids = names.iter().map(|name| function(name)).collect();
        let mut failures = store.failures(ids, from).await.unwrap();
        failures.sort();
        let failures: Vec<_> = failures.iter().map(|(id, failures)| (&*id.name, *failures)).collect();
        assert_eq!(failures, expected);
    };
    check(&["f", "g", "i", "nobody"], 5, &[("f", 10), ("g", 1), ("i", 1)]).await;
    check(&["g", "f"], 8, &[("g", 1)]).await;
    check(&["h"], 0, &[("h", i64::MAX.unsigned_abs())]).await;
    check(&[], 0, &[]).await;
}

async fn old_minutes_are_forgotten(store: Sqlite) {
    // More than go in one step.
    store.add_minutes((0..2500).map(empty).collect()).await.unwrap();
    assert_eq!(store.forget_minutes(2400).await.unwrap(), 2400);
    assert_eq!(store.forget_minutes(2400).await.unwrap(), 0);
    let left = store.minutes(everything()).await.unwrap();
    assert_eq!((left.len(), left[0].minute), (100, 2400));
}

async fn the_largest_numbers_stay_numbers(store: Sqlite) {
    let huge = MinuteRecord { count: u64::MAX, duration_sum: u64::MAX, memory_max: u64::MAX, ..empty(1) };
    store.add_minutes(vec![huge.clone(), huge]).await.unwrap();
    let end = i64::MAX.unsigned_abs();
    let stored = store.minutes(everything()).await.unwrap().remove(0);
    assert_eq!((stored.count, stored.duration_sum, stored.memory_max), (end, end, end));
    assert_eq!(stored.duration_min, u64::MAX);
    let period = store.periods(ever(), 1).await.unwrap().remove(0);
    assert_eq!((period.count, period.duration_sum), (end, end));
}
