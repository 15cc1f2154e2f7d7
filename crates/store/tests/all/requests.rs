use crate::support::{NOW, all, delivery, failure, function, id, promises, request, retry, seconds, success};
use fngraph_store::{
    Acceptance, Attempt, Ending, Pending, RequestRecord, RequestStatus, RequestStore, Sqlite, StoreError,
};
use fngraph_types::{Qualifier, RequestId};
use futures::future::join_all;

promises![
    a_request_lives_from_acceptance_to_its_end,
    an_id_is_accepted_once,
    a_key_is_accepted_once_within_its_window,
    concurrent_requests_with_a_key_are_one,
    the_oldest_are_recovered_first,
    running_requests_wait_again_after_a_stop,
    a_clock_that_went_backwards_makes_nobody_wait,
    an_attempt_that_does_not_count_is_taken_back,
    only_a_waiting_request_begins,
    a_request_ends_once,
    a_waiting_request_can_be_cancelled,
    nothing_ends_in_a_status_of_life,
    nobody_finishes_the_unknown,
    many_clients_at_once_are_all_served,
];

async fn record(store: &Sqlite, bits: u128) -> RequestRecord {
    store.request(id(bits)).await.unwrap().unwrap()
}

async fn a_request_lives_from_acceptance_to_its_end(store: Sqlite) {
    assert_eq!(store.request(id(1)).await.unwrap(), None);
    let mut new = request(1);
    new.qualifier = "!prod".parse().unwrap();
    assert_eq!(store.accept(new).await.unwrap(), Acceptance::New);
    let mut expected = RequestRecord {
        id: id(1),
        function: function("f"),
        qualifier: "!prod".parse::<Qualifier>().unwrap(),
        status: RequestStatus::Wait,
        attempts: 0,
        accepted_at: NOW,
        started_at: None,
        ended_at: None,
        error_code: 0,
        error_message: String::new(),
    };
    assert_eq!(record(&store, 1).await, expected);

    let attempt = store.begin(id(1), NOW + seconds(1)).await.unwrap();
    assert_eq!(attempt, Some(Attempt { earlier: 0, event: "event 1".into() }));
    expected.status = RequestStatus::Running;
    expected.attempts = 1;
    expected.started_at = Some(NOW + seconds(1));
    assert_eq!(record(&store, 1).await, expected);

    assert!(store.finish(id(1), retry(NOW + seconds(9), true)).await.unwrap());
    expected.status = RequestStatus::Wait;
    expected.error_code = 4002;
    expected.error_message = "it failed".to_owned();
    assert_eq!(record(&store, 1).await, expected);
    assert_eq!(store.recover(NOW).await.unwrap()[0].due_at, NOW + seconds(9));

    let attempt = store.begin(id(1), NOW + seconds(9)).await.unwrap();
    assert_eq!(attempt, Some(Attempt { earlier: 1, event: "event 1".into() }));
    assert!(store.finish(id(1), success(NOW + seconds(10))).await.unwrap());
    expected.status = RequestStatus::Success;
    expected.attempts = 2;
    expected.started_at = Some(NOW + seconds(9));
    expected.ended_at = Some(NOW + seconds(10));
    expected.error_code = 0;
    expected.error_message = String::new();
    assert_eq!(record(&store, 1).await, expected);
    assert_eq!(store.recover(NOW).await.unwrap(), []);
}

async fn an_id_is_accepted_once(store: Sqlite) {
    store.accept(request(1)).await.unwrap();
    let mut other = request(1);
    other.function = function("g");
    other.event = "other".into();
    assert_eq!(store.accept(other).await.unwrap(), Acceptance::Duplicate(id(1)));
    assert_eq!(record(&store, 1).await.function, function("f"));
    assert_eq!(store.begin(id(1), NOW).await.unwrap().unwrap().event, "event 1");
}

