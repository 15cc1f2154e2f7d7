use crate::support::{NOW, delivery, failure, function, id, promises, request, seconds};
use fngraph_store::{Delivery, RequestStore, Sqlite};
use futures::future::join_all;

promises![
    a_delivery_follows_the_end_of_a_request,
    deliveries_are_read_in_pages,
    a_delivery_is_settled_exactly_once,
    a_number_is_never_used_again,
    a_delivery_outlives_its_request,
];

async fn populate(store: &Sqlite, bits: u128) -> i64 {
    store.accept(request(bits)).await.unwrap();
    assert!(store.finish(id(bits), failure(NOW, Some(delivery("payload")))).await.unwrap());
    store.deliveries(0, u64::MAX).await.unwrap().last().unwrap().number
}

async fn a_delivery_follows_the_end_of_a_request(store: Sqlite) {
    assert_eq!(store.deliveries(0, 9).await.unwrap(), []);
    let number = populate(&store, 1).await;
    let mut expected = Delivery {
        number,
        request: id(1),
        function: function("f"),
        destination: "{}".to_owned(),
        payload: "payload".into(),
        attempts: 0,
        due_at: NOW,
        expires_at: NOW + seconds(60),
    };
    assert_eq!(store.deliveries(0, 9).await.unwrap(), [expected.clone()]);
    store.postpone(number, NOW + seconds(5)).await.unwrap();
    expected.attempts = 1;
    expected.due_at = NOW + seconds(5);
    assert_eq!(store.deliveries(0, 9).await.unwrap(), [expected]);
    store.postpone(number + 1, NOW).await.unwrap();
    store.settle(number, None).await.unwrap();
    assert_eq!(store.deliveries(0, 9).await.unwrap(), []);
}

async fn deliveries_are_read_in_pages(store: Sqlite) {
    let mut numbers = Vec::new();
    for bits in 1..=5 {
        numbers.push(populate(&store, bits).await);
    }
    assert!(numbers.is_sorted());
    let mut read = Vec::new();
    loop {
        let after = read.last().copied().unwrap_or(0);
        let page = store.deliveries(after, 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page.iter().map(|delivery| delivery.number));
    }
    assert_eq!(read, numbers);
}

async fn a_delivery_is_settled_exactly_once(store: Sqlite) {
    let number = populate(&store, 1).await;
    let settled = join_all((100..150).map(|bits| store.settle(number, Some(request(bits))))).await;
    assert!(settled.iter().all(Result::is_ok));
    let recovered = store.recover(NOW).await.unwrap();
    assert_eq!(recovered.iter().map(|pending| pending.id).collect::<Vec<_>>(), [id(100)]);
    assert_eq!(store.begin(id(100), NOW).await.unwrap().unwrap().event, "event 100");
}

async fn a_number_is_never_used_again(store: Sqlite) {
    let first = populate(&store, 1).await;
    store.settle(first, None).await.unwrap();
    let second = populate(&store, 2).await;
    assert_ne!(first, second);
    store.settle(first, Some(request(3))).await.unwrap();
    assert_eq!(store.deliveries(0, 9).await.unwrap().len(), 1);
    assert_eq!(store.request(id(3)).await.unwrap(), None);
}

async fn a_delivery_outlives_its_request(store: Sqlite) {
    populate(&store, 1).await;
    assert_eq!(store.forget_requests(NOW + seconds(1), 9).await.unwrap(), 1);
    let deliveries = store.deliveries(0, 9).await.unwrap();
    assert_eq!((deliveries[0].request, &deliveries[0].function), (id(1), &function("f")));
}
