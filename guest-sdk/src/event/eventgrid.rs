//! Events of `EventGrid`: one `CloudEvents` 1.0 event in structured JSON.
//!
//! ```json
#![doc = include_str!("samples/eventgrid.json")]
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{encoding, lenient};

/// An event of a channel. `T` is what the source says; [`ObsData`] is what the Object Storage Service says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventGridEvent<T = Value> {
    /// The version of `CloudEvents`: `1.0`.
    pub specversion: String,
    /// The id of the event, which is the source's to choose.
    pub id: String,
    /// Where the event comes from, such as `HC.OBS.DWR`.
    pub source: String,
    /// What happened, such as `OBS:DWR:ObjectCreated:PUT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it happened: RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The media type of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<String>,
    /// The schema of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataschema: Option<String>,
    /// What the source says.
    pub data: T,
    /// Every other attribute, such as `ttl`.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

/// What the Object Storage Service says about a change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObsData {
    /// The version of this shape: `3.0`.
    #[serde(default)]
    pub event_version: String,
    /// `OBS`.
    #[serde(default)]
    pub event_source: String,
    /// The region of the bucket.
    #[serde(default)]
    pub event_region: String,
    /// When the object changed: RFC 3339, to the millisecond.
    #[serde(default)]
    pub event_time: String,
    /// What happened, such as `ObjectCreated:Put`.
    #[serde(default)]
    pub event_name: String,
    /// Where it was done from.
    #[serde(default)]
    pub request_parameters: super::obs::RequestParameters,
    /// Who did it.
    #[serde(default)]
    pub user_identity: Identity,
    /// The ids of the request, by header name.
    #[serde(default)]
    pub response_elements: BTreeMap<String, String>,
    /// What was changed.
    pub obs: Change,
}

/// A user of the cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The user's id.
    #[serde(rename = "ID")]
    pub id: String,
}

/// What was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    /// The version of this part of the shape: `1.0`.
    #[serde(rename = "Version")]
    pub version: String,
    /// The id of the notification's configuration.
    pub configuration_id: String,
    /// The bucket.
    pub bucket: Bucket,
    /// The object.
    pub object: Object,
}

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Bucket {
    /// The name of the bucket.
    pub name: String,
    /// The name of the bucket once more.
    pub bucket: String,
    /// Seen as an empty text only.
    pub arn: String,
    /// The owner of the bucket.
    pub owner_identity: Identity,
}

/// An object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Object {
    /// The key as it was sent. It is URL-encoded when the trigger is set so; then [`Object::decoded_key`] is what you
    /// want.
    pub key: String,
    /// The ETag of the content.
    pub e_tag: String,
    /// The size in bytes; not known for a removed object.
    #[serde(deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The version of the object.
    pub version_id: String,
    /// Orders the changes of one key: a later change has a greater one.
    pub sequencer: String,
    /// Where the object was before, in a bucket that is a file system. Seen as an empty text only.
    #[serde(rename = "oldpsxpth")]
    pub old_path: String,
}

impl Object {
    /// The key as it is called in the bucket, for a trigger whose setting `Key_encode` is on.
    pub fn decoded_key(&self) -> String {
        encoding::from_url(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: EventGridEvent = read(include_str!("samples/eventgrid.json"));
        assert_eq!(event.kind, "OBS:DWR:ObjectCreated:PUT");
        assert_eq!(event.extensions["ttl"], "4000");
        assert_eq!(event.data["eventName"], "ObjectCreated:Put");
    }

    #[test]
    fn data_of_obs_is_typed() {
        let event: EventGridEvent<ObsData> = read(include_str!("samples/eventgrid.json"));
        let change = &event.data.obs;
        assert_eq!(event.data.user_identity.id, "user-1");
        assert_eq!(change.bucket.owner_identity.id, "user-1");
        assert_eq!(change.object.size, Some(112));
        assert_eq!(change.object.decoded_key(), "holiday/2026.tar");
    }
}