async fn a_key_is_accepted_once_within_its_window(store: Sqlite) {
    let keyed = |bits, name, after, since| {
        let mut request = request(bits);
        request.function = function(name);
        request.accepted_at = NOW + seconds(after);
        request.duplicates_since = NOW + seconds(since);
        request.idempotency_key = Some("key".to_owned());
        store.accept(request)
    };
    assert_eq!(keyed(1, "f", 10, 0).await.unwrap(), Acceptance::New);
    assert_eq!(keyed(2, "f", 20, 10).await.unwrap(), Acceptance::Duplicate(id(1)), "the window's first moment");
    assert_eq!(keyed(3, "g", 20, 10).await.unwrap(), Acceptance::New, "another function");
    store.finish(id(1), success(NOW + seconds(15))).await.unwrap();
    assert_eq!(keyed(4, "f", 20, 10).await.unwrap(), Acceptance::Duplicate(id(1)), "one that has ended");
    assert_eq!(keyed(5, "f", 30, 11).await.unwrap(), Acceptance::New, "after the window");
    assert_eq!(keyed(6, "f", 31, 0).await.unwrap(), Acceptance::Duplicate(id(1)), "the first of two");
    let mut other = request(7);
    other.idempotency_key = Some("other".to_owned());
    assert_eq!(store.accept(other).await.unwrap(), Acceptance::New);
    assert_eq!(store.request(id(2)).await.unwrap(), None);
}

async fn concurrent_requests_with_a_key_are_one(store: Sqlite) {
    let accepted = (1..=100).map(|bits| {
        let mut request = request(bits);
        request.idempotency_key = Some("key".to_owned());
        store.accept(request)
    });
    let outcomes = join_all(accepted).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Acceptance::New))).count(), 1);
    assert_eq!(store.requests(all()).await.unwrap().1, 1);
}

async fn the_oldest_are_recovered_first(store: Sqlite) {
    for (bits, after) in [(3, 1), (2, 2), (5, 0), (4, 1)] {
        let mut request = request(bits);
        request.accepted_at = NOW + seconds(after);
        store.accept(request).await.unwrap();
    }
    let recovered = store.recover(NOW + seconds(9)).await.unwrap();
    let ids: Vec<_> = recovered.iter().map(|pending| pending.id).collect();
    assert_eq!(ids, [5, 3, 4, 2].map(RequestId::from_u128));
    let expected = Pending {
        id: id(3),
        function: function("f"),
        qualifier: Qualifier::latest(),
        attempts: 0,
        accepted_at: NOW + seconds(1),
        expires_at: NOW + seconds(3600),
        due_at: NOW + seconds(1),
    };
    assert_eq!(recovered[1], expected);
}

async fn running_requests_wait_again_after_a_stop(store: Sqlite) {
    for bits in [1, 2] {
        store.accept(request(bits)).await.unwrap();
    }
    store.begin(id(1), NOW).await.unwrap();
    let recovered = store.recover(NOW + seconds(5)).await.unwrap();
    let state: Vec<_> = recovered.iter().map(|pending| (pending.attempts, pending.due_at)).collect();
    assert_eq!(state, [(1, NOW + seconds(5)), (0, NOW)]);
    assert_eq!(store.begin(id(1), NOW).await.unwrap().unwrap().earlier, 1);
}

async fn a_clock_that_went_backwards_makes_nobody_wait(store: Sqlite) {
    for (bits, due) in [(1, 3600), (2, 3601)] {
        store.accept(request(bits)).await.unwrap();
        store.begin(id(bits), NOW).await.unwrap();
        store.finish(id(bits), retry(NOW + seconds(due), true)).await.unwrap();
    }
    let recovered = store.recover(NOW).await.unwrap();
    let due: Vec<_> = recovered.iter().map(|pending| pending.due_at).collect();
    assert_eq!(due, [NOW + seconds(3600), NOW]);
}

