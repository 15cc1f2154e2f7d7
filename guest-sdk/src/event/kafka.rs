//! Events of Kafka, the cloud's (`KAFKA`) and any other (`OPENSOURCEKAFKA`).
//!
//! ```json
#![doc = include_str!("samples/kafka.json")]
//! ```

/// Messages arrived at topics of Kafka. The event of `OPENSOURCEKAFKA` names `KAFKA` as its trigger type too.
pub type KafkaEvent = super::broker::BrokerEvent;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: KafkaEvent = read(include_str!("samples/kafka.json"));
        assert_eq!(event.trigger_type, "KAFKA");
        assert_eq!(event.event_time.seconds(), Some(1_772_000_000));
        assert_eq!(event.instance_id(), Some("c2a6d9a0-5d0b-4f8e-9b6f-1d1a2b3c4d5e"));
        assert_eq!(event.records[0].topic_id.as_deref(), Some("orders"));
        assert!(event.messages().eq(["order 7", "order 8"]));
    }
}
