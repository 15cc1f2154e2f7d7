//! Events of `RabbitMQ`.
//!
//! No documented event is known. It probably has the shape of the other brokers' events, and what names the exchange
//! in a record is a guess:
//!
//! ```json
#![doc = include_str!("samples/rabbitmq.json")]
//! ```

/// Messages arrived from an exchange of `RabbitMQ`. What a record says about the exchange is in
/// [`Record::other`](super::broker::Record::other).
pub type RabbitMqEvent = super::broker::BrokerEvent;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: RabbitMqEvent = read(include_str!("samples/rabbitmq.json"));
        assert_eq!(event.trigger_type, "RABBITMQ");
        assert_eq!(event.records[0].topic_id, None);
        assert_eq!(event.records[0].other["exchange"], "orders");
        assert!(event.messages().eq(["order 7"]));
    }
}