async fn an_attempt_that_does_not_count_is_taken_back(store: Sqlite) {
    store.accept(request(1)).await.unwrap();
    store.begin(id(1), NOW).await.unwrap();
    store.finish(id(1), retry(NOW, true)).await.unwrap();
    store.begin(id(1), NOW).await.unwrap();
    store.finish(id(1), retry(NOW, false)).await.unwrap();
    assert_eq!(record(&store, 1).await.attempts, 1);
    // No attempt is running, so there is none to take back.
    store.finish(id(1), retry(NOW, false)).await.unwrap();
    assert_eq!(store.begin(id(1), NOW).await.unwrap().unwrap().earlier, 1);
}

async fn only_a_waiting_request_begins(store: Sqlite) {
    assert_eq!(store.begin(id(1), NOW).await.unwrap(), None);
    store.accept(request(1)).await.unwrap();
    assert!(store.begin(id(1), NOW).await.unwrap().is_some());
    assert_eq!(store.begin(id(1), NOW).await.unwrap(), None);
    store.finish(id(1), success(NOW)).await.unwrap();
    assert_eq!(store.begin(id(1), NOW).await.unwrap(), None);
    assert_eq!(record(&store, 1).await.attempts, 1);
}

async fn a_request_ends_once(store: Sqlite) {
    store.accept(request(1)).await.unwrap();
    store.begin(id(1), NOW).await.unwrap();
    assert!(store.finish(id(1), failure(NOW, Some(delivery("first")))).await.unwrap());
    for ending in [failure(NOW + seconds(1), Some(delivery("second"))), success(NOW), retry(NOW, true)] {
        assert!(!store.finish(id(1), ending).await.unwrap());
    }
    let record = record(&store, 1).await;
    assert_eq!((record.status, record.ended_at), (RequestStatus::Fail, Some(NOW)));
    let deliveries = store.deliveries(0, 9).await.unwrap();
    assert_eq!(deliveries.iter().map(|delivery| &delivery.payload[..]).collect::<Vec<_>>(), [b"first"]);
}

async fn a_waiting_request_can_be_cancelled(store: Sqlite) {
    store.accept(request(1)).await.unwrap();
    assert!(store.finish(id(1), failure(NOW, None)).await.unwrap());
    let record = record(&store, 1).await;
    assert_eq!((record.status, record.attempts, record.started_at), (RequestStatus::Fail, 0, None));
    assert_eq!(store.recover(NOW).await.unwrap(), []);
}

async fn nothing_ends_in_a_status_of_life(store: Sqlite) {
    store.accept(request(1)).await.unwrap();
    for status in [RequestStatus::Wait, RequestStatus::Running] {
        let ending = Ending::Final { status, at: NOW, error_code: 0, error_message: String::new(), delivery: None };
        assert!(matches!(store.finish(id(1), ending).await, Err(StoreError::Failed(_))));
    }
    assert_eq!(record(&store, 1).await.status, RequestStatus::Wait);
}

async fn nobody_finishes_the_unknown(store: Sqlite) {
    assert!(!store.finish(id(1), failure(NOW, Some(delivery("lost")))).await.unwrap());
    assert!(!store.finish(id(1), retry(NOW, true)).await.unwrap());
    assert_eq!(store.deliveries(0, 9).await.unwrap(), []);
}

async fn many_clients_at_once_are_all_served(store: Sqlite) {
    // More than wait in the queue and than share a commit.
    let clients = (0..3000).map(|bits| {
        let store = store.clone();
        async move {
            store.accept(request(bits)).await.unwrap();
            let attempt = store.begin(id(bits), NOW).await.unwrap().unwrap();
            assert_eq!(attempt.event, format!("event {bits}"));
            assert!(store.finish(id(bits), success(NOW)).await.unwrap());
            record(&store, bits).await.status
        }
    });
    let statuses = join_all(clients).await;
    assert!(statuses.iter().all(|status| *status == RequestStatus::Success));
    assert_eq!(store.requests(all()).await.unwrap().1, 3000);
}
