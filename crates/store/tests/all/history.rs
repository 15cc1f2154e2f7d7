use crate::support::{NOW, all, function, id, promises, request, seconds, success};
use fngraph_store::{RequestQuery, RequestStatus, RequestStore, Sqlite};

promises![
    requests_are_listed_oldest_first_and_by_pages,
    filters_narrow_what_is_listed_and_counted,
    many_ids_may_be_asked_for,
    only_what_ended_is_forgotten_and_no_more_than_asked,
];

/// Requests 1 to 6 of `f`, one each second, of which 1 has ended, 2 runs, and 3 is for an alias; 7 is another's.
async fn populate(store: &Sqlite) {
    for (after, bits) in (0..).zip(1..=7) {
        let mut request = request(bits);
        request.accepted_at = NOW + seconds(after);
        if bits == 3 {
            request.qualifier = "!prod".parse().unwrap();
        }
        if bits == 7 {
            request.function = function("g");
        }
        store.accept(request).await.unwrap();
    }
    store.begin(id(1), NOW).await.unwrap();
    store.finish(id(1), success(NOW + seconds(1))).await.unwrap();
    store.begin(id(2), NOW).await.unwrap();
}

async fn check(store: &Sqlite, query: RequestQuery, expected: &[u128], count: u64) {
    let (records, total) = store.requests(query.clone()).await.unwrap();
    let ids: Vec<_> = records.iter().map(|record| record.id.as_u128()).collect();
    assert_eq!((&ids[..], total), (expected, count), "{query:?}");
    for record in records {
        assert_eq!(store.request(record.id).await.unwrap(), Some(record));
    }
}

async fn requests_are_listed_oldest_first_and_by_pages(store: Sqlite) {
    check(&store, all(), &[], 0).await;
    populate(&store).await;
    check(&store, all(), &[1, 2, 3, 4, 5, 6], 6).await;
    check(&store, RequestQuery { limit: 2, ..all() }, &[1, 2], 6).await;
    check(&store, RequestQuery { offset: 4, limit: 4, ..all() }, &[5, 6], 6).await;
    check(&store, RequestQuery { offset: u64::MAX, ..all() }, &[], 6).await;
    check(&store, RequestQuery { limit: 0, ..all() }, &[], 6).await;
    check(&store, RequestQuery { function: function("unknown"), ..all() }, &[], 0).await;
}

async fn filters_narrow_what_is_listed_and_counted(store: Sqlite) {
    populate(&store).await;
    let status = |status| RequestQuery { status: Some(status), ..all() };
    check(&store, status(RequestStatus::Success), &[1], 1).await;
    check(&store, status(RequestStatus::Running), &[2], 1).await;
    check(&store, status(RequestStatus::Wait), &[3, 4, 5, 6], 4).await;
    check(&store, status(RequestStatus::Discard), &[], 0).await;
    check(&store, RequestQuery { active: true, ..all() }, &[2, 3, 4, 5, 6], 5).await;
    check(&store, RequestQuery { qualifier: Some("!prod".parse().unwrap()), ..all() }, &[3], 1).await;
    check(&store, RequestQuery { qualifier: Some("latest".parse().unwrap()), limit: 1, ..all() }, &[1], 5).await;
    check(&store, RequestQuery { from: NOW + seconds(1), until: NOW + seconds(3), ..all() }, &[2, 3, 4], 3).await;
    check(&store, RequestQuery { ids: vec![id(4), id(2), id(7), id(99)], ..all() }, &[2, 4], 2).await;
    let both = RequestQuery { ids: vec![id(1), id(2)], active: true, ..all() };
    check(&store, both, &[2], 1).await;
}

async fn many_ids_may_be_asked_for(store: Sqlite) {
    populate(&store).await;
    let ids = (5..50_005).map(id).collect();
    check(&store, RequestQuery { ids, ..all() }, &[5, 6], 2).await;
}

async fn only_what_ended_is_forgotten_and_no_more_than_asked(store: Sqlite) {
    for bits in 1..=9 {
        store.accept(request(bits)).await.unwrap();
    }
    for (after, bits) in (0..).zip(1..=5) {
        store.finish(id(bits), success(NOW + seconds(after))).await.unwrap();
    }
    let before = NOW + seconds(3);
    assert_eq!(store.forget_requests(before, 2).await.unwrap(), 2);
    check(&store, all(), &[3, 4, 5, 6, 7, 8, 9], 7).await;
    assert_eq!(store.forget_requests(before, 2).await.unwrap(), 1);
    assert_eq!(store.forget_requests(before, u64::MAX).await.unwrap(), 0);
    check(&store, all(), &[4, 5, 6, 7, 8, 9], 6).await;
    assert_eq!(store.recover(NOW).await.unwrap().len(), 4);
}
