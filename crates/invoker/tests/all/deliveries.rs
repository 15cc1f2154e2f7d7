//! Destinations that fail.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario};
use bytes::Bytes;
use fngraph_invoker::{Clock, DeliveryError, Destinations};
use fngraph_registry::Destination;
use fngraph_store::{RequestStatus, Sqlite};
use fngraph_types::{RequestId, Timestamp};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::{io, sync::Arc};

/// Destinations that do what a script says, each time, and note when.
#[derive(Clone, Default)]
struct Scripted {
    failures: Arc<Mutex<Vec<DeliveryError>>>,
    delivered: Arc<Mutex<Vec<Bytes>>>,
    clock: Arc<Mutex<Option<Clock>>>,
    tried: Arc<Mutex<Vec<Timestamp>>>,
}

impl Destinations for Scripted {
    fn deliver(&self, _: Destination, _: RequestId, notice: Bytes) -> BoxFuture<'static, Result<(), DeliveryError>> {
        self.tried.lock().extend(self.clock.lock().as_ref().map(Clock::now));
        let failure = self.failures.lock().pop();
        let result = failure.map_or_else(
            || {
                self.delivered.lock().push(notice);
                Ok(())
            },
            Err,
        );
        Box::pin(std::future::ready(result))
    }
}

/// One request that succeeds, and destinations that fail like this first.
async fn scenario(failures: impl IntoIterator<Item = DeliveryError>) -> (Scenario, Scripted, RequestId) {
    let scripted = Scripted::default();
    scripted.failures.lock().extend(failures);
    let scenario = Scenario::over(|sqlite: Sqlite| Arc::new(sqlite), scripted.clone()).await;
    *scripted.clock.lock() = Some(scenario.clock.clone());
    let topic = Destination::Smn { topic_urn: "topic".to_owned() };
    scenario.configure(|config| config.on_success = Some(topic)).await;
    let id = scenario.accept("hello").await;
    scenario.invoker.settle().await;
    (scenario, scripted, id)
}

fn unavailable() -> DeliveryError {
    DeliveryError::Io(io::Error::other("not now"))
}

#[tokio::test]
async fn a_delivery_that_fails_is_tried_again_after_pauses_that_double() {
    let (scenario, destinations, id) = scenario((0..3).map(|_| unavailable())).await;
    assert_eq!(scenario.status(id).await, (RequestStatus::Success, 1), "the request has ended all the same");
    scenario.advance(MINUTE).await;
    assert_eq!(destinations.delivered.lock().len(), 1);
    let tried = destinations.tried.lock().clone();
    assert_eq!((tried.len(), tried[0]), (4, BEGIN));
    for (pair, longest) in tried.windows(2).zip([SECOND, SECOND * 2, SECOND * 4]) {
        let pause = pair[1].since(pair[0]);
        assert!(pause >= longest / 2 && pause <= longest, "{tried:?}");
    }
    assert_eq!(scenario.fake.history().len(), 2, "the function is not called again for it");
}

#[tokio::test]
async fn a_delivery_that_is_refused_is_given_up() {
    let (scenario, destinations, _) = scenario([DeliveryError::Refused("no such topic".to_owned())]).await;
    scenario.advance(MINUTE * 120).await;
    assert_eq!((destinations.tried.lock().len(), destinations.delivered.lock().len()), (1, 0));
}

#[tokio::test]
async fn a_delivery_that_fails_for_an_hour_is_given_up() {
    let (scenario, destinations, _) = scenario((0..1000).map(|_| unavailable())).await;
    scenario.advance(MINUTE * 180).await;
    let tried = destinations.tried.lock().clone();
    let last = tried.last().unwrap().since(BEGIN);
    assert!(last >= MINUTE * 60 && last <= MINUTE * 66, "{last:?}");
    assert!(destinations.delivered.lock().is_empty());
}

#[tokio::test]
async fn a_delivery_goes_on_in_the_next_invoker() {
    let (scenario, _, _) = scenario((0..1000).map(|_| unavailable())).await;
    scenario.advance(MINUTE).await;
    assert!(scenario.invoker.shutdown(MINUTE).await);
    let next = Scenario::open(scenario.store.clone(), Clock::manual(BEGIN + MINUTE * 10), |_| ()).await;
    next.advance(SECOND).await;
    assert_eq!(next.notices.notices().len(), 1);
}
