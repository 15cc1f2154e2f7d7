//! From events to their subscriber: at most one for an environment, bounded, never in anybody's way.

use super::{
    event::Event,
    metrics::Metrics,
    post,
    roster::Refusal,
    subscription::{Subscription, Type, Types},
};
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;
use std::{collections::VecDeque, mem};
use tokio::sync::mpsc;

/// The most events that wait for their subscriber.
const QUEUE: usize = 1000;

/// The most events of one post.
const BATCH: usize = 100;

/// The telemetry of one environment.
#[derive(Debug)]
pub(super) struct Telemetry {
    state: Mutex<State>,
    metrics: Metrics,
}

#[derive(Debug)]
enum State {
    /// A subscriber may still come, who gets what happened since the environment began.
    Early(VecDeque<Event>),
    /// Nobody subscribed.
    Off,
    /// Somebody did.
    On { types: Types, queue: mpsc::Sender<Event> },
}

/// Delivers events to a subscriber.
#[derive(Debug)]
pub(super) struct Delivery {
    port: u16,
    queue: mpsc::Receiver<Event>,
    metrics: Metrics,
}

impl Telemetry {
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { state: Mutex::new(State::Early(VecDeque::new())), metrics }
    }

    /// Whether it is worth making an event of these kinds.
    pub(super) fn wants(&self, kinds: &[Type]) -> bool {
        match &*self.state.lock() {
            State::Early(_) => true,
            State::Off => false,
            State::On { types, .. } => kinds.iter().any(|kind| types.has(*kind)),
        }
    }

    /// Tells what happened. What does not fit any more is dropped and counted.
    pub(super) fn tell(&self, events: impl IntoIterator<Item = Event>) {
        let mut dropped = 0;
        match &mut *self.state.lock() {
            State::Early(waiting) => {
                for event in events {
                    if waiting.len() < QUEUE { waiting.push_back(event) } else { dropped += 1 }
                }
            }
            State::Off => {}
            State::On { types, queue } => {
                for event in events.into_iter().filter(|event| types.has(event.kind)) {
                    dropped += u64::from(queue.try_send(event).is_err());
                }
            }
        }
        self.metrics.dropped_events.increment(dropped);
    }

    /// Lets somebody hear of everything from the beginning; who has come to the end of it awaits what comes.
    pub(super) fn subscribe(&self, subscription: Subscription) -> Result<Delivery, Refusal> {
        let mut state = self.state.lock();
        if matches!(*state, State::On { .. }) {
            return Err(Refusal::Subscribed);
        }
        let (sender, queue) = mpsc::channel(QUEUE);
        let types = subscription.types;
        let before = mem::replace(&mut *state, State::On { types, queue: sender.clone() });
        if let State::Early(waiting) = before {
            for event in waiting.into_iter().filter(|event| types.has(event.kind)) {
                // The queue is empty and takes as many.
                let _ = sender.try_send(event);
            }
        }
        Ok(Delivery { port: subscription.port, queue, metrics: self.metrics.clone() })
    }

    /// Keeps nothing for later subscribers any more.
    pub(super) fn end_early(&self) {
        let mut state = self.state.lock();
        if matches!(*state, State::Early(_)) {
            *state = State::Off;
        }
    }

    /// Ends the delivery after what was told.
    pub(super) fn close(&self) {
        *self.state.lock() = State::Off;
    }
}

impl Delivery {
    /// Posts events in batches until the telemetry is closed. A batch that is not taken is lost, and counted.
    pub(super) async fn run(mut self) {
        let mut batch = Vec::new();
        while self.queue.recv_many(&mut batch, BATCH).await > 0 {
            let bodies: Vec<Value> = batch.drain(..).map(|event| event.body).collect();
            let body = Bytes::from(Value::Array(bodies).to_string());
            if let Err(error) = post::post(self.port, "/", body).await {
                tracing::debug!(port = self.port, %error, "post telemetry");
                self.metrics.lost_batches.increment(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: Type, number: usize) -> Event {
        Event { kind, body: json!(number) }
    }

    fn subscription(types: &[Type]) -> Subscription {
        Subscription { port: 8081, types: types.iter().copied().collect() }
    }

    fn received(mut delivery: Delivery) -> Vec<Value> {
        std::iter::from_fn(|| delivery.queue.try_recv().ok()).map(|event| event.body).collect()
    }

    #[test]
    fn a_subscriber_hears_of_what_was_before_it_and_of_its_types_only() {
        let telemetry = Telemetry::new(Metrics::register());
        telemetry.tell([event(Type::Platform, 1), event(Type::Function, 2)]);
        let delivery = telemetry.subscribe(subscription(&[Type::Platform])).unwrap();
        telemetry.tell([event(Type::Extension, 3), event(Type::Platform, 4)]);
        assert!(telemetry.wants(&[Type::Platform]) && !telemetry.wants(&[Type::Function, Type::Extension]));
        assert_eq!(received(delivery), [json!(1), json!(4)]);
    }

    #[test]
    fn there_is_one_subscriber() {
        let telemetry = Telemetry::new(Metrics::register());
        let _delivery = telemetry.subscribe(subscription(&[Type::Platform])).unwrap();
        assert_eq!(telemetry.subscribe(subscription(&[Type::Function])).unwrap_err(), Refusal::Subscribed);
    }

    #[test]
    fn a_late_subscriber_hears_of_what_comes() {
        let telemetry = Telemetry::new(Metrics::register());
        telemetry.tell([event(Type::Platform, 1)]);
        telemetry.end_early();
        assert!(!telemetry.wants(&[Type::Platform]));
        telemetry.tell([event(Type::Platform, 2)]);
        let delivery = telemetry.subscribe(subscription(&[Type::Platform])).unwrap();
        telemetry.end_early();
        telemetry.tell([event(Type::Platform, 3)]);
        assert_eq!(received(delivery), [json!(3)]);
    }

    #[test]
    fn what_is_too_much_is_dropped() {
        let telemetry = Telemetry::new(Metrics::register());
        telemetry.tell((0..QUEUE + 5).map(|number| event(Type::Platform, number)));
        let delivery = telemetry.subscribe(subscription(&[Type::Platform])).unwrap();
        telemetry.tell([event(Type::Platform, 0)]);
        assert_eq!(received(delivery).len(), QUEUE);
    }
}
