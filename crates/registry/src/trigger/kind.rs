//! The kinds of triggers.

use fngraph_types::ErrorCode;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TriggerKind {
    /// The clock.
    Timer,
    /// The shared API gateway.
    Apig,
    /// A dedicated API gateway.
    DedicatedGateway,
    /// The gateway of an integration platform.
    Apic,
    /// Object storage.
    Obs,
    /// Events of other services; here, those of object storage.
    EventGrid,
    /// Message notification.
    Smn,
    /// The audit log.
    Cts,
    /// A document database.
    Dds,
    /// Message queues.
    Dms,
    /// Data streams.
    Dis,
    /// Log streams.
    Lts,
    /// Kafka of the cloud.
    Kafka,
    /// Kafka of somebody else.
    OpenSourceKafka,
    /// RabbitMQ.
    RabbitMq,
    /// RocketMQ.
    RocketMq,
    /// A document database with another engine.
    GeminiDbMongo,
    /// Devices.
    IotDa,
}

impl TriggerKind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::Timer,
        Self::Apig,
        Self::DedicatedGateway,
        Self::Apic,
        Self::Obs,
        Self::EventGrid,
        Self::Smn,
        Self::Cts,
        Self::Dds,
        Self::Dms,
        Self::Dis,
        Self::Lts,
        Self::Kafka,
        Self::OpenSourceKafka,
        Self::RabbitMq,
        Self::RocketMq,
        Self::GeminiDbMongo,
        Self::IotDa,
    ];

    /// Its name, as people know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timer => "TIMER",
            Self::Apig => "APIG",
            Self::DedicatedGateway => "DEDICATEDGATEWAY",
            Self::Apic => "APIC",
            Self::Obs => "OBS",
            Self::EventGrid => "EVENTGRID",
            Self::Smn => "SMN",
            Self::Cts => "CTS",
            Self::Dds => "DDS",
            Self::Dms => "DMS",
            Self::Dis => "DIS",
            Self::Lts => "LTS",
            Self::Kafka => "KAFKA",
            Self::OpenSourceKafka => "OPENSOURCEKAFKA",
            Self::RabbitMq => "RABBITMQ",
            Self::RocketMq => "ROCKETMQ",
            Self::GeminiDbMongo => "GeminiDB Mongo",
            Self::IotDa => "IOTDA",
        }
    }

    /// Whether it can be kept without firing (manual, 7.13.3). Besides those of the manual these are the kinds that
    /// cannot fire here, since nothing else may become of them, and the event grid's, which have a status of their own.
    pub const fn can_be_disabled(self) -> bool {
        !matches!(self, Self::Apig | Self::DedicatedGateway | Self::Apic | Self::Obs | Self::Smn)
    }

    /// Whether it has to ask its service for news again and again: a function has up to 10 of those (`FSS.1123`).
    pub const fn is_polled(self) -> bool {
        match self {
            Self::Dds
            | Self::Dms
            | Self::Dis
            | Self::Kafka
            | Self::OpenSourceKafka
            | Self::RabbitMq
            | Self::RocketMq
            | Self::GeminiDbMongo => true,
            Self::Timer
            | Self::Apig
            | Self::DedicatedGateway
            | Self::Apic
            | Self::Obs
            | Self::EventGrid
            | Self::Smn
            | Self::Cts
            | Self::Lts
            | Self::IotDa => false,
        }
    }

    /// Where its events come from, in words.
    pub const fn service(self) -> &'static str {
        match self {
            Self::Timer => "the clock",
            Self::Apig | Self::DedicatedGateway | Self::Apic => "the HTTP gateway",
            Self::Obs => "object storage (OBS)",
            Self::EventGrid => "the event grid (EG)",
            Self::Smn => "message notification (SMN)",
            Self::Cts => "the audit log (CTS)",
            Self::Dds => "the document database (DDS)",
            Self::Dms => "the message queues (DMS)",
            Self::Dis => "the data streams (DIS)",
            Self::Lts => "the log service (LTS)",
            Self::Kafka | Self::OpenSourceKafka => "Kafka",
            Self::RabbitMq => "RabbitMQ",
            Self::RocketMq => "RocketMQ",
            Self::GeminiDbMongo => "the document database (GeminiDB Mongo)",
            Self::IotDa => "the device service (IoTDA)",
        }
    }

    /// The code for parameters that break a rule.
    pub const fn invalid(self) -> ErrorCode {
        match self {
            Self::Timer => ErrorCode::InvalidTimerTrigger,
            Self::Apig | Self::DedicatedGateway | Self::Apic => ErrorCode::InvalidApigTrigger,
            Self::Obs => ErrorCode::InvalidObsTrigger,
            Self::Smn => ErrorCode::InvalidSmnTrigger,
            Self::Cts => ErrorCode::InvalidCtsTrigger,
            Self::Dds | Self::GeminiDbMongo => ErrorCode::InvalidDdsTrigger,
            Self::Dms => ErrorCode::InvalidDmsTrigger,
            Self::Dis => ErrorCode::InvalidDisTrigger,
            Self::Lts => ErrorCode::InvalidLtsTrigger,
            Self::Kafka | Self::OpenSourceKafka => ErrorCode::InvalidKafkaTrigger,
            // These have no code of their own.
            Self::EventGrid | Self::RabbitMq | Self::RocketMq | Self::IotDa => ErrorCode::InvalidParameter,
        }
    }

    /// The code for a trigger that is not there.
    pub const fn not_found(self) -> ErrorCode {
        match self {
            Self::Timer => ErrorCode::TimerTriggerNotFound,
            Self::Apig | Self::DedicatedGateway | Self::Apic => ErrorCode::ApigTriggerNotFound,
            Self::Obs => ErrorCode::ObsTriggerNotFound,
            Self::Smn => ErrorCode::SmnTriggerNotFound,
            Self::Cts => ErrorCode::CtsTriggerNotFound,
            Self::Dds | Self::GeminiDbMongo => ErrorCode::DdsTriggerNotFound,
            Self::Dms => ErrorCode::DmsTriggerNotFound,
            Self::Dis => ErrorCode::DisTriggerNotFound,
            Self::Lts => ErrorCode::LtsTriggerNotFound,
            Self::Kafka | Self::OpenSourceKafka => ErrorCode::KafkaTriggerNotFound,
            Self::EventGrid | Self::RabbitMq | Self::RocketMq | Self::IotDa => ErrorCode::TriggerNotFound,
        }
    }

    /// The code for a trigger that is there already.
    pub const fn exists(self) -> ErrorCode {
        match self {
            Self::Timer => ErrorCode::TimerTriggerExists,
            Self::Apig | Self::DedicatedGateway | Self::Apic => ErrorCode::ApigTriggerExists,
            Self::Obs => ErrorCode::ObsTriggerExists,
            Self::Smn => ErrorCode::SmnTriggerExists,
            Self::Cts => ErrorCode::TriggerNameExists,
            Self::Dds | Self::GeminiDbMongo => ErrorCode::DdsTriggerExists,
            Self::Dms => ErrorCode::DmsTriggerExists,
            Self::Dis => ErrorCode::DisTriggerExists,
            Self::Lts => ErrorCode::LtsTriggerExists,
            Self::Kafka | Self::OpenSourceKafka => ErrorCode::KafkaTriggerExists,
            Self::EventGrid | Self::RabbitMq | Self::RocketMq | Self::IotDa => ErrorCode::TriggerNameExists,
        }
    }
}

impl fmt::Display for TriggerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
