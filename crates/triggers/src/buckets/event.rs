//! The events for what happens to objects.

use super::objects::Change;
use crate::moment;
use bytes::Bytes;
use fngraph::{Bucket, BucketFeed, Creation, ObjectEvent, Removal, RequestId, Runtime, Timestamp, TriggerKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

/// What keys are written with: the unreserved characters of URLs.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Something that happened to an object, ready to be told.
#[derive(Debug)]
pub(super) struct Happening {
    change: Change,
    etag: Option<String>,
    at: Timestamp,
    region: String,
    id: RequestId,
    sequencer: String,
}

/// To whom it is told.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    pub(super) trigger: &'a str,
    pub(super) rule: &'a Bucket,
    pub(super) project_id: &'a str,
}

impl Happening {
    pub(super) fn new(change: Change, etag: Option<String>, runtime: &Runtime) -> Self {
        /// Later events of an object have greater numbers, also in the same millisecond.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let (at, id) = (runtime.now(), RequestId::random());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let sequencer = format!("{:016X}{count:016X}", at.as_millis());
        Self { change, etag, at, region: runtime.scope().region.to_string(), id, sequencer }
    }

    /// The event in the shape in which the trigger's service tells it.
    pub(super) fn event(&self, feed: &Feed<'_>) -> (TriggerKind, Bytes) {
        let (kind, event) = match &feed.rule.feed {
            BucketFeed::Obs => (TriggerKind::Obs, self.storage(feed)),
            BucketFeed::EventGrid { source_name, encodes_keys, .. } => {
                (TriggerKind::EventGrid, self.grid(feed, source_name, *encodes_keys))
            }
        };
        (kind, event.to_string().into())
    }

    /// As object storage itself tells it, in the shape of S3.
    fn storage(&self, feed: &Feed<'_>) -> Value {
        let bucket = &*self.change.bucket;
        let mut object = json!({
            "key": encoded(&self.change.key),
            "versionId": "null",
            "sequencer": self.sequencer,
        });
        self.describe(&mut object);
        json!({ "Records": [{
            "eventVersion": "2.0",
            "eventSource": "aws:s3",
            "awsRegion": self.region,
            "eventTime": moment::millis(self.at),
            "eventName": name(self.change.event),
            "userIdentity": { "principalId": feed.project_id },
            "requestParameters": { "sourceIPAddress": "127.0.0.1" },
            "responseElements": { "x-amz-request-id": self.hex(), "x-amz-id-2": "" },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": feed.trigger,
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": { "PrincipalId": feed.project_id },
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": object,
            },
        }]})
    }

    /// As the event grid tells it, a `CloudEvent`.
    fn grid(&self, feed: &Feed<'_>, source: &str, encodes_keys: bool) -> Value {
        let Change { bucket, key, event, .. } = &self.change;
        let key = if encodes_keys { encoded(key) } else { key.clone() };
        let mut object = json!({
            "key": key,
            "versionId": "null",
            "sequencer": self.sequencer,
            "oldpsxpth": "",
        });
        self.describe(&mut object);
        let (class, way) = name(*event).split_once(':').unwrap_or_default();
        json!({
            "specversion": "1.0",
            "id": self.hex(),
            "source": source,
            "type": format!("OBS:DWR:{class}:{}", way.to_ascii_uppercase()),
            "subject": self.change.key,
            "time": moment::millis(self.at),
            "datacontenttype": "application/json",
            "dataschema": "",
            "ttl": "4000",
            "data": {
                "eventVersion": "3.0",
                "eventSource": "OBS",
                "eventRegion": self.region,
                "eventTime": moment::millis(self.at),
                "eventName": name(*event),
                "requestParameters": { "sourceIPAddress": "127.0.0.1" },
                "userIdentity": { "ID": feed.project_id },
                "responseElements": {
                    "x-obs-request-id": self.hex(), "x-obs-id-2": "", "x-amz-request-id": "", "x-amz-id-2": "",
                },
                "obs": {
                    "Version": "1.0",
                    "configurationId": feed.trigger,
                    "bucket": { "name": &**bucket, "bucket": &**bucket, "arn": "", "ownerIdentity": { "ID": feed.project_id } },
                    "object": object,
                },
            },
        })
    }

    /// What is known of an object that is there.
    fn describe(&self, object: &mut Value) {
        if let (ObjectEvent::Created(_), Some(etag)) = (self.change.event, &self.etag) {
            object["eTag"] = etag.as_str().into();
            object["size"] = self.change.size.into();
        }
    }

    fn hex(&self) -> String {
        format!("{:032x}", self.id.as_u128())
    }
}

fn encoded(key: &str) -> String {
    utf8_percent_encode(key, ENCODED).to_string()
}

/// An event's name. Those that stand for a class never happen themselves.
fn name(event: ObjectEvent) -> &'static str {
    match event {
        ObjectEvent::Created(None | Some(Creation::Put)) => "ObjectCreated:Put",
        ObjectEvent::Created(Some(Creation::Post)) => "ObjectCreated:Post",
        ObjectEvent::Created(Some(Creation::Copy)) => "ObjectCreated:Copy",
        ObjectEvent::Created(Some(Creation::CompleteMultipartUpload)) => "ObjectCreated:CompleteMultipartUpload",
        ObjectEvent::Removed(None | Some(Removal::Delete)) => "ObjectRemoved:Delete",
        ObjectEvent::Removed(Some(Removal::DeleteMarkerCreated)) => "ObjectRemoved:DeleteMarkerCreated",
    }
}
