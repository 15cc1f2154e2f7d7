//! Events of `RocketMQ`.
//!
//! ```json
#![doc = include_str!("samples/rocketmq.json")]
//! ```

/// Messages arrived at topics of `RocketMQ`.
pub type RocketMqEvent = super::broker::BrokerEvent;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: RocketMqEvent = read(include_str!("samples/rocketmq.json"));
        assert_eq!(event.trigger_type, "ROCKETMQ");
        assert_eq!(event.records[0].topic_id.as_deref(), Some("orders"));
        assert!(event.messages().eq(["order 7", "order 8"]));
    }
}
