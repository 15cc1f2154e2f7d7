//! Deliveries that follow ended requests, until they succeed or are too old.

use super::{AsyncInvoker, DeliveryError, pending, status_log::Change, verdict::delivery_pause};
use crate::executor::Executor;
use fngraph_registry::Destination;
use fngraph_store::{Delivery, NewRequest, RequestStatus, Store, StoreError};
use fngraph_types::{Qualifier, Timestamp, Urn, limits};
use parking_lot::Mutex;
use std::{collections::BTreeSet, sync::Arc};

/// How many deliveries are read at once.
const PAGE: u64 = 100;

/// When which delivery is due: an index over those in the store.
#[derive(Debug, Default)]
pub(super) struct Outbox(Mutex<Index>);

#[derive(Debug, Default)]
struct Index {
    due: BTreeSet<(Timestamp, i64)>,
    /// The highest number that was seen.
    seen: i64,
    /// There may be deliveries that were not seen, since the store failed.
    missed: bool,
}

impl Outbox {
    pub(super) async fn open(store: &dyn Store) -> Result<Self, StoreError> {
        let outbox = Self::default();
        // Rows that cannot be read are left out, so that a page may be short and not be the last.
        while outbox.read(store).await? > 0 {}
        Ok(outbox)
    }

    /// Looks for new deliveries, and says whether it could. What cannot be read now is looked for again.
    pub(super) async fn look(&self, store: &dyn Store) -> bool {
        loop {
            match self.read(store).await {
                Ok(PAGE) => {}
                Ok(_) => return true,
                Err(error) => {
                    tracing::error!(%error, "read deliveries");
                    self.0.lock().missed = true;
                    return false;
                }
            }
        }
    }

    /// Reads a page; says how long it was.
    async fn read(&self, store: &dyn Store) -> Result<u64, StoreError> {
        let seen = self.0.lock().seen;
        let page = store.deliveries(seen, PAGE).await?;
        let mut index = self.0.lock();
        for delivery in &page {
            // Two readers may have read the same page.
            if delivery.number > index.seen {
                index.seen = delivery.number;
                index.due.insert((delivery.due_at, delivery.number));
            }
        }
        Ok(page.len() as u64)
    }

    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.0.lock().due.first().map(|(due, _)| *due)
    }

    fn take_due(&self, now: Timestamp) -> Option<i64> {
        let mut index = self.0.lock();
        let (due, number) = *index.due.first()?;
        (due <= now).then(|| {
            index.due.pop_first();
            number
        })
    }

    fn add(&self, number: i64, due: Timestamp) {
        self.0.lock().due.insert((due, number));
    }

    /// Whether to look again; said once.
    fn take_missed(&self) -> bool {
        std::mem::take(&mut self.0.lock().missed)
    }
}

impl<E: Executor> AsyncInvoker<E> {
    pub(super) fn deliver_due(self: &Arc<Self>, now: Timestamp) {
        if !self.host.is_closed() && self.outbox.take_missed() {
            let this = Arc::clone(self);
            self.host.spawn(async move {
                if this.outbox.look(&*this.store).await {
                    this.deliver_due(now);
                }
            });
        }
        while !self.host.is_closed()
            && let Some(number) = self.outbox.take_due(now)
        {
            let this = Arc::clone(self);
            self.host.spawn(async move { this.deliver(number).await });
        }
    }

    async fn deliver(self: Arc<Self>, number: i64) {
        let now = self.host.clock.now();
        let postponed = match self.store.deliveries(number - 1, 1).await {
            Ok(page) => match page.into_iter().find(|delivery| delivery.number == number) {
                Some(delivery) => self.deliver_stored(delivery, now).await,
                None => None,
            },
            Err(error) => {
                tracing::error!(%error, "read a delivery");
                Some(now + delivery_pause(0, self.host.fraction()))
            }
        };
        if let Some(due) = postponed {
            self.outbox.add(number, due);
            self.wake.notify_one();
        }
    }

    /// Delivers, and says when to try again if it failed.
    async fn deliver_stored(self: &Arc<Self>, delivery: Delivery, now: Timestamp) -> Option<Timestamp> {
        let number = delivery.number;
        let due = now + delivery_pause(delivery.attempts, self.host.fraction());
        let settled = match self.carry(&delivery, now).await {
            Ok(()) => return None,
            Err(Failure::Delivery(DeliveryError::Refused(reason))) => {
                tracing::warn!(request = %delivery.request, reason, "a delivery is given up: the destination refuses it");
                self.store.settle(number, None).await
            }
            Err(Failure::Delivery(error)) if now >= delivery.expires_at => {
                tracing::warn!(request = %delivery.request, %error, "a delivery is given up: it is too old");
                self.store.settle(number, None).await
            }
            Err(Failure::Delivery(error)) => {
                tracing::warn!(request = %delivery.request, ?error, "deliver");
                return match self.store.postpone(number, due).await {
                    Ok(()) => Some(due),
                    Err(error) => {
                        tracing::error!(%error, "postpone a delivery");
                        Some(due)
                    }
                };
            }
            Err(Failure::Store(error)) => Err(error),
        };
        match settled {
            Ok(()) => None,
            Err(error) => {
                tracing::error!(request = %delivery.request, %error, "settle a delivery");
                Some(due)
            }
        }
    }

    /// Carries a notice to its destination and settles the delivery.
    async fn carry(self: &Arc<Self>, delivery: &Delivery, now: Timestamp) -> Result<(), Failure> {
        let refused = |reason: String| Failure::Delivery(DeliveryError::Refused(reason));
        let destination: Destination =
            serde_json::from_str(&delivery.destination).map_err(|error| refused(error.to_string()))?;
        let Destination::Function { urn } = &destination else {
            let delivered = self.destinations.deliver(destination, delivery.request, delivery.payload.clone()).await;
            delivered.map_err(Failure::Delivery)?;
            return self.store.settle(delivery.number, None).await.map_err(Failure::Store);
        };
        let urn = Urn::parse(urn, &self.host.options.scope).map_err(|error| refused(error.to_string()))?;
        if delivery.payload.len() > limits::ASYNC_EVENT_BYTES {
            let reason = format!("the notice has {} bytes, too many for a function", delivery.payload.len());
            return Err(refused(reason));
        }
        if self.host.registry.function(&urn.function).is_none() {
            return Err(refused(format!("there is no function `{}`", urn.function)));
        }
        let qualifier = urn.qualifier.unwrap_or_else(Qualifier::latest);
        let version = self.version_of(&urn.function, &qualifier);
        let max_age = self.config(&urn.function, &version).max_age;
        let request = NewRequest {
            id: self.ids.next(now),
            function: urn.function,
            qualifier,
            event: delivery.payload.clone(),
            accepted_at: now,
            expires_at: now + max_age,
            idempotency_key: None,
            duplicates_since: now,
        };
        // The function's own queue may be full: the notice is not lost for it, only the bound is.
        let pending = pending(&request);
        self.store.settle(delivery.number, Some(request)).await.map_err(Failure::Store)?;
        self.log_status(&pending, None, &Change::to(RequestStatus::Wait));
        self.queue.lock().add(pending);
        self.dispatch();
        Ok(())
    }
}

/// Why a delivery did not come about.
enum Failure {
    Delivery(DeliveryError),
    Store(StoreError),
}
