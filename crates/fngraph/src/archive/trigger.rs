//! Triggers in the YAML file.

use super::ArchiveError;
use fngraph_registry::{
    Bucket, BucketFeed, Creation, Elsewhere, Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, ObjectEvent,
    PathMatch, Removal, Source, Timer, Timing, Trigger, TriggerKind,
};
use fngraph_types::{ErrorCode, Qualifier, RequestId, Secrets, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// A trigger, by the names of 7.13.3. Its id and moments are those of its import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TriggerDocument {
    /// The version, or the alias with a `!`. Default: `latest`.
    #[serde(default = "latest")]
    qualifier: String,
    trigger_status: StatusDocument,
    /// The kind, and what belongs to it.
    source: SourceDocument,
    /// What else was said about it and changes nothing here.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    details: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum StatusDocument {
    Active,
    Disabled,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
enum SourceDocument {
    Timer {
        name: String,
        schedule_type: TimingDocument,
        schedule: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        user_event: String,
    },
    Apig(GatewayDocument),
    DedicatedGateway(GatewayDocument),
    Apic(GatewayDocument),
    Obs(BucketDocument),
    EventGrid {
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel_id: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        channel_name: String,
        source_name: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        agency: String,
        #[serde(default)]
        key_encode: bool,
        objects: BucketDocument,
    },
    Smn {
        topic_urn: String,
    },
    /// A kind that cannot fire here.
    Other {
        trigger_type_code: String,
        #[serde(default)]
        event_data: Map<String, Value>,
        /// The keys of what is secret of it, which is never exported.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        encrypted_event_data: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum TimingDocument {
    Rate,
    Cron,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayDocument {
    name: String,
    path: String,
    /// `SWA` or `NORMAL`.
    match_mode: MatchDocument,
    req_method: GatewayMethod,
    protocol: GatewayProtocol,
    auth: GatewayAuth,
    /// In milliseconds.
    timeout: u64,
    #[serde(default)]
    is_async: bool,
    #[serde(default)]
    cors: bool,
    #[serde(default)]
    is_private: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sl_domain: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    group_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    env_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    env_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    instance_id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum MatchDocument {
    #[serde(rename = "SWA")]
    Prefix,
    #[serde(rename = "NORMAL")]
    Exact,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BucketDocument {
    name: String,
    bucket: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    prefix: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    suffix: String,
    events: Vec<EventDocument>,
}

/// What happens to objects, by the names of S3's notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum EventDocument {
    #[serde(rename = "s3:ObjectCreated:*")]
    Created,
    #[serde(rename = "s3:ObjectCreated:Put")]
    Put,
    #[serde(rename = "s3:ObjectCreated:Post")]
    Post,
    #[serde(rename = "s3:ObjectCreated:Copy")]
    Copy,
    #[serde(rename = "s3:ObjectCreated:CompleteMultipartUpload")]
    CompleteMultipartUpload,
    #[serde(rename = "s3:ObjectRemoved:*")]
    Removed,
    #[serde(rename = "s3:ObjectRemoved:Delete")]
    Delete,
    #[serde(rename = "s3:ObjectRemoved:DeleteMarkerCreated")]
    DeleteMarkerCreated,
}

impl EventDocument {
    const ALL: [(Self, ObjectEvent); 8] = [
        (Self::Created, ObjectEvent::Created(None)),
        (Self::Put, ObjectEvent::Created(Some(Creation::Put))),
        (Self::Post, ObjectEvent::Created(Some(Creation::Post))),
        (Self::Copy, ObjectEvent::Created(Some(Creation::Copy))),
        (Self::CompleteMultipartUpload, ObjectEvent::Created(Some(Creation::CompleteMultipartUpload))),
        (Self::Removed, ObjectEvent::Removed(None)),
        (Self::Delete, ObjectEvent::Removed(Some(Removal::Delete))),
        (Self::DeleteMarkerCreated, ObjectEvent::Removed(Some(Removal::DeleteMarkerCreated))),
    ];
}

fn latest() -> String {
    Qualifier::latest().to_string()
}

impl TriggerDocument {
    /// As it is written, of this version or alias.
    pub(super) fn of(trigger: &Trigger, qualifier: &Qualifier) -> Result<Self, ArchiveError> {
        let trigger_status = if trigger.is_active { StatusDocument::Active } else { StatusDocument::Disabled };
        Ok(Self {
            qualifier: qualifier.to_string(),
            trigger_status,
            source: SourceDocument::of(&trigger.source)?,
            details: trigger.details.clone(),
        })
    }

    /// The trigger that it says, with an id of its own.
    pub(super) fn trigger(&self, at: Timestamp) -> Result<Trigger, ArchiveError> {
        let what = "the version or alias of a trigger";
        Ok(Trigger {
            qualifier: ArchiveError::parse(ErrorCode::InvalidYaml, what, &self.qualifier)?,
            is_active: self.trigger_status == StatusDocument::Active,
            details: self.details.clone(),
            ..Trigger::new(RequestId::random().to_string(), self.source.source()?, at)
        })
    }

    /// What of it is secret and was not exported: `KAFKA.kafka_password`.
    pub(super) fn missing(&self) -> Vec<String> {
        match &self.source {
            SourceDocument::Other { trigger_type_code, encrypted_event_data, .. } => {
                encrypted_event_data.iter().map(|key| format!("{trigger_type_code}.{key}")).collect()
            }
            SourceDocument::Timer { .. }
            | SourceDocument::Apig(_)
            | SourceDocument::DedicatedGateway(_)
            | SourceDocument::Apic(_)
            | SourceDocument::Obs(_)
            | SourceDocument::EventGrid { .. }
            | SourceDocument::Smn { .. } => Vec::new(),
        }
    }
}

impl SourceDocument {
    fn of(source: &Source) -> Result<Self, ArchiveError> {
        let unknown = |given: &dyn std::fmt::Debug| {
            let given = format!("{given:?}");
            ArchiveError::Unknown { what: "trigger", given }
        };
        Ok(match source {
            Source::Timer(Timer { name, timing, user_event }) => {
                let schedule_type = match timing {
                    Timing::Rate(_) => TimingDocument::Rate,
                    Timing::Cron(_) => TimingDocument::Cron,
                };
                let (name, schedule, user_event) = (name.clone(), timing.text(), user_event.clone());
                Self::Timer { name, schedule_type, schedule, user_event }
            }
            Source::Gateway(gateway) => {
                let document = GatewayDocument::of(gateway);
                match gateway.kind {
                    TriggerKind::Apig => Self::Apig(document),
                    TriggerKind::DedicatedGateway => Self::DedicatedGateway(document),
                    TriggerKind::Apic => Self::Apic(document),
                    other => return Err(unknown(&other)),
                }
            }
            Source::Bucket(bucket) => {
                let objects = BucketDocument::of(bucket);
                match &bucket.feed {
                    BucketFeed::Obs => Self::Obs(objects),
                    BucketFeed::EventGrid { channel_id, channel_name, source_name, agency, encodes_keys } => {
                        Self::EventGrid {
                            channel_id: channel_id.clone(),
                            channel_name: channel_name.clone(),
                            source_name: source_name.clone(),
                            agency: agency.clone(),
                            key_encode: *encodes_keys,
                            objects,
                        }
                    }
                }
            }
            Source::Topic { topic_urn } => Self::Smn { topic_urn: topic_urn.clone() },
            Source::Elsewhere(Elsewhere { kind, settings, secrets }) => Self::Other {
                trigger_type_code: kind.as_str().to_owned(),
                event_data: settings.clone(),
                encrypted_event_data: secrets.keys().cloned().collect(),
            },
            other => return Err(unknown(other)),
        })
    }

    fn source(&self) -> Result<Source, ArchiveError> {
        Ok(match self {
            Self::Timer { name, schedule_type, schedule, user_event } => {
                let timing = match schedule_type {
                    TimingDocument::Rate => Timing::rate(schedule),
                    TimingDocument::Cron => Timing::cron(schedule),
                };
                let what = "the schedule of a trigger";
                let timing =
                    timing.map_err(|error| ArchiveError::value(ErrorCode::InvalidTimerTrigger, what, &error))?;
                Source::Timer(Timer { name: name.clone(), timing, user_event: user_event.clone() })
            }
            Self::Apig(gateway) => Source::Gateway(gateway.gateway(TriggerKind::Apig)),
            Self::DedicatedGateway(gateway) => Source::Gateway(gateway.gateway(TriggerKind::DedicatedGateway)),
            Self::Apic(gateway) => Source::Gateway(gateway.gateway(TriggerKind::Apic)),
            Self::Obs(objects) => Source::Bucket(objects.bucket(BucketFeed::Obs)),
            Self::EventGrid { channel_id, channel_name, source_name, agency, key_encode, objects } => {
                Source::Bucket(objects.bucket(BucketFeed::EventGrid {
                    channel_id: channel_id.clone(),
                    channel_name: channel_name.clone(),
                    source_name: source_name.clone(),
                    agency: agency.clone(),
                    encodes_keys: *key_encode,
                }))
            }
            Self::Smn { topic_urn } => Source::Topic { topic_urn: topic_urn.clone() },
            Self::Other { trigger_type_code, event_data, .. } => {
                let kind = TriggerKind::ALL.into_iter().find(|kind| kind.as_str() == trigger_type_code);
                let kind = kind.filter(|kind| is_elsewhere(*kind)).ok_or_else(|| {
                    let given = format!("`{trigger_type_code}` is none that could stand there");
                    ArchiveError::value(ErrorCode::InvalidYaml, "the type of a trigger `OTHER`", &given)
                })?;
                Source::Elsewhere(Elsewhere { kind, settings: event_data.clone(), secrets: Secrets::default() })
            }
        })
    }
}

/// Whether triggers of this kind have nothing here that could make them fire.
fn is_elsewhere(kind: TriggerKind) -> bool {
    !matches!(
        kind,
        TriggerKind::Timer
            | TriggerKind::Apig
            | TriggerKind::DedicatedGateway
            | TriggerKind::Apic
            | TriggerKind::Obs
            | TriggerKind::EventGrid
            | TriggerKind::Smn
    )
}

impl GatewayDocument {
    fn of(gateway: &Gateway) -> Self {
        Self {
            name: gateway.api_name.clone(),
            path: gateway.path.clone(),
            match_mode: match gateway.matching {
                PathMatch::Prefix => MatchDocument::Prefix,
                PathMatch::Exact => MatchDocument::Exact,
            },
            req_method: gateway.method,
            protocol: gateway.protocol,
            auth: gateway.auth,
            timeout: u64::try_from(gateway.timeout.as_millis()).unwrap_or(u64::MAX),
            is_async: gateway.is_async,
            cors: gateway.cors,
            is_private: gateway.is_private,
            sl_domain: gateway.host.clone(),
            group_id: gateway.group_id.clone(),
            group_name: gateway.group_name.clone(),
            env_id: gateway.env_id.clone(),
            env_name: gateway.env_name.clone(),
            instance_id: gateway.instance_id.clone(),
        }
    }

    fn gateway(&self, kind: TriggerKind) -> Gateway {
        Gateway {
            kind,
            api_id: RequestId::random().to_string(),
            api_name: self.name.clone(),
            group_id: self.group_id.clone(),
            group_name: self.group_name.clone(),
            host: self.sl_domain.clone(),
            path: self.path.clone(),
            matching: match self.match_mode {
                MatchDocument::Prefix => PathMatch::Prefix,
                MatchDocument::Exact => PathMatch::Exact,
            },
            method: self.req_method,
            protocol: self.protocol,
            auth: self.auth,
            timeout: Duration::from_millis(self.timeout),
            is_async: self.is_async,
            cors: self.cors,
            is_private: self.is_private,
            env_id: self.env_id.clone(),
            env_name: self.env_name.clone(),
            instance_id: self.instance_id.clone(),
        }
    }
}

impl BucketDocument {
    fn of(bucket: &Bucket) -> Self {
        let events = bucket.events.iter().filter_map(|event| {
            EventDocument::ALL.iter().find(|(_, other)| other == event).map(|(document, _)| *document)
        });
        Self {
            name: bucket.name.clone(),
            bucket: bucket.bucket.clone(),
            prefix: bucket.prefix.clone(),
            suffix: bucket.suffix.clone(),
            events: events.collect(),
        }
    }

    fn bucket(&self, feed: BucketFeed) -> Bucket {
        let events = self.events.iter().filter_map(|document| {
            EventDocument::ALL.iter().find(|(other, _)| other == document).map(|(_, event)| *event)
        });
        Bucket {
            feed,
            name: self.name.clone(),
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            suffix: self.suffix.clone(),
            events: events.collect(),
        }
    }
}
